"""Whatever happens while objects come, change and go, and in whatever order: none is gone while what it made in the
service is left, and each goes in the end. The schedule, the sweeps and reconcile play it, and the service tells lies.

The crash harness plays faults at each call of its scenarios, and test_sequences whole GETs and LISTs; here each answer
may be lost, late, old or leave members out, an operation takes its time and fails, and all objects work side by side.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.crash.mutants import Mutant, nomination_settles
from tests.property.unsteady import LATEST, Key, Unsteady
from tests.property.weather import Jumping, Troubled, Weather
from tests.unit.engine_fakes import moment
from tests.unit.rig import Rig

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON, Decision, Observed
from ams_operator.engine import outcome, reconcile
from ams_operator.engine.job import Job
from ams_operator.engine.store import ACCOUNT, BACKEND

PATIENCE = 60
"""minutes after which what still has to end is told"""
EVENT, TRANSFORM = "LiveEvent", "Transform"


class Story:
    """One sequence, drawn from a seed; what never may happen is noted in `harm`."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.weather = weather = Weather(random)
        self.clock = Jumping(weather=weather)
        self.kube = Troubled(clock=self.clock, weather=weather, written=self._written)
        self.rig = Rig(random.choice((1, 2, 4)), self.clock, self.kube)
        self.service = self.rig.service = Unsteady(clock=self.clock, weather=weather)
        self.worst = random.choice((0.05, 0.2, 0.4, 0.6))
        names = [(TRANSFORM, f"t{n}") for n in range(random.randint(0, 3))]
        names += [(EVENT, f"e{n}") for n in range(random.randint(1, 4))]
        self.policies = {key: random.choice(_policies(key[0])) for key in names}
        self.uids: dict[Key, str] = {}
        self.harm: list[str] = []
        self.telling: set[asyncio.Task[None]] = set()

    # --- what people and the API server do ---------------------------------------------------------------------------

    def somebody_does(self) -> None:
        """One deed of one person, or another weather."""
        key, dice = self.random.choice(list(self.policies)), self.random.random()
        found = self.kube.objects.get(self.uids.get(key, ""))
        if found is None and dice < 0.5:
            self._apply(key)
        elif found is not None and not found.deleting and dice < 0.3:
            self._apply(key, found)
        elif found is not None and not found.deleting and 0.5 <= dice < 0.8:
            self._delete(found)
        elif 0.8 <= dice < 0.9:
            self.weather.service = self.random.choice((0, self.worst))
            self.weather.cluster = self.random.choice((0, 0, 0.1, 0.3))
            self.weather.jumps = self.random.choice((0, 0.02, 0.1))
            self.weather.lists_lie = self.random.random() < 0.5

    def _apply(self, key: Key, found: Resource | None = None) -> None:
        (kind, name), policy = key, self.policies[key]
        spec: JSON = {"description": f"{self.random.randint(0, 9)}"}
        if kind == EVENT:
            spec |= {"location": "West", "input": {"streamingProtocol": "RTMP"}}
            spec["runState"] = self.random.choice(("Running", "Stopped"))
        else:
            spec["outputs"] = [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]
        spec |= {} if policy is None else {"deletionPolicy": policy}
        if found is None:
            self.uids[key] = f"{name}-{next(self.clock.numbers)}"
            self.rig.see(kind, name, spec, self.uids[key])
        else:
            self.rig.see(kind, name, spec, found.uid, created=found.created)

    def _delete(self, found: Resource) -> None:
        going = replace(found, deleting=moment(self.clock.now()), version=str(next(self.kube.versions)))
        self.kube.objects[found.uid] = going
        self._tell(going, late=self.random.random() < 0.1)

    def _tell(self, found: Resource, *, late: bool) -> None:
        """The watch tells of it, sometimes after a while: by then it may be another version."""

        async def telling() -> None:
            for _ in range(self.random.choice((0, 3, 30)) if late else 0):
                await asyncio.sleep(0)
            if (now := self.kube.objects.get(found.uid)) is not None:
                self.rig.schedule.seen(now)

        task = asyncio.ensure_future(telling())
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)

    def _written(self, found: Resource) -> None:
        broken = [one for one in found.status.get("conditions", ()) if one["reason"] == Reason.INTERNAL_ERROR]
        self.harm += [f"{found.uid} broke a step: {one['message']}" for one in broken]
        if found.deleting and not found.finalizers and self.policies.get((found.kind, found.name)) != "Retain":
            self._judge(found)
        if self.weather.cluster or self.random.random() < 0.3:
            self._tell(found, late=True)

    def _judge(self, found: Resource) -> None:
        """Its finalizer has just gone."""
        key = (found.kind, found.name)
        self.service.catch_up()
        if self.service.may_be_made(key):
            self.harm.append(f"{found.uid} was let go of while a request to make it was under way")
        elif self.service.made.get(key, 0) > self.service.missed.get(key, 0):
            self.harm.append(f"{found.uid} was let go of, and no look had found it gone")

    def reap(self) -> None:
        """The API server removes what is to be deleted and held by no finalizer."""
        for uid, one in list(self.kube.objects.items()):
            if one.deleting and not one.finalizers:
                del self.kube.objects[uid]
                self.rig.schedule.gone(one.kind, uid)

    # --- what is played ----------------------------------------------------------------------------------------------

    async def play(self) -> None:
        self.service.put_account()
        self.rig.apply_account(driftInterval="30s")
        for _ in range(self.random.choice((1, 1, 2, 4))):
            async with self.rig.living():
                for _ in range(self.random.randint(10, 25)):
                    self.somebody_does()
                    self.reap()
                    for _ in range(self.random.randint(0, 40)):
                        await asyncio.sleep(0)
                    if self.random.random() < 0.6:
                        await self.clock.advance(self.random.choice((0.1, 1, 5, 20, 65)))
            self._restart()
        async with self.rig.living():
            await self._end()
        self._audit()

    def _restart(self) -> None:
        """Whatever was under way is cut off, and another process begins."""
        self.rig.boot()
        for one in list(self.kube.objects.values()):
            self.rig.schedule.seen(one)

    async def _end(self) -> None:
        """All is deleted, and the faults cease, before that or after a while."""
        if self.random.random() < 0.6:
            self.weather.clear()
        for one in self.left():
            if not one.deleting:
                self._delete(one)
        for _ in range(10):
            await self.clock.advance(self.random.choice((1, 7, 30)))
            self.reap()
        self.weather.clear()
        for _ in range(PATIENCE):
            await self.clock.advance(60)
            self.reap()
            if not self.left():
                break

    def left(self) -> list[Resource]:
        return [one for one in self.kube.objects.values() if one.kind not in (ACCOUNT, BACKEND)]

    def _audit(self) -> None:
        self.clock.time += LATEST
        self.service.catch_up()
        self.harm += [f"{one.uid} never goes: {self.rig.said(one.uid)}" for one in self.left()]
        kept = {name for (_, name), policy in self.policies.items() if policy == "Retain"}
        names = [name for kind, name in self.service.stored if kind != ACCOUNT]
        self.harm += [f"{name} is left in the service" for name in names if name not in kept]
        self.harm += [f"{name} was deleted, against its policy" for name in self.service.of("DELETE") if name in kept]


