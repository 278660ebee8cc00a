"""The client against the emulator over TLS: every answer that the facts leave open, and every way not to be let in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ams_operator.domain.model import AccountId
from ams_operator.migration import discovery
from ams_operator.migration.client import V2Client
from ams_operator.migration.discovery import Place
from ams_operator.migration.entities import SETS, UNLISTED, How
from ams_operator.migration.paging import Ask
from ams_operator.migration.trouble import Access, NotReadable

from .conftest import Source

LENIENT = {
    "v2.endpoint-redirect": "serves", "v2.error-shape": "error", "v2.dates": "zone", "v2.next-link": "present",
    "v2.inlinecount": "odata", "v2.arm-v3-only": "no-endpoints",
}  # fmt: skip


async def read(client: V2Client) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entities in SETS.values():
        if entities.how in (How.BELOW, How.LINKS):
            parents = [row[SETS[entities.parent].key] for row in found[entities.parent]]
            pages = [await client.page(entities, Ask(), parent=parent) for parent in parents]
        else:
            pages = [await client.page(entities, Ask(count=True))]
        found[entities.name] = [row for page in pages for row in page.rows]
    return found


@pytest.mark.parametrize("answers", [{}, LENIENT, {"v2.endpoint-redirect": "301-other-host"}])
async def test_every_set_is_read_whatever_the_service_answers_to_what_is_open(
    source: Source, answers: dict[str, str]
) -> None:
    source.emulator.control.variants(**answers)
    found = await read(source.client())
    assert {name: len(rows) for name, rows in found.items() if name in ("Channels", "Programs", "Filters")} == {
        "Channels": 4, "Programs": 4, "Filters": 1,
    }  # fmt: skip
    assert len(found["ContentKeyAuthorizationPolicyOptions"]) >= 4
    for name, rows in found.items():
        for row in rows:
            assert row[SETS[name].key], name


async def test_what_is_secret_does_not_come_in(source: Source) -> None:
    text = json.dumps(await read(source.client()))
    for pattern in ("sig=", "rtmp://", "EncryptedContentKey", "Requirements", "KeyValue", "RawBody", "FairPlayPfx\\b"):
        assert not re.search(pattern, text), pattern


async def test_sets_are_those_that_the_service_has(source: Source) -> None:
    await source.client().probe()
    token = source.emulator.control.token(audience=discovery.AUDIENCE)
    path = next(entry["path"] for entry in source.log() if entry["kind"].startswith("LIST v2/StorageAccounts"))
    from ams_emulator.testing import send

    headers = {"Authorization": f"Bearer {token}", "x-ms-version": "2.19", "Accept": "application/json"}
    target = f"{path.partition('/api/')[0]}/api/"
    _, _, body = send(source.emulator.url, "GET", target, None, headers, source.emulator.ca_file)
    listed = {one["name"] for one in body["value"]}
    assert listed - set(SETS) == set()
    assert {name for name, one in SETS.items() if one.how in (How.ROWS, How.COUNT)} <= listed
    assert set(SETS) & UNLISTED == set()


async def trouble(client: V2Client) -> NotReadable:
    with pytest.raises(NotReadable) as found:
        await client.probe()
    return found.value


@pytest.mark.parametrize("answer", ["refuse", "no-endpoints"])
async def test_an_account_that_is_too_new(source_factory: Callable[..., Source], answer: str) -> None:
    source = source_factory("")
    source.emulator.control.variants(**{"v2.arm-v3-only": answer})
    assert (await trouble(source.client())).reason == Access.NO_V2_ENDPOINT


async def test_a_wrong_secret_is_no_sign_in(source: Source) -> None:
    found = await trouble(source.client(AZURE_CLIENT_SECRET="wrong"))
    assert found.reason == Access.SIGN_IN_REJECTED
    assert not found.passing


async def test_an_account_that_is_not_there(source: Source) -> None:
    source.account = AccountId(source.account.subscription, source.account.resource_group, "elsewhere")
    assert (await trouble(source.client())).reason == Access.NO_V2_ENDPOINT


async def test_a_role_that_is_missing(source: Source) -> None:
    source.emulator.control.deny(scope=source.resource_id, rights=["write"])
    found = await trouble(source.client())
    assert (found.reason, found.status) == (Access.NOT_AUTHORIZED, 401)
    assert "Contributor" in found.message


async def test_the_throttling_of_version_2_closes_the_budget_and_passes(source: Source) -> None:
    client = source.client()
    await client.probe()
    said = "Server is busy. More than 9 requests per second can be throttled."
    source.emulator.control.fault(
        "answer", {"path": "/api/StorageAccounts"}, status=503,
        body=json.dumps({"odata.error": {"code": "", "message": {"lang": "en-US", "value": said}}}),
    )  # fmt: skip
    found = await trouble(client)
    assert (found.reason, found.passing) == (Access.THROTTLED, True)
    again = await trouble(client)
    assert again.reason == Access.THROTTLED
    assert again.until is not None
    assert len([entry for entry in source.log() if "StorageAccounts" in entry["kind"]]) == 2


async def test_a_place_that_refuses_every_question_is_said_to_be_unreachable(source: Source) -> None:
    source.emulator.control.fault("answer", {"path": "/api/StorageAccounts", "count": 0}, status=400)
    found = await trouble(source.client())
    assert (found.reason, found.status, found.passing) == (Access.UNREACHABLE, 400, True)


async def test_there_is_no_path_but_a_sets(source: Source) -> None:
    assert [name for name in vars(V2Client) if not name.startswith("_")] == ["place", "forget", "probe", "page"]
    client = source.client()
    hostile = "x')/../../CancelJob?jobid='y"
    with pytest.raises(NotReadable):
        await client.page(SETS["TaskTemplates"], Ask(), parent=hostile)
    assert all("CancelJob" not in entry["kind"].partition("JobTemplates")[0] for entry in source.log())


FRONT = "https://contoso.restv2.westcentralus-2.media.azure.net/api/"


@pytest.mark.parametrize(
    ("endpoint", "fits"),
    [
        (FRONT, True), ("https://media.windows.net/", True), ("http://contoso.restv2.x.media.azure.net/api/", False),
        ("https://contoso.restv2.x.example.com/api/", False), ("https://evil.media.azure.net/api/", False),
        ("https://contoso.restv2.x.media.azure.net.example.com/api/", False), ("https://a:b@media.windows.net/", False),
        ("https://contoso.restv2.x.cloudapp.azure.com/api/", False), ("https://contoso.restv2.x.windows.net/", False),
        ("https://contoso.restv2.chinaeast.media.chinacloudapi.cn/api/", True),
        ("", False), ("https://", False), ("https://[", False), (f"{FRONT}?x=1", False),
        # What a resolver takes for the same letters, and what would end the line of a request.
        ("https://conto\u017fo.restv2.x.media.azure.net/api/", False), ("https://media.window\u017f.net/", False),
        ("https://contoso\u3002restv2.x.media.azure.net/", False), (f"{FRONT}a HTTP/1.1\r\nHost: evil\r\n\r\n", False),
        (f"{FRONT}a b/", False), (f"https://con\ttoso.{FRONT[16:]}", False),
    ],
)  # fmt: skip
def test_on_azure_a_token_goes_to_microsoft_only(endpoint: str, fits: bool) -> None:
    body = {"properties": {"apiEndpoints": [{"endpoint": "https://old/", "majorVersion": "1"},
                                            {"endpoint": endpoint, "majorVersion": "2"}]}}  # fmt: skip
    if fits:
        assert discovery.named(body, "https://management.azure.com", azure=True).path.endswith("/")
        return
    with pytest.raises(NotReadable):
        discovery.named(body, "https://management.azure.com", azure=True)


@pytest.mark.parametrize("body", [{}, {"properties": None}, {"properties": {"apiEndpoints": [7]}},
                                  {"properties": {"apiEndpoints": []}}])  # fmt: skip
def test_no_endpoint_is_said(body: dict[str, Any]) -> None:
    with pytest.raises(NotReadable) as found:
        discovery.named(body, "https://management.azure.com", azure=True)
    assert found.value.reason == Access.NO_V2_ENDPOINT


@pytest.mark.parametrize(
    ("location", "azure", "fits"),
    [
        ("https://wamsbayclus001rest-hs.cloudapp.net/api/", True, True), ("https://example.com/api/", True, False),
        ("https://example.com/api/", False, True), ("http://example.com/api/", False, False), (None, False, False),
        ("http://localhost/api/", False, False), ("javascript:x", False, False), (FRONT, True, True),
        ("https://wamsbjbclus001rest-hs.chinacloudapp.cn/API/", True, True),
        # Names that anybody may have, and such of Microsoft's as no redirect of version 2 was ever seen to lead to.
        ("https://mine.westeurope.cloudapp.azure.com/api/", True, False), ("https://mine.cloudapp.net/", True, False),
        ("https://wamsbayclus001rest-hs.westeurope.cloudapp.azure.com/api/", True, False),
        ("https://mine.blob.core.windows.net/api/", True, False), ("https://x.streaming.media.azure.net/", True, False),
        ("https://wamsbayclus001rest-hs.cloudapp.net.example.com/", True, False),
        ("https://x.wamsbayclus001rest-hs.cloudapp.net/", True, False),
    ],
)  # fmt: skip
def test_redirects_are_never_less_safe(location: str | None, azure: bool, fits: bool) -> None:
    here = Place("https://contoso.restv2.x.media.azure.net", "/api/")
    if fits:
        assert discovery.redirected(location, here, azure=azure).origin.startswith("https://")
        return
    with pytest.raises(NotReadable):
        discovery.redirected(location, here, azure=azure)


def test_each_cloud_has_its_audience() -> None:
    assert discovery.audience("https://management.azure.com") == "https://rest.media.azure.net"
    assert discovery.audience("https://management.chinacloudapi.cn") == "https://rest.media.chinacloudapi.cn"
