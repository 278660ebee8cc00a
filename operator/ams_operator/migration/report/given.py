"""What `ams-operator migrate inventory -o json` prints, read back. A file may come from anywhere: all of it is foreign.

Unknown members are ignored, so that a report can be made from what a newer inventory printed.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from ams_operator import jsons
from ams_operator.migration.model import Fate

LARGEST: Final = 256 << 20
"""bytes of an inventory"""
_Count = Annotated[int, Field(ge=0, le=10**12)]
_Names = Annotated[list[str], Field(max_length=100)]


class NotAnInventory(Exception):
    """The text is not what an inventory prints. The message names the member."""


class _Given(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class _Group(_Given):
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


class EntitySet(_Given):
    """One set of version 2."""

    name: str
    state: Literal["Read", "Unsettled", "Absent", "Failed", "NotRead"]
    rows: _Count
    verdicts: Annotated[list[Verdict], Field(max_length=1000)]
    more_targets: _Count = 0


class Target(_Given):
    """What takes the place of `count` entities of `set`; `source` are the fields of the first of them."""

    set: str
    kind: str
    name: str
    fields: dict[str, Any]
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


class Named(_Given):
    """Something with an id and a title."""

    id: str
    title: str


class Blocker(_Group):
    """What has to be done before `condition` can be True."""

    id: str
    condition: str
    title: str
    todo: str


class Condition(_Given):
    """As in the account's status, where a cluster has judged it."""

    type: str
    status: Literal["True", "False", "Unknown"]
    reason: str = ""
    message: str = ""


class Given(_Given):
    """The whole of it."""

    account: str
    begun: str
    complete: bool
    sets: Annotated[list[EntitySet], Field(max_length=200)]
    targets: Annotated[list[Target], Field(max_length=50_000)]
    gaps: Annotated[list[Gap], Field(max_length=1000)]
    to_declare: Annotated[list[Named], Field(max_length=1000)]
    blockers: Annotated[list[Blocker], Field(max_length=5000)]
    benefits: Annotated[list[Named], Field(max_length=1000)]
    reserved_units: str = ""
    notes: Annotated[list[str], Field(max_length=1000)] = []
    conditions: Annotated[list[Condition], Field(max_length=100)] = []


def read(raw: bytes) -> Given:
    """What was printed. Raises NotAnInventory."""
    if len(raw) > LARGEST:
        raise NotAnInventory(f"it has more than {LARGEST >> 20} MiB")
    try:
        found = jsons.loads(raw)
    except (ValueError, RecursionError):
        raise NotAnInventory("it is no JSON") from None
    return parse(found)


def parse(found: Any) -> Given:
    """The same of parsed JSON. Raises NotAnInventory."""
    try:
        return Given.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise NotAnInventory(f"{where}: {first['msg']}") from None
