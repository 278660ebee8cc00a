"""Everything the service consists of, handed to each handler; nothing of it lives in a module."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field

from ams_emulator.autostop import AutoStop
from ams_emulator.clock import Clock, timestamp
from ams_emulator.config import Config, Settings
from ams_emulator.containers import Containers
from ams_emulator.meters import Billing, Meters
from ams_emulator.onair import OnAir
from ams_emulator.operations import Operations
from ams_emulator.schema import Rules
from ams_emulator.state import Group, Key, Store
from ams_emulator.v2 import cleanup
from ams_emulator.v2.tables import V2State
from ams_emulator.variants import Variants


@dataclass
class World:
    """The state of one emulated service."""

    config: Config
    clock: Clock
    store: Store
    operations: Operations
    variants: Variants
    random: random.Random
    settings: Settings = field(init=False)
    learned: dict[Key, set[str]] = field(default_factory=dict)  # per resource: members known beside the models
    containers: Containers = field(default_factory=Containers)
    v2: V2State = field(default_factory=V2State)
    meters: Meters = field(init=False)
    on_air: OnAir = field(init=False)
    auto_stop: AutoStop = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.config.settings
        self.meters = Meters(self._settle)
        self._billing = Billing(self.store, self.clock, self.meters)
        self.on_air = OnAir(self.store, self.clock, self.containers, self.meters)
        self.auto_stop = AutoStop(self.store, self.clock, self.on_air)
        forgetting = cleanup.listener(self.store, self.v2)
        for listener in (self._billing.changed, self.on_air.changed, self.auto_stop.changed, forgetting):
            self.store.listeners.append(listener)

    def _settle(self) -> None:
        self._billing.settle()
        self.on_air.settle()

    def seconds(self, kind: str, action: str) -> float:
        """How long an operation such as `liveEvents.start` takes."""
        return self.settings.durations.get(f"{kind}.{action}", self.settings.operation_seconds)

    @staticmethod
    def create(config: Config) -> World:
        """A world with one subscription and one resource group, and nothing in it."""
        clock = Clock(config.clock)
        generator = random.Random(config.seed)  # noqa: S311 - names things; secrets come from `secrets`

        def new_id() -> str:
            return str(uuid.UUID(int=generator.getrandbits(128), version=4))

        world = World(config, clock, Store(), Operations(clock, new_id), Variants(config.variants), generator)
        identity = config.identity
        world.store.subscriptions[identity.subscription_id.lower()] = "Emulated subscription"
        world.store.add_group(Group(identity.subscription_id, identity.resource_group, identity.region))
        return world

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def timestamp(self) -> str:
        return timestamp(self.clock.now())

    def rules(self, api_version: str, key: Key = ()) -> Rules:
        """How a body of this api-version is read; `key` is the resource that it is for."""
        return Rules(
            api_version,
            learned=self.learned.get(key, set()),
            unknown_members=self.variants.answer("body.unknown-member"),
            canonical_durations=self.variants.is_("durations.spelling", "canonical"),
            fill_defaults=self.variants.is_("transform.preset-defaults", "filled"),
            refuse_unfit=self.variants.is_("transform.unfit-preset", "refuse"),
        )
