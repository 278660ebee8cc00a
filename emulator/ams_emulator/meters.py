"""What went wrong for people, and what it costs, as numbers. All of them are 0 when nobody was harmed."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from ams_emulator.clock import Clock
from ams_emulator.state import Key, Store, key_of

METERS = (
    "recordingsOverwritten",  # by asset: a live output began where another had recorded
    "recordingsDeleted",  # by asset: recordings that went with it
    "offAirSeconds",  # by live event: was on air, an encoder still sends, and no feed arrives
    "feedsLost",  # by live event: times that a feed that had arrived no longer did
    "feedLostSeconds",  # by live event, summed over its encoders
    "viewerGapSeconds",  # by what is watched, summed over its viewers
    "billedSeconds",  # by live event and endpoint, and by state
)
_BILLED = MappingProxyType({"liveevents": ("Running", "StandBy"), "streamingendpoints": ("Running", "Scaling")})


class Meters:
    """Sums by meter and resource. `settle` brings running sums up to date, before they are read or reset."""

    def __init__(self, settle: Callable[[], None]) -> None:
        self._settle = settle
        self._sums: dict[tuple[str, str, str], float] = {}

    def add(self, meter: str, resource_id: str, amount: float, state: str = "") -> None:
        key = (meter, resource_id.lower(), state)
        self._sums[key] = self._sums.get(key, 0) + amount

    def read(self, below: Key = ()) -> dict[str, Any]:
        """Totals by meter, and `byResource`; only of what is at or below a path."""
        self._settle()
        totals: dict[str, Any] = dict.fromkeys(METERS, 0)
        resources: dict[str, dict[str, Any]] = {}
        for (meter, resource_id, state), amount in self._sums.items():
            if not amount or not is_below(resource_id, below):
                continue
            totals[meter] += amount
            seen = resources.setdefault(resource_id, {})
            if state:
                seen.setdefault(meter, {})[state] = amount
            else:
                seen[meter] = amount
        return {**totals, "byResource": resources}

    def reset(self, below: Key = ()) -> None:
        self._settle()
        self._sums = {key: amount for key, amount in self._sums.items() if not is_below(key[1], below)}


class Billing:
    """Seconds for which live events and endpoints cost money."""

    def __init__(self, store: Store, clock: Clock, meters: Meters) -> None:
        self._store, self._clock, self._meters = store, clock, meters
        self._open: dict[str, tuple[str, float]] = {}  # lower-case id: state, and since when

    def changed(self, resource_id: str) -> None:
        """Something was stored or deleted, with everything below it."""
        key, lower = key_of(resource_id), resource_id.lower()
        states = _BILLED.get(key[-2], ())
        if lower in self._open:
            self._close(lower)
        elif key[-2] == "mediaservices" and self._store.get(key) is None:
            for open_id in [found for found in self._open if is_below(found, key)]:
                self._close(open_id)
        found = self._store.get(key) if states else None
        if found is not None and found.properties.get("resourceState") in states:
            self._open[lower] = (found.properties["resourceState"], self._clock.time())

    def settle(self) -> None:
        for open_id, (state, _) in list(self._open.items()):
            self._close(open_id)
            self._open[open_id] = (state, self._clock.time())

    def _close(self, open_id: str) -> None:
        state, since = self._open.pop(open_id)
        self._meters.add("billedSeconds", open_id, self._clock.time() - since, state)


def is_below(resource_id: str, path: Key) -> bool:
    """Whether an id is `path` or below it."""
    return key_of(resource_id)[: len(path)] == path
