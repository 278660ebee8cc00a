"""Accounts of version 2 to read, in the emulator's process over TLS. Properties run with tests/property's settings."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.fixtures_emulator import credentials_of, policy_of
from tests.property import conftest as settings  # noqa: F401 - loads them

from ams_emulator.testing import Emulator
from ams_operator.backends.connect import Connector
from ams_operator.backends.urls import SECRETS_OF
from ams_operator.domain.model import AccountId
from ams_operator.logs import Redactor
from ams_operator.migration import client
from ams_operator.migration.checkpoint import Store
from ams_operator.migration.client import V2Client
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.model import Known
from ams_operator.migration.reduce import keyed
from ams_operator.migration.version3 import Version3

from .reached import Seen, declared


@dataclass
class Memory:
    """A checkpoint that is kept as a file would be: as JSON."""

    saved: list[bytes] = field(default_factory=list)

    def load(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = json.loads(self.saved[-1]) if self.saved else None
        return found

    def save(self, value: dict[str, Any]) -> None:
        self.saved.append(json.dumps(value).encode())


class Never:
    """A term that allows no write at all."""

    def may_write(self) -> bool:
        return False


@dataclass
class Source:
    """An account of version 2, and the way to it."""

    emulator: Emulator
    account: AccountId
    connector: Connector
    counted: list[tuple[str, str, int | None]] = field(default_factory=list)

    def policy(self) -> dict[str, Any]:
        return policy_of(self.emulator)

    def credentials(self, **changes: str) -> dict[str, str]:
        return credentials_of(self.emulator, **changes)

    def client(self, **changes: str) -> V2Client:
        policy, credentials = self.policy(), self.credentials(**changes)
        return client.connect(self.connector, policy, self.account, credentials, keyed(b"test"))

    def inventory(
        self, store: Store | None = None, managed_names: frozenset[str] = frozenset(), **options: Any
    ) -> Inventory:
        target = Version3(self.connector(self.policy(), self.account, self.credentials()), self.account)
        known = Known(datetime.now(UTC), managed_names=managed_names)
        store = store or Memory()
        return Inventory(self.account.name, self.client(), target, store, known, **{"now": time.time, **options})

    @property
    def resource_id(self) -> str:
        return self.emulator.account_id(self.account.name, self.account.resource_group)

    def log(self) -> list[dict[str, Any]]:
        return self.emulator.control.log()


@pytest.fixture
async def source_factory(emulator: Emulator, account_names: Iterator[str]) -> AsyncIterator[Callable[..., Source]]:
    """Makes accounts with a scenario of version 2; '' is an account that has none. No test of these may write."""
    counted: list[tuple[str, str, int | None]] = []
    connector = Connector(
        now=time.time,
        term=Never(),
        on_request=lambda kind, verb, status: counted.append((kind, verb, status)),
        redactor=Redactor(),
        agent=lambda: "ams-operator/test",
        paced=False,
    )

    def make(scenario: str = "small") -> Source:
        name = next(account_names)
        emulator.control.add_group(f"group-{name}")
        extra = {"scenario": scenario} if scenario else {}
        emulator.control.add_account(name, resourceGroup=f"group-{name}", **extra)
        emulator.control.reset_log()
        return Source(emulator, AccountId(emulator.subscription_id, f"group-{name}", name), connector, counted)

    yield make
    written = [
        entry
        for entry in emulator.control.log()
        if (entry["access"] != "read" or entry["method"] != "GET") and not entry["path"].endswith(SECRETS_OF)
    ]
    await connector.close()
    assert not written


@pytest.fixture
def source(source_factory: Callable[..., Source]) -> Source:
    return source_factory("broadcaster")


@pytest.fixture
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    """What the accounts of a scene say; in the end it is held to what it says that it reaches."""
    found = Seen()
    yield found
    found.check(declared(request.function))
