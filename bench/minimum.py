"""What each step needs at least, and where one took something else."""

from __future__ import annotations

from typing import Final

from bench.measure import Step

MINIMUM: Final = {
    "create": ({"GET": 2, "PUT": 1}, 1, 2),
    "adopt": ({"GET": 1}, 1, 2),
    "update": ({"GET": 2, "PATCH": 1}, 0, 2),
    "drift": ({"GET": 2, "PATCH": 1}, 0, 2),
    "delete": ({"GET": 2, "DELETE": 1}, 1, 1),
    "restart": ({}, 0, 0),
}
"""step to (requests to the service, finalizer writes, status writes) that each object needs"""
VERBS: Final = ("GET", "PUT", "PATCH", "DELETE")


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
