"""The real client library with what is on air: its pollers follow the operations to their ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.media.models import (
    Asset,
    IPAccessControl,
    IPRange,
    ListContainerSasInput,
    LiveEvent,
    LiveEventActionInput,
    LiveEventInput,
    LiveEventInputAccessControl,
    LiveOutput,
    StreamingEndpoint,
    StreamingEntityScaleUnit,
)
from tests.fixtures_emulator import TestAccount

from ams_emulator.testing import Emulator

TIMEOUT = 30


def live_event(**options: Any) -> LiveEvent:
    anybody = IPRange(name="anybody", address="0.0.0.0", subnet_prefix_length=0)
    access = LiveEventInputAccessControl(ip=IPAccessControl(allow=[anybody]))
    return LiveEvent(
        location="West US 2", input=LiveEventInput(streaming_protocol="RTMP", access_control=access), **options
    )


def test_live_event_life(client: Any, account: TestAccount) -> None:
    where = (account.resource_group, account.name)
    created = client.live_events.begin_create(*where, "studio", live_event(), auto_start=False).result(TIMEOUT)
    assert (created.resource_state, created.provisioning_state) == ("Stopped", "Succeeded")
    client.live_events.begin_allocate(*where, "studio").result(TIMEOUT)
    assert client.live_events.get(*where, "studio").resource_state == "StandBy"
    client.live_events.begin_start(*where, "studio").result(TIMEOUT)
    running = client.live_events.get(*where, "studio")
    assert running.resource_state == "Running"
    assert len(running.input.endpoints) == 4

    client.assets.create_or_update(*where, "tape", Asset())
    output = LiveOutput(asset_name="tape", archive_window_length=timedelta(hours=1), manifest_name="show")
    made = client.live_outputs.begin_create(*where, "studio", "recording", output).result(TIMEOUT)
    assert (made.resource_state, made.archive_window_length) == ("Running", timedelta(hours=1))
    assert [found.name for found in client.live_outputs.list(*where, "studio")] == ["recording"]
    with pytest.raises(ResourceExistsError):  # what the library makes of any 409
        client.live_events.begin_stop(*where, "studio", LiveEventActionInput())
    client.live_outputs.begin_delete(*where, "studio", "recording").result(TIMEOUT)

    client.live_events.begin_reset(*where, "studio").result(TIMEOUT)
    client.live_events.begin_stop(*where, "studio", LiveEventActionInput(remove_outputs_on_stop=True)).result(TIMEOUT)
    changed = live_event(description="new", tags={"team": "live"})
    updated = client.live_events.begin_update(*where, "studio", changed).result(TIMEOUT)
    assert (updated.description, updated.tags, updated.resource_state) == ("new", {"team": "live"}, "Stopped")
    assert [found.name for found in client.live_events.list(*where)] == ["studio"]
    client.live_events.begin_delete(*where, "studio").result(TIMEOUT)
    with pytest.raises(ResourceNotFoundError) as gone:
        client.live_events.get(*where, "studio")
    assert gone.value.error is not None
    assert gone.value.error.code == "ResourceNotFound"


def test_failed_start_raises(emulator: Emulator, client: Any, account: TestAccount) -> None:
    where = (account.resource_group, account.name)
    client.live_events.begin_create(*where, "studio", live_event()).result(TIMEOUT)
    emulator.control.fault("operation", {"path": "/start$"}, code="NoCapacity", message="None left.")
    with pytest.raises(HttpResponseError) as failed:
        client.live_events.begin_start(*where, "studio").result(TIMEOUT)
    assert failed.value.error is not None
    assert failed.value.error.code == "NoCapacity"
    assert client.live_events.get(*where, "studio").resource_state == "Stopped"


def test_endpoint_life(client: Any, account: TestAccount) -> None:
    where = (account.resource_group, account.name)
    body = StreamingEndpoint(location="westus2", scale_units=1)
    made = client.streaming_endpoints.begin_create(*where, "sports", body, auto_start=True).result(TIMEOUT)
    assert (made.resource_state, made.sku.name, made.sku.capacity) == ("Running", "Premium", 1)
    units = StreamingEntityScaleUnit(scale_unit=2)
    client.streaming_endpoints.begin_scale(*where, "sports", units).result(TIMEOUT)
    assert client.streaming_endpoints.get(*where, "sports").scale_units == 2
    assert [sku.sku.name for sku in client.streaming_endpoints.skus(*where, "sports").value] == ["Premium"]
    client.streaming_endpoints.begin_stop(*where, "sports").result(TIMEOUT)
    changed = StreamingEndpoint(location="westus2", cdn_enabled=True, scale_units=2)
    updated = client.streaming_endpoints.begin_update(*where, "sports", changed).result(TIMEOUT)
    assert (updated.cdn_enabled, updated.cdn_provider) == (True, "StandardVerizon")
    assert {found.name for found in client.streaming_endpoints.list(*where)} == {"default", "sports"}
    for name in ("sports", "default"):
        client.streaming_endpoints.begin_delete(*where, name).result(TIMEOUT)
    assert list(client.streaming_endpoints.list(*where)) == []


def test_asset_life(emulator: Emulator, client: Any, account: TestAccount) -> None:
    where = (account.resource_group, account.name)
    first = client.assets.create_or_update(*where, "tape", Asset(description="a"))
    assert first.container is None
    assert client.assets.update(*where, "tape", Asset(alternate_id="x")).description == "a"
    now = datetime.fromtimestamp(emulator.control.clock()["time"], UTC)
    sas = ListContainerSasInput(permissions="ReadWrite", expiry_time=now + timedelta(hours=2))
    urls = client.assets.list_container_sas(*where, "tape", sas).asset_container_sas_urls
    assert len(urls) == 2
    assert all(f"blob.core.windows.net/asset-{first.asset_id}?" in url for url in urls)
    assert client.assets.list_streaming_locators(*where, "tape").streaming_locators == []
    client.assets.create_or_update(*where, "other", Asset())
    assert [found.name for found in client.assets.list(*where, filter="name eq 'other'")] == ["other"]
    assert [found.name for found in client.assets.list(*where, top=1)] == ["other"]
    client.assets.delete(*where, "tape")
    assert [found.name for found in client.assets.list(*where)] == ["other"]


async def test_async_client_polls_by_itself(emulator: Emulator, async_client: Any, account: TestAccount) -> None:
    emulator.control.settings(retry_after=0)
    where = (account.resource_group, account.name)
    poller = await async_client.live_events.begin_create(*where, "studio", live_event(), auto_start=True)
    assert (await poller.result()).resource_state == "Running"
    stop = await async_client.live_events.begin_stop(*where, "studio", LiveEventActionInput())
    await stop.result()
    assert (await async_client.live_events.get(*where, "studio")).resource_state == "Stopped"
