"""Fixtures for tests that need the emulator: one process per test worker, an account of its own per test.

The environment variable AMS_EMULATOR_VARIANTS (strict, lenient, seed:N) chooses the answers to what is guessed.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ams_emulator.testing import Emulator

_DRIFT = 0.5
"""Seconds that two clocks of one machine may be apart without anybody having moved one."""


@dataclass(frozen=True)
class TestAccount:
    """An account that exists in the emulator, alone in its resource group."""

    __test__ = False

    id: str
    name: str
    resource_group: str
    subscription_id: str


AccountFactory = Callable[[], TestAccount]


def policy_of(emulator: Emulator, **changes: Any) -> dict[str, Any]:
    """The spec of a MediaServicesBackend that leads to an emulator over TLS."""
    assert emulator.ca_file is not None
    return {
        "type": "armCompatible",
        "endpoint": emulator.url,
        "authority": emulator.url,
        "caBundle": Path(emulator.ca_file).read_text(),
        "allowPrivate": True,
        **changes,
    }


def credentials_of(emulator: Emulator, **changes: str) -> dict[str, str]:
    """The Secret with which an emulator's only client signs in."""
    return {
        "AZURE_TENANT_ID": emulator.tenant_id,
        "AZURE_CLIENT_ID": emulator.client_id,
        "AZURE_CLIENT_SECRET": emulator.client_secret,
        **changes,
    }


@pytest.fixture(scope="session")
def emulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The process behind `emulator`: TLS, no quotas, operations that take no time."""
    data: Path = tmp_path_factory.mktemp("emulator")
    with Emulator("--operation-seconds", "0", data=data) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def right_time() -> bool:
    """Whether a test may rely on the emulator's clock."""
    return True


@pytest.fixture
def emulator(emulator_process: Emulator, right_time: bool) -> Iterator[Emulator]:
    """A running emulator without faults; what a test sets is taken back after it. Its log is emptied before.

    A clock only moves forward: where a test moved it, the process starts anew before the next one that minds, whose
    yesterday would be tomorrow.
    """
    control = emulator_process.control
    if right_time and control.clock()["time"] > time.time() + _DRIFT:
        emulator_process.stop()
        emulator_process.start()
        control = emulator_process.control
    settings, answers = control.settings(), control.variants()
    control.reset_log()
    yield emulator_process
    control.clear_faults()
    control.clear_barriers()
    control.allow_all()
    control.detach_all()
    control.settings(**settings)
    control.variants(**answers)


@pytest.fixture(scope="session")
def account_names() -> Iterator[str]:
    """Names that no other test and no other worker uses."""
    worker = secrets.token_hex(4)
    return (f"t{worker}x{number}" for number in itertools.count())


@pytest.fixture
def account_factory(emulator: Emulator, account_names: Iterator[str]) -> AccountFactory:
    """Makes an account in a resource group of its own."""

    def make() -> TestAccount:
        name = next(account_names)
        group = f"group-{name}"
        emulator.control.add_group(group)
        account = emulator.control.add_account(name, resourceGroup=group)
        return TestAccount(account["id"], name, group, emulator.subscription_id)

    return make


@pytest.fixture
def account(account_factory: AccountFactory) -> TestAccount:
    return account_factory()
