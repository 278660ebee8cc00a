"""Barriers: hold the n-th request that fits until a test says how it goes on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from ams_emulator.call import Answer, Call
from ams_emulator.faults import Match

OUTCOMES = ("apply", "apply-drop", "drop", "answer")


@dataclass
class Barrier:
    """One barrier. `stage` is `before` the effect or `after` it (then the answer waits)."""

    id: str
    match: Match
    stage: str = "before"
    held: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: str = "apply"
    answer: Answer | None = None
    request: dict[str, Any] | None = None

    def describe(self) -> dict[str, Any]:
        state = "waiting"
        if self.held.is_set():
            state = "finished" if self.finished.is_set() else "released" if self.released.is_set() else "held"
        return {"id": self.id, "state": state, "stage": self.stage, "outcome": self.outcome, "request": self.request}


class Barriers:
    """All barriers of one emulator; each holds one request."""

    def __init__(self) -> None:
        self._barriers: dict[str, Barrier] = {}
        self._sequence = 0

    def add(self, match: Match, stage: str = "before") -> Barrier:
        self._sequence += 1
        barrier = Barrier(f"barrier-{self._sequence}", match, stage)
        self._barriers[barrier.id] = barrier
        return barrier

    def get(self, barrier_id: str) -> Barrier | None:
        return self._barriers.get(barrier_id)

    def describe(self) -> list[dict[str, Any]]:
        return [barrier.describe() for barrier in self._barriers.values()]

    def catch(self, call: Call, kind: str) -> Barrier | None:
        """The barrier that this request runs into, now holding it."""
        caught = None
        for barrier in self._barriers.values():
            if barrier.held.is_set() or barrier.released.is_set():
                continue
            if barrier.match.fires(call, kind) and caught is None:
                caught = barrier
        if caught is not None:
            caught.request = {
                "method": call.method,
                "path": call.path,
                "requestId": call.request_id,
                "userAgent": call.headers.get("user-agent", ""),
            }
            caught.held.set()
        return caught

    def release(self, barrier: Barrier, outcome: str, answer: Answer | None = None) -> None:
        barrier.outcome, barrier.answer = outcome, answer
        barrier.released.set()

    def remove(self, barrier_id: str | None = None) -> None:
        """Take barriers away; whoever is held goes on as if there had been none."""
        for found in [barrier_id] if barrier_id else list(self._barriers):
            barrier = self._barriers.pop(found, None)
            if barrier is not None:
                barrier.released.set()
