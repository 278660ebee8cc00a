"""`spec.migration` and `status.migration` of an account: how the move away from version 2 is judged.

Nothing here has an effect without the annotation `ams-operator.dev/v2-source` on the account, and nothing of it ever
reaches the service.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import GROUP, AccountRef, ApiModel, Matches, Rule
from ams_operator.api.durations import CEL_DAY, ISO8601_PATTERN, LongInterval, cel_at_most
from ams_operator.api.status import Message, StatusModel, Text, Word

V2_SOURCE: Final = f"{GROUP}/v2-source"
"""annotation of an account: "true" reads its version 2, "retired" freezes what was found"""
V2_ID: Final = f"{GROUP}/v2-id"
"""annotation of what takes the place of an entity of version 2: that entity's id, or its target's name in the report"""
LONGEST_SPAN: Final = 3660 * 86_400
"""seconds: of a longer one no date could be made"""

_KEYED: Final = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"]}


class LocatorPolicy(StrEnum):
    """What becomes of locators that version 2 made."""

    KEEP = "Keep"
    REPUBLISH = "Republish"


class Scenario(StrEnum):
    """What somebody says of a scenario."""

    NOT_USED = "NotUsed"


class Answer(StrEnum):
    """What somebody says of a feature whose use no API shows."""

    NOT_USED = "NotUsed"
    REPLACED = "Replaced"
    CONFIRMED = "Confirmed"


class UnitType(StrEnum):
    """The types of media reserved units."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"


class Coverage(StrEnum):
    """How much evidence an acknowledgement covers."""

    ANY = "Any"


GapId = Annotated[
    str,
    Field(max_length=64),
    Matches(
        r"[a-z0-9]+(-[a-z0-9]+)*", "must be the id of a gap as the MigrationReport spells it, such as sas-locators"
    ),
]
Moment = Annotated[
    str,
    Field(max_length=32),
    Matches(
        r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
        r"(Z|[+-][0-9]{2}:[0-9]{2})",
        "must be a time with its zone, of a day that there is, such as 2023-06-01T00:00:00Z",
        where=f"self.matches('^(19|2[0-9]).*(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$') && {CEL_DAY}",
    ),
]
Span = Annotated[
    str,
    Field(max_length=32),
    Matches(
        ISO8601_PATTERN,
        "must be an ISO 8601 duration in days to seconds, of ten years at most, such as P7D or PT12H",
        where=cel_at_most(LONGEST_SPAN),
    ),
]
Why = Annotated[str, Field(min_length=1, max_length=512)]


class Scenarios(ApiModel):
    """What is declared unused. Evidence of the contrary makes the condition False (DeclaredUnusedButSeen)."""

    encoding: Scenario | None = None
    """NotUsed: nobody encodes with version 2. Absent means as found. Condition EncodingMigrated."""
    live_streaming: Scenario | None = None
    """NotUsed: there is no live streaming. Absent means as found. Condition LiveStreamingMigrated."""
    delivery: Scenario | None = None
    """NotUsed: nothing is published. Absent means as found. Condition DeliveryMigrated."""
    content_protection: Scenario | None = None
    """NotUsed: nothing is encrypted. Absent means as found. Condition ContentProtectionMigrated."""


class AcknowledgedGap(ApiModel):
    """A feature of version 2 that version 3 lacks, and that somebody does without."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.evidenceHash) != has(self.scope)",
            "set exactly one of evidenceHash (what the report shows now; new evidence opens the gap again) and "
            "scope: Any (whatever is found later, too)",
        ),
    )

    id: GapId
    """The gap, as the report spells it."""
    reason: Why
    """Why it is acceptable, for whoever reads this later."""
    evidence_hash: (
        Annotated[
            str,
            Field(max_length=40),
            Matches(
                r"[0-9]{1,9}-[0-9a-f]{16}", "must be the evidence of a gap as the report shows it: 12-0123456789abcdef"
            ),
        ]
        | None
    ) = None
    """The evidence that is accepted, copied from the report, which other evidence opens again; absent where scope says
    Any. Of more than 100 entities less evidence opens it, too."""
    scope: Coverage | None = None
    """Any: all evidence is accepted, also what is found later. For what comes and goes, such as SAS locators. Absent
    where evidenceHash names it."""


class Declaration(ApiModel):
    """An answer to what no API shows."""

    id: GapId
    """What is answered, as the report's toDeclare spells it."""
    answer: Answer
    """NotUsed, Replaced (it was used and something else does it now), or Confirmed (it is as asked)."""
    reason: Why
    """How that is known, for whoever reads this later."""


