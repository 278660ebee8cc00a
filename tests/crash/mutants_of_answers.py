"""The rules about what an answer means that nobody wants, each taken out: no lost, late or unsent call can tell."""

from __future__ import annotations

import pytest
from tests.crash.mutants import forgetting

from ams_operator.domain.answers import Answer, KubeRefused, Lane
from ams_operator.domain.model import Action, Decision
from ams_operator.engine import outcome, reconcile, sending
from ams_operator.engine.job import Job
from ams_operator.engine.state import Engine

_read, _take, _note, _is_refusal = outcome.read, sending._take, reconcile.note, outcome.is_refusal


def errors_say_that_nothing_was_done(patch: pytest.MonkeyPatch) -> None:
    """A write that was answered with 500 is sent again as if it had never left."""

    async def take(engine: Engine, job: Job, action: Action, answer: Answer, lane: Lane) -> None:
        if answer.status >= 500:
            sending._unsent(job)
            raise outcome.trouble_of(answer)
        await _take(engine, job, action, answer, lane)

    patch.setattr(sending, "_take", take)


def what_is_not_shown_is_not_there(patch: pytest.MonkeyPatch) -> None:
    """A GET that was answered with 500 counts as one that found nothing."""
    patch.setattr(outcome, "read", lambda answer, kind="": None if answer.status >= 500 else _read(answer, kind))


def rights_and_rates_are_refusals(patch: pytest.MonkeyPatch) -> None:
    """What 403 and 429 say is not tried again, as if the manifest were bad."""

    def is_refusal(answer: Answer) -> bool:
        return answer.status in (403, 429) or _is_refusal(answer)

    patch.setattr(outcome, "is_refusal", is_refusal)


def refused_notes_count(patch: pytest.MonkeyPatch) -> None:
    """What the API server would not keep is acted on all the same."""

    async def note(engine: Engine, job: Job, decision: Decision, action: Action) -> bool:
        try:
            return await _note(engine, job, decision, action)
        except KubeRefused:
            await forgetting(engine, job, decision, action)
            job.memory.doubt = False
            return True

    patch.setattr(reconcile, "note", note)
