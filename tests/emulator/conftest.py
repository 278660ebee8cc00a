"""The emulator's own tests: most talk to one real process per worker, with strict answers."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.emulator.clients import async_client as async_client
from tests.emulator.clients import client as client
from tests.emulator.recorded import SAMPLES
from tests.emulator.scene import Scene
from tests.emulator.v2_client import V2
from tests.fixtures_emulator import AccountFactory, TestAccount

from ams_emulator.testing import Emulator


@pytest.fixture(scope="session")
def emulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    options = ("--operation-seconds", "0", "--variants", "strict")
    with Emulator(*options, data=tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def right_time() -> bool:
    """Nothing here compares the emulator's clock with another one, and many tests move it."""
    return False


@pytest.fixture
def storage_id(emulator: Emulator) -> str:
    """A storage account's resource id; nothing needs to exist there."""
    group = f"/subscriptions/{emulator.subscription_id}/resourceGroups/storage"
    return f"{group}/providers/Microsoft.Storage/storageAccounts/recordings"


@pytest.fixture
def transforms(account: TestAccount) -> str:
    """The path of an account's transforms."""
    return f"{account.id}/transforms"


@pytest.fixture
def scene(emulator: Emulator, account_factory: AccountFactory) -> Scene:
    """An account of its own, and short ways to ask."""
    return Scene(emulator, account_factory)


@pytest.fixture
def v2_factory(emulator: Emulator, account_names: Iterator[str]) -> Callable[[str], V2]:
    """Makes accounts that have version 2, each with a scenario and a resource group of its own."""

    def make(scenario: str = "empty") -> V2:
        name = next(account_names)
        emulator.control.add_group(f"group-{name}")
        account = emulator.control.add_account(name, resourceGroup=f"group-{name}", scenario=scenario)
        return V2(emulator, account["id"])

    return make


@pytest.fixture(scope="session")
def samples() -> dict[str, Any]:
    if not SAMPLES.exists():
        pytest.skip("the recorded exchanges (../shared/specs) are not here")
    return {sample["title"]: sample for sample in json.loads(SAMPLES.read_text())["samples"]}
