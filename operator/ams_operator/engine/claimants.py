"""Those that mean one resource, in the order in which they count: who makes a crowd of them makes no look longer."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field

from ams_operator.domain import ids
from ams_operator.domain.answers import Resource


@dataclass(slots=True)
class Claimants:
    """Of one resource. All of it but `oldest` is by uid."""

    key: str
    ages: dict[str, tuple[str, str]] = field(default_factory=dict)
    oldest: list[tuple[str, str]] = field(default_factory=list)
    """when each was created, and its uid; in this order"""
    keepers: set[str] = field(default_factory=set)
    """whose record says that they have it"""
    acting: set[str] = field(default_factory=set)
    """whose record has an act that nobody settled yet"""

    def __len__(self) -> int:
        return len(self.ages)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ages)

    def enter(self, resource: Resource) -> None:
        """Take one in, or another version of it."""
        uid, record = resource.uid, resource.own_record
        if uid not in self.ages:
            self.ages[uid] = (resource.created, uid)
            bisect.insort(self.oldest, self.ages[uid])
        for crowd, belongs in ((self.keepers, self._kept(resource)), (self.acting, bool(record.get("act")))):
            (crowd.add if belongs else crowd.discard)(uid)

    def leave(self, uid: str) -> None:
        del self.oldest[bisect.bisect_left(self.oldest, self.ages.pop(uid))]
        self.keepers.discard(uid)
        self.acting.discard(uid)

    def _kept(self, resource: Resource) -> bool:
        record = resource.own_record
        here = ids.key(str(record.get("origin") or ""), str(record.get("resourceId") or ""))
        return bool(record.get("how")) and here == self.key
