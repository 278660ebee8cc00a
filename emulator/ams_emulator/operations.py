"""Asynchronous operations: started by a write, ended by the clock, kept for good so that a late poll is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ams_emulator.clock import Clock, timestamp


@dataclass(frozen=True)
class Failure:
    """Why an operation fails."""

    code: str
    message: str


@dataclass(frozen=True)
class OperationFault:
    """What a fault does to the next operation: another duration, a failure, or its documents are lost."""

    seconds: float | None = None
    failure: Failure | None = None
    lose: bool = False


@dataclass
class Operation:
    """One operation. `resource_id` is what it works on, `region` where its documents are."""

    id: str
    resource_id: str
    region: str
    subscription: str
    started: str
    status: str = "InProgress"
    ended: str | None = None
    failure: Failure | None = None

    @property
    def running(self) -> bool:
        return self.status == "InProgress"

    def streaming_document(self) -> dict[str, Any]:
        """The status document of live events, live outputs and streaming endpoints: `error` is there on success too."""
        error: dict[str, Any] = {"code": "None", "message": None}
        if self.failure is not None:
            error = {"code": self.failure.code, "message": self.failure.message}
        return {"name": self.id, "status": self.status, "error": {**error, "target": self.id}}

    def document(self, self_id: str) -> dict[str, Any]:
        """The status document of accounts and tracks, as recorded."""
        body: dict[str, Any] = {"name": self.id, "id": self_id, "startTime": self.started}
        if self.ended is not None:
            body["endTime"] = self.ended
        body["status"] = self.status
        if self.failure is not None:
            body["error"] = {"code": self.failure.code, "message": self.failure.message}
        return body


class Operations:
    """All operations of one emulator."""

    def __init__(self, clock: Clock, new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._known: dict[str, Operation] = {}
        self._running: dict[str, Operation] = {}

    def start(
        self,
        *,
        resource_id: str,
        region: str,
        subscription: str,
        seconds: float,
        fault: OperationFault | None = None,
        lock: str = "",
        done: Callable[[Operation], None],
    ) -> Operation:
        """Begin an operation; `done` is called when it has ended, with its status settled.

        `lock` is the id of what is busy meanwhile, when that is not the resource itself.
        """
        lock = (lock or resource_id).lower()
        operation = Operation(self._new_id(), resource_id, region, subscription, timestamp(self._clock.now()))
        fault = fault or OperationFault()
        if not fault.lose:
            self._known[operation.id.lower()] = operation
        self._running[lock] = operation

        def end() -> None:
            operation.ended = timestamp(self._clock.now())
            operation.failure = fault.failure
            operation.status = "Failed" if fault.failure else "Succeeded"
            if self._running.get(lock) is operation:
                del self._running[lock]
            done(operation)

        self._clock.call_later(seconds if fault.seconds is None else fault.seconds, end)
        return operation

    def find(self, subscription: str, operation_id: str) -> Operation | None:
        found = self._known.get(operation_id.lower())
        return found if found and found.subscription.lower() == subscription.lower() else None

    def running(self, resource_id: str) -> Operation | None:
        return self._running.get(resource_id.lower())
