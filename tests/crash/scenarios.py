"""The scenarios, and what others do meanwhile."""

from __future__ import annotations

from ams_operator.domain.model import JSON
from tests.crash.history import Interference, Scenario
from tests.crash.stage import Stage, event_spec, transform_spec


def _nothing(stage: Stage) -> None:
    return


def _edit(stage: Stage) -> None:
    stage.patch("one", description="edited")


def _unmanaged(kind: str) -> JSON:
    return transform_spec() if kind == "Transform" else event_spec()


def _spec(stage: Stage, scenario: Scenario) -> JSON:
    found = stage.world.objects.get(scenario.subject)
    return found.spec if found is not None else _unmanaged(scenario.kind)


INTERFERENCES = (
    Interference("user deletes", lambda stage, scenario: stage.delete(scenario.subject)),
    Interference("spec changes", lambda stage, scenario: scenario.edit(stage)),
    Interference("user observes", lambda stage, scenario: stage.patch(scenario.subject, managementPolicy="Observe")),
    Interference(
        "foreign twin",
        lambda stage, scenario: stage.foreign(scenario.kind, scenario.subject, _spec(stage, scenario)),
        outside=True,
    ),
    Interference(
        "foreign stranger",
        lambda stage, scenario: stage.foreign(
            scenario.kind, scenario.subject, {**_spec(stage, scenario), "description": "theirs"}
        ),
        outside=True,
    ),
    Interference(
        "vanishes", lambda stage, scenario: stage.vanish(scenario.kind, scenario.subject), outside=True
    ),
    Interference(
        "drifts", lambda stage, scenario: stage.drift(scenario.kind, scenario.subject, description="drifted")
    ),
    Interference("status lost", lambda stage, scenario: stage.lose_status(scenario.subject), outside=True),
    Interference("copy restored", lambda stage, scenario: stage.copied(scenario.subject), outside=True),
    Interference(
        "stopped outside", lambda stage, scenario: stage.run(scenario.subject, "Stopped"), ("LiveEvent",), True
    ),
    Interference(
        "started outside", lambda stage, scenario: stage.run(scenario.subject, "Running"), ("LiveEvent",), True
    ),
    Interference("recording begins", lambda stage, scenario: stage.record(scenario.subject), ("LiveEvent",), True),
)


def _one(stage: Stage, **more: object) -> None:
    stage.apply("Transform", "one", transform_spec(**more))  # type: ignore[arg-type]  # members of a manifest


TRANSFORMS = (
    Scenario("create", _nothing, _one, _edit),
    Scenario("create, slowly", _nothing, _one, _edit, work=12.0),
    Scenario("adopt", lambda s: s.foreign("Transform", "one", transform_spec()), _one, _edit),
    Scenario(
        "adoption refused",
        lambda s: s.foreign("Transform", "one", transform_spec("theirs")),
        _one,
        lambda s: s.patch("one", description="theirs"),
    ),
    Scenario(
        "adopt and overwrite",
        lambda s: s.foreign("Transform", "one", transform_spec("theirs")),
        lambda s: _one(s, adoptionPolicy="Always"),
        _edit,
    ),
    Scenario("update", _one, lambda s: s.patch("one", description="new"), _edit),
    Scenario("removal", _one, lambda s: s.patch("one", description=None), _edit),
    Scenario("drift", _one, lambda s: s.drift("Transform", "one", description="theirs"), _edit),
    Scenario("vanished", _one, lambda s: s.vanish("Transform", "one"), _edit),
    Scenario("delete", _one, lambda s: s.delete("one"), _edit),
    Scenario("delete, retained", lambda s: _one(s, deletionPolicy="Retain"), lambda s: s.delete("one"), _edit),
    Scenario(
        "update, retained",
        lambda s: _one(s, deletionPolicy="Retain"),
        lambda s: s.patch("one", description="new"),
        _edit,
    ),
    Scenario("delete adopted", lambda s: (s.foreign("Transform", "one", transform_spec()), _one(s))[1],
             lambda s: s.delete("one"), _edit),
)
