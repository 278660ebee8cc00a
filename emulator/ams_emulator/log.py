"""Every request to the service, kept for tests: who asked what, when, and how it went.

No header, body or secret is kept.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Entry:
    """One request. Times: emulator clock in seconds since 1970, and this process's monotonic clock."""

    sequence: int
    method: str
    path: str
    api_version: str
    kind: str  # such as `PUT transforms`, `LIST transforms`, `LIST v2/Assets`
    request_id: str
    client_request_id: str
    user_agent: str
    client_id: str
    api: str  # v2 or v3
    access: str  # read or write
    started: float
    started_monotonic: float
    status: int | None = None  # None: not answered (yet)
    ended: float | None = None
    ended_monotonic: float | None = None
    effect: str = "none"  # none | applied | late
    over: bool | None = None  # of a PUT that had its effect: whether it met something that was there already
    retry_after: float | None = None  # seconds that the answer asks to wait
    barrier: str | None = None
    faults: list[str] = field(default_factory=list)


class RequestLog:
    """The last `limit` requests, and counts of all of them."""

    def __init__(self, limit: int, now: Callable[[], float]) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._now = now
        self._sequence = 0
        self.authority_requests = 0
        self._changed = asyncio.Condition()
        self._by_kind: Counter[str] = Counter()
        self._by_agent: Counter[str] = Counter()
        self._by_status: Counter[str] = Counter()
        self._by_access: Counter[str] = Counter()

    def begin(self, **fields: Any) -> Entry:
        self._sequence += 1
        entry = Entry(sequence=self._sequence, started=self._now(), started_monotonic=time.monotonic(), **fields)
        self._entries.append(entry)
        self._by_kind[entry.kind] += 1
        self._by_agent[entry.user_agent] += 1
        self._by_access[f"{entry.api} {entry.access}"] += 1
        return entry

    async def end(self, entry: Entry, status: int | None) -> None:
        """Note how it went; `status` None: the answer never left."""
        entry.status = status
        entry.ended, entry.ended_monotonic = self._now(), time.monotonic()
        self._by_status["none" if status is None else str(status)] += 1
        async with self._changed:
            self._changed.notify_all()

    def entries(self, since: int = 0, **equal: str) -> list[dict[str, Any]]:
        """Entries after `since`; `equal` filters on fields, `path` by its beginning, without case."""
        return [asdict(entry) for entry in self._entries if entry.sequence > since and _fits(entry, equal)]

    def counts(self) -> dict[str, Any]:
        return {
            "total": self._by_kind.total(),
            "kinds": dict(self._by_kind),
            "userAgents": dict(self._by_agent),
            "statuses": dict(self._by_status),
            "access": dict(self._by_access),
            "authority": self.authority_requests,
            "last": self._sequence,
        }

    def reset(self) -> None:
        """Forget entries and counts; sequence numbers go on."""
        self._entries.clear()
        self.authority_requests = 0
        for counter in (self._by_kind, self._by_agent, self._by_status, self._by_access):
            counter.clear()

    async def wait(self, count: int, timeout: float, since: int = 0, **equal: str) -> list[dict[str, Any]]:
        """Wait until `count` matching requests have ended; what there is when the time (real seconds) is over."""

        def found() -> list[dict[str, Any]]:
            return [entry for entry in self.entries(since, **equal) if entry["ended"] is not None]

        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: len(found()) >= count)
        except TimeoutError:
            pass
        return found()


def _fits(entry: Entry, equal: dict[str, str]) -> bool:
    for name, value in equal.items():
        actual = str(getattr(entry, name))
        if name == "path":
            if not actual.lower().startswith(value.lower()):
                return False
        elif actual != value:
            return False
    return True