class ReservedUnits(ApiModel):
    """Media reserved units that version 2 should have."""

    type: UnitType
    """S1, S2 or S3."""
    count: Annotated[int, Field(ge=1, le=1000)]
    """How many of them, at least."""


class MigrationSpec(ApiModel):
    """How the move away from version 2 is judged. Without the annotation ams-operator.dev/v2-source it does nothing."""

    target_account_ref: AccountRef | None = None
    """The account that everything moves to. Absent means this one."""
    locators: LocatorPolicy | None = None
    """Keep: locators of version 2 go on as they are, which needs the same account. Republish: assets get new locators.
    Absent means Keep in the same account, and Republish where the target is another one."""
    quiet_period: Span | None = None
    """For how long version 2 must have made no job, locator or key any more. Absent means P7D."""
    lookback: Span | None = None
    """How far back tasks count as encoding that is in use; records end after 90 days. Absent means P90D."""
    freeze_jobs_after: Moment | None = None
    """Jobs that version 2 makes from then on keep V2JobsDrained False. Absent means no such time."""
    scenarios: Scenarios | None = None
    """What is declared unused. Absent means nothing."""
    retired: Annotated[list[Annotated[str, Field(min_length=1, max_length=260)]], Field(max_length=2000)] | None = None
    """Ids of version 2 (channels), or names of targets in the report (transforms), that nobody will move. Absent means
    none."""
    acknowledged_gaps: Annotated[list[AcknowledgedGap], Field(max_length=64, json_schema_extra=_KEYED)] | None = None
    """Features without counterpart that somebody does without. Absent means none."""
    declarations: Annotated[list[Declaration], Field(max_length=64, json_schema_extra=_KEYED)] | None = None
    """Answers to what no API shows: toDeclare in the report, and what the message of a condition asks for. Absent means
    none."""
    reserved_units: ReservedUnits | None = None
    """Units that version 2 still needs. Absent means none, but where the service needs them."""
    licenses_verified_by: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """Who saw that licences of the new policies are delivered, which no API shows. It stands in for a comparison of
    the policies' secrets where the operator can't make one. Absent means nobody."""
    inventory_interval: LongInterval | None = None
    """How often version 2 is read whole, 1m to 168h. Absent means 1h."""


class StepStatus(StatusModel):
    """One of the migration guide's steps."""

    name: Word
    """benefits, differences, setup or scenarios."""
    done: int
    """How many of its conditions are True."""
    all: int
    """How many conditions it has."""
    conditions: Annotated[list[Word], Field(max_length=16)]
    """Their types."""


class InventoryStatus(StatusModel):
    """How far the inventory is."""

    done: int
    """Entity sets that are read."""
    all: int
    """Entity sets that there are."""
    reading: Word | None = None
    """The one that is read now, or version 3's list that the next one is compared with, such as `version 3: Asset`."""
    rows: int | None = None
    """Rows of it so far."""
    total: int | None = None
    """Rows that it has, where the service says so."""


class AccessStatus(StatusModel):
    """What a condition said."""

    status: Word
    """True, False or Unknown."""
    reason: Word
    """Why, in one word."""
    message: Message
    """Why, for people."""


class MigrationStatus(StatusModel):
    """How far the migration is; the conditions say the rest, and the MigrationReport everything."""

    endpoint: Text | None = None
    """Where version 2 answers."""
    report: Text | None = None
    """Name of the MigrationReport."""
    steps: Annotated[list[StepStatus], Field(max_length=8)] | None = None
    """The migration guide's four steps."""
    inventory: InventoryStatus | None = None
    """How far the inventory is."""
    target: Word | None = None
    """Tells for which account the conditions were judged: a digest of where it answers and of its id there."""
    access: AccessStatus | None = None
    """What V2AccessReady said before the annotation or spec.migration could not be read any more. Absent while they can
    be read."""
    retired: Word | None = None
    """Since when version 2 is declared retired and asked no more."""
    completed: bool | None = None
    """All was done once, and nothing of it was proved undone since, which counts once version 2 is gone."""
    switched: Annotated[list[Text], Field(max_length=500)] | None = None
    """Channels that were seen switched to their live event, by id."""
