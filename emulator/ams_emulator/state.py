"""What the service remembers: subscriptions' resource groups, and resources by their ids. In memory only.

A stored resource is replaced, never changed: a snapshot of a collection is a shallow copy, and the bytes of a resource
are made once.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

JSON = dict[str, Any]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """One stored resource.

    `id` is as the service spells it; `kind` the last resource type segment in lower case; `body` what GET shows,
    `hidden` what the service knows besides.
    """

    id: str
    kind: str
    body: JSON
    hidden: JSON = field(default_factory=dict)
    _bytes: list[bytes] = field(default_factory=list, repr=False, compare=False)

    @property
    def name(self) -> str:
        return str(self.body["name"])

    @property
    def properties(self) -> JSON:
        properties: JSON = self.body.get("properties") or {}
        return properties

    def json(self) -> bytes:
        """The body as GET and LIST send it."""
        if not self._bytes:
            self._bytes.append(json.dumps(self.body, separators=(",", ":")).encode())
        return self._bytes[0]

    def with_body(self, body: JSON, **hidden: Any) -> Resource:
        return replace(self, body=body, hidden={**self.hidden, **hidden}, _bytes=[])


@dataclass
class Collection:
    """The resources of one kind below one parent, in the order of their names."""

    items: MutableMapping[str, Resource] = field(default_factory=dict)
    _order: list[str] | None = None

    def put(self, name: str, resource: Resource) -> None:
        key = name.lower()
        if key not in self.items:
            self._order = None
        self.items[key] = resource

    def remove(self, name: str) -> Resource | None:
        self._order = None
        return self.items.pop(name.lower(), None)

    def names(self) -> list[str]:
        """Lower-case names, sorted."""
        if self._order is None:
            self._order = sorted(self.items)
        return self._order

    def snapshot(self) -> Collection:
        return Collection(copy.copy(self.items))


@dataclass(frozen=True)
class Group:
    """A resource group."""

    subscription: str
    name: str
    location: str
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.name}"


def key_of(resource_id: str) -> Key:
    """The parts of an ARM id in lower case: ids compare without case. A query or a trailing slash doesn't count."""
    return tuple(part for part in resource_id.partition("?")[0].lower().split("/") if part)


class Store:
    """Resource groups and resources. The key of a collection is the parts of its path."""

    def __init__(self) -> None:
        self.subscriptions: dict[str, str] = {}  # lower-case id to display name
        self.groups: dict[tuple[str, str], Group] = {}
        self._collections: dict[Key, Collection] = {}
        self.listeners: list[Callable[[str], None]] = []  # told the id of everything that changed

    def add_group(self, group: Group) -> None:
        self.groups[(group.subscription.lower(), group.name.lower())] = group

    def group(self, subscription: str, name: str) -> Group | None:
        return self.groups.get((subscription.lower(), name.lower()))

    def collection(self, key: Key) -> Collection:
        return self._collections.get(key) or Collection()

    def install(self, key: Key, items: MutableMapping[str, Resource]) -> None:
        """Make `items` what a collection holds, without telling anybody: they may not be made yet."""
        self._collections[key] = Collection(items)

    def get(self, key: Key) -> Resource | None:
        collection = self._collections.get(key[:-1])
        return collection.items.get(key[-1]) if collection else None

    def put(self, resource: Resource) -> None:
        key = key_of(resource.id)
        self._collections.setdefault(key[:-1], Collection()).put(key[-1], resource)
        self._changed(resource.id)

    def delete(self, key: Key) -> Resource | None:
        """Remove a resource and everything below it."""
        collection = self._collections.get(key[:-1])
        removed = collection.remove(key[-1]) if collection else None
        if removed is not None:
            for below in [found for found in self._collections if found[: len(key)] == key]:
                del self._collections[below]
            self._changed(removed.id)
        return removed

    def children(self, key: Key) -> Iterator[Resource]:
        """Everything stored below `key`, at any depth."""
        for found, collection in list(self._collections.items()):
            if found[: len(key)] == key:
                yield from list(collection.items.values())

    def of_kind(self, kind: str) -> Iterator[Resource]:
        """Every resource of one kind, over all groups and subscriptions."""
        for found, collection in list(self._collections.items()):
            if found[-1] == kind:
                yield from list(collection.items.values())

    def snapshot(self) -> Store:
        """A copy that later writes don't touch: what a stale LIST shows."""
        other = Store()
        other.subscriptions, other.groups = dict(self.subscriptions), dict(self.groups)
        other._collections = {key: value.snapshot() for key, value in self._collections.items()}
        return other

    def _changed(self, resource_id: str) -> None:
        for listener in self.listeners:
            listener(resource_id)
