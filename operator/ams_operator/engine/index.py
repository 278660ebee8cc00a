"""Objects by what they mean, the oldest first: who looks for those that mean the same goes through no others."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field

from ams_operator.domain.answers import Resource

Key = tuple[str, str, str]
"""what an object means: a `store.Named`"""
Age = tuple[str, str]
"""when it was created, and its uid"""


@dataclass(slots=True)
class Index:
    """Any number of keys for each object, and any number of objects for each key."""

    entered: dict[str, tuple[Age, frozenset[Key]]] = field(default_factory=dict)
    """by uid"""
    oldest: dict[Key, list[Age]] = field(default_factory=dict)
    """in this order"""

    def enter(self, resource: Resource, keys: frozenset[Key]) -> None:
        """Take one in, or another version of it."""
        age, before = self.entered.get(resource.uid, ((resource.created, resource.uid), frozenset()))
        for key in before - keys:
            self._take_out(age, key)
        for key in keys - before:
            bisect.insort(self.oldest.setdefault(key, []), age)
        if keys:
            self.entered[resource.uid] = age, keys
        else:
            self.entered.pop(resource.uid, None)

    def leave(self, uid: str) -> None:
        """It is gone."""
        age, keys = self.entered.pop(uid, (("", ""), frozenset[Key]()))
        for key in keys:
            self._take_out(age, key)

    def of(self, key: Key | None) -> Iterator[str]:
        """The uids of those that mean it, the oldest first."""
        return (uid for _, uid in self.oldest.get(key, ())) if key is not None else iter(())

    def older(self, key: Key | None, than: Resource) -> Iterator[str]:
        """Those of them that were there before another one."""
        known = self.oldest.get(key, []) if key is not None else []
        return (uid for _, uid in known[: bisect.bisect_left(known, (than.created, than.uid))])

    def _take_out(self, age: Age, key: Key) -> None:
        known = self.oldest[key]
        del known[bisect.bisect_left(known, age)]
        if not known:
            del self.oldest[key]
