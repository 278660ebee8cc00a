"""Whose turn it is: four classes with floors, and inside of each the accounts, and inside of those the namespaces, in
turn. Pure: the schedule keeps in it what waits for a worker, the budget who waits for a token.

Classes are served in the order of their start times (start-time fair queueing): each service moves a class on by its
stride, and a class that was idle begins where the others are. So a class gets its share of a crowd whatever the others
ask for, what it does not use goes to the others by their shares, and who comes late to a class that was idle is next.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Hashable, Mapping
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from ams_operator.domain.answers import Lane

SHARES: Final[Mapping[Lane, int]] = MappingProxyType({Lane.USER: 60, Lane.POLL: 15, Lane.RETRY: 10, Lane.SWEEP: 15})
"""percent that a class gets at least while it has something waiting"""
_LANES: Final = tuple(Lane)
_STRIDES: Final = tuple(60 // SHARES[lane] for lane in Lane)
"""whole numbers, so that no rounding adds up"""
Item = TypeVar("Item", bound=Hashable)
_Ring = OrderedDict[str, OrderedDict[str, OrderedDict[Item, None]]]
"""account to namespace to what waits; at each level the next one to be served stands first"""


class Turns(Generic[Item]):
    """What waits, each item once. Every operation takes the same time however much waits, but for `closed`."""

    def __init__(self) -> None:
        self._rings: tuple[_Ring[Item], ...] = tuple(OrderedDict() for _ in Lane)
        self._starts = [0 for _ in Lane]
        self._now = 0
        self._counts = [0 for _ in Lane]
        self._places: dict[Item, tuple[Lane, str, str]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, item: object) -> bool:
        return item in self._places

    def lane(self, item: Item) -> Lane | None:
        """The class in which it waits."""
        place = self._places.get(item)
        return place[0] if place is not None else None

    def count(self, lane: Lane) -> int:
        """How many wait in a class."""
        return self._counts[lane]

    def share(self, lane: Lane) -> float:
        """The part of all turns that a class gets with what waits now, and one more of its own."""
        return SHARES[lane] / sum(SHARES[one] for one in Lane if self._counts[one] or one == lane)

    def push(self, item: Item, lane: Lane, account: str = "", namespace: str = "") -> bool:
        """Let it wait for its turn. What waits already only ever moves to a more urgent class; False: it stays."""
        place = self._places.get(item)
        if place is not None:
            if place[0] <= lane:
                return False
            self.remove(item)
        self._places[item] = (lane, account, namespace)
        self._counts[lane] += 1
        self._rings[lane].setdefault(account, OrderedDict()).setdefault(namespace, OrderedDict())[item] = None
        return True

    def pop(self, closed: Container[str] = ()) -> tuple[Item, Lane] | None:
        """Take out what is next. Nobody of a `closed` account is; None where nobody else waits."""
        best: tuple[int, Lane, str] | None = None
        for lane in _LANES:
            if not self._counts[lane] or (best is not None and max(self._starts[lane], self._now) >= best[0]):
                continue
            account = next((one for one in self._rings[lane] if one not in closed), None)
            if account is not None:
                best = (max(self._starts[lane], self._now), lane, account)
        if best is None:
            return None
        self._now, lane, account = best
        self._starts[lane] = self._now + _STRIDES[lane]
        ring = self._rings[lane]
        namespaces = ring[account]
        namespace, items = next(iter(namespaces.items()))
        item, _ = items.popitem(last=False)
        ring.move_to_end(account)
        namespaces.move_to_end(namespace)
        self._left(item, lane, account, namespace)
        return item, lane

    def remove(self, item: Item) -> bool:
        """It waits no more; False: it did not."""
        place = self._places.get(item)
        if place is None:
            return False
        lane, account, namespace = place
        del self._rings[lane][account][namespace][item]
        self._left(item, lane, account, namespace)
        return True

    def _left(self, item: Item, lane: Lane, account: str, namespace: str) -> None:
        del self._places[item]
        self._counts[lane] -= 1
        ring = self._rings[lane]
        namespaces = ring[account]
        if not namespaces[namespace]:
            del namespaces[namespace]
            if not namespaces:
                del ring[account]
        if not self._places:  # whoever comes now finds nobody before him
            self._now, self._starts = 0, [0] * len(_LANES)

    def clear(self) -> list[Item]:
        """Take out everything, in no particular order."""
        found = list(self._places)
        for item in found:
            self.remove(item)
        return found
