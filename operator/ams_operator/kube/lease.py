"""Who may act: of several replicas the one that holds a Lease. Decided here, without I/O.

Nobody compares clocks with anybody. The holder counts from the moment at which it *sent* its last successful renewal,
and begins no write after `WRITE` seconds. The others count from the moment at which they *saw* the Lease change last,
which can't be earlier, and take it after `DURATION` seconds without a change. Each change names the version that it
replaces, so that of two only one succeeds. What lies between the two figures is for writes under way, and for clocks
that run at different speeds: one may run twice as fast as the other.

A Lease that was deleted has no version, and may have come and gone between two looks. Whoever makes it anew writes
nothing for as long as others would have had to wait for it.

What no Lease can prevent: a process that is paused between its last check and the first byte of a request, and a
request that the network keeps for long. The noted acts (`engine/reconcile.py`) make both harmless.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

DURATION: Final = 10.0
"""seconds without a change after which somebody else may take the Lease"""
RENEW: Final = 2.0
"""seconds between two renewals"""
WRITE: Final = 4.0
"""seconds from the sending of a successful renewal in which a write may begin"""
LOOK: Final = 1.0
"""seconds between two looks of those who stand by"""
RETRY: Final = 0.5
"""seconds after a request without an answer"""
_LAST: Final = 2**31 - 1
"""the highest term that a Lease can say: `leaseTransitions` is an int32"""


@dataclass(frozen=True, slots=True)
class Lease:
    """What is stored."""

    holder: str
    """empty: it was given up"""
    term: int
    """`leaseTransitions`: grows with each new holder"""
    version: str
    """resourceVersion"""
    duration: float = DURATION


@dataclass(frozen=True, slots=True)
class Hold:
    """Make the Lease say that we hold it."""

    term: int
    replaces: str | None
    """the version that it has now; None: there is none"""


class Candidate:
    """One replica's part. Times are seconds of a clock of its own that never stands still or jumps."""

    def __init__(self, identity: str, *, fresh: bool = False) -> None:
        """`identity` is this process' alone. `fresh`: no replica has ever run here, so that nobody can be leading
        where there is no Lease; else a Lease that is missing was deleted, maybe while its holder goes on."""
        self.identity = identity
        self.term: int | None = None
        """the term in which we lead, or have led"""
        self.over = False
        """somebody else may have led since we did. Nothing that this process knows can be trusted now: it has to end"""
        self.holder = ""
        """who held the Lease when it was seen last"""
        self.begins = -math.inf
        """when the term's first write may begin"""
        self.due = -math.inf
        """when `step` is to be asked for"""
        self._fresh = fresh
        self._seen: Lease | None = None
        self._since: float | None = None
        """when we saw first what we saw last; None: nothing seen yet"""
        self._highest = 0
        """the last term that we saw"""
        self._hold: Hold | None = None
        self._until = -math.inf
        self._anew = False
        """what we are about to hold is made by us, and others may have had its predecessor"""
        self._late = False
        """a Lease that we made without an answer may appear at any time"""
        self._resigned = False

    def may_write(self, now: float) -> bool:
        """Whether a write may begin at this moment."""
        return self.begins <= now < self._until and not self.over and not self._resigned

    def step(self) -> Hold | None:
        """What is to be sent now; None: look at the Lease."""
        return self._hold

    def held(self, sent: float, lease: Lease) -> None:
        """A `Hold` that was sent at this time succeeded."""
        if self.term is None:
            self.term = lease.term
            self.begins = sent + DURATION if self._anew else sent
        self.holder = self.identity
        self._until = max(self._until, sent + WRITE)
        self._hold, self.due = Hold(self.term, lease.version), sent + RENEW

    def refused(self, now: float) -> None:
        """A `Hold` met another version: our own, where an answer was lost, or somebody else's."""
        self._hold, self.due = None, now

    def failed(self, now: float, pause: float = RETRY) -> None:
        """No answer. What was sent may still come true."""
        made = self._hold is not None and self._hold.replaces is None
        self._late = self._late or made
        if made or self.term is None:
            self._hold = None
        self.due = now + pause

    def found(self, lease: Lease | None, now: float) -> None:
        """The Lease looked like this, at some time before now; None: there is none."""
        self.holder = lease.holder if lease is not None else ""
        self.due = now
        if self.term is not None:
            self._found_in_term(self.term, lease, now)
            return
        if self._since is None or lease != self._seen:
            self._seen, self._since = lease, now
        if lease is not None:
            self._fresh, self._highest = False, lease.term
        wait = self._wait(lease)
        if now - self._since >= wait:
            self._hold = self._taking(lease)
        else:
            self._hold, self.due = None, min(now + LOOK, self._since + wait)

    def resign(self) -> None:
        """Begin no write from now on."""
        self._resigned = True

    def _found_in_term(self, term: int, lease: Lease | None, now: float) -> None:
        if lease is None and self.may_write(now):
            # Deleted, and just now: whoever else makes it would not write before our permission ends.
            self._hold = Hold(term, None)
        elif lease is not None and lease.holder == self.identity and (not self._late or self.may_write(now)):
            self._hold = Hold(term, lease.version)
        else:
            self.over = True

    def _wait(self, lease: Lease | None) -> float:
        if lease is None:
            return 0.0 if self._fresh else WRITE  # its holder, if there is one, makes it again sooner
        return 0.0 if lease.holder in ("", self.identity) else max(DURATION, lease.duration)

    def _taking(self, lease: Lease | None) -> Hold:
        if lease is None:
            self._anew, self._fresh = not self._fresh, False  # whatever becomes of it, we may have been here
            return Hold(_next(self._highest), None)
        self._anew = self._late and lease.holder == self.identity
        return Hold(lease.term if lease.holder == self.identity else _next(lease.term), lease.version)


def _next(term: int) -> int:
    """The term after this one. Who edited the Lease to say the last one must not keep everybody from leading; nothing
    rests on the number, which is for people."""
    return term + 1 if term < _LAST else 1
