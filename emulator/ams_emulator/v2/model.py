"""What an entity set is: its fields with their types on the wire, and where its navigation leads.

A row is a plain dict by field names. Dates are stored as `2015-01-18T22:06:40.6010903Z`, Int64 as int, everything else
as JSON has it; members whose names begin with an underscore are the service's own and never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

Row = dict[str, Any]
Edm = Literal["String", "Int32", "Int64", "Double", "Boolean", "DateTime", "Time", "Guid", "Complex", "Collection"]
When = Literal["never", "create", "always"]
NAMESPACE = "Microsoft.Cloud.Media.Vod.Rest.Data.Models"


@dataclass(frozen=True)
class Field:
    """One property. `when` says when a client may set it; `default` is what a new row has (None: null)."""

    name: str
    type: Edm = "String"
    when: When = "never"
    default: Any = None
    required: bool = False  # at creation


@dataclass(frozen=True)
class Navigation:
    """From a row to rows of `target`: by `back`, the field over there that holds this row's id; by `key`, the field
    here that holds theirs; else by links."""

    name: str
    target: str
    back: str = ""
    key: str = ""

    @property
    def linked(self) -> bool:
        return not self.back and not self.key

    @property
    def many(self) -> bool:
        return not self.key


@dataclass(frozen=True)
class EntitySet:
    """One entity set. `prefix` is that of its ids (`nb:PREFIX:UUID:...`); keyed by `key`."""

    name: str
    type: str
    prefix: str
    fields: tuple[Field, ...]
    navigations: tuple[Navigation, ...] = ()
    key: str = "Id"
    verbs: frozenset[str] = frozenset({"POST", "MERGE", "DELETE"})
    actions: tuple[str, ...] = ()  # POST .../NAME

    @property
    def by_name(self) -> Mapping[str, Field]:
        return MappingProxyType({item.name: item for item in self.fields})

    def navigation(self, name: str) -> Navigation | None:
        return next((item for item in self.navigations if item.name == name), None)


def own(name: str, type: Edm = "String") -> Field:
    """A field that only the service sets."""
    return Field(name, type)


def once(name: str, type: Edm = "String", default: Any = None, *, required: bool = False) -> Field:
    """A field that is settled at creation."""
    return Field(name, type, "create", default, required)


def free(name: str, type: Edm = "String", default: Any = None, *, required: bool = False) -> Field:
    """A field that clients may change."""
    return Field(name, type, "always", default, required)


def dates() -> tuple[Field, Field]:
    return own("Created", "DateTime"), own("LastModified", "DateTime")


def read_only(*names: str) -> frozenset[str]:
    return frozenset(names)


def entity_id(prefix: str, guid: str) -> str:
    return f"nb:{prefix}:UUID:{guid}"


def guid_of(entity: str) -> str:
    """The GUID at the end of an id, in lower case."""
    return entity[-36:].lower()
