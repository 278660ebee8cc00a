"""Everything that the conditions are judged by: plain values, each with the time at which it was complete.

Whoever polls fills these in; `conditions.judge` reads them and nothing else. What was never read, or not for three of
its intervals, counts as missing. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration.digests import Compared
from ams_operator.migration.model import Fate
from ams_operator.migration.tally import Tally
from ams_operator.migration.trouble import Access

STALE_AFTER: Final = 3
"""intervals"""
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Something that is read again and again. `at`: when it was complete the last time (None: never)."""

    at: float | None = None
    every: float = 60.0

    def fresh(self, now: float) -> bool:
        """Whether it may be judged by. What is dated far ahead was read by a process whose clock was wrong."""
        return self.at is not None and abs(now - self.at) <= STALE_AFTER * self.every


@dataclass(frozen=True, slots=True)
class AccessRead(Reading):
    """The last probe: Resource Manager's answer, a token, and one row. `at` is the time of the answer, good or bad."""

    reason: Access | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class SetRead(Reading):
    """One entity set of version 2. `tally` is that of the last complete pass, also while another one runs."""

    tally: Tally | None = None
    failed: str = ""
    """why the last pass failed, after all tries; empty where it did not"""


@dataclass(frozen=True, slots=True)
class InventoryRead:
    """All sets; those that were never read may be left out. `reading` names the set that is read now."""

    sets: Mapping[str, SetRead] = field(default_factory=lambda: MappingProxyType({}))
    every: float = 3600.0
    reading: str = ""
    units: str = ""
    """media reserved units, such as `2 x S3`; empty: no row says"""
    compared: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """`Census.compared`: whether version 3's LISTs could be joined with `Assets` and `Locators`"""
    notes: tuple[str, ...] = ()
    """why it could not be joined with one"""
    before: Mapping[str, Sequence[int]] = field(default_factory=lambda: MappingProxyType({}))
    """gap to who showed it, as `shrinking` remembers it"""
    asked: bool | None = None
    """where the LIST shows none of version 2: whether an asset that has one shows it when asked; None: nobody asked"""
    again: frozenset[str] = frozenset()
    """sets that wait for being compared, since the last time version 3's LISTs were not given"""
    since: str = ""
    """since when what was compared before stands for that; empty where nothing does"""
    alone: frozenset[str] = frozenset()
    """sets that are judged by rows that nobody compared, since they are not those that were"""

    def tally(self, name: str) -> Tally:
        """What is known of a set, which may be nothing yet."""
        found = self.sets.get(name)
        return found.tally if found is not None and found.tally is not None else Tally()

    def fresh(self, name: str, now: float) -> bool:
        """Whether a set may be judged by: read completely, not too long ago, by itself and not by its failure."""
        found = self.sets.get(name)
        return found is not None and found.tally is not None and found.fresh(now)

    def rows(self, name: str) -> int:
        """Entities of a set that version 2 made, as far as anybody can tell."""
        tally = self.tally(name)
        fates = tally.by_fate()
        return tally.rows - fates.get(Fate.ORIGIN_V3, 0) - fates.get(Fate.UNKNOWN, 0)


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """One channel. `id` as version 2 spells it."""

    id: str
    name: str
    state: str
    created: float | None = None
    modified: float | None = None


@dataclass(frozen=True, slots=True)
class ProgramSeen:
    """One program."""

    id: str
    name: str
    channel: str
    """id of its channel"""
    state: str


