"""What can go wrong while one object is worked on, and whom it concerns: that object, or the whole cluster."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import (
    Conflict,
    KubeDown,
    KubeRefused,
    Lane,
    PortError,
    Resource,
    StatusRefused,
    Vanished,
)
from ams_operator.domain.model import Cure
from ams_operator.engine import accounts
from ams_operator.engine.invalid import report_hold, report_refused
from ams_operator.engine.state import Engine
from ams_operator.logs import about

log = logging.getLogger(__name__)
REFUSED_PAUSE = 60.0
CONFLICT_PAUSE = 0.2
OUTAGES = 5
"""how often in a row one object may find the API server away before that is taken for a trouble of its own"""


class Guard:
    """Runs work on one object, and turns what it raises into what is done next."""

    def __init__(
        self,
        engine: Engine,
        cluster_up: asyncio.Event,
        nominate: Callable[[str, Lane], None],
        later: Callable[[str, float], None],
        gone: Callable[[str, str], None],
    ) -> None:
        self._engine, self._up = engine, cluster_up
        self._nominate, self._later, self._gone = nominate, later, gone
        self._conflicts: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        """uid to how often in a row the API server refused, or failed at, what is written of it"""
        self._rests: dict[str, float] = {}
        """uid to the time before which no sweep brings back what nothing could be done about"""
        self._probe: asyncio.Future[None] | None = None

    async def run(self, uid: str, work: Coroutine[Any, Any, None]) -> None:
        """One object's failure is its own."""
        try:
            await work
        except Conflict:
            count = self._conflicts[uid] = self._conflicts.get(uid, 0) + 1
            self._later(uid, self._engine.clock.now() + min(CONFLICT_PAUSE * 2 ** min(count, 16), 5.0))
        except Vanished:
            gone = self._engine.store.objects.get(uid)
            if gone is not None:
                self._gone(gone.kind, uid)
        except KubeDown as error:
            if self._failing(uid) > OUTAGES and self._up.is_set():  # it answers everybody else
                self._log(uid).error("the API server fails again and again: %s", error)
                self._refused(uid, REFUSED_PAUSE)
                return
            self._cluster_down(str(error))
            self._nominate(uid, Lane.RETRY)
        except KubeRefused as error:
            self._failing(uid)
            self._log(uid).error("the API server refuses a write: %s", error)
            self._refused(uid, accounts.LONGEST_PAUSE)
            if isinstance(error, StatusRefused) and error.uid == uid:
                await self._tell(uid, partial(report_refused, why=str(error)))
        except Exception as error:
            if uid not in self._engine.store.objects:
                return  # it went in the middle of it, with all that is known of it: nothing is left to work on
            place = self._poisoned(uid, error)
            if place:
                await self._tell(uid, partial(report_hold, reason=Reason.INTERNAL_ERROR, message=place, cure=Cure.TIME))
        else:
            self.forget(uid)

    def forget(self, uid: str) -> None:
        """It went well, or is gone."""
        for known in (self._conflicts, self._failures, self._rests):
            known.pop(uid, None)

    def resting(self, uid: str) -> bool:
        """Whether nothing could be done about it just now, so that a sweep need not bring it back."""
        return self._engine.clock.now() < self._rests.get(uid, 0.0)

    def _failing(self, uid: str) -> int:
        self._failures[uid] = self._failures.get(uid, 0) + 1
        return self._failures[uid]

    def _refused(self, uid: str, longest: float) -> None:
        """Tried again with growing pauses: a hot loop would hide what it is about, and keep the others waiting."""
        resource = self._engine.store.objects.get(uid)
        if resource is None:
            self._failures.pop(uid, None)
            return
        self._engine.poison(resource.kind)
        pause = min(REFUSED_PAUSE * 2 ** min(self._failures[uid] - 1, 8), longest)
        self._rest(uid, self._engine.clock.now() + pause)

    def _rest(self, uid: str, until: float) -> None:
        self._rests[uid] = until
        self._later(uid, until)

    async def _tell(self, uid: str, tell: Callable[[Engine, Resource], Awaitable[None]]) -> None:
        """Say on the object what keeps us from working on it, if even that can be said."""
        resource = self._engine.store.objects.get(uid)
        if resource is None or resource.kind not in self._engine.kinds:
            return
        try:
            await tell(self._engine, resource)
        except (Conflict, Vanished, KubeDown, KubeRefused) as error:
            self._log(uid).info("its status can't say so: %s", error)
        except Exception:
            self._log(uid).exception("its status can't say so")

    def _log(self, uid: str) -> logging.LoggerAdapter[logging.Logger]:
        resource = self._engine.store.objects.get(uid)
        if resource is None:
            return about(log, kind="", uid=uid)
        return about(log, kind=resource.kind, namespace=resource.namespace, name=resource.name, uid=uid)

    def _poisoned(self, uid: str, error: Exception) -> str:
        """A fault of ours: told on the object, tried again with growing pauses, and nobody else is touched.

        Returns what has to be told by other means, where it came again while it was being told."""
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {where.name}:{where.lineno}"
        self._log(uid).error("cannot work on it: %s", place, exc_info=True)
        memory, resource = self._engine.store.memory.get(uid), self._engine.store.objects.get(uid)
        if memory is None or resource is None:
            return ""
        self._engine.poison(resource.kind)
        now = self._engine.clock.now()
        known = memory.trouble
        telling = known is not None and known.reason == Reason.INTERNAL_ERROR and now < known.until
        said = f"a fault of the operator ({place}): please report it"
        trouble = PortError(Reason.INTERNAL_ERROR, said)
        memory.trouble = accounts.next_trouble(memory.trouble, trouble, now, self._engine.accounts.jitter)
        self._rest(uid, memory.trouble.until if telling else now)
        return said if telling else ""

    def _cluster_down(self, why: str) -> None:
        """The API server is away: one probe for all, and all wait for it."""
        if not self._up.is_set():
            return
        log.warning("everything waits: %s", why)
        self._up.clear()
        self._probe = asyncio.ensure_future(self._probing())

    async def _probing(self) -> None:
        pause = 0.5
        while True:
            await self._engine.clock.sleep(pause)
            try:
                with suppress(KubeRefused):  # a refusal is an answer
                    await self._engine.kube.labels("default")
            except KubeDown:
                pause = min(pause * 2, 5.0)
                continue
            if self._engine.term.may_write():
                break
        log.info("the API server answers again, and we may write")
        self._up.set()
