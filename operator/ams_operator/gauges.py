"""What metrics show as it is, and not as it grew: read again and again from what this process knows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from ams_operator.api.reasons import Reason
from ams_operator.backends.connect import Connector
from ams_operator.domain.answers import Resource
from ams_operator.engine.ports import Clock
from ams_operator.engine.schedule import Schedule
from ams_operator.engine.state import Engine
from ams_operator.engine.sweeps import Sweeps
from ams_operator.kube.intake import Intake
from ams_operator.leading import Leadership, readiness
from ams_operator.metrics import Metrics

PAUSE: Final = 2.0
"""seconds between looks"""
_REASONS: Final[Mapping[str, str]] = {reason.value: reason.value for reason in Reason}


async def gauges(
    intake: Intake,
    term: Leadership,
    engine: Engine,
    schedule: Schedule,
    sweeps: Sweeps,
    connector: Connector,
    metrics: Metrics,
    clock: Clock,
) -> None:
    """Show it until cancelled."""
    while True:
        for lane, depth in schedule.depth().items():
            metrics.queue_depth(lane, depth)
        ready, held = counted(engine.store.objects.values(), engine.kinds)
        for kind, by_ready in ready.items():
            metrics.objects(kind, by_ready)
        metrics.held(held)
        for bucket, left in connector.budget_left().items():
            metrics.budget_left(bucket, left)
        for bucket, closed in connector.budgets_closed().items():
            metrics.budget_closed(bucket, closed)
        suspicions = [account.suspicion for account in engine.accounts.known.values()]
        metrics.suspected(Reason.MASS_ABSENCE, sum(len(one.held) for one in suspicions))
        metrics.suspected(Reason.MASS_CHANGE, sum(len(one.changed) for one in suspicions))
        metrics.ready(readiness(term, intake, schedule)[0])
        metrics.leads(term.number, term.may_write())
        age = sweeps.oldest()
        metrics.oldest_sweep(time.monotonic() - age if age is not None else None)
        await clock.sleep(PAUSE)


def counted(objects: Iterable[Resource], kinds: Iterable[str]) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """How many objects of these kinds there are: of each kind by the status of Ready, and of all by the reasons of
    their holds. Statuses are gone through once, since there may be many."""
    ready: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    held: Counter[str] = Counter()
    for one in objects:
        if one.kind in ready:
            ready[one.kind][ready_of(one)] += 1
            if one.status.get("holds"):
                held.update(reasons_of(one))
    return ready, held


def ready_of(resource: Resource) -> str:
    """The status of its Ready, one of four: whoever may write a status must not choose what metrics are called."""
    conditions = resource.status.get("conditions", ())
    found = next((one.get("status") for one in conditions if one.get("type") == "Ready"), None)
    return found if found in ("True", "False", "Unknown") else ""


def reasons_of(resource: Resource) -> set[str]:
    """The reasons of its holds, each once however often it holds; one that this version does not know is empty."""
    return {_REASONS.get(one.get("reason", ""), "") for one in resource.status.get("holds") or ()}
