"""Scenarios with a MediaServicesBackend: nothing of it lies in the service, but every way there is made of it."""

from __future__ import annotations

from tests.crash.history import Scenario
from tests.crash.stage import Stage, edit
from tests.crash.transforms import one

from ams_operator.engine.store import BACKEND


def _moved(stage: Stage) -> None:
    """Its tokens come from another authority, while its account's child has work."""
    stage.world.edit("backend", {**stage.world.objects["backend"].spec, "authority": "https://other.test"})
    stage.patch("one", description="new")


def _back(stage: Stage) -> None:
    stage.backend()
    stage.patch("one", description="new")


def _back_and_gone(stage: Stage) -> None:
    stage.backend()
    stage.delete("one")


BACKENDS = (
    Scenario("backend: another authority", one, _moved, edit, kind=BACKEND),
    Scenario("backend: comes back", one, _back, edit, kind=BACKEND, before=lambda s: s.delete("backend")),
    Scenario(
        "backend: deleted meanwhile", one, _back_and_gone, edit, kind=BACKEND, before=lambda s: s.delete("backend")
    ),
)
