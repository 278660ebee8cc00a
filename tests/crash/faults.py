"""What can happen to one port call: the process ends, the answer is lost or late, or it is one that nobody wants."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Never

from ams_operator.backends.replies import list_trouble
from ams_operator.domain.answers import Answer, Conflict, KubeRefused


class Fault(StrEnum):
    """What happens to one call."""

    BEFORE = "crash before it"
    AFTER = "crash after it"
    LOST = "its answer is lost"
    SOON = "no answer, and its effect comes 3 s later"
    LATE = "no answer, and its effect comes 59 s later"
    LATE_CRASH = "crash, and its effect comes 59 s later"
    UNSENT = "it never leaves"
    UNAVAILABLE = "answered with 503"
    UNAVAILABLE_DONE = "answered with 503, and carried out"
    BROKEN = "answered with 500"
    BROKEN_DONE = "answered with 500, and carried out"
    THROTTLED = "answered with 429"
    BUSY = "answered with 409"
    FORBIDDEN = "answered with 403"
    REJECTED = "answered with 401"
    CHANGED = "the API server says it changed meanwhile"
    DENIED = "the API server refuses it"


OF_SERVICE: Final = frozenset({"get", "list", "list outputs", "operation"})
LISTS: Final = frozenset({"list", "list outputs"})
OF_SECRET: Final = frozenset({"secret", "secret version"})
INDIFFERENT: Final = frozenset({"labels", "terminating"})
READS: Final = OF_SERVICE | OF_SECRET | INDIFFERENT
OF_CLUSTER: Final = frozenset({"status", "finalizer on", "finalizer off", "publish"})
"""writes to the API server; every other call that is no read writes to the service"""
DELAYS: Final = {Fault.SOON: 3.0, Fault.LATE: 59.0, Fault.LATE_CRASH: 59.0}
DONE: Final = frozenset({Fault.UNAVAILABLE_DONE, Fault.BROKEN_DONE})
"""carried out, and answered as if not"""
UNKNOWN: Final = frozenset({*DONE, Fault.UNAVAILABLE, Fault.BROKEN})
"""answers after which nobody knows what became of a write"""
STATUSES: Final = {
    Fault.UNAVAILABLE: 503,
    Fault.UNAVAILABLE_DONE: 503,
    Fault.BROKEN: 500,
    Fault.BROKEN_DONE: 500,
    Fault.THROTTLED: 429,
    Fault.BUSY: 409,
    Fault.FORBIDDEN: 403,
    Fault.REJECTED: 401,
}
"""what the service says"""
ANSWERS: Final = frozenset({*STATUSES, Fault.CHANGED, Fault.DENIED})
"""what is answered, and not what was asked for"""
SILENT: Final = tuple(fault for fault in Fault if fault not in ANSWERS)
"""what leaves a call without an answer"""
READ_FAULTS: Final = (Fault.BEFORE, Fault.LOST)
"""a read without an effect can't be late, and after it is before the next call"""
WINDOW: Final = 30.0
"""seconds that a 429 asks for"""


def silent_at(name: str) -> tuple[Fault, ...]:
    """What can leave this call without an answer."""
    return READ_FAULTS if name in READS else SILENT


def answers_at(name: str) -> tuple[Fault, ...]:
    """Which answers nobody wants this call can have."""
    if name in OF_CLUSTER:
        return (Fault.CHANGED, Fault.DENIED)
    if name in OF_SECRET | INDIFFERENT:
        return (Fault.DENIED,)
    return tuple(fault for fault in STATUSES if name not in OF_SERVICE or fault not in DONE)


def answered(fault: Fault, name: str, at: float, date: str) -> Answer:
    """That answer, of a request that started `at`; raises what a port makes of it where it is no answer there."""
    match fault:
        case Fault.CHANGED:
            raise Conflict(name)
        case Fault.DENIED:
            raise KubeRefused(name)
    status = STATUSES[fault]
    wait = WINDOW if fault is Fault.THROTTLED else None
    answer = Answer(status, None, at, date=date, retry_after=wait, code=f"E{status}", message="told by the harness")
    if name in LISTS:
        _unlisted(answer)
    return answer


def _unlisted(answer: Answer) -> Never:
    """A list that is none: it has no page to answer with."""
    raise list_trouble(answer, answer.at + answer.retry_after if answer.retry_after is not None else None)
