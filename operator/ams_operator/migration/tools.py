"""What the watches of all accounts share."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from ams_operator.domain.answers import Resource
from ams_operator.migration import settings
from ams_operator.migration.ports import Cluster
from ams_operator.migration.reduce import Digest
from ams_operator.migration.turns import Clock, Places


@dataclass(frozen=True, slots=True)
class Tools:
    """What all watches share."""

    cluster: Cluster
    clock: Clock
    digest: Digest
    poll: float = 60.0
    """seconds between looks at channels, programs, jobs and the target"""
    slots: Places = field(default_factory=lambda: Places(8, kept=True))
    """inventories at a time: each holds ids of the set that it reads"""
    turns: Places = field(default_factory=lambda: Places(2))
    """those of them that read, while the others do what the service asks for: wait"""
    large: Places = field(default_factory=lambda: Places(1, kept=True))
    """those of them that are of a large account"""
    seal: Digest = field(kw_only=True)
    """by which a later process knows its own checkpoints"""
    jitter: random.Random = field(default_factory=random.Random)

    async def target(self, account: Resource) -> str:
        """A digest that tells one target from the next; empty where there is none. Raises KubeDown."""
        return self._digest_of(await self.cluster.place(account))

    def here(self, account: Resource) -> str:
        """The same of the account itself: what its name means depends on where it answers."""
        return self._digest_of(self.cluster.here(account))

    async def identity(self, account: Resource) -> str:
        """`settings.identity`, as things stand now. Raises KubeDown."""
        return settings.identity(account, await self.target(account), self.here(account))

    def _digest_of(self, place: str) -> str:
        return self.seal(place) if place else ""

    @property
    def every(self) -> float:
        """The interval by which readings grow stale: a machine that is busy for a while makes none so."""
        return max(self.poll, 30.0)
