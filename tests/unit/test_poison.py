"""What one object, item or answer may be without anybody else noticing; and that nothing runs hot for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.crd_schema import problems, status_schema
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.api.kinds import KINDS
from ams_operator.domain.answers import KubeDown, KubeRefused, Page, Secret, StatusRefused
from ams_operator.domain.model import JSON, AccountId
from ams_operator.engine.store import ACCOUNT, BACKEND
from ams_operator.gauges import ready_of, reasons_of
from ams_operator.kube.objects import Malformed, from_raw

STRANGE: tuple[Any, ...] = ("text", 7, None, True, ["x"], {"a": {"b": None}}, [{"name": 7}], "x" * 5000, 1e308)
CHILDREN = [kind.kind for kind in KINDS if kind.kind in Rig().engine.kinds and kind.kind != ACCOUNT]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def spec_of(kind: str, value: Any) -> JSON:
    """Every member of a spec, and one that there is not, with the same strange value."""
    model = next(one.spec for one in KINDS if one.kind == kind)
    return {str(field.alias or name): value for name, field in model.model_fields.items()} | {"unknown": value}


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: str(value)[:12])
async def test_stored_specs_that_no_longer_parse_hold_up_nobody(rig: Rig, value: Any) -> None:
    """Each kind at once, accounts and backends too; they are told where there is a status, and cost no hot loop."""
    async with rig.running():
        for number, kind in enumerate((BACKEND, ACCOUNT, *CHILDREN)):
            rig.see(kind, f"strange{number}", spec_of(kind, value))
        await rig.usable()
        for number, kind in enumerate((BACKEND, ACCOUNT, *CHILDREN)):  # a change of each, too
            rig.see(kind, f"strange{number}", {**spec_of(kind, value), "more": value})
        rig.transform("healthy")
        await rig.clock.advance(30)
        await rig.sweep()
        assert rig.ready("healthy") == ("True", "InSync")
        writes = len(rig.kube.writes)
        await rig.clock.advance(600)
        assert len(rig.kube.writes) - writes < 10 * len(CHILDREN)
        told = {kind: rig.ready(f"strange{number}")[1] for number, kind in enumerate((ACCOUNT, *CHILDREN), 1)}
        assert all(told.values()), told
        rig.see(BACKEND, "default", {"type": "armCompatible", "endpoint": "https://else.example"}, uid=BACKEND)
        await rig.clock.advance(1)
        assert rig.engine.accounts.known[OWNER].origin == "https://else.example", "all accounts hear of it"


async def test_what_lies_in_an_account_that_cannot_be_read_is_not_blamed_for_it(rig: Rig) -> None:
    async with rig.running():
        await rig.usable()
        rig.transform("inside")
        await settle()
        rig.apply_account(azureName=7)
        await rig.clock.advance(1)
        assert rig.ready(OWNER) == ("False", "InvalidSpec")
        assert rig.ready("inside")[1] == "WaitingForAccount"
        rig.apply_account()
        await rig.clock.advance(1)
        assert rig.ready("inside") == ("True", "InSync")


@pytest.mark.parametrize("interval", ["soon", 7, {}, "-1s"])
async def test_an_interval_that_is_none_does_not_end_the_sweeps(rig: Rig, interval: Any) -> None:
    async with rig.running():
        await rig.usable()
        sweeps = asyncio.ensure_future(rig.sweeps.run())
        rig.apply_account(driftInterval=interval)
        await rig.clock.advance(200)
        assert not sweeps.done()
        sweeps.cancel()


@contextmanager
def faulty(rig: Rig, monkeypatch: pytest.MonkeyPatch, member: str, name: str) -> Iterator[None]:
    """A fault of ours in one function of the kind, for resources that say so."""
    kind = rig.engine.kinds["Transform"]
    original: Callable[..., Any] = getattr(kind, member)

    def raising(*args: Any) -> Any:
        if name in str(args):
            raise ZeroDivisionError("a secret")
        return original(*args)

    with monkeypatch.context() as patch:
        changed = replace(kind, **{member: raising})  # type: ignore[arg-type]  # whatever function it is
        patch.setattr(rig.engine, "kinds", {**rig.engine.kinds, "Transform": changed})
        yield


@pytest.mark.parametrize("member", ["body", "facts", "state"])
async def test_a_fault_of_ours_is_told_on_its_object_wherever_it_is(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    async with rig.running():
        await rig.usable()
        rig.service.put_transform("poison", recipe_of("AdaptiveStreaming", description="poison"))
        with faulty(rig, monkeypatch, member, "poison"):
            rig.transform("poison", more={"description": "poison"})
            rig.transform("healthy")
            await rig.clock.advance(5)
            assert rig.ready("poison")[1] == "InternalError"
            assert "ZeroDivisionError in raising" in str(rig.kube.objects["poison"].status)
            assert "a secret" not in str(rig.kube.objects["poison"].status)
            assert rig.ready("healthy") == ("True", "InSync")
            await rig.clock.advance(1200)
            known, writes, calls = len(rig.meter.poisoned), len(rig.kube.writes), len(rig.service.of("GET"))
            for _ in range(60):
                await rig.clock.advance(60)
                await rig.sweep()
            tries = len(rig.service.of("GET")) - calls
            assert tries < 100
            assert 5 <= len(rig.meter.poisoned) - known < 100, "in an hour: it is tried again, with long pauses"
            assert len(rig.kube.writes) - writes < 30


async def test_a_fault_with_one_item_leaves_the_sweep_of_the_others(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig.running():
        await rig.usable()
        for name in ("aaa", "poison", "zzz"):
            rig.transform(name)
        await rig.clock.advance(1)
        await rig.sweep()
        for name in ("aaa", "poison", "zzz"):
            created = rig.service.transform(name)["created"]
            rig.service.put_transform(
                name, recipe_of("AACGoodQualityAudio", created=created, description=f"not {name}")
            )
        with faulty(rig, monkeypatch, "facts", "not poison"):
            await rig.sweep()
        patched = rig.service.writes()
        assert (patched["PATCH aaa"], patched["PATCH zzz"]) == (1, 1)
        assert rig.engine.accounts.known[OWNER].swept == rig.clock.now(), "the sweep is complete"
        assert "Transform" in rig.meter.poisoned
        assert rig.ready(OWNER) == ("True", "InSync")


async def test_a_secret_that_is_refused_leaves_the_sweep_of_the_others(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a sweep asks the API server for one object only: a role or a webhook may refuse just that one."""
    async with rig.running():
        await rig.at_rest("aaa", "refused", "zzz")
        rig.engine.store.memory["refused"].secrets["key"] = Secret("1", {})
        original = rig.kube.secret_version

        async def version(namespace: str, name: str) -> str | None:
            if name == "key":
                raise KubeRefused("403: not this one")
            return await original(namespace, name)

        monkeypatch.setattr(rig.kube, "secret_version", version)
        for name in ("aaa", "refused", "zzz"):
            created = rig.service.transform(name)["created"]
            rig.service.put_transform(name, recipe_of("AACGoodQualityAudio", created=created))
        await rig.clock.advance(10)
        rig.service.calls.clear()
        await rig.sweep()
        assert rig.service.writes() == {"PATCH aaa": 1, "PATCH refused": 1, "PATCH zzz": 1}
        assert rig.engine.accounts.known[OWNER].swept == rig.clock.now(), "the sweep is complete"
        assert rig.meter.poisoned == ["Transform"]


