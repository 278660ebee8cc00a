"""What `ams-operator migrate inventory -o json` prints, read back, with what a cluster adds. All of it is foreign.

Unknown members are ignored, so that a report can be made from what a newer inventory printed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from ams_operator.migration.model import Fate

_Count = Annotated[int, Field(ge=0, le=10**12)]
_Names = Annotated[list[str], Field(max_length=100)]
T = TypeVar("T", bound=BaseModel)


class NotAnInventory(Exception):
    """It is not what an inventory prints, nor a MigrationReport. The message names the member."""


class Part(BaseModel):
    """A part of what is read: unknown members are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class _Group(Part):
    count: _Count = 0
    samples: _Names = []
    evidence: str = ""
    """digest of who they are, whatever their order"""


class Verdict(_Group):
    """What becomes of entities of one set that share a fate and the reason for it."""

    fate: Fate
    about: str = ""
    """kind that takes their place, or id of the gap"""
    why: str
    inferred: bool = False


class EntitySet(Part):
    """One set of version 2."""

    name: str
    state: Literal["Read", "Unsettled", "Absent", "Failed", "NotRead"]
    rows: _Count
    verdicts: Annotated[list[Verdict], Field(max_length=1000)]
    more_targets: _Count = 0


class Target(Part):
    """What takes the place of `count` entities of `set`; `source` are the fields of the first of them."""

    set: str = ""
    """empty: it is not said"""
    kind: str
    name: str
    fields: dict[str, Any] = {}
    note: str = ""
    give: Annotated[list[str], Field(max_length=1000)] = []
    """JSON pointers into `fields`: secrets that have to be given"""
    beside: dict[str, Any] = {}
    """what version 3 has in another place"""
    count: _Count
    source: dict[str, Any] | None = None


class Gap(_Group):
    """A feature that is used and has no counterpart."""

    id: str
    title: str
    todo: str
    inferred: bool = False
    state: str = ""
    """how far it is in a cluster: Open, Acknowledged, NewEvidence or DeclaredUnusedButSeen"""
    reason: str = ""
    """why somebody accepts it"""


class Question(Part):
    """What somebody has to declare."""

    id: str
    title: str
    state: str = ""
    """in a cluster: ToDeclare or Declared"""
    reason: str = ""
    """how it is known"""


class Named(Part):
    """Something with an id and a title."""

    id: str
    title: str


class Blocker(_Group):
    """What has to be done before `condition` can be True."""

    id: str
    condition: str
    title: str
    todo: str


class Channel(Part):
    """A channel on its way, as a cluster sees it."""

    id: str = ""
    name: str
    state: str
    phase: str
    live_event: str = ""
    """name of the LiveEvent that takes its place"""


class Condition(Part):
    """As in the account's status, where a cluster has judged it."""

    type: str
    status: Literal["True", "False", "Unknown"]
    reason: str = ""
    message: str = ""


class Given(Part):
    """The whole of it."""

    account: str
    begun: str
    retired: str = ""
    """since when version 2 is declared retired, as a cluster says; empty where it is not"""
    complete: bool
    sets: Annotated[list[EntitySet], Field(max_length=200)]
    targets: Annotated[list[Target], Field(max_length=50_000)]
    becomes: Annotated[dict[str, _Count], Field(max_length=100)] | None = None
    """kind to how many new objects there are, also of those that are not among `targets`; None: it does not say"""
    cut: bool = False
    """it does not say, and `targets` are not all"""
    gaps: Annotated[list[Gap], Field(max_length=1000)]
    to_declare: Annotated[list[Question], Field(max_length=1000)]
    blockers: Annotated[list[Blocker], Field(max_length=5000)]
    benefits: Annotated[list[Named], Field(max_length=1000)]
    reserved_units: str = ""
    notes: Annotated[list[str], Field(max_length=1000)] = []
    conditions: Annotated[list[Condition], Field(max_length=100)] = []
    channels: Annotated[list[Channel], Field(max_length=1000)] = []


def parse(found: Any) -> Given:
    """What was printed, of parsed JSON. Raises NotAnInventory."""
    return check(Given, found)


def check(model: type[T], found: Any) -> T:
    """Raises NotAnInventory."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise NotAnInventory(f"{where}: {first['msg']}") from None
