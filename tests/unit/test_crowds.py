"""A tenant makes many objects that all mean one resource: what that costs, and that nobody is forgotten for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, FakeService, settle
from tests.unit.rig import Rig
from tests.unit.test_identity import HIS, RECIPE, Signing
from tests.unit.test_lineup import lineup, taken
from tests.unit.test_store import resource

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NoAnswer, Resource
from ams_operator.domain.model import JSON, AccountId, Address
from ams_operator.engine.lineup import Lineup
from ams_operator.engine.state import QUIET
from ams_operator.engine.store import Store

MANY = 200


async def test_a_crowd_is_told_once_each_and_not_once_by_each() -> None:
    rig, asked = Rig(), Counter[str]()
    async with rig.running():
        rig.apply_account()
        for number in range(MANY):
            rig.transform(f"t{number}", more={"azureName": "same"})
        await settle()
        nominate = rig.engine.nominate

        def counted(uid: str, lane: Lane) -> None:
            asked["times"] += 1
            nominate(uid, lane)

        rig.engine.nominate = counted
        rig.service.put_account()
        rig.schedule.nominate(OWNER, Lane.POLL)
        await settle()
        assert rig.ready(OWNER) == ("True", "InSync")
        assert rig.ready("t0") == ("True", "InSync")
        rig.apply_account(resourceGroup="elsewhere")
        await settle()
        assert MANY <= asked["times"] < 20 * MANY


def test_a_crowd_is_not_gone_through_at_each_look() -> None:
    """Who is the oldest, and has a right, is found without asking all the others, also where nobody has it yet."""
    store, asked = Store(), list[str]()
    for number in range(MANY):
        store.put(resource(f"t{number}", created=f"{number:03}"))
        store.claim(f"t{number}", "key")

    def last(one: Resource) -> bool:
        asked.append(one.uid)
        return one.uid == "t0"

    assert store.holder("t9", last) == "t1"
    assert asked == ["t0", "t1"]


def _busy(queue: Lineup, many: int) -> int:
    """Work all of it off; how often it was asked whose an object is."""
    asked = Counter[str]()
    place = queue.place_of

    def counted(uid: str) -> tuple[str, str]:
        asked["times"] += 1
        return place(uid)

    queue.place_of = counted
    done = 0
    while (step := queue.begin(0.0)) is not None:
        queue.begin(0.0)  # another worker looks for something to do meanwhile
        queue.end(step)
        done += 1
    assert done == many
    return asked["times"]


@pytest.mark.parametrize("accounts", [1, MANY])
def test_what_waits_for_one_group_is_not_gone_through_again_for_each(accounts: int) -> None:
    queue = lineup()
    for number in range(MANY):
        queue.add(f"tenant:{number % accounts}/n/{number}@one", Lane.USER)
    assert _busy(queue, MANY) < 20 * MANY


def test_who_means_the_same_is_next_however_many_of_others_wait_for_it() -> None:
    queue = lineup()
    for number in range(MANY):
        queue.add(f"tenant:a/n/{number}@one", Lane.USER)
    first = queue.begin(0.0)
    assert taken(queue) is None
    queue.add("other:b/m/his@one", Lane.USER)
    assert taken(queue) is None
    assert first is not None
    queue.end(first)
    next_two = []
    for _ in range(2):
        step = queue.begin(0.0)
        assert step is not None
        next_two.append(step.uid)
        queue.end(step)
    assert "other:b/m/his@one" in next_two


def test_who_waits_behind_one_that_goes_elsewhere_is_not_forgotten() -> None:
    """It is gone, or means something else by then, when its turn comes."""
    groups = {"x": "one"}
    queue = Lineup(lambda uid: groups.get(uid, "one"), lambda _uid: ("tenant/a", "n"), 3)
    for uid in ("x", "y", "z"):
        queue.add(uid, Lane.USER)
    first = queue.begin(0.0)
    assert first is not None
    assert first.uid == "x"
    assert taken(queue) is None
    queue.end(first)
    groups["y"] = "another"
    steps = [queue.begin(0.0), queue.begin(0.0)]
    assert [step.uid for step in steps if step is not None] == ["y", "z"]
    assert not queue.parked


class Unanswering(FakeService):
    """Takes each create and says nothing, ever."""

    async def put(self, address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer:
        raise NoAnswer(Reason.UNANSWERED, "no answer")


class Moving(Signing):
    """The squatter has an account of his own in the group `his`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.own = Unanswering(self.clock)
        self.own.put_account()

    def _connect(self, policy: Any, account: AccountId, credentials: Any, *, namespace: str) -> Any:
        if account.resource_group == "his":
            return self.own
        return super()._connect(policy, account, credentials, namespace=namespace)


async def test_an_act_that_was_noted_elsewhere_keeps_nobody_away_for_good() -> None:
    rig = Moving()
    spec = {"azureName": "contoso", "subscriptionId": "sub", "resourceGroup": "his", "credentials": HIS}
    async with rig.running():
        await rig.usable()
        rig.see("MediaServicesAccount", "default", spec, uid="squatter", namespace="elsewhere")
        await settle()
        rig.see("Transform", "first", RECIPE, uid="squats", namespace="elsewhere")
        await settle()
        assert rig.ready("squats") == ("False", "Unanswered")
        moved = {**spec, "resourceGroup": "group"}
        rig.see("MediaServicesAccount", "default", moved, uid="squatter", namespace="elsewhere")
        await settle()
        rig.clock.time += 1
        rig.transform("one")
        await settle()
        await rig.clock.advance(QUIET + 60)
        assert rig.ready("one") == ("True", "InSync")
        assert rig.ready("squats")[0] == "False"
