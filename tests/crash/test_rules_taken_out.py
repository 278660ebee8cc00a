"""Each rule of the core taken out once: the harness has to notice. A rule that nobody misses is not proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.crash.history import Prepared, product
from tests.crash.lab import Lab
from tests.crash.scenarios import EVENTS, INTERFERENCES, TRANSFORMS

from ams_operator.domain import holds, plan, settle
from ams_operator.engine import context, reconcile

Break = Callable[[pytest.MonkeyPatch], None]


def _identity(patch: pytest.MonkeyPatch) -> None:
    def owned(kind: Any, record: Any, raw: Any, scene: Any) -> bool:
        return record.how is not None

    patch.setattr(settle, "owned", owned)
    patch.setattr(plan, "owned", owned)


def _digest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settle, "_shows", lambda *_: True)


def _finalizer(patch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> None:
        return None

    patch.setattr(reconcile, "hold_fast", never)


def _unanswered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "_unanswered", lambda *_: iter(()))


def _quiet(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(context, "QUIET", 0.0)
    patch.setattr(reconcile, "QUIET", 0.0)


def _adopted_is_deleted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plan, "_retained", lambda *_: False)


def _disruption(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "_disrupts", lambda *_: iter(()))


def _drift(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds, "_run_state_drift", lambda *_: iter(()))


BROKEN: dict[str, Break] = {
    "identity is not compared": _identity,
    "the digest is not compared": _digest,
    "no finalizer before anything": _finalizer,
    "an unanswered act blocks nothing": _unanswered,
    "no quiet time": _quiet,
    "what was adopted is deleted": _adopted_is_deleted,
    "nothing protects what is on air": _disruption,
    "run state drift is corrected": _drift,
}


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab()


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_taken_out_is_noticed(lab: Lab, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BROKEN[rule](monkeypatch)
    tried = 0
    for step in (37, 5):
        for scenario in (*TRANSFORMS, *EVENTS):
            prepared = Prepared.of(lab, scenario)
            fitting = tuple(one for one in INTERFERENCES if scenario.kind in one.kinds)
            for number, history in enumerate(product(prepared, fitting)):
                if number % step:
                    continue
                tried += 1
                if history().violations:
                    return
    pytest.fail(f"{tried} histories, and nobody missed it")
