"""What this process knows of each account: the way to it, its clock, and why its resources have to wait.

One account's trouble is one hold and one probe (the account's own reconcile), however many resources lie in it.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ams_operator.api.reasons import Reason
from ams_operator.domain import suspicion
from ams_operator.domain.answers import InTheWay, NoEntry, PortError, Resource
from ams_operator.domain.ids import instant
from ams_operator.domain.model import SERVICE_EFFECTS, AccountId, Cure, Hold
from ams_operator.engine.ports import Backend
from ams_operator.engine.store import Memory, Trouble, owner_of
from ams_operator.texts import steady

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 600.0
PATIENCE = 600.0
"""seconds of trouble with credentials or endpoint, or with the same conflict, after which somebody has to be told that
it needs him"""
TRIES = 5
"""how often the service has to answer with the same conflict for that"""
SHARED = frozenset(
    {
        Reason.CREDENTIAL_REJECTED,
        Reason.ENDPOINT_UNREACHABLE,
        Reason.ORIGIN_NOT_ALLOWED,
        Reason.SECRET_NOT_FOUND,
        Reason.KEY_NOT_FOUND,
        Reason.SERVICE_ACCOUNT_NOT_FOUND,
        Reason.BACKEND_NOT_AVAILABLE,
        Reason.SECRET_NOT_LABELLED,
        Reason.IDENTITY_NOT_AVAILABLE,
    }
)
"""trouble that every resource of the account shares"""
TAKEN_BACK = frozenset({Reason.SERVICE_ACCOUNT_NOT_FOUND, Reason.SECRET_NOT_LABELLED, Reason.IDENTITY_NOT_AVAILABLE})
"""trouble by which somebody took back what he had lent: what was got with it is not used on"""
READ_AGAIN = TAKEN_BACK | {Reason.CREDENTIAL_REJECTED}
"""trouble after which the next try reads the credential again"""
OF_SECRET = frozenset({Reason.CREDENTIAL_REJECTED, Reason.KEY_NOT_FOUND})
"""trouble with what the account's credential is"""
OF_LENDER = TAKEN_BACK | OF_SECRET | {Reason.SECRET_NOT_FOUND, Reason.FORBIDDEN}
"""trouble that another Secret ends, or a word of whoever has the credential"""
OF_READING = frozenset({Reason.ENDPOINT_UNREACHABLE, Reason.BAD_ANSWER, Reason.THROTTLED})
"""trouble that a successful look ends"""
OF_ONE = frozenset({Reason.BAD_ANSWER, Reason.FORBIDDEN})
"""trouble with one LIST, or one resource, that says nothing of the account's others"""


@dataclass(slots=True)
class Suspicion:
    """What an account's sweeps said of absences, and of what differs since the operator is another version. It may be
    lost: the next sweeps find the same."""

    explained: dict[str, str | None] = field(default_factory=dict)
    """uid to the identity of what is gone, where that is nothing strange: few are, or it was confirmed"""
    held: dict[str, float] = field(default_factory=dict)
    """uid to the time of the first sweep whose GET confirmed that it is gone with too many others"""
    waiting: set[str] = field(default_factory=set)
    """uids of what a GET found gone, and no sweep judged yet"""
    absence: Hold | None = None
    """what is told of those that are held"""
    compared: set[str] = field(default_factory=set)
    """uids of what another version compared last, and this one since: it differs in nothing but what was told before,
    or was let go"""
    counting: set[str] = field(default_factory=set)
    """uids of what was found to differ, and no sweep judged yet"""
    changed: frozenset[str] = frozenset()
    """uids of what differs with too many others"""
    change: Hold | None = None
    """what is told of them"""
    let_go: set[str] = field(default_factory=set)
    """uids of what differed and may be changed: it counts on, so that what is found later has no limit of its own"""

    def of(self, uid: str, lost: str | None) -> Hold | None:
        """What speaks against making anew what had the identity `lost`, should it be gone."""
        if uid in self.explained and self.explained[uid] == lost:
            return None
        return self.absence if uid in self.held else suspicion.ALONE

    def of_change(self, uid: str) -> Hold | None:
        """What speaks against changing what another version of the operator found in sync."""
        if uid in self.compared:
            return None
        return self.change if uid in self.changed else suspicion.uncounted()


