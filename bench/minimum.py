"""What each step needs at least, and where one took something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bench.measure import FINALIZER, STATUS, Step

Least = tuple[dict[str, int], int, int]
"""requests to the service, finalizer writes, status writes, of each object"""
Part = tuple[Step, str, int]
"""a step, a kind that it concerns, and how many objects of it"""
MINIMUM: Final[dict[str, Least]] = {
    "create": ({"GET": 2, "PUT": 1}, 1, 2),
    "adopt": ({"GET": 1}, 1, 2),
    "update": ({"GET": 2, "PATCH": 1}, 0, 2),
    "drift": ({"GET": 2, "PATCH": 1}, 0, 2),
    "delete": ({"GET": 2, "DELETE": 1}, 1, 1),
    "restart": ({}, 0, 0),
}
"""by step"""
_MADE: Final[Least] = ({"GET": 2, "PUT": 1}, 1, 2)
_STARTED: Final[Least] = ({"GET": 4, "PUT": 1, "POST": 1}, 1, 3)
"""made, then started: the note of the start also says how the creation went"""
_NOTHING: Final[Least] = ({}, 0, 0)
MINIMUM_BY_KIND: Final[dict[tuple[str, str], Least]] = {
    ("accounts", "MediaServicesAccount"): ({"GET": 1}, 1, 2),
    ("resources", "Transform"): _MADE,
    ("resources", "Asset"): _MADE,
    ("resources", "LiveEvent"): _STARTED,
    ("resources", "StreamingEndpoint"): _STARTED,
    ("recordings", "LiveOutput"): _MADE,
    ("recordings", "Asset"): ({}, 0, 1),  # whose recording it takes
    ("restart", "MediaServicesAccount"): ({"GET": 1}, 0, 1),  # its driftInterval was changed meanwhile
}
"""by step and kind; nothing where there is no row"""
VERBS: Final = ("GET", "PUT", "PATCH", "POST", "DELETE")


def least(step: str, kind: str) -> Least:
    """What each object of a kind needs in a step."""
    return MINIMUM_BY_KIND.get((step, kind), _NOTHING)


def surplus(parts: Iterable[Part]) -> list[str]:
    """Where a kind took more, or less, than its minimum."""
    found = []
    for step, kind, objects in parts:
        found += [f"{step.name}, {kind}: {text}" for text in beyond(step, kind, objects)]
    return found


def beyond(step: Step, kind: str, objects: int) -> list[str]:
    """The same of one kind."""
    service, finalizers, statuses = least(step.name, kind)
    wanted = {
        **{verb: (step.of(kind, verb), service.get(verb, 0)) for verb in VERBS},
        "finalizer": (step.writes[(kind, *FINALIZER)], finalizers),
        "status": (step.writes[(kind, *STATUS)], statuses),
    }
    return [
        f"{what}: {got} instead of {each * objects}" for what, (got, each) in wanted.items() if got != each * objects
    ]


def beyond_minimum(step: Step) -> list[str]:
    """Where a step took more, or less, than its minimum; empty: exactly that."""
    service, finalizers, statuses = MINIMUM[step.name]
    found = [
        f"{verb}: {step.verb(verb)} instead of {wanted}"
        for verb in VERBS
        if step.verb(verb) != (wanted := service.get(verb, 0) * step.objects)
    ]
    for what, got, each in (("finalizer", step.finalizers, finalizers), ("status", step.statuses, statuses)):
        if got != each * step.objects:
            found.append(f"{what}: {got} instead of {each * step.objects}")
    return found + list(step.disagreements)
