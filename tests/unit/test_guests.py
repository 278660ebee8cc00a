"""Attacks of a tenant on the account of another namespace, which admits him or does not: on its names, on its room, and
on what he may learn of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig

from ams_operator.domain.model import JSON
from ams_operator.engine import guests

HOST = {"name": "default", "namespace": "team"}
RECIPE = {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]}


def guest(rig: Rig, name: str, azure: str | None = None, *, namespace: str = "guest", **more: Any) -> None:
    spec: JSON = {**RECIPE, "accountRef": HOST, **({"azureName": azure} if azure else {}), **more}
    rig.see("Transform", name, spec, uid=f"{namespace}-{name}", namespace=namespace)


def said(rig: Rig, uid: str) -> JSON:
    """The status without what only names the object."""
    status = dict(rig.kube.objects[uid].status)
    status.pop("record", None)
    return status


def message(rig: Rig, uid: str) -> str:
    return next(str(one["message"]) for one in said(rig, uid)["conditions"] if one["type"] == "Ready")


async def open_house(rig: Rig, **rules: Any) -> None:
    rig.service.put_account()
    rig.apply_account(allowedNamespaces={"from": "All", **rules})
    await settle()


@pytest.mark.parametrize("name", ["wanted", "Wanted", "gues", "xguest-a"])
async def test_a_guest_squats_no_name_that_the_host_wants_later(name: str) -> None:
    """He is older, so that without the prefix the name would be his."""
    rig = Rig()
    async with rig.running():
        await open_house(rig, namePrefix="guest-")
        guest(rig, "squatter", name)
        await settle()
        assert rig.ready("guest-squatter") == ("False", "NameNotAllowed")
        assert rig.service.of("PUT", "GET").count(name) == 0
        rig.transform("mine", more={"azureName": name})
        await settle()
        assert rig.ready("mine") == ("True", "InSync")


@pytest.mark.parametrize("name", ["guest-a", "Guest-A", "guest-"])
async def test_names_of_his_own_are_a_guests(name: str) -> None:
    rig = Rig()
    async with rig.running():
        await open_house(rig, namePrefix="guest-")
        guest(rig, "honest", name)
        await settle()
        assert rig.ready("guest-honest") == ("True", "InSync")


async def test_the_hosts_own_objects_have_any_names() -> None:
    rig = Rig()
    async with rig.running():
        await open_house(rig, namePrefix="guest-", maxObjects=1)
        rig.transform("one")
        rig.transform("two")
        await settle()
        assert rig.ready("one") == rig.ready("two") == ("True", "InSync")


@pytest.mark.parametrize(
    ("reference", "wrong"),
    [
        ({"assetRef": {"azureName": "archive"}, "liveEventRef": {"azureName": "guest-e"}}, "spec.assetRef"),
        ({"assetRef": {"azureName": "guest-a"}, "liveEventRef": {"azureName": "match"}}, "spec.liveEventRef"),
        ({"assetRef": {"name": "pretext"}, "liveEventRef": {"azureName": "guest-e"}}, "spec.assetRef"),
    ],
    ids=["into the host's asset", "of the host's event", "by an object that means another account"],
)
async def test_a_guest_records_nothing_of_the_hosts_and_into_nothing_of_his(reference: JSON, wrong: str) -> None:
    rig = Rig()
    async with rig.running():
        await open_house(rig, namePrefix="guest-")
        record = {"uid": "pretext", "how": "Created", "resourceId": "elsewhere/archive"}
        rig.see(
            "Asset",
            "pretext",
            {"azureName": "archive", "managementPolicy": "Pause"},
            namespace="guest",
            status={"observedGeneration": 1, "record": record},
        )
        spec = {"accountRef": HOST, "azureName": "guest-o", "archiveWindowLength": "PT1H", **reference}
        rig.see("LiveOutput", "tap", spec, namespace="guest")
        await settle()
        assert rig.ready("tap") == ("False", "NameNotAllowed")
        assert message(rig, "tap").startswith(f"{wrong}: ")
        assert not rig.service.writes()


@pytest.mark.parametrize(("container", "taken"), [("host-files", False), ("guest-files", True), (None, True)])
async def test_a_guest_gets_no_container_of_the_hosts(container: str | None, taken: bool) -> None:
    """An asset makes what is in its container readable, and takes it along."""
    rig = Rig()
    async with rig.running():
        await open_house(rig, namePrefix="guest-")
        spec = {"accountRef": HOST, "managementPolicy": "Plan", **({"container": container} if container else {})}
        rig.see("Asset", "guest-a", spec, namespace="guest", uid="tap")
        await settle()
        assert ("guest-a" in rig.service.of("GET")) == taken
        assert taken or rig.ready("tap") == ("False", "NameNotAllowed")
        assert taken or message(rig, "tap").startswith("spec.container: ")


@pytest.mark.parametrize(
    ("kind", "spec", "wrong"),
    [
        ("LiveEvent", {"input": {"streamingProtocol": "RTMP"}, "hostnamePrefix": "match"}, "spec.hostnamePrefix"),
        ("StreamingEndpoint", {"scaleUnits": 0, "cdnProfile": "match"}, "spec.cdnProfile"),
    ],
)
async def test_a_guest_takes_no_host_name_of_the_hosts(kind: str, spec: JSON, wrong: str) -> None:
    """An event's is made of its name, unless somebody says another one."""
    rig = Rig()
    async with rig.running():
        await open_house(rig, namePrefix="guest-")
        rig.see(kind, "guest-a", {"accountRef": HOST, "managementPolicy": "Plan", **spec}, namespace="guest", uid="tap")
        await settle()
        assert "guest-a" not in rig.service.of("GET")
        assert rig.ready("tap") == ("False", "NameNotAllowed")
        assert message(rig, "tap").startswith(f"{wrong}: ")


