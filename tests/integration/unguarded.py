"""`ams-operator` without the guards that keep it from harming people: `python -m tests.integration.unguarded run ...`.

What a test sees to be 0 with the operator has to be more than 0 with this one, else the test would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ams_operator.cli import main
from ams_operator.domain import holds
from ams_operator.domain.kind import Kind
from ams_operator.domain.kinds import KINDS
from ams_operator.domain.model import Hold, Scene
from ams_operator.engine import context


def take_out() -> None:
    """Disruption, drift of run states, requests seen first, what holds data, recordings: all of it."""
    vars(holds).update(_disrupts=_nothing, _run_state_drift=_nothing)
    vars(context).update(Scene=_as_if_known)
    kinds: Any = KINDS
    kinds["Asset"] = replace(KINDS["Asset"], recreate=True, keep=False)
    kinds["LiveOutput"] = _mere_configuration(KINDS["LiveOutput"])


def _nothing(*_: object) -> Iterator[Hold]:
    """A rule that never holds anything."""
    return iter(())


def _as_if_known(*args: Any, **members: Any) -> Scene:
    """An object whose requests count from the first moment on."""
    return Scene(*args, **{**members, "first_sight": False})


def _mere_configuration(kind: Kind) -> Kind:
    """A kind that is made again whenever it is gone."""
    return replace(kind, ended=None, records_into="", recreate=True)


if __name__ == "__main__":
    take_out()
    main()
