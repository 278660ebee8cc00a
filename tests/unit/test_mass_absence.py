"""Half of an account gone at once: what waits, what does not, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig, recipe_of

from ams_operator.domain.answers import NoAnswer, NotSent, Resource
from ams_operator.domain.model import JSON, AccountId, Observed
from ams_operator.domain.suspicion import APART, LEAST, too_many_gone
from ams_operator.engine import suspicion, sweeps
from ams_operator.engine.accounts import Account
from ams_operator.engine.store import ACCOUNT

NAMES = ("one", "two", "three", "four", "five")


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def five(rig: Rig) -> None:
    """Five transforms that are ready, and a sweep that has seen them."""
    await rig.at_rest(*NAMES)
    forget(rig)


def forget(rig: Rig) -> None:
    rig.service.calls.clear()
    rig.kube.writes.clear()


def vanish(rig: Rig, *names: str) -> None:
    for name in names:
        del rig.service.stored[("Transform", name)]


async def later(rig: Rig, seconds: float = 60.0) -> None:
    await rig.clock.advance(seconds)
    await rig.sweep()


def reasons(rig: Rig, *names: str) -> set[tuple[str, str]]:
    return {rig.ready(name) for name in names}


def message(rig: Rig, name: str) -> str:
    found = next(one for one in rig.kube.objects[name].status["conditions"] if one["type"] == "Ready")
    return str(found["message"])


@pytest.mark.parametrize(
    ("count", "of", "strange"), [(2, 2, False), (3, 3, True), (3, 6, True), (3, 7, False), (0, 0, False)]
)
def test_at_least_three_and_half_of_them_are_strange(count: int, of: int, strange: bool) -> None:
    assert too_many_gone(count, of) is strange
    assert LEAST == 3


async def test_half_of_an_account_is_made_anew_only_when_a_second_sweep_has_confirmed_it(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        vanish(rig, "one", "two", "three")
        await later(rig)
        assert reasons(rig, "one", "two", "three") == {("False", "MassAbsence")}
        assert "3 of the 5 resources" in message(rig, "one")
        assert not rig.service.writes()
        assert sorted(rig.service.of("GET")) == ["one", "three", "two"]
        assert {uid: rig.kube.objects[uid].record.get("how") for uid in NAMES} == dict.fromkeys(NAMES, "Created")
        assert rig.ready("four") == ("True", "InSync")
        forget(rig)
        await later(rig)
        assert rig.service.writes() == {"PUT one": 1, "PUT two": 1, "PUT three": 1}
        assert reasons(rig, *NAMES) == {("True", "InSync")}
        forget(rig)
        await later(rig)
        assert {verb for verb, _, _ in rig.service.calls} == {"LIST"}
        assert rig.kube.writes == []


async def test_it_is_told_once(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        vanish(rig, "one", "two", "three")
        await later(rig)
        forget(rig)
        await later(rig, APART / 2)
        assert rig.kube.writes == []


async def test_two_sweeps_at_once_are_no_second_opinion(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        vanish(rig, *NAMES)
        for _ in range(5):
            await later(rig, APART / 6)
        assert not rig.service.writes()
        await later(rig, APART)
        assert rig.service.writes() == {f"PUT {name}": 1 for name in NAMES}


async def test_fewer_are_made_anew_at_once(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        vanish(rig, "one", "two")
        await later(rig)
        assert rig.service.writes() == {"PUT one": 1, "PUT two": 1}
        assert ("MassAbsence") not in {reason for _, reason in reasons(rig, *NAMES)}


async def test_an_absence_of_the_list_alone_holds_nothing(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        rig.service.listed = lambda _items: []
        await later(rig)
        assert sorted(rig.service.of("GET")) == sorted((*NAMES, "contoso"))
        assert not rig.service.writes()
        assert rig.kube.writes == []
        assert rig.engine.accounts.known[OWNER].suspicion.explained == {}


async def test_what_gets_show_does_not_count(rig: Rig) -> None:
    """LIST shows nothing; of five two are gone, and those are no reason for suspicion."""
    async with rig.running():
        await five(rig)
        vanish(rig, "four", "five")
        rig.service.listed = lambda _items: []
        await later(rig)
        assert rig.service.writes() == {"PUT four": 1, "PUT five": 1}


async def test_what_comes_back_is_left_alone(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        stored = dict(rig.service.stored)
        vanish(rig, *NAMES)
        await later(rig)
        assert reasons(rig, *NAMES) == {("False", "MassAbsence")}
        rig.service.stored = stored
        await later(rig)
        assert reasons(rig, *NAMES) == {("True", "InSync")}
        assert not rig.service.writes()


async def test_an_edit_finds_it_gone_and_waits_for_a_sweep(rig: Rig) -> None:
    """No LIST has shown anything yet: one GET knows nothing of the others."""
    async with rig.running():
        await five(rig)
        vanish(rig, *NAMES)
        for name in NAMES:
            rig.transform(name, "AACGoodQualityAudio")
            await settle()
        assert not rig.service.writes()
        assert reasons(rig, *NAMES) == {("False", "Progressing")}
        assert [one.uid for one in rig.sweeps.due()] == [OWNER]
        await later(rig, 1)
        assert reasons(rig, *NAMES) == {("False", "MassAbsence")}
        assert not rig.service.writes()
        await later(rig)
        assert rig.service.writes() == {f"PUT {name}": 1 for name in NAMES}


async def test_an_edit_finds_one_gone_and_the_sweep_that_comes_at_once_makes_it(rig: Rig) -> None:
    """Also where LIST lags behind and goes on showing it."""
    async with rig.running():
        await five(rig)
        items = [dict(item) for (kind, _), item in rig.service.stored.items() if kind == "Transform"]
        vanish(rig, "one")
        rig.service.listed = lambda found: items if found and "outputs" in found[0]["properties"] else found
        rig.transform("one", "AACGoodQualityAudio")
        await settle()
        assert [one.uid for one in rig.sweeps.due()] == [OWNER]
        await later(rig, 1)
        assert rig.service.writes() == {"PUT one": 1}
        assert rig.ready("one") == ("True", "InSync")


async def test_what_was_made_anew_and_vanishes_again_is_judged_again(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        vanish(rig, *NAMES)
        await later(rig)
        await later(rig)
        assert reasons(rig, *NAMES) == {("True", "InSync")}
        vanish(rig, *NAMES)
        forget(rig)
        for name in NAMES:
            rig.transform(name, "AACGoodQualityAudio")
        await settle()
        assert not rig.service.writes()


async def test_what_is_gone_and_stays_so_is_asked_for_no_more(rig: Rig) -> None:
    """Nothing is made anew in an account that is only observed; when that ends, it is known to be gone."""
    async with rig.running():
        await five(rig)
        rig.apply_account(managementPolicy="Observe")
        await settle()
        vanish(rig, *NAMES)
        for _ in range(3):
            await later(rig)
        assert reasons(rig, *NAMES) == {("False", "ResourceNotFound")}
        forget(rig)
        await later(rig)
        assert {verb for verb, _, _ in rig.service.calls} == {"LIST"}
        assert rig.kube.writes == []
        rig.apply_account()
        await settle()
        assert rig.service.writes() == {f"PUT {name}": 1 for name in NAMES}


async def test_what_a_list_shows_again_is_not_explained_any_more(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        known = rig.engine.accounts.known[OWNER].suspicion
        known.explained = dict.fromkeys(("one", "gone"))
        await later(rig)
        assert "one" not in known.explained


async def test_what_is_found_gone_while_its_list_is_read_is_made_anew_after_it(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        vanish(rig, "one")

        def meanwhile(items: list[JSON]) -> list[JSON]:
            rig.engine.store.memory["one"].observed = Observed(rig.clock.now() + 1, None)
            rig.engine.accounts.known[OWNER].wonder("one")
            return items

        rig.service.listed = meanwhile
        await later(rig)
        assert rig.service.writes() == {"PUT one": 1}


def test_what_was_judged_does_not_count_again(rig: Rig) -> None:
    account = Account(OWNER, AccountId("", "", ""))
    account.suspicion.explained = {"one": "id"}
    for lost, counted in (("id", False), ("another", True)):
        resource = managed(status={"record": {"uid": "one", "how": "Adopted", "identity": lost}})
        assert suspicion._counts(rig.engine, account, resource) is counted


def managed(**members: Any) -> Resource:
    record = {"record": {"uid": "one", "how": "Adopted"}}
    given = {"kind": "Asset", "spec": {}, "deleting": None, **members, "status": record | members.get("status", {})}
    return Resource(
        namespace="team",
        name="one",
        uid="one",
        generation=1,
        version="1",
        created="",
        finalizers=(),
        annotations={},
        **given,
    )


@pytest.mark.parametrize(
    ("members", "counted"),
    [
        ({}, True),
        ({"status": {"holds": [{"reason": "DataLost"}]}}, False),
        ({"status": {"holds": [{"reason": "Progressing"}]}}, True),
        ({"kind": "LiveOutput"}, False),
        ({"kind": ACCOUNT}, False),
        ({"deleting": "2023-11-14T22:13:20Z"}, False),
        ({"spec": {"managementPolicy": "Pause"}}, False),
        ({"spec": {"managementPolicy": "Plan"}}, True),
        ({"status": {"record": {"uid": "one"}}}, False),
        ({"status": {"record": {"uid": "another", "how": "Created"}}}, False),
    ],
)
def test_what_counts_is_ours_and_no_end_and_not_told_before(rig: Rig, members: JSON, counted: bool) -> None:
    resource = managed(**members)
    assert suspicion._counts(rig.engine, Account(OWNER, AccountId("", "", "")), resource) is counted


async def test_what_nobody_manages_counts_for_nothing(rig: Rig) -> None:
    async with rig.running():
        await rig.usable()
        for name in ("a", "b", "c", "d", "e"):
            rig.service.put_transform(name, recipe_of("AdaptiveStreaming"))
            rig.transform(name, more={"managementPolicy": "Observe"})
        for name in ("one", "two"):
            rig.transform(name)
        await settle()
        await rig.sweep()
        vanish(rig, "a", "b", "c", "d", "e", "one", "two")
        forget(rig)
        await later(rig)
        assert rig.service.writes() == {"PUT one": 1, "PUT two": 1}


@pytest.mark.parametrize("error", [NoAnswer("EndpointUnreachable", "500"), NotSent("Forbidden", "403")])
async def test_a_get_without_an_answer_neither_confirms_nor_keeps_the_others_waiting_for_good(
    rig: Rig, error: Exception
) -> None:
    async with rig.running():
        await five(rig)
        vanish(rig, *NAMES)
        rig.service.broken["one"] = error
        await later(rig)
        assert reasons(rig, *NAMES[1:]) == {("False", "MassAbsence")}
        assert not rig.service.writes()
        await later(rig)
        assert rig.service.writes() == {f"PUT {name}": 1 for name in NAMES[1:]}


async def test_without_an_interval_the_second_sweep_comes_all_the_same(rig: Rig) -> None:
    rig.service.put_account()
    async with rig.running():
        rig.apply_account(driftInterval="0s")
        for name in NAMES:
            rig.transform(name)
        await settle()
        vanish(rig, *NAMES)
        for wait in (0.0, sweeps.INTERVAL):
            rig.clock.time += wait
            (owner,) = rig.sweeps.due()
            assert not rig.service.writes() or wait == 0.0
            forget(rig)
            await rig.sweeps._one(owner)
            await settle()
        assert rig.service.writes() == {f"PUT {name}": 1 for name in NAMES}


async def test_a_broken_list_of_another_kind_keeps_nothing_from_being_judged(rig: Rig) -> None:
    async with rig.running():
        await five(rig)
        rig.see("LiveEvent", "event", {"input": {"streamingProtocol": "RTMP"}, "managementPolicy": "Pause"})
        await settle()
        vanish(rig, "one")
        whole = rig.service.listed
        kinds: list[str] = []

        def listed(items: list[JSON]) -> list[JSON]:
            kinds.append(rig.service.calls[-1][1])
            if kinds[-1] == "LiveEvent":
                raise NoAnswer("EndpointUnreachable", "500")
            return whole(items)

        rig.service.listed = listed
        with pytest.raises(NoAnswer):
            await later(rig)
        await settle()
        assert "LiveEvent" in kinds
        assert rig.service.writes() == {"PUT one": 1}


async def test_what_goes_with_its_definition_is_let_go_and_deleted_nowhere(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleting the CRDs deletes every object at once, and must delete nothing in the service."""

    async def terminating(_kind: str, _namespace: str) -> tuple[bool, bool]:
        return True, False

    async with rig.running():
        await five(rig)
        monkeypatch.setattr(rig.kube, "terminating", terminating)
        for name in NAMES:
            rig.transform(name, more={"deletionPolicy": "Delete"}, deleting="2023-11-14T22:13:20Z")
        await settle()
        assert not rig.service.writes()
        assert [rig.kube.objects[name].finalizers for name in NAMES] == [()] * 5