@dataclass(slots=True)
class Rounds:
    """When an account's sweeps come, and the looks at its credential; it is forgotten with the account."""

    next: float = 0.0
    """time of the next one, or of the next look at a credential that is missing or wrong"""
    paced: object = None
    """the driftInterval, as it is written, that `next` rests on"""
    asked: float = 0.0
    """when its credential was looked at last, or there was one first"""
    strange: set[str] = field(default_factory=set)
    """kinds whose LISTs showed items that are none"""


@dataclass(slots=True)
class Account:
    """One MediaServicesAccount, as its children see it."""

    uid: str
    id: AccountId
    backend: Backend | None = None
    stale: bool = False
    """the way was made of something that has changed since; it serves until a new one is made"""
    withdrawn: bool = False
    """its credential was taken back; in an account that is being deleted, the one in memory serves deletions only"""
    origin: str = ""
    usable: bool = False
    gone: bool = False
    """the service says that it does not exist"""
    missing: float | None = None
    """when it said so first, since it last said something else"""
    lost: bool = False
    """it said so again long after: what lay in it is gone with it"""
    trouble: Trouble | None = None
    clock: tuple[datetime, float] | None = None
    """the service's time, and ours when it was learned"""
    credential: str = ""
    """which Secret or ServiceAccount its credential is, once it was found, as a message names it; `ambient` for the
    operator's own; empty: none"""
    secret_version: str = ""
    """that one's version, when the way was made; empty: none"""
    waits: str = ""
    """why it is not usable, for its children's messages"""
    sweep_soon: bool = False
    """it just became usable: its resources are compared at once"""
    counts: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)
    """how many its last complete LIST showed, by kind and what they lie in"""
    swept: float | None = None
    """when its last complete sweep ended"""
    suspicion: Suspicion = field(default_factory=Suspicion)
    rounds: Rounds = field(default_factory=Rounds)

    def wonder(self, uid: str) -> None:
        """A GET found it gone: the next sweep, which comes at once, says how much else is."""
        if uid not in self.suspicion.held:
            self.suspicion.waiting.add(uid)
            self.sweep_soon = True

    def doubt(self, uid: str) -> None:
        """A GET found a difference that another version did not find: the same."""
        if uid not in self.suspicion.changed:
            self.suspicion.counting.add(uid)
            self.sweep_soon = True

    def trust(self, uid: str) -> None:
        """It was compared, and nothing about it is strange."""
        self.suspicion.compared.add(uid)
        self.suspicion.counting.discard(uid)

    def learn(self, date: str | None, now: float) -> None:
        """Take the service's clock from an answer."""
        moment = instant(date)
        if moment is not None:
            self.clock = (moment, now)

    def service_time(self, now: float) -> str:
        """The service's clock now; empty until it answered once."""
        if self.clock is None:
            return ""
        moment, learned = self.clock
        return (moment + timedelta(seconds=now - learned)).isoformat()


@dataclass(slots=True)
class Accounts:
    """All accounts by the uid of their MediaServicesAccount."""

    known: dict[str, Account] = field(default_factory=dict)
    jitter: random.Random = field(default_factory=random.Random)

    def get(self, uid: str, account: AccountId, origin: str) -> Account:
        found = self.known.get(uid)
        if found is None:
            found = self.known[uid] = Account(uid, account, origin=origin)
        if (found.id, found.origin) != (account, origin):
            # Its way was made for another place: who may sign in here, and whether it is the same account, is asked
            # anew before anything in it is. That there is none there says nothing of here.
            found.id, found.origin, found.backend, found.usable = account, origin, None, False
            found.gone, found.missing, found.lost = False, None, False
        return found

    def fail(self, account: Account, error: PortError, now: float) -> None:
        """Note trouble that all of the account's resources share; each repetition doubles the pause.

        What was under way when it began fails too, and says nothing new: it doubles nothing.
        """
        known = account.trouble
        if known is not None and known.reason == error.reason and now < known.until:
            return
        trouble = next_trouble(account.trouble, error, now, self.jitter)
        if account.credential and error.reason in OF_SECRET:
            message = f"spec.credentials.{account.credential}: {trouble.message}"
            trouble = replace(trouble, message=message)
        account.trouble = trouble
        if error.reason in OF_SECRET and (known is None or known.reason != error.reason):
            about = {"kind": "MediaServicesAccount", "uid": account.uid}
            log.warning("%s: %s", error.reason, trouble.message, extra={"about": about})

    def succeed(self, account: Account) -> bool:
        """The service answered. True where that ends trouble."""
        had, account.trouble = account.trouble is not None, None
        return had


