"""The real client library, connected to the emulator."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.mgmt.media import AzureMediaServices
from azure.mgmt.media.aio import AzureMediaServices as AsyncAzureMediaServices

from ams_emulator.testing import Emulator


def identity(emulator: Emulator, secret: str | None = None) -> dict[str, object]:
    return {
        "tenant_id": emulator.tenant_id,
        "client_id": emulator.client_id,
        "client_secret": secret or emulator.client_secret,
        "authority": emulator.url,
        "disable_instance_discovery": True,
        "connection_verify": emulator.ca_file,
    }


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Any]:
    emulator.control.settings(retry_after=0)  # else the client sleeps for the recorded 30 s
    with (
        ClientSecretCredential(**identity(emulator)) as credential,  # type: ignore[arg-type]  # one dict for both clients
        AzureMediaServices(
            credential,
            emulator.subscription_id,
            base_url=emulator.url,
            credential_scopes=[f"{emulator.url}/.default"],
            connection_verify=emulator.ca_file,
            retry_total=0,
        ) as client,
    ):
        yield client


@pytest.fixture
async def async_client(emulator: Emulator) -> AsyncIterator[Any]:
    credential = AsyncClientSecretCredential(**identity(emulator))  # type: ignore[arg-type]  # one dict for both clients
    client = AsyncAzureMediaServices(
        credential,
        emulator.subscription_id,
        base_url=emulator.url,
        connection_verify=emulator.ca_file,  # and the library's own scope: https://management.azure.com/.default
        retry_total=0,
    )
    async with credential, client:
        yield client