async def test_items_that_are_none_are_counted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig.running():
        await rig.usable()
        rig.transform("one")
        await rig.clock.advance(1)
        original = rig.service.list

        async def listing(account: AccountId, kind: str, *args: Any) -> Page:
            return replace(await original(account, kind, *args), skipped=3 if kind == "Transform" else 0)

        monkeypatch.setattr(rig.service, "list", listing)
        await rig.sweep()
        assert rig.meter.poisoned == ["Transform"] * 3
        assert rig.ready("one") == ("True", "InSync")


async def test_a_status_that_is_refused_is_told_once_and_tried_with_pauses(rig: Rig) -> None:
    async with rig.running():
        await rig.usable()
        rig.transform("one")
        await rig.clock.advance(1)
        before = rig.kube.objects["one"].status
        refused = 0
        write = rig.kube.write_status

        async def older_schema(resource: Any, status: JSON) -> Any:
            nonlocal refused
            if resource.uid == "one" and "resourceId" in status and "StatusRejected" not in str(status):
                refused += 1
                raise StatusRefused("one", 'field not declared in schema: ".status.\x1b[31mnews"' + "x" * 5000)
            return await write(resource, status)

        rig.kube.write_status = older_schema  # type: ignore[method-assign]  # only here
        rig.transform("one", "AACGoodQualityAudio")
        rig.transform("two")
        for _ in range(60):
            await rig.clock.advance(60)
            await rig.sweep()
        assert rig.ready("two") == ("True", "InSync")
        assert rig.ready("one") == ("False", "StatusRejected")
        status = rig.kube.objects["one"].status
        assert (status["record"], status["resourceId"]) == (before["record"], before["resourceId"]), (
            "nothing is forgotten"
        )
        assert all(one["message"].endswith("apply crds/ of this version") for one in status["conditions"])
        assert list(problems(status_schema("Transform"), status)) == []
        assert "\x1b" not in str(status)
        assert rig.kube.writes.count(("status", "one")) <= 4
        assert 4 <= refused <= 12, "in an hour"
        assert rig.service.writes()["PATCH one"] == 0, "what can't be noted is not done"
        assert "Transform" in rig.meter.poisoned
        rig.kube.write_status = write  # type: ignore[method-assign]  # only here
        await rig.clock.advance(700)
        assert rig.ready("one") == ("True", "InSync")


