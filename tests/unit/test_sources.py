"""Which account a migration goes to: denied and absent read the same, and nothing of either is told."""

from __future__ import annotations

from typing import Any, cast
from unittest.mock import Mock

import pytest
from tests.unit.rig import Rig

from ams_operator.api.migration import V2_ID
from ams_operator.api.reasons import Reason
from ams_operator.backends.backend import ArmBackend
from ams_operator.domain.answers import NotSent, Resource
from ams_operator.domain.model import JSON, AccountId
from ams_operator.engine.store import ACCOUNT
from ams_operator.kube.client import KubeClient
from ams_operator.sources import Sources

SPEC = {
    "azureName": "contoso",
    "subscriptionId": "s",
    "resourceGroup": "g",
    "credentials": {"secretRef": {"name": "a"}},
}
THEIRS = {"name": "theirs", "namespace": "other"}


def account(name: str, namespace: str, **spec: Any) -> Resource:
    return Resource(ACCOUNT, namespace, name, f"uid-{name}", 1, "5", "", None, (), {}, {**SPEC, **spec}, {})


def event(namespace: str) -> Resource:
    spec = {"accountRef": {"name": "theirs"}, "input": {"streamingProtocol": "RTMP"}}
    found = {V2_ID: "nb:chid:UUID:1"}
    return Resource("LiveEvent", namespace, "sport", "uid-sport", 1, "5", "", None, (), found, spec, {})


async def test_a_credential_that_the_engine_found_wrong_is_not_tried_beside_it() -> None:
    rig = Rig()
    source = account("mine", "team", migration={"targetAccountRef": {"name": "target"}})
    rig.schedule.seen(source)
    rig.schedule.seen(account("target", "team", azureName="another"))
    known = rig.engine.accounts.get("uid-target", AccountId("s", "g", "another"), "")
    known.backend = Mock(spec=ArmBackend)
    sources = Sources(rig.engine, rig.schedule, cast("KubeClient", None))
    assert (await sources.target(source)).way is not None
    rig.engine.accounts.fail(known, NotSent(Reason.CREDENTIAL_REJECTED, "it is wrong"), rig.engine.clock.now())
    found = await sources.target(source)
    assert (found.uid, found.way, found.trouble) == ("uid-target", None, ("CredentialRejected", "it is wrong"))
    rig.engine.accounts.fail(known, NotSent(Reason.ENDPOINT_UNREACHABLE, "away"), rig.engine.clock.now())
    assert (await sources.target(source)).way is not None, "what passes by itself is looked at"


async def test_an_account_of_another_namespace_is_a_target_where_it_is_open_to_that_as_a_whole() -> None:
    rig = Rig()
    source = account("mine", "team", migration={"targetAccountRef": THEIRS})
    for one in (source, account("theirs", "other", allowedNamespaces={"from": "All"})):
        rig.schedule.seen(one)
    sources = Sources(rig.engine, rig.schedule, cast("KubeClient", None))
    assert (await sources.target(source)).uid == "uid-theirs"
    assert await sources.place(source)


@pytest.mark.parametrize("there", [{}, {"allowedNamespaces": {"from": "All", "namePrefix": "guest-"}}, None])
async def test_an_account_that_is_not_for_this_one_is_no_target(there: JSON | None) -> None:
    """To be judged against one, all that is in it is read, keys included: a prefix is to keep that from a guest."""
    rig = Rig()
    source = account("mine", "team", migration={"targetAccountRef": THEIRS})
    rig.schedule.seen(source)
    if there is not None:
        rig.schedule.seen(account("theirs", "other", **there))
        rig.schedule.seen(event("other"))
    sources = Sources(rig.engine, rig.schedule, cast("KubeClient", None))
    found = await sources.target(source)
    assert (found.uid, found.way) == ("", None)
    assert found.trouble is not None
    assert found.trouble[1].endswith("there is no MediaServicesAccount theirs of namespace other for this namespace")
    assert sources.objects(found.uid) == ()
    assert await sources.place(source) == ""


async def test_of_two_that_mean_one_account_the_one_that_does_nothing_is_named() -> None:
    rig = Rig()
    mine, again = account("mine", "team"), account("zagain", "team")
    for one in (mine, again):
        rig.schedule.seen(one)
    sources = Sources(rig.engine, rig.schedule, cast("KubeClient", None))
    assert sources.claimed(mine.uid) == ""
    assert sources.claimed(again.uid).startswith("MediaServicesAccount mine manages the same resource already")
    assert (await sources.target(again)).trouble[0] == "Claimed"
    rig.schedule.gone(ACCOUNT, mine.uid)
    assert sources.claimed(again.uid) == ""
    assert sources.claimed("nobody") == ""
