"""Scenarios with transforms: what plain resources go through."""

from __future__ import annotations

from typing import Any

from tests.crash.history import Scenario
from tests.crash.stage import Stage, edit, nothing, transform_spec


def one(stage: Stage, **more: Any) -> None:
    stage.apply("Transform", "one", transform_spec(**more))


def _adopted(stage: Stage) -> None:
    stage.foreign("Transform", "one", transform_spec())
    one(stage)


def _stale_drift(stage: Stage) -> None:
    """LIST shows a difference that is over: somebody else changed it, and changed it back."""
    stage.drift("Transform", "one", description="theirs")
    stage.behind()
    stage.drift("Transform", "one", description="ours")


TRANSFORMS = (
    Scenario("create", nothing, one, edit),
    Scenario("create, slowly", nothing, one, edit, work=12.0),
    Scenario("adopt", lambda s: s.foreign("Transform", "one", transform_spec()), one, edit),
    Scenario(
        "adoption refused",
        lambda s: s.foreign("Transform", "one", transform_spec("theirs")),
        one,
        lambda s: s.patch("one", description="theirs"),
    ),
    Scenario(
        "adopt and overwrite",
        lambda s: s.foreign("Transform", "one", transform_spec("theirs")),
        lambda s: one(s, adoptionPolicy="Always"),
        edit,
    ),
    Scenario("update", one, lambda s: s.patch("one", description="new"), edit),
    Scenario(
        "update, and back",
        one,
        lambda s: s.patch("one", description="new"),
        lambda s: s.patch("one", description="ours"),
    ),
    Scenario("removal", one, lambda s: s.patch("one", description=None), edit),
    Scenario("drift", one, lambda s: s.drift("Transform", "one", description="theirs"), edit),
    Scenario(
        "drift behind a stale LIST",
        one,
        _stale_drift,
        edit,
    ),
    Scenario("left out by LIST", one, lambda s: s.behind(without=True), edit),
    Scenario("vanished", one, lambda s: s.vanish("Transform", "one"), edit),
    Scenario("delete", one, lambda s: s.delete("one"), edit),
    Scenario("delete, retained", lambda s: one(s, deletionPolicy="Retain"), lambda s: s.delete("one"), edit),
    Scenario(
        "update, retained",
        lambda s: one(s, deletionPolicy="Retain"),
        lambda s: s.patch("one", description="new"),
        edit,
    ),
    Scenario(
        "delete adopted",
        _adopted,
        lambda s: s.delete("one"),
        edit,
    ),
)