async def test_an_api_server_that_fails_at_one_object_only_keeps_nobody_waiting(rig: Rig) -> None:
    async with rig.running():
        await rig.usable()
        tried = 0
        write = rig.kube.write_status

        async def fails(resource: Any, status: JSON) -> Any:
            nonlocal tried
            if resource.uid == "one":
                tried += 1
                raise KubeDown("500: something nobody has ever seen")
            return await write(resource, status)

        rig.kube.write_status = fails  # type: ignore[method-assign]  # only here
        rig.transform("one")
        await rig.clock.advance(60)
        waited = rig.kube.probes, tried
        rig.transform("two")
        await rig.clock.advance(600)
        assert rig.ready("two") == ("True", "InSync")
        assert tried - waited[1] <= 12
        assert rig.schedule.cluster_up.is_set()


def raw(**members: Any) -> JSON:
    metadata = {"name": "n", "uid": "u", "resourceVersion": "1", "generation": 1}
    return {"metadata": {**metadata, **members.pop("metadata", {})}, **members}


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: str(value)[:12])
def test_a_stored_object_is_as_everybody_takes_it_for_or_is_left_out(value: Any) -> None:
    status = {"conditions": value, "holds": value, "record": value, "plan": value}
    found = from_raw("Transform", raw(status=status))
    for name in ("conditions", "holds"):
        assert all(isinstance(one.get("type", ""), str) for one in found.status.get(name) or ())
    assert isinstance(found.record, dict)
    made = from_raw("Transform", raw(status={"conditions": [{"type": "Ready", "status": value}]}))
    assert ready_of(made) == ""
    held = from_raw("Transform", raw(status={"holds": [{"reason": value}, {"reason": "Paused"}]}))
    assert reasons_of(held) in ({"Paused"}, {"Paused", ""}), "nobody chooses what metrics are called"
    mixed = [{"type": "Ready", "status": "True"}, value, {"type": value}]
    assert from_raw("Transform", raw(status={"conditions": mixed})).status["conditions"][0] == mixed[0]
    for name in ("name", "uid", "resourceVersion"):
        if not isinstance(value, str) or name == "resourceVersion":
            with pytest.raises(Malformed):
                from_raw("Transform", raw(metadata={name: value}))
