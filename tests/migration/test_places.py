"""What a target stands for: not what it is called, but where it answers and which account that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import AsyncMock, Mock

from ams_operator.api.migration import V2_ID
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON, AccountId
from ams_operator.engine.state import Engine
from ams_operator.engine.store import ACCOUNT, Trouble
from ams_operator.sources import Sources

GOLD = {"selector": {"matchLabels": {"tier": "gold"}}}
CREDENTIALS = {"secretRef": {"name": "azure"}}


@dataclass
class Cluster:
    """Objects as the engine knows them, and the labels that every namespace has."""

    labels: dict[str, str] = field(default_factory=dict)
    versions: Iterator[int] = field(default_factory=lambda: iter(range(1, 100)))

    def __post_init__(self) -> None:
        self.engine = Engine(Mock(labels=AsyncMock(return_value=self.labels)), Mock(), Mock(), Mock(), b"key")
        self.sources = Sources(self.engine, Mock(), Mock())

    def put(self, kind: str, namespace: str, name: str, spec: JSON, uid: str = "", **record: Any) -> Resource:
        uid, version, noted = uid or name, str(next(self.versions)), {V2_ID: "nb:chid:UUID:x"}
        status: JSON = {"record": {**record, "uid": uid}}
        found = Resource(kind, namespace, name, uid, 1, version, "", None, (), noted, spec, status)
        self.engine.store.put(found)
        return found

    def account(self, name: str, azure: str, namespace: str = "n", uid: str = "", **more: Any) -> Resource:
        spec = {"azureName": azure, "subscriptionId": "s" * 36, "resourceGroup": "g", "credentials": CREDENTIALS}
        allowed = {"allowedNamespaces": more.pop("allowed")} if "allowed" in more else {}
        return self.put(ACCOUNT, namespace, name, {**spec, **allowed}, uid, **more)

    def event(self, namespace: str, name: str, **record: Any) -> Resource:
        return self.put("LiveEvent", namespace, name, {"accountRef": {"namespace": "n", "name": "old"}}, **record)


async def test_a_place_is_the_origin_and_the_account_whatever_the_object_is_called() -> None:
    cluster = Cluster()
    sources, put, account = cluster.sources, cluster.put, cluster.account
    azure = put("MediaServicesBackend", "", "default", {"type": "azure"})
    old = account("old", "contoso")
    source = replace(old, spec={**old.spec, "migration": {"targetAccountRef": {"name": "late"}}})
    assert await sources.place(source) == "", "nobody knows"
    here = await sources.place(old)
    assert "contoso" in here
    assert sources.here(source) == here, "whatever it is moved to"
    account("late", "newt", uid="1")
    first = await sources.place(source)
    cluster.engine.store.drop("1")
    account("late", "newt2", uid="2")
    assert len({here, first, await sources.place(source)}) == 3
    cluster.engine.store.drop("2")
    account("late", "Newt", uid="3", origin="https://management.azure.com")
    assert await sources.place(source) == first, "another object for the same account costs no inventory"
    cluster.engine.store.drop(azure.uid)
    assert await sources.place(source) == first, "nor does a backend that is applied anew"
    put("MediaServicesBackend", "", "default", {"type": "armCompatible", "endpoint": "https://there"}, uid="b")
    assert await sources.place(source) not in ("", first)
    assert sources.here(source) not in ("", here), "the same name there is another account"


async def test_a_target_that_is_not_for_the_namespace_reads_as_one_that_is_not_there() -> None:
    """`status.migration.target` shows a digest of its place, which would tell whether it is there."""
    cluster = Cluster({"tier": "gold"})
    cluster.put("MediaServicesBackend", "", "default", {"type": "azure"})
    source = cluster.account("old", "contoso")
    there = {"targetAccountRef": {"namespace": "theirs", "name": "secret"}}
    source = replace(source, spec={**source.spec, "migration": there})
    absent = await cluster.sources.target(source)
    assert await cluster.sources.place(source) == ""
    cluster.account("secret", "newt", "theirs", uid="1")
    assert await cluster.sources.place(source) == ""
    cluster.engine.store.drop("1")
    cluster.put(ACCOUNT, "theirs", "secret", {"azureName": 5}, uid="odd")
    assert await cluster.sources.place(source) == ""
    assert await cluster.sources.target(source) == absent, "nor is it told what is wrong with it"
    cluster.engine.store.drop("odd")
    cluster.account("secret", "newt", "theirs", uid="2", allowed={"from": "Selector", **GOLD})
    assert "newt" in await cluster.sources.place(source)


async def test_an_object_of_another_namespace_names_a_channel_only_once_it_is_admitted() -> None:
    cluster = Cluster()
    cluster.account("old", "contoso")

    def names() -> set[str]:
        return {one.name for one in cluster.sources.objects("old")}

    cluster.event("n", "own")
    evil = cluster.event("theirs", "evil")
    cluster.event("theirs", "guest", how="Created")
    assert names() == {"own", "guest"}, "nobody has judged the other one yet"
    cluster.engine.store.denied.add(evil.uid)
    assert names() == {"own", "guest"}
    cluster.engine.store.denied.clear()
    cluster.engine.store.claim(evil.uid, "key")
    assert names() == {"own", "guest", "evil"}
    cluster.engine.store.denied.add("guest")
    assert names() == {"own", "evil"}


async def test_a_target_that_another_object_manages_says_so() -> None:
    """It is not looked at any more: whatever trouble it had before is no news of now."""
    engine = Engine(Mock(), Mock(), Mock(now=lambda: 0.0), Mock(), b"key")
    spec = {"azureName": "newt", "subscriptionId": "s" * 36, "resourceGroup": "g", "credentials": CREDENTIALS}
    for number, name in enumerate(("early", "late")):
        here = {"origin": "https://here.example", "resourceId": "/newt"}
        status = {"record": {"uid": name, "how": "Created", **here}} if name == "early" else {}
        engine.store.put(Resource(ACCOUNT, "n", name, name, 1, str(number), "", None, (), {}, spec, status))
        engine.store.claim(name, "https://here.example|/newt")
    identifier = AccountId("s" * 36, "g", "newt")
    engine.accounts.get("late", identifier, "").trouble = Trouble(Reason.CREDENTIAL_REJECTED, "it is wrong", 0.0, 0.0)
    source = engine.store.objects["late"]
    target = await Sources(engine, Mock(), Mock()).target(source)
    assert (target.uid, target.way, target.trouble[0]) == ("late", None, "Claimed")
    assert "early manages the same resource" in target.trouble[1]