def _policies(kind: str) -> tuple[str | None, ...]:
    """What is said of its deletion. An event on air is left there where nothing is said."""
    return ("Delete", "Delete", "Delete", "Retain") if kind == EVENT else ("Delete", None, None, "Retain")


def told(seed: int) -> list[str]:
    """The harm that is done."""
    story = Story(seed)
    asyncio.run(story.play())
    return story.harm


@given(st.integers(0, 2**32))
def test_what_an_object_made_goes_before_the_object(seed: int) -> None:
    assert told(seed) == []


# --- the rules taken out ---------------------------------------------------------------------------------------------


def what_a_list_shows_is_enough(patch: pytest.MonkeyPatch) -> None:
    """The rule stands in two places: what a sweep keeps of a LIST, and what a deletion ends on."""
    nomination_settles(patch)
    planned = reconcile.plan

    def plan(job: Job, observed: Observed | None) -> Decision:
        shown = planned(job, job.memory.observed)
        return shown if shown.release and not reconcile.blind(job) else planned(job, observed)

    patch.setattr(reconcile, "plan", plan)


def what_shows_no_time_is_another(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outcome, "known_again", lambda *_: None)


@pytest.mark.parametrize(
    "mutant", [what_a_list_shows_is_enough, what_shows_no_time_is_another], ids=lambda one: one.__name__
)
def test_a_rule_taken_out_is_noticed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    assert any(told(seed) for seed in range(200))
