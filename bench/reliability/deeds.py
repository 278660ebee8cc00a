"""What people and others do in a long run: the objects that they apply, and what they do to them at random."""

from __future__ import annotations

import random
from typing import Final

from tests.crash.lab import STUDIO, place_of
from tests.crash.resources import state_of
from tests.crash.stage import Stage, endpoint_spec, event_spec, output_spec, transform_spec

SHARES: Final = {"LiveEvent": 0.15, "StreamingEndpoint": 0.15, "Asset": 0.07, "LiveOutput": 0.07}
"""of the objects; the rest are transforms"""


def people(stage: Stage, objects: int) -> None:
    """Everything is applied at once."""
    count = {kind: int(objects * share) for kind, share in SHARES.items()}
    stage.apply("LiveEvent", STUDIO, event_spec(runState="Running"))
    for number in range(count["Asset"]):
        stage.apply("Asset", f"reel-{number}", {})
    for number in range(count["LiveOutput"]):
        stage.apply("LiveOutput", f"take-{number}", output_spec(f"reel-{number}"))
    for number in range(count["LiveEvent"] - 1):
        stage.apply("LiveEvent", f"event-{number}", event_spec(runState=("Running", "Stopped")[number % 2]))
    for number in range(count["StreamingEndpoint"]):
        stage.apply("StreamingEndpoint", f"edge-{number}", endpoint_spec(runState=("Running", "Stopped")[number % 2]))
    for number in range(objects - sum(count.values())):
        stage.apply("Transform", f"recipe-{number}", transform_spec())


def user_edits(stage: Stage, name: str, chance: random.Random) -> bool:
    if stage.world.objects[name].kind not in ("Transform", "LiveEvent", "StreamingEndpoint", "Asset"):
        return False
    stage.patch(name, description=f"edit {chance.randrange(1000)}")
    return True


def somebody_changes_it_in_the_service(stage: Stage, name: str, chance: random.Random) -> bool:
    kind = stage.world.objects[name].kind
    if kind not in ("Transform", "LiveEvent", "StreamingEndpoint"):
        return False
    stage.drift(kind, name, description=f"drift {chance.randrange(1000)}")
    return True


def somebody_stops_it(stage: Stage, name: str, _: random.Random) -> bool:
    kind = stage.world.objects[name].kind
    if kind not in ("LiveEvent", "StreamingEndpoint") or name == STUDIO:
        return False
    thing = stage.world.things.get(place_of(kind, name))
    if thing is None or state_of(thing) != "Running":
        return False
    stage.run(name, "Stopped", kind)
    return True


def user_asks_for_a_start(stage: Stage, name: str, chance: random.Random) -> bool:
    found = stage.world.objects[name]
    if found.kind != "LiveEvent" or found.spec.get("runState") != "Running":
        return False
    stage.ask(name, "start", str(chance.randrange(10**6)))
    return True


def user_deletes(stage: Stage, name: str, _: random.Random) -> bool:
    if stage.world.objects[name].kind != "Transform":
        return False
    stage.delete(name)
    return True


def user_applies_another(stage: Stage, _: str, chance: random.Random) -> bool:
    stage.apply("Transform", f"more-{chance.randrange(10**9)}", transform_spec())
    return True


def somebody_deletes_it_in_the_service(stage: Stage, name: str, _: random.Random) -> bool:
    if stage.world.objects[name].kind != "Transform":
        return False
    stage.vanish("Transform", name)
    return True


def LIST_falls_behind(stage: Stage, _: str, __: random.Random) -> bool:  # noqa: N802 - the word is written so
    stage.behind()
    return True


def the_Secret_is_rotated(stage: Stage, _: str, chance: random.Random) -> bool:  # noqa: N802
    if chance.random() > 0.2:
        return False
    stage.rotate()
    return True


DEEDS: Final = (
    user_edits,
    somebody_changes_it_in_the_service,
    somebody_stops_it,
    user_asks_for_a_start,
    user_deletes,
    user_applies_another,
    somebody_deletes_it_in_the_service,
    LIST_falls_behind,
    the_Secret_is_rotated,
)
