"""Requests are built by azure-mgmt-media: the builders exist, and names stay in their place."""

import importlib
import inspect
import json
import pkgutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import azure.mgmt.media.operations
import pytest

from ams_operator.api.reasons import Reason
from ams_operator.backends import urls
from ams_operator.backends.urls import Request
from ams_operator.domain.answers import NotSent
from ams_operator.domain.kinds import KINDS
from ams_operator.domain.model import AccountId, Address

SURFACE = Path(__file__).parents[3] / "shared" / "specs" / "azure-mgmt-media-surface.json"
ACCOUNT = AccountId("sub", "group", "contoso")
BASE = "/subscriptions/sub/resourceGroups/group/providers/Microsoft.Media"


def test_there_is_a_builder_for_each_recorded_operation() -> None:
    if not SURFACE.exists():
        pytest.skip(f"{SURFACE.name}, the recorded operation surface, is not beside this checkout")
    groups = json.loads(SURFACE.read_text())["operation_groups"]
    modules = {
        module.name: importlib.import_module(f"{azure.mgmt.media.operations.__name__}.{module.name}")
        for module in pkgutil.iter_modules(azure.mgmt.media.operations.__path__)
    }
    count = 0
    for group in groups.values():
        module = modules[group["file"].removesuffix(".py")]
        for name, operation in group["operations"].items():
            builder = getattr(module, f"build_{name.removeprefix('begin_')}_request")
            required = [
                parameter.name
                for parameter in inspect.signature(builder).parameters.values()
                if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            ]
            made = builder(*("x" for _ in required))
            assert made.method == operation["http_method"], name
            assert f"api-version={operation['api_version']}" in made.url, name
            count += 1
    assert count == 99


def test_every_kind_of_the_core_can_be_asked_for() -> None:
    # Of these there are only lists, which a migration is judged by.
    listed = {urls.FILTER, urls.FILTER_OF_ASSET, urls.KEY_POLICY, urls.LOCATOR, urls.STREAMING_POLICY}
    assert set(urls.COLLECTIONS) == {*KINDS, *listed}


@pytest.mark.parametrize(
    ("made", "method", "path", "version"),
    [
        (urls.request("get", Address("Transform", ACCOUNT, ("a b/c?d",))), "GET",
         f"{BASE}/mediaServices/contoso/transforms/a%20b%2Fc%3Fd", "2022-07-01"),
        (urls.request("put", Address("MediaServicesAccount", ACCOUNT), {}), "PUT",
         f"{BASE}/mediaservices/contoso", "2021-11-01"),
        (urls.request("patch", Address("MediaServicesAccount", ACCOUNT), {}), "PATCH",
         f"{BASE}/mediaservices/contoso", "2021-11-01"),
        (urls.request("delete", Address("Transform", ACCOUNT, ("t",))), "DELETE",
         f"{BASE}/mediaServices/contoso/transforms/t", "2022-07-01"),
        (urls.action(Address("MediaServicesAccount", ACCOUNT), "syncStorageKeys", {"id": "x"}), "POST",
         f"{BASE}/mediaservices/contoso/syncStorageKeys", "2021-11-01"),
        (urls.listing(ACCOUNT, "MediaServicesAccount", ()), "GET", f"{BASE}/mediaservices", "2021-11-01"),
        (urls.listing(ACCOUNT, "Transform", ()), "GET", f"{BASE}/mediaServices/contoso/transforms", "2022-07-01"),
        (urls.operation(ACCOUNT, "westus2/1-2"), "GET",
         "/subscriptions/sub/providers/Microsoft.Media/locations/westus2/mediaServicesOperationStatuses/1-2",
         "2021-11-01"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_where_requests_go(made: Request, method: str, path: str, version: str) -> None:
    parts = urlsplit(made.url)
    assert (made.method, parts.path) == (method, path)
    assert parse_qs(parts.query) == {"api-version": [version]}


def test_a_query_is_added() -> None:
    made = urls.request("put", Address("Transform", ACCOUNT, ("t",)), {}, {"autoStart": "false"})
    assert parse_qs(urlsplit(made.url).query) == {"api-version": ["2022-07-01"], "autoStart": ["false"]}


def test_null_members_are_sent() -> None:
    made = urls.request("patch", Address("Transform", ACCOUNT, ("t",)), {"properties": {"description": None}})
    assert json.loads(made.content or b"") == {"properties": {"description": None}}


@pytest.mark.parametrize("name", ["..", ".", "", " .. ", "a\nb"])
def test_a_name_is_no_step_in_a_path(name: str) -> None:
    """DELETE of a transform named ".." would delete the account."""
    for account in (ACCOUNT, AccountId("sub", name, "contoso"), AccountId("sub", "group", name)):
        with pytest.raises(NotSent) as caught:
            urls.request("delete", Address("Transform", account, (name,)))
        assert caught.value.reason == Reason.INVALID_SPEC


def test_only_looks_change_nothing() -> None:
    """Whoever does not lead may send these, so that the list is as short as it can be."""
    policy = Address(urls.KEY_POLICY, ACCOUNT, ("gold",))
    assert urls.reads(urls.request("get", policy))
    assert urls.reads(urls.listing(ACCOUNT, urls.KEY_POLICY, ()))
    shown = urls.action(policy, urls.SECRETS_OF, None)
    assert shown.url.startswith(f"{BASE}/mediaServices/contoso/contentKeyPolicies/gold/{urls.SECRETS_OF}?")
    assert urls.reads(shown)
    sly = (urls.SECRETS_OF, "contentKeyPolicies", f"x/contentKeyPolicies/y/{urls.SECRETS_OF}")
    for name in sly:
        asset, event = Address("Asset", ACCOUNT, (name,)), Address("LiveEvent", ACCOUNT, (name,))
        for one in (urls.action(asset, "listStreamingLocators", None), urls.action(event, "stop", {})):
            assert not urls.reads(one), one
        for method in ("put", "patch", "delete"):
            assert not urls.reads(urls.request(method, Address(urls.KEY_POLICY, ACCOUNT, (name,)), {}))
    for method in ("PUT", "DELETE", "PATCH"):
        assert not urls.reads(Request(method, shown.url))
    assert not urls.reads(Request("POST", f"{BASE}/mediaServices/contoso?x=/contentKeyPolicies/gold/{urls.SECRETS_OF}"))
