"""What kopf's thread tells the engine's loop, and how it gets there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ams_operator.domain.answers import Resource


@dataclass(frozen=True, slots=True)
class Seen:
    """An object exists, in this state or a newer one."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class Gone:
    """An object was deleted."""

    kind: str
    uid: str


@dataclass(frozen=True, slots=True)
class Poisoned:
    """An event that could not be read."""

    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Asking:
    """kopf sends a watch request."""

    path: str
    at: float


@dataclass(frozen=True, slots=True)
class Relisted:
    """kopf listed a collection: what was deleted since its last watch, it will never mention."""

    path: str


@dataclass(frozen=True, slots=True)
class Watching:
    """The API server took a watch."""

    path: str


@dataclass(frozen=True, slots=True)
class Deaf:
    """The API server did not take a watch or a LIST. `fatal`: kopf ends because of it."""

    path: str
    why: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """The thread is over."""

    why: str


Message = Seen | Gone | Poisoned | Asking | Relisted | Watching | Deaf | Ended


class Mailbox:
    """From kopf's thread to the engine's loop: in order, and with one wake-up for many messages."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        self._loop = loop
        self._wake = wake
        self._messages: deque[Message] = deque()
        self._woken = False
        self._closed = False

    def post(self, message: Message) -> None:
        """Any thread. Nothing happens once the mailbox or the loop is closed."""
        if self._closed:
            return
        self._messages.append(message)
        if not self._woken:
            self._woken = True
            try:
                self._loop.call_soon_threadsafe(self._wake)
            except RuntimeError:  # the process is going down
                self._woken = False

    def close(self) -> None:
        """Take no more: whoever writes here was left behind."""
        self._closed = True

    def take(self, at_most: int) -> list[Message]:
        """The loop's thread only."""
        self._woken = False
        return [self._messages.popleft() for _ in range(min(at_most, len(self._messages)))]
