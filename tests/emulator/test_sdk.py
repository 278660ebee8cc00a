"""The real client library against the emulator, over TLS, with azure-identity."""

from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.media.models import (
    BuiltInStandardEncoderPreset,
    CheckNameAvailabilityInput,
    MediaService,
    MediaServiceUpdate,
    StorageAccount,
    Transform,
    TransformOutput,
)
from tests.emulator.clients import identity
from tests.fixtures_emulator import TestAccount

from ams_emulator.testing import Emulator


def transform(preset: str = "AdaptiveStreaming", **options: Any) -> Transform:
    output = TransformOutput(preset=BuiltInStandardEncoderPreset(preset_name=preset))
    return Transform(outputs=[output], **options)


def test_account_life(emulator: Emulator, client: Any, account: TestAccount, storage_id: str) -> None:
    group, name = account.resource_group, f"{account.name}b"
    body = MediaService(location="westus2", storage_accounts=[StorageAccount(id=storage_id, type="Primary")])
    created = client.mediaservices.begin_create_or_update(group, name, body).result(timeout=30)
    assert (created.provisioning_state, created.location) == ("Succeeded", "West US 2")
    assert created.encryption.type == "SystemKey"
    changed = client.mediaservices.begin_update(group, name, MediaServiceUpdate(tags={"team": "live"})).result(
        timeout=30
    )
    assert changed.tags == {"team": "live"}
    assert {found.name for found in client.mediaservices.list(group)} == {account.name, name}
    assert name in {found.name for found in client.mediaservices.list_by_subscription()}
    assert [found.name for found in client.streaming_endpoints.list(group, name)] == ["default"]
    client.mediaservices.sync_storage_keys(group, name, {"id": storage_id})
    check = client.locations.check_name_availability("westus2", CheckNameAvailabilityInput(name=name))
    assert not check.name_available
    client.mediaservices.delete(group, name)
    with pytest.raises(ResourceNotFoundError) as gone:
        client.mediaservices.get(group, name)
    assert gone.value.error is not None
    assert gone.value.error.code == "ResourceNotFound"


def test_failed_operation_reaches_the_caller(
    emulator: Emulator, client: Any, account: TestAccount, storage_id: str
) -> None:
    emulator.control.fault("operation", {"method": "PUT"}, code="BadRequest", message="The storage is gone.")
    body = MediaService(location="westus2", storage_accounts=[StorageAccount(id=storage_id, type="Primary")])
    poller = client.mediaservices.begin_create_or_update(account.resource_group, f"{account.name}c", body)
    with pytest.raises(HttpResponseError) as failed:
        poller.result(timeout=30)
    assert failed.value.error is not None
    assert failed.value.error.message == "The storage is gone."


def test_transform_life(emulator: Emulator, client: Any, account: TestAccount) -> None:
    group, name = account.resource_group, account.name
    created = client.transforms.create_or_update(group, name, "encode", transform(description="first"))
    assert (created.name, created.outputs[0].on_error) == ("encode", "StopProcessingJob")
    updated = client.transforms.update(group, name, "encode", transform(description="second"))
    assert updated.description == "second"
    assert [found.name for found in client.transforms.list(group, name)] == ["encode"]
    client.transforms.delete(group, name, "encode")
    client.transforms.delete(group, name, "encode")  # 204 is fine too
    with pytest.raises(ResourceNotFoundError) as gone:
        client.transforms.get(group, name, "encode")
    assert gone.value.error is not None
    assert gone.value.error.code == "NotFound"


def test_paged_list_is_followed(emulator: Emulator, client: Any, account: TestAccount) -> None:
    emulator.control.settings(page_size=2)
    names = [f"transform {letter}" for letter in "abcde"]
    for name in names:
        client.transforms.create_or_update(account.resource_group, account.name, name, transform())
    assert [found.name for found in client.transforms.list(account.resource_group, account.name)] == names


def test_wrong_secret(emulator: Emulator) -> None:
    with (
        ClientSecretCredential(**identity(emulator, "wrong")) as credential,  # type: ignore[arg-type]  # one dict for both
        pytest.raises(ClientAuthenticationError) as refused,
    ):
        credential.get_token("https://management.azure.com/.default")
    assert "client secret" in str(refused.value)


def test_provider_operations(client: Any) -> None:
    assert "Microsoft.Media/mediaservices/transforms/write" in {found.name for found in client.operations.list().value}


async def test_async_client(emulator: Emulator, async_client: Any, account: TestAccount, storage_id: str) -> None:
    emulator.control.settings(retry_after=0)
    group, name = account.resource_group, f"{account.name}d"
    body = MediaService(location="West US 2", storage_accounts=[StorageAccount(id=storage_id, type="Primary")])
    poller = await async_client.mediaservices.begin_create_or_update(group, name, body)
    created = await poller.result()
    assert created.provisioning_state == "Succeeded"
    await async_client.transforms.create_or_update(group, name, "encode", transform())
    assert [found.name async for found in async_client.transforms.list(group, name)] == ["encode"]
    agents = emulator.control.counts()["userAgents"]
    assert any("azsdk-python-mgmt-media" in agent for agent in agents)
