"""What can go wrong while one object is worked on, and whom it concerns: that object, or the whole cluster."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Lane, PortError, Vanished
from ams_operator.engine import accounts
from ams_operator.engine.state import Engine
from ams_operator.logs import about

log = logging.getLogger(__name__)
REFUSED_PAUSE = 60.0
CONFLICT_PAUSE = 0.2


class Guard:
    """Runs work on one object, and turns what it raises into what is done next."""

    def __init__(
        self,
        engine: Engine,
        cluster_up: asyncio.Event,
        nominate: Callable[[str, Lane], None],
        later: Callable[[str, float], None],
        gone: Callable[[str, str], None],
        poison: Callable[[str], None],
    ) -> None:
        """`poison` hears the kind of each object that a fault of ours kept us from working on."""
        self._engine, self._up = engine, cluster_up
        self._nominate, self._later, self._gone, self._poison = nominate, later, gone, poison
        self._conflicts: dict[str, int] = {}
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
            self._cluster_down(str(error))
            self._nominate(uid, Lane.RETRY)
        except KubeRefused as error:
            self._log(uid).error("the API server refuses a write: %s", error)
            self._later(uid, self._engine.clock.now() + REFUSED_PAUSE)
        except Exception as error:
            self._poisoned(uid, error)
        else:
            self._conflicts.pop(uid, None)

    def _log(self, uid: str) -> logging.LoggerAdapter[logging.Logger]:
        resource = self._engine.store.objects.get(uid)
        if resource is None:
            return about(log, kind="", uid=uid)
        return about(log, kind=resource.kind, namespace=resource.namespace, name=resource.name, uid=uid)

    def _poisoned(self, uid: str, error: Exception) -> None:
        """A fault of ours: told on the object, tried again with growing pauses, and nobody else is touched."""
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {where.name}:{where.lineno}"
        self._log(uid).error("cannot work on it: %s", place, exc_info=True)
        memory, resource = self._engine.store.memory.get(uid), self._engine.store.objects.get(uid)
        if memory is None or resource is None:
            return
        self._poison(resource.kind)
        now = self._engine.clock.now()
        known = memory.trouble
        telling = known is not None and known.reason == Reason.INTERNAL_ERROR and now < known.until
        trouble = PortError(Reason.INTERNAL_ERROR, f"a fault of the operator ({place}): please report it")
        memory.trouble = accounts.next_trouble(memory.trouble, trouble, now, self._engine.accounts.jitter)
        self._later(uid, memory.trouble.until if telling else now)

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