def next_trouble(before: Trouble | None, error: PortError, now: float, jitter: random.Random) -> Trouble:
    """The trouble after one more failure: the same reason doubles the pause, up to ten minutes, with full jitter."""
    in_the_way = error.said if isinstance(error, InTheWay) else ""
    if before is not None and (before.reason != error.reason or steady(before.in_the_way) != steady(in_the_way)):
        before = None
    count = before.count + 1 if before is not None else 1
    longest = min(FIRST_PAUSE * 2 ** min(count - 1, 16), LONGEST_PAUSE)
    pause = longest * (0.5 + jitter.random() / 2)
    until = max(error.until or 0.0, now + pause) if error.reason != Reason.THROTTLED else error.until or now + pause
    if before is None:
        return Trouble(error.reason, error.message, now, until, in_the_way=in_the_way)
    message = before.message if in_the_way else error.message  # the same in other words: no status moves by that
    return Trouble(error.reason, message, before.since, until, count, before.in_the_way)


def edited(memory: Memory) -> None:
    """Somebody said something else: what was in the way of the former manifest says nothing of this one."""
    if memory.trouble is not None and memory.trouble.in_the_way:
        memory.trouble = None


def hold_of(trouble: Trouble, now: float) -> Hold:
    """Trouble as a hold: time heals it, until it has lasted so long that somebody has to look."""
    if trouble.in_the_way and trouble.count >= TRIES and now - trouble.since >= PATIENCE:
        message = (
            f"the service goes on refusing it with the same conflict ({trouble.in_the_way}): where somebody else has a "
            "name that the manifest asks for, choose another one (of the resource itself in a new object), or have it "
            "released; else find out what the service is busy with. It is tried again every ten minutes, and at once "
            "when the manifest changes"
        )
        return Hold(Reason.REFUSED.value, SERVICE_EFFECTS, Cure.FIX, message, trouble.until)
    fixable = trouble.reason in (Reason.ORIGIN_NOT_ALLOWED,) or (
        trouble.reason in SHARED | {Reason.FORBIDDEN} and now - trouble.since >= PATIENCE
    )
    return Hold(trouble.reason, SERVICE_EFFECTS, Cure.FIX if fixable else Cure.TIME, trouble.message, trouble.until)


def hold_for(resource: Resource, trouble: Trouble, now: float) -> Hold:
    """The account's trouble as one of its resources tells it."""
    message = told(owner_of(resource), resource.namespace, trouble.reason, trouble.message)
    return replace(hold_of(trouble, now), message=message)


def told(account: tuple[str, str], namespace: str, reason: str, message: str) -> str:
    """What is said of an account's trouble in a namespace: nowhere else but in its own how its Secrets are called, or
    what it waits for, which may be one of them."""
    if account[0] == namespace:
        return message
    if reason == Reason.WAITING_FOR_ACCOUNT:
        return f"MediaServicesAccount {account[1]} is not ready yet"
    if reason in OF_LENDER:
        return f"MediaServicesAccount {account[1]} of namespace {account[0]} can't sign in: its owner is told why"
    return message


def is_shared(error: PortError) -> bool:
    """Whether an error concerns the account as a whole."""
    return error.reason in SHARED or isinstance(error, NoEntry)
