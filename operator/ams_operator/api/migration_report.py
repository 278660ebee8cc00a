"""MigrationReport: what the inventory of an annotated account found, and how far each condition is.

Only the operator makes and writes it; it belongs to its account and goes with it. Lists hold the first of many, and
`truncated` says how many are left out: an object of the API server has room for what matters, not for 100,000 assets.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from ams_operator.api.base import ApiModel, ObjectName
from ams_operator.api.kind import Column, Kind
from ams_operator.api.migration import InventoryStatus, StepStatus
from ams_operator.api.status import Message, StatusModel, Text, Word

SHOWN: Final = 50
"""items of a list"""
SAMPLES: Final = 5
GIVEN: Final = 20
NOTES: Final = 8
Names = Annotated[list[Text], Field(max_length=SAMPLES)]


class MigrationReportSpec(ApiModel):
    """What an account of version 2 holds, and what becomes of it. Only the operator makes and writes it, and it goes
    with its account."""

    account: ObjectName
    """Name of the MediaServicesAccount in the same namespace."""


class ReportCondition(StatusModel):
    """A condition of the account, as it stood when the report was written."""

    type: Word
    """Which one, such as EncodingMigrated."""
    status: Literal["True", "False", "Unknown"]
    """True, False or Unknown."""
    reason: Word
    """Why, for programs."""
    message: Message
    """Why, for people."""
    done: int | None = None
    """How many of the things that it counts are done. Absent where it counts nothing."""
    all: int | None = None
    """How many things it counts. Absent where it counts nothing."""


class ReportVerdict(StatusModel):
    """Entities of a set that share a verdict."""

    fate: Word
    """What becomes of them: MapsTo, VisibleInV3, NotNeeded, OriginV3, OriginUnknown or Gap."""
    about: Text
    """The kind that takes their place, or the id of the gap; else empty."""
    why: Text
    """Why, for people."""
    count: int
    """How many entities share it."""
    inferred: bool | None = None
    """Nobody documented the rule: it was inferred from documented facts."""
    samples: Names | None = None
    """The first few of their names."""


class ReportSet(StatusModel):
    """One entity set of version 2."""

    name: Word
    """Its name in version 2, such as Channels."""
    state: Word
    """Read; Unsettled (rows went away meanwhile, or fewer are listed than counted); Absent (there is no such set);
    Failed (it could not be read); NotRead (not yet)."""
    rows: int
    """How many entities it has."""
    strangers: int | None = None
    """How many rows could not be read as entities. Absent means none."""
    more_targets: int | None = None
    """Entities of which it was not kept what they become: there are too many different ones. Absent means none."""
    verdicts: Annotated[list[ReportVerdict], Field(max_length=16)] | None = None
    """What becomes of its entities."""


class ReportTarget(StatusModel):
    """What takes the place of entities of version 2."""

    set: Word | None = None
    """The entity set of those, such as Tasks."""
    kind: Word
    """Its kind in version 3, such as Transform."""
    name: Text
    """Its name, which the annotation ams-operator.dev/v2-id of an object may say."""
    count: int
    """How many entities it takes the place of."""
    note: Text | None = None
    """In what it differs from what it replaces."""
    ids: Names | None = None
    """Ids of the first few of those entities."""
    fields: (
        Annotated[dict[str, Any], Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})] | None
    ) = None
    """Its fields as the v3 API takes them; left out where there is no room."""
    give: Annotated[list[Text], Field(max_length=GIVEN)] | None = None
    """JSON pointers into them: secrets that have to be given."""


class ReportGap(StatusModel):
    """A feature that is used and has no counterpart, or whose use nobody can see."""

    id: Word
    """What acknowledgedGaps or declarations name."""
    title: Text
    """What it is."""
    todo: Text | None = None
    """What can be done about it."""
    state: Word
    """Open, Acknowledged, NewEvidence, ToDeclare, Declared or DeclaredUnusedButSeen."""
    evidence_hash: Word | None = None
    """What an acknowledgement of the present evidence has to say."""
    count: int | None = None
    """How many entities show it."""
    samples: Names | None = None
    """What shows it."""
    inferred: bool | None = None
    """Nobody documented it: it was inferred from documented facts."""
    reason: Text | None = None
    """Why it was acknowledged or declared."""


class ReportBlocker(StatusModel):
    """What has to be done before a condition can be True."""

    id: Text
    """What it is, for programs."""
    condition: Word
    """The condition that waits for it."""
    title: Text
    """What it is."""
    todo: Text
    """What can be done about it."""
    count: int
    """How many entities share it."""
    samples: Names | None = None
    """The first few of their names."""


class ReportChannel(StatusModel):
    """One channel on its way to a live event."""

    id: Text
    """Its id in version 2."""
    name: Text
    """Its name."""
    state: Word
    """Its state; Absent where it is gone."""
    phase: Word
    """NotPrepared, Prepared, SwitchPending, Parallel, Switched, Restarted or Retired."""
    live_event: Text | None = None
    """Name of the LiveEvent that takes its place."""


class Titled(StatusModel):
    """Something with an id."""

    id: Word
    """For programs."""
    title: Text
    """For people."""


class MigrationReportStatus(StatusModel):
    """What the inventory found, and how far each condition is. Of long lists the first items are here, and truncated
    counts the others."""

    generation: int | None = None
    """The account's generation that was judged."""
    begun: Word | None = None
    """When the inventory began that this rests on; nothing in it was read earlier."""
    retired: Word | None = None
    """Since when version 2 is declared retired: all this stays as it was then."""
    steps: Annotated[list[StepStatus], Field(max_length=8)] | None = None
    """The migration guide's four steps, and how far each is."""
    conditions: Annotated[list[ReportCondition], Field(max_length=16)] | None = None
    """The conditions of the migration, as the account has them."""
    inventory: InventoryStatus | None = None
    """How far the inventory is."""
    sets: Annotated[list[ReportSet], Field(max_length=40)] | None = None
    """Every entity set of version 2, and what becomes of what is in it."""
    targets: Annotated[list[ReportTarget], Field(max_length=8 * SHOWN)] | None = None
    """What takes the place of entities of version 2: what to write manifests of."""
    becomes: Annotated[dict[Word, int], Field(max_length=16)] | None = None
    """Kind to how many new objects there are, also of those that `targets` has no room for."""
    gaps: Annotated[list[ReportGap], Field(max_length=100)] | None = None
    """Features without counterpart, and what has to be declared."""
    blockers: Annotated[list[ReportBlocker], Field(max_length=100)] | None = None
    """What blocks the switch."""
    channels: Annotated[list[ReportChannel], Field(max_length=SHOWN)] | None = None
    """The channels, and how far each is on its way to a live event."""
    benefits: Annotated[list[Titled], Field(max_length=40)] | None = None
    """What version 3 adds for this account."""
    reserved_units: Text | None = None
    """Media reserved units of version 2, such as 2 x S3."""
    notes: Annotated[list[Text], Field(max_length=NOTES)] | None = None
    """What is to be known besides: what could not be compared with version 3, which is tried again; what was not kept;
    sets that version 2 does not have."""
    checkpoint: Annotated[str, Field(max_length=98_304)] | None = None
    """What a restarted operator need not read again: counts, names and ids, compressed."""
    truncated: Annotated[dict[Word, int], Field(max_length=16)] | None = None
    """How many items each list leaves out."""
    whole: bool | None = None
    """Always true, and the last where names are sorted: a file in which it lacks was cut."""


MIGRATION_REPORT: Final = Kind(
    kind="MigrationReport",
    plural="migrationreports",
    short_name="amsmigration",
    spec=MigrationReportSpec,
    status=MigrationReportStatus,
    columns=(
        Column("Account", ".spec.account"),
        Column("Complete", '.status.conditions[?(@.type=="MigrationComplete")].status'),
        Column("Reason", '.status.conditions[?(@.type=="MigrationComplete")].reason'),
    ),
    made=True,
)
