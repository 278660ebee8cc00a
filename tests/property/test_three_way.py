"""Any sequence of manifest edits among foreign edits: declared wins, foreign survives, removed goes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.property.service import Follower, Service, bare, filled
from tests.unit.scenes import desired, preset

from ams_operator.domain.model import JSON

NAMES = ("AdaptiveStreaming", "AACGoodQualityAudio", "H264SingleBitrateSD", "H265AdaptiveStreaming")
MEMBERS: dict[str, tuple[Any, ...]] = {
    "onError": ("ContinueJob", "StopProcessingJob"),
    "relativePriority": ("Low", "Normal", "High"),
    "maxLayers": (1, 2),
    "complexity": ("Speed", "Quality"),
    "future": (1, 2),
}
"""of an output; the third and fourth lie in its preset's configurations, the last one no model knows"""
DECLARABLE = tuple(MEMBERS)[:4]
INNER = frozenset({"maxLayers", "complexity"})


@dataclass
class Output:
    """What the manifest says of one output, and what others set in it while the manifest was silent."""

    declared: JSON = field(default_factory=dict)
    foreign: JSON = field(default_factory=dict)

    def expected(self, name: str) -> JSON:
        return shape(name, {**self.foreign, **self.declared})


def shape(name: str, members: JSON) -> JSON:
    inner = {key: members[key] for key in sorted(INNER) if key in members}
    outer = {key: value for key, value in members.items() if key not in inner}
    return {**outer, "preset": preset(name, **({"configurations": inner} if inner else {}))}


@dataclass
class World:
    """An operator, a service, and what should be there."""

    follower: Follower
    outputs: dict[str, Output]
    order: list[str]
    text: str | None = None
    strange: JSON = field(default_factory=dict)
    generation: int = 1

    def body(self) -> JSON:
        found = [shape(name, self.outputs[name].declared) for name in self.order]
        return {"properties": {**({"description": self.text} if self.text else {}), "outputs": found}}

    def edit(self, draw: st.DrawFn) -> None:
        """Any permutation and any members at once, and either new outputs or fewer."""
        spare = [name for name in NAMES if name not in self.order]
        grows = draw(st.booleans())
        if spare and grows:
            for name in draw(st.lists(st.sampled_from(spare), unique=True, max_size=2)):
                self.outputs[name] = Output()
                self.order.append(name)
        elif len(self.order) > 1:
            for name in draw(st.lists(st.sampled_from(self.order), unique=True, max_size=len(self.order) - 1)):
                self.order.remove(name)
                del self.outputs[name]
        self.order = list(draw(st.permutations(self.order)))
        for output in self.outputs.values():
            had = INNER & output.declared.keys()
            for name in draw(st.lists(st.sampled_from(DECLARABLE), unique=True, max_size=2)):
                if output.declared.pop(name, None) is None:
                    output.declared[name] = draw(st.sampled_from(MEMBERS[name]))
                output.foreign.pop(name, None)  # what was declared once goes back when it is removed
            if had and not INNER & output.declared.keys():  # an object goes as a whole with our last member
                output.foreign = {name: value for name, value in output.foreign.items() if name not in INNER}
        self.text = draw(st.sampled_from([None, "a", "b"]))
        self.generation += 1

    def interfere(self, draw: st.DrawFn) -> None:
        """Somebody else sets what the manifest leaves open, and changes what it declares."""
        raw = self.follower.service.raw
        assert raw is not None
        for item, name in zip(raw["properties"]["outputs"], self.order, strict=True):
            output = self.outputs[name]
            for member in draw(st.lists(st.sampled_from(tuple(MEMBERS)), unique=True, max_size=2)):
                value = draw(st.sampled_from(MEMBERS[member]))
                (item["preset"].setdefault("configurations", {}) if member in INNER else item)[member] = value
                if member not in output.declared:
                    output.foreign[member] = value
        if draw(st.booleans()):
            raw["properties"]["strange"] = self.strange["strange"] = draw(st.integers(0, 9))

    def check(self) -> None:
        decision = self.follower.converge(desired(self.body(), generation=self.generation))
        assert (decision.holds, decision.plan.differs) == ((), ())
        expected = [filled(self.outputs[name].expected(name)) for name in self.order]
        text = {"description": self.text} if self.text else {}
        assert bare(self.follower.service.raw) == bare({"properties": {**text, **self.strange, "outputs": expected}})


@st.composite
def histories(draw: st.DrawFn) -> World:
    first = draw(st.sampled_from(NAMES))
    world = World(Follower(Service(deep=draw(st.booleans()))), {first: Output()}, [first])
    world.check()
    for _ in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            world.interfere(draw)
        if draw(st.booleans()):
            world.edit(draw)
        world.check()
    return world


@given(histories())
def test_declared_wins_foreign_survives_removed_goes_back(world: World) -> None:
    writes = len(world.follower.service.writes)
    world.check()
    assert len(world.follower.service.writes) == writes
