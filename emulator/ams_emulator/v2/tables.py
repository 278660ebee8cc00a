"""Tables of rows, in the order of their keys, and what one account's version 2 remembers besides the shared resources.

The order is that of the ids, which are random: a row that is added while somebody pages with `$skip` moves the others.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ams_emulator.lazy import kept, where
from ams_emulator.operations import Operation
from ams_emulator.v2.model import Row


class Rows(Protocol):
    """The rows of one entity set of one account. A key is the service's own; an id is what clients use."""

    def keys(self) -> Sequence[str]:
        """All keys in order."""

    def row(self, key: str) -> Row:
        """Raises KeyError."""

    def find(self, entity: str) -> Row | None:
        """By the id, without regard to case."""

    def where(self, field: str, value: str) -> list[Row]:
        """The rows that have this value in this field."""

    def put(self, row: Row) -> None:
        """Add a row, or replace the one with its id."""

    def remove(self, entity: str) -> None:
        """Nothing happens when it isn't there."""


class Table:
    """Rows that only version 2 knows."""

    def __init__(self, key: str, rows: MutableMapping[str, Row] | None = None) -> None:
        self._key = key
        self._rows: MutableMapping[str, Row] = {} if rows is None else rows
        self._order: list[str] | None = None

    def keys(self) -> Sequence[str]:
        if self._order is None:
            self._order = sorted(self._rows)
        return self._order

    def row(self, key: str) -> Row:
        return self._rows[key]

    def find(self, entity: str) -> Row | None:
        return self._rows.get(entity.lower())

    def where(self, field: str, value: str) -> list[Row]:
        return where(self._rows, field, value, lambda row: row.get(field))

    def kept(self) -> list[Row]:
        return list(kept(self._rows))

    def put(self, row: Row) -> None:
        key = str(row[self._key]).lower()
        if key not in self._rows:
            self._order = None
        self._rows[key] = row

    def remove(self, entity: str) -> None:
        if self._rows.pop(entity.lower(), None) is not None:
            self._order = None


@dataclass
class Links:
    """Links between rows, by the set and the navigation: owner's id to the ids over there, in the order they came."""

    stored: dict[str, MutableMapping[str, list[str]]] = field(default_factory=dict)

    def of(self, owner_set: str, navigation: str, owner: str) -> list[str]:
        return list(self._between(owner_set, navigation).get(owner.lower(), ()))

    def add(self, owner_set: str, navigation: str, owner: str, entity: str) -> bool:
        """Whether it is new."""
        found = self.of(owner_set, navigation, owner)
        if entity in found:
            return False
        self._between(owner_set, navigation)[owner.lower()] = [*found, entity]
        return True

    def remove(self, owner_set: str, navigation: str, owner: str, entity: str) -> bool:
        """Whether there was one."""
        found = self.of(owner_set, navigation, owner)
        self._between(owner_set, navigation)[owner.lower()] = [item for item in found if item != entity]
        return entity in found

    def _between(self, owner_set: str, navigation: str) -> MutableMapping[str, list[str]]:
        return self.stored.setdefault(f"{owner_set}/{navigation}", {})


@dataclass
class V2Account:
    """What only version 2 remembers of one account. `keys` are content keys in the clear, by their ids."""

    tables: dict[str, Table] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    keys: MutableMapping[str, bytes] = field(default_factory=dict, repr=False)
    operations: dict[str, tuple[Operation, str]] = field(default_factory=dict)  # with the id of what it works on
    disabled: bool = False  # answers 403 to everything but GET
    retired: bool = False  # answers as nobody knows it would have (v2.retired)
    storage_lost: bool = False  # 500: storage account information is not available

    def kept(self, name: str) -> list[Row]:
        """The rows of a table that are not made on demand."""
        return self.tables[name].kept() if name in self.tables else []

    def table(self, name: str, key: str) -> Table:
        if name not in self.tables:
            self.tables[name] = Table(key)
        return self.tables[name]


@dataclass
class V2State:
    """All accounts that have version 2, by their mediaServiceId: an account that moves keeps it."""

    accounts: dict[str, V2Account] = field(default_factory=dict)

    def channels(self, properties: dict[str, Any]) -> int:
        """How many channels an account has."""
        own = self.accounts.get(properties["mediaServiceId"])
        return len(own.table("Channels", "Id").keys()) if own else 0

    def of(self, properties: dict[str, Any]) -> V2Account:
        return self.accounts.setdefault(properties["mediaServiceId"], V2Account())
