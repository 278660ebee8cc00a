"""The emulator's own tests: most talk to one real process per worker."""

import pytest
from tests.fixtures_emulator import (
    TestAccount,
    account,
    account_factory,
    account_names,
    emulator,
    emulator_process,
)

from ams_emulator.testing import Emulator

__all__ = ["account", "account_factory", "account_names", "emulator", "emulator_process"]


@pytest.fixture
def storage_id(emulator: Emulator) -> str:
    """A storage account's resource id; nothing needs to exist there."""
    group = f"/subscriptions/{emulator.subscription_id}/resourceGroups/storage"
    return f"{group}/providers/Microsoft.Storage/storageAccounts/recordings"


@pytest.fixture
def transforms(account: TestAccount) -> str:
    """The path of an account's transforms."""
    return f"{account.id}/transforms"
