"""Any sequence of what people, others and the network do: nothing of what never may happen does, and all comes to rest.

The crash harness plays each fault and each deed once, at every call. Here they come in any order and number, on objects
of several kinds, and hypothesis looks for the shortest sequence that does harm.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from bench.reliability.deeds import DEEDS, user_applies_another
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.crash import mutants, mutants_of_answers
from tests.crash.audit import audit
from tests.crash.drive import INTERVAL, Driver
from tests.crash.faults import Fault, answers_at, silent_at
from tests.crash.history import Scenario
from tests.crash.lab import STUDIO, Lab
from tests.crash.mutants import Mutant
from tests.crash.ports import Gate
from tests.crash.stage import Stage, asset_spec, endpoint_spec, event_spec, nothing, output_spec, transform_spec
from tests.crash.world import OUTPUT, World

from ams_operator.engine.store import ACCOUNT, BACKEND

Deed = Callable[[Stage, str, random.Random], bool]
POLICIES = (None, "Manage", "Observe", "Pause")
MOST = 9
"""objects"""
SWEEPS = 12
"""after which all is at rest: what others undid again and again is set with pauses of half an hour"""


@dataclass(slots=True)
class Trouble(Gate):
    """Some of the next calls fail, each in a way that it can."""

    picks: dict[int, int] = field(default_factory=dict)
    """number of a call to which of its faults comes"""

    def planned(self, name: str) -> Fault | None:
        """The same however often it is asked for one call."""
        pick = self.picks.get(len(self.names) + 1)
        ways = (*silent_at(name), *answers_at(name))
        return None if pick is None else ways[pick % len(ways)]


class Operator(RuleBasedStateMachine):
    """A process of the operator, with people, others and a network around it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.driver = Driver(Lab(), self.world)
        self.driver.gate = self.gate = Trouble(self.world, armed=True)
        self.stage = Stage(self.driver.lab, self.world, self.driver.service.watchman)
        self.stage.backend()
        self.stage.account()
        self.driver.boot()
        self.stage.apply("LiveEvent", STUDIO, event_spec(runState="Running"))
        self.stage.apply("Asset", "reel", asset_spec())
        self.stage.apply("LiveOutput", "take", output_spec())
        self.stage.apply("StreamingEndpoint", "edge", endpoint_spec(runState="Running"))
        self.stage.apply("Transform", "recipe", transform_spec())

    @rule(deed=st.sampled_from(DEEDS), who=st.integers(0, MOST), seed=st.integers(0, 99))
    def somebody_does(self, deed: Deed, who: int, seed: int) -> None:
        names = sorted(self.world.objects)
        if deed is not user_applies_another or len(names) < MOST:
            deed(self.stage, names[who % len(names)], random.Random(seed))

    @rule(who=st.integers(0, MOST), policy=st.sampled_from(POLICIES))
    def somebody_changes_the_policy(self, who: int, policy: str | None) -> None:
        names = sorted(self.world.objects)
        if self.world.objects[names[who % len(names)]].kind not in (ACCOUNT, BACKEND):
            self.stage.patch(names[who % len(names)], managementPolicy=policy)

    @rule(ahead=st.integers(1, 12), pick=st.integers(0, 29))
    def a_call_will_fail(self, ahead: int, pick: int) -> None:
        self.gate.picks[len(self.gate.names) + ahead] = pick

    @rule(steps=st.integers(1, 12))
    def it_works(self, steps: int) -> None:
        for _ in range(steps):
            self.driver.step()

    @rule()
    def time_passes(self) -> None:
        self.world.advance(self.world.now + INTERVAL)
        self.driver.sweep()

    @rule()
    def it_is_restarted(self) -> None:
        self.driver.boot()

    @invariant()
    def nothing_happened_that_never_may(self) -> None:
        assert self.world.violations == []

    def teardown(self) -> None:
        """Nobody interferes any more: it converges, stays so, and every deletion ends."""
        driver, world = self.driver, self.world
        if world.violations:
            return  # told already
        self.gate.picks.clear()
        for name, resource in list(world.objects.items()):
            if resource.kind not in (ACCOUNT, BACKEND):
                self.stage.patch(name, managementPolicy=None)
        driver.settle(SWEEPS)
        audit(driver.lab, world, Scenario("any", nothing, nothing, nothing), outside=True)
        before = driver.writes()
        driver.boot()
        driver.rest()
        assert driver.writes() == before or world.violations, "a restart at rest writes"
        for uid, resource in list(world.objects.items()):
            if resource.kind not in (ACCOUNT, BACKEND):
                world.delete(uid)
        for key in [key for key in world.things if key[3] == OUTPUT]:
            del world.things[key]
        driver.settle(SWEEPS)
        assert {one.kind for one in world.objects.values()} == {ACCOUNT, BACKEND}
        assert world.violations == []


TestOperator = Operator.TestCase
TestOperator.settings = settings(stateful_step_count=30)


@pytest.mark.parametrize(
    "mutant", [mutants.no_quiet_time, mutants_of_answers.what_is_not_shown_is_not_there], ids=lambda one: one.__name__
)
def test_a_rule_taken_out_is_noticed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        run_state_machine_as_test(
            Operator,
            settings=settings(
                stateful_step_count=30,
                max_examples=1000,
                phases=[Phase.generate],
                report_multiple_bugs=False,
                derandomize=True,
                database=None,
            ),
        )
