"""Several replicas, of which one acts: what the others keep ready, and what comes before a new leader's first act."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Sequence
from typing import Protocol

from ams_operator.domain.answers import Resource
from ams_operator.engine.ports import Clock
from ams_operator.engine.schedule import Schedule
from ams_operator.kube.intake import Intake
from ams_operator.kube.listing import Listener

_LOOK = 0.1
"""seconds between looks at the term"""


class TermOver(Exception):
    """Another replica may have acted since this one did: what it remembers is worth nothing."""


class Leadership(Protocol):
    """A term, and what is known of it. All members may be used in any thread."""

    trouble: str

    @property
    def number(self) -> int | None:
        """The term in which this replica leads; None: it stands by."""
        ...

    @property
    def over(self) -> bool:
        """It led, and this process has to end."""
        ...

    @property
    def alive(self) -> bool:
        """Whether somebody looks after it."""
        ...

    def may_write(self) -> bool: ...
    def says(self) -> str: ...
    def start(self) -> None: ...
    def release(self) -> None: ...


class Alone:
    """The term of the only replica there is: it may always write."""

    trouble, number, over, alive = "", 0, False, True

    def may_write(self) -> bool:
        """Yes."""
        return True

    def says(self) -> str:
        """Who leads."""
        return "leads without a Lease"

    def start(self) -> None:
        """Nothing has to be done for it."""

    def release(self) -> None:
        """Nobody waits for it."""


class Door:
    """Between the watches and the schedule. Shut while another replica leads: what it changes is no news to be worked
    on, and a leader lists everything at its beginning, so that nothing that came before is needed."""

    def __init__(self, inside: Listener) -> None:
        self._inside, self._open = inside, False

    def open(self) -> None:
        """Hand everything on from now on."""
        self._open = True

    def seen(self, resource: Resource) -> None:
        """See Listener."""
        if self._open:
            self._inside.seen(resource)

    def gone(self, kind: str, uid: str) -> None:
        """See Listener."""
        if self._open:
            self._inside.gone(kind, uid)

    def knows(self, uid: str, version: str) -> bool:
        """See Listener."""
        return not self._open or self._inside.knows(uid, version)

    def known(self, kind: str) -> frozenset[str]:
        """See Listener."""
        return self._inside.known(kind)

    def listed(self, kind: str, uids: frozenset[str], known: frozenset[str]) -> None:
        """See Listener."""
        if self._open:
            self._inside.listed(kind, uids, known)


async def lead(term: Leadership, door: Door, intake: Intake, schedule: Schedule, clock: Clock) -> None:
    """Nothing is acted on before the term is ours and everything was listed since then. Raises TermOver at its end."""
    while term.number is None and not term.over:
        await clock.sleep(_LOOK)
    door.open()
    intake.relist()
    while not intake.state.ready:
        await clock.sleep(0.05)
    schedule.open()
    while not term.over:
        await clock.sleep(_LOOK)
    raise TermOver(f"another replica leads: this one has to start anew ({term.says()})")


def readiness(term: Leadership, intake: Intake, schedule: Schedule) -> tuple[bool, Sequence[str]]:
    """Whether no change can be missed and every write can be made, here or by whoever leads; and why not."""
    state = intake.state
    reasons = [*state.reasons(), *([term.trouble] if term.trouble else [])]
    if not reasons and term.number is not None and not schedule.cluster_up.is_set():
        reasons.append("the API server does not answer")
    return not reasons, reasons


def identity() -> str:
    """This process, and no other of any time."""
    return f"{os.environ.get('POD_NAME') or socket.gethostname()}_{uuid.uuid4()}"