async def test_who_is_not_admitted_has_nothing_asked_of_the_account() -> None:
    """Each LIST costs its owner of his budget."""
    rig = Rig()
    async with rig.running():
        rig.service.put_account()
        rig.apply_account()
        guest(rig, "one")
        await settle()
        rig.engine.store.denied.clear()  # as after a restart
        rig.service.calls.clear()
        for _ in range(2):
            await rig.sweep()
        assert rig.service.of("LIST") == ["MediaServicesAccount"] * 2
        rig.apply_account(allowedNamespaces={"from": "All"})
        await settle()
        assert rig.ready("guest-one") == ("True", "InSync")
        await rig.sweep()
        assert "Transform" in rig.service.of("LIST")


async def test_whom_an_account_admits_no_more_is_told_by_its_sweep() -> None:
    """Nothing tells that a namespace's labels changed."""
    rig = Rig()
    async with rig.running():
        await open_house(rig, **{"from": "Selector", "selector": {"matchLabels": {"tier": "gold"}}})
        rig.kube.labels_of_namespaces["guest"] = {"tier": "gold"}
        guest(rig, "one")
        await settle()
        assert rig.ready("guest-one") == ("True", "InSync")
        del rig.kube.labels_of_namespaces["guest"]
        await rig.sweep()
        assert rig.ready("guest-one")[1] == "AccountNotAvailable"


async def test_a_namespace_that_a_backend_no_longer_serves_is_served_no_more() -> None:
    rig = Rig()
    async with rig.running():
        await rig.usable()
        backend = rig.kube.objects["MediaServicesBackend"].spec
        gold = {"from": "Selector", "selector": {"matchLabels": {"tier": "gold"}}}
        rig.kube.labels_of_namespaces["team"] = {"tier": "gold"}
        rig.see("MediaServicesBackend", "default", {**backend, "allowedNamespaces": gold}, uid="MediaServicesBackend")
        rig.transform("one")
        await settle()
        assert rig.ready(OWNER) == rig.ready("one") == ("True", "InSync")
        del rig.kube.labels_of_namespaces["team"]
        rig.service.calls.clear()
        rig.transform("two")
        await settle()
        assert rig.ready("two")[1] == rig.ready(OWNER)[1] == "BackendNotAvailable"
        assert not rig.service.calls
        rig.kube.labels_of_namespaces["team"] = {"tier": "gold"}
        await rig.clock.advance(60)
        assert rig.ready("two") == rig.ready(OWNER) == ("True", "InSync")