@dataclass(frozen=True, slots=True)
class ChannelsRead(Reading):
    """The poll of channels and programs: both sets whole."""

    channels: tuple[ChannelSeen, ...] = ()
    programs: tuple[ProgramSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job in flight, or in a state that nobody knows (`mapping.encoding.state_of`)."""

    id: str
    name: str
    state: int | str
    created: float | None = None
    modified: float | None = None


@dataclass(frozen=True, slots=True)
class JobPoll:
    """One complete poll: what is in flight, and when the newest job of all was made."""

    at: float
    in_flight: tuple[JobSeen, ...] = ()
    newest: float | None = None
    """Created of the newest job whatever its state; None: there is no job"""
    after_freeze: int = 0
    """jobs whose Created is `freezeJobsAfter` or later, whatever their state; 0 where none is set"""


@dataclass(frozen=True, slots=True)
class JobsRead:
    """The last complete polls, oldest first; two are enough."""

    polls: tuple[JobPoll, ...] = ()
    every: float = 60.0

    def fresh(self, now: float) -> bool:
        """Whether the last one may be judged by."""
        return bool(self.polls) and now - self.polls[-1].at <= STALE_AFTER * self.every


@dataclass(frozen=True, slots=True)
class AccountSeen(Reading):
    """The target account: what its GET answered. `reason` as of the engine's trouble; empty: it answered 200."""

    reason: str = ""
    """`NotFound`, `Forbidden`, `SignInRejected`, `ProviderNotRegistered`, else whatever keeps it from answering"""
    message: str = ""
    provisioning: str = ""
    missing: tuple[str, ...] = ()
    """actions that the permissions don't cover"""
    unsure: bool = False
    """the permissions could not be read"""
    namespace: str = ""
    name: str = ""
    """of the MediaServicesAccount"""


@dataclass(frozen=True, slots=True)
class Listing(Reading):
    """One LIST of the target, complete: name in the service to `properties`. Asset filters: `asset/name`."""

    items: Mapping[str, JSON] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class TargetRead:
    """The account that everything moves to; `same`: it is the source itself.

    `lists` by kind: Transform, LiveEvent, StreamingEndpoint, StreamingPolicy, ContentKeyPolicy, AccountFilter,
    AssetFilter (of the assets that have filters in version 2). Assets and locators may be 100,000 and are joined while
    the inventory reads version 2: what came of it is in the tallies, and in `InventoryRead.compared`.
    """

    same: bool = True
    account: AccountSeen = field(default_factory=AccountSeen)
    lists: Mapping[str, Listing] = field(default_factory=lambda: MappingProxyType({}))
    secrets: Compared = field(default_factory=Compared)

    def fresh(self, kind: str, now: float) -> bool:
        """Whether a LIST may be judged by."""
        found = self.lists.get(kind)
        return found is not None and found.fresh(now)

    def items(self, kind: str) -> Mapping[str, JSON]:
        """What a LIST showed; nothing where there is none yet."""
        found = self.lists.get(kind)
        return found.items if found is not None else {}


@dataclass(frozen=True, slots=True)
class Managed:
    """A custom resource in the target account that says which entity of version 2 it takes the place of."""

    kind: str
    name: str
    azure_name: str
    v2_id: str
    """annotation `ams-operator.dev/v2-id`: an id, or the name of a target in the inventory"""
    ready: str = "Unknown"
    first_running_at: str = ""  # of a live event: status.firstRunningAt
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class ObjectsRead(Reading):
    """All custom resources of the target account that carry the annotation."""

    items: tuple[Managed, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A gap that somebody accepts, or a declaration. `evidence` empty: all evidence, also later one."""

    id: str
    reason: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """Reserved units that are wanted. `type` is S1, S2 or S3."""

    type: str
    count: int


@dataclass(frozen=True, slots=True)
class Config:
    """`spec.migration`, with what absence means filled in. Spans in seconds."""

    quiet: float = 7 * DAY
    lookback: float = 90 * DAY
    freeze: float | None = None
    not_used: frozenset[str] = frozenset()
    """scenarios that somebody declared unused: encoding, live_streaming, delivery, content_protection"""
    republish: bool = False
    retired: frozenset[str] = frozenset()
    """ids of version 2, or names of targets, that nobody will move, in lower case"""
    acknowledged: Mapping[str, Acknowledgement] = field(default_factory=lambda: MappingProxyType({}))
    declared: Mapping[str, Acknowledgement] = field(default_factory=lambda: MappingProxyType({}))
    """by id: gaps that no API shows, and what somebody says about them"""
    units: Units | None = None
    verified_by: str = ""
    """who saw that licences are delivered"""
    inventory_every: float = 3600.0


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier judgements left behind, in `status.migration` and the conditions."""

    complete: bool = False
    completed: bool = False
    """all was done once, and nothing of it was proved undone since; `complete`: with the target as it is known now"""
    frozen: tuple[Mapping[str, str], ...] = ()
    """the conditions as they stand (type, status, reason, message), for an account whose version 2 is retired"""
    switched: frozenset[str] = frozenset()
    """ids of channels that were seen switched, in lower case"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All of it, for one source account."""

    now: float
    generation: int = 1
    retired: bool = False
    """the annotation says "retired": nothing is polled any more"""
    access: AccessRead = field(default_factory=AccessRead)
    inventory: InventoryRead = field(default_factory=InventoryRead)
    channels: ChannelsRead = field(default_factory=ChannelsRead)
    jobs: JobsRead = field(default_factory=JobsRead)
    target: TargetRead = field(default_factory=TargetRead)
    objects: ObjectsRead = field(default_factory=ObjectsRead)
    config: Config = field(default_factory=Config)
    remembered: Remembered = field(default_factory=Remembered)
    namespace: str = ""
    account: str = ""
    """namespace and name of the source MediaServicesAccount, for the commands that messages end in"""
