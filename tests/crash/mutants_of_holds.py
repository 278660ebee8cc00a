"""The rules about what is not believed at one look or not done again at once, and about who means what: each taken out.

Two have no mutant here, since no history can express them: the floors of the schedule and of the budget. They say who
waits how long where thousands of objects or requests wait, and the objects of a history are few; its backend has no
budget, and its one worker never has to choose between classes for long. `unit/test_lineup.py`, `unit/test_isolation.py`
and `backends/test_budget.py` hold them.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ams_operator.api.base import ManagementPolicy
from ams_operator.api.reasons import Reason
from ams_operator.domain import owners, plan, repetition, suspicion
from ams_operator.domain.answers import Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import Desired, Plan, Record, Scene
from ams_operator.engine import claims, outcome
from ams_operator.engine import suspicion as judging
from ams_operator.engine.accounts import Account

_idle, _missed, _absent = claims._idle, outcome._missed, plan._absent


def what_is_changed_back_is_set_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(repetition, "_changed_back", lambda *_: iter(()))


def what_does_not_stay_is_started_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(repetition, "_start_loop", lambda *_: iter(()))


def absences_are_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suspicion, "too_many_gone", lambda *_: False)


def one_sweep_is_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suspicion, "APART", 0.0)


def differences_are_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suspicion, "too_many_differ", lambda *_: False)


def what_is_left_out_is_in_sync(patch: pytest.MonkeyPatch) -> None:
    """What a LIST does not show does not count among what differs."""
    patch.setattr(judging, "_may_differ", lambda *_: False)


def lost_files_are_hidden(patch: pytest.MonkeyPatch) -> None:
    """An asset that is gone is made anew, empty, as if it had been a transform."""

    def absent(kind: Kind, desired: Desired, record: Record, scene: Scene) -> Plan:
        return _absent(replace(kind, recreate=True), desired, record, scene)

    patch.setattr(plan, "_absent", absent)


def owner_tags_mean_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(owners, "claimed", lambda *_: None)


def one_look_is_enough(patch: pytest.MonkeyPatch) -> None:
    """An account that is missing once is lost, with all that lies in it."""

    def missed(account: Account, _owner: Resource, _at: float) -> None:
        account.lost = account.gone

    patch.setattr(outcome, "_missed", missed)


def a_look_of_a_former_process_is_old(patch: pytest.MonkeyPatch) -> None:
    """Whenever that was."""

    def missed(account: Account, owner: Resource, at: float) -> None:
        told = any(one["reason"] == Reason.ACCOUNT_VANISHED for one in owner.status["conditions"])
        if account.gone and account.missing is None and told:
            account.missing = at - suspicion.APART
        _missed(account, owner, at)

    patch.setattr(outcome, "_missed", missed)


def what_is_unreadable_claims_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(claims, "_remain", lambda engine, resource: engine.store.unclaim(resource.uid))


def who_pauses_claims_nothing(patch: pytest.MonkeyPatch) -> None:
    def idle(resource: Resource, policy: ManagementPolicy, *, has_it: bool) -> bool:
        return policy is ManagementPolicy.PAUSE or _idle(resource, policy, has_it=has_it)

    patch.setattr(claims, "_idle", idle)