async def test_a_guest_takes_no_more_room_than_he_is_given() -> None:
    rig = Rig()
    async with rig.running():
        await open_house(rig, maxObjects=2)
        for number in range(4):
            guest(rig, f"t{number}")
            rig.clock.time += 1
        guest(rig, "another", namespace="other")
        await settle()
        found = [rig.ready(f"guest-t{number}")[1] for number in range(4)]
        assert found == ["InSync", "InSync", "TooManyObjects", "TooManyObjects"]
        assert rig.ready("other-another") == ("True", "InSync"), "each has a number of his own"
        assert rig.service.of("PUT", "GET").count("t2") == 0
        assert "takes 2 objects of this namespace" in message(rig, "guest-t2")
        rig.kube.objects.pop("guest-t0")
        rig.schedule.gone("Transform", "guest-t0")
        await rig.clock.advance(guests.PAUSE + 1)
        assert [rig.ready(f"guest-t{number}")[1] for number in (1, 2, 3)] == ["InSync", "InSync", "TooManyObjects"]


async def test_what_is_in_the_service_keeps_its_place() -> None:
    """Not those that claim to be older: who restores a backup makes objects anew."""
    rig = Rig()
    async with rig.running():
        await open_house(rig, maxObjects=1)
        guest(rig, "mine")
        await settle()
        rig.see("Transform", "older", {**RECIPE, "accountRef": HOST}, namespace="guest", created="2000-01-01T00:00:00Z")
        await settle()
        assert rig.ready("guest-mine") == ("True", "InSync")
        assert rig.ready("older")[1] == "TooManyObjects"


@pytest.mark.parametrize("rules", [{"namePrefix": "guest-"}, {"maxObjects": 1}], ids=["name", "number"])
async def test_whoever_was_let_in_before_can_be_deleted(rules: JSON) -> None:
    rig = Rig()
    async with rig.running():
        await open_house(rig)
        guest(rig, "first")
        guest(rig, "second")
        await settle()
        rig.apply_account(allowedNamespaces={"from": "All", **rules})
        await settle()
        held = rig.ready("guest-second")[1]
        assert held in ("NameNotAllowed", "TooManyObjects")
        found = rig.kube.objects["guest-second"]
        rig.see("Transform", "second", found.spec, uid=found.uid, namespace="guest", deleting="2024-01-01T00:00:00Z")
        await settle()
        assert "second" in rig.service.of("DELETE")


@pytest.mark.parametrize(
    "rules", [None, {"from": "Same"}, {"from": "Selector", "selector": {"matchLabels": {"a": "b"}}}]
)
async def test_denied_and_absent_read_the_same(rules: JSON | None) -> None:
    """All of the status, not only the text: a stranger does not learn that an account exists."""
    there, absent = Rig(), Rig()
    for rig in (there, absent):
        async with rig.running():
            if rig is there:
                rig.service.put_account()
                rig.apply_account(**({"allowedNamespaces": rules} if rules else {}))
            guest(rig, "stranger")
            await settle()
            await rig.clock.advance(1)
    assert said(there, "guest-stranger") == said(absent, "guest-stranger")
    assert there.kube.objects["guest-stranger"].finalizers == absent.kube.objects["guest-stranger"].finalizers
    assert there.ready("guest-stranger")[1] == "AccountNotAvailable"


async def test_a_backend_that_is_not_for_him_reads_like_none() -> None:
    """Nor does its endpoint show anywhere."""
    said_of = []
    for there in (True, False):
        rig = Rig()
        async with rig.running():
            rig.apply_account(backendRef={"name": "hidden"})
            if there:
                spec = {"type": "armCompatible", "endpoint": "https://hidden.example", "authority": "https://x.example"}
                nobody = {"from": "Selector", "selector": {"matchLabels": {"a": "b"}}}
                rig.see("MediaServicesBackend", "hidden", {**spec, "allowedNamespaces": nobody}, uid="hidden")
            await settle()
            assert rig.ready(OWNER)[1] == "BackendNotAvailable"
            assert "hidden.example" not in str(rig.kube.objects[OWNER].status)
            said_of.append(said(rig, OWNER))
            await rig.clock.advance(300)
            assert not rig.service.calls, "nor does it come to be asked later"
            if there:
                rig.see("MediaServicesBackend", "hidden", {**spec, "allowedNamespaces": {"from": "All"}}, uid="hidden")
                rig.service.put_account()
                await settle()
                assert rig.ready(OWNER) == ("True", "InSync"), "and whom it admits may use it"
    assert said_of[0] == said_of[1]
