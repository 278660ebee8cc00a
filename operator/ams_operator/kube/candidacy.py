"""The Lease on the wire: a thread, a loop and a connection of its own, so that nothing else can delay a renewal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import uvloop

from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Vanished
from ams_operator.domain.model import JSON
from ams_operator.kube.access import Login, NoAccess
from ams_operator.kube.lease import DURATION, RETRY, Candidate, Hold, Lease
from ams_operator.kube.secrets import MANAGER
from ams_operator.kube.transport import MERGE, Call, Expired, Observe, Transport

logger = logging.getLogger(__name__)

TIMEOUT: Final = 3.0
"""seconds for a request: an answer after `lease.WRITE` permits nothing any more"""
_REFUSED_PAUSE: Final = 2.0
_MUTE: Final = 30.0
"""seconds without a step after which the thread counts as dead"""
_GIVING_UP: Final = 3
"""how often it is tried to give the Lease up; after that the others wait for its end"""
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady() -> float:
    """Seconds that go on while the machine sleeps, and do not jump when its clock is set."""
    return time.clock_gettime(_CLOCK)


class Candidacy:
    """Stands for one Lease until `release`. All members may be used in any thread."""

    def __init__(
        self,
        login: Login,
        namespace: str,
        name: str,
        identity: str,
        *,
        agent: str,
        fresh: bool = False,
        observe: Observe | None = None,
    ) -> None:
        """`identity` and `fresh` as in `Candidate`."""
        self._login, self._namespace, self._name = login, namespace, name
        self._agent, self._observe = agent, observe
        self._candidate = Candidate(identity, fresh=fresh)
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)
        self._stopping = False
        self._interrupt: Callable[[], None] = lambda: None
        self._stepped = time.monotonic()
        self.trouble = ""
        """what keeps us from the Lease"""

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def may_write(self) -> bool:
        """Whether a write may begin at this moment."""
        return self._candidate.may_write(steady())

    @property
    def number(self) -> int | None:
        """The term in which this replica leads, None where it does not."""
        return None if self._candidate.over or steady() < self._candidate.begins else self._candidate.term

    @property
    def over(self) -> bool:
        """It led, and another replica may have led since: this process has to end."""
        return self._candidate.over

    @property
    def alive(self) -> bool:
        """Whether the thread does its work."""
        return self._thread.is_alive() and time.monotonic() - self._stepped < _MUTE

    def says(self) -> str:
        """Who leads."""
        if self.number is not None:
            return f"leads, term {self.number}" + ("" if self.may_write() else "; may not write now")
        return f"stands by for {self._candidate.holder or 'nobody'}"

    def release(self) -> None:
        """Give the Lease up where it is ours, and end. Waits; nothing may be under way any more."""
        self._candidate.resign()
        self._stopping = True
        self._interrupt()
        if self._thread.is_alive():
            self._thread.join((_GIVING_UP + 1) * TIMEOUT)

    def _run(self) -> None:
        try:
            uvloop.run(self._stand())
        except Exception:  # /healthz tells, and who may not renew may soon not write
            logger.exception("the thread of the Lease ended")

    async def _stand(self) -> None:
        loop, wake = asyncio.get_running_loop(), asyncio.Event()
        self._interrupt = lambda: _call(loop, wake.set)
        transport: Transport | None = None
        try:
            while not self._stopping and not self._candidate.over:
                self._stepped = time.monotonic()
                if (pause := self._candidate.due - steady()) > 0:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(wake.wait(), pause)
                    continue
                transport = transport or await self._connect()
                if transport is not None:
                    await self._step(transport)
            if transport is not None:
                await self._give_up(transport)
        finally:
            if transport is not None:
                await transport.close()

    async def _connect(self) -> Transport | None:
        try:
            access = await self._login.load()
        except NoAccess as error:
            self._failed(str(error), _REFUSED_PAUSE)
            return None
        return Transport(self._login, access, agent=self._agent, timeout=TIMEOUT, observe=self._observe)

    async def _step(self, transport: Transport) -> None:
        candidate, sent = self._candidate, steady()
        led, hold = candidate.term, candidate.step()
        try:
            if hold is None:
                candidate.found(await self._look(transport), steady())
            else:
                candidate.held(sent, await self._write(transport, hold, candidate.identity))
        except Conflict:
            candidate.refused(steady())
        except Vanished as error:
            if hold is None or hold.replaces is None:
                self._failed(str(error), _REFUSED_PAUSE)
                return
            candidate.found(None, steady())
        except KubeRefused as error:
            self._failed(f"{error}: apply manifests/rbac.yaml, or run one replica with --no-lease", _REFUSED_PAUSE)
            return
        except (KubeDown, Expired) as error:
            self._failed(str(error), RETRY)
            return
        self.trouble = ""
        if candidate.over:
            logger.error("the Lease %s is no longer ours: %s", self._name, candidate.holder or "nobody has it")
        elif led is None and candidate.term is not None:
            logger.info("holds the Lease %s from now on: term %d", self._name, candidate.term)

    def _failed(self, why: str, pause: float) -> None:
        self._candidate.failed(steady(), pause)
        if why != self.trouble:
            logger.warning("can't hold the Lease %s in %s: %s", self._name, self._namespace, why)
        self.trouble = why

    async def _give_up(self, transport: Transport) -> None:
        candidate = self._candidate
        for _ in range(_GIVING_UP):
            hold = candidate.step()
            if self.number is None:
                return
            try:
                if hold is None:
                    candidate.found(await self._look(transport), steady())
                elif hold.replaces is not None:
                    await self._write(transport, hold, "")
                    logger.info("gave the Lease %s up", self._name)
                    return
            except Conflict:
                candidate.refused(steady())
            except (Vanished, KubeRefused, KubeDown, Expired) as error:
                logger.info("the Lease %s could not be given up: %s", self._name, error)
                return

    async def _look(self, transport: Transport) -> Lease | None:
        try:
            return _lease(await transport.send(Call("Lease", "get", "GET", self._path(self._name), aside=True)))
        except Vanished:
            return None

    async def _write(self, transport: Transport, hold: Hold, holder: str) -> Lease:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        # The times are for people: nobody who stands for the Lease reads them.
        spec: JSON = {"holderIdentity": holder, "leaseDurationSeconds": int(DURATION), "leaseTransitions": hold.term}
        spec |= {"renewTime": now, **({"acquireTime": now} if self._candidate.term is None else {})}
        metadata: JSON = {"name": self._name, "labels": {"app.kubernetes.io/managed-by": MANAGER}}
        query = {"fieldManager": MANAGER}
        if hold.replaces is None:
            body: JSON = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
            call = Call("Lease", "create", "POST", self._path(), query, body, aside=True)
        else:
            body = {"metadata": {"resourceVersion": hold.replaces}, "spec": spec}
            call = Call("Lease", "renew", "PATCH", self._path(self._name), query, body, MERGE, aside=True)
        return _lease(await transport.send(call))

    def _path(self, name: str = "") -> str:
        space = f"/apis/coordination.k8s.io/v1/namespaces/{quote(self._namespace, safe='')}/leases"
        return space + (f"/{quote(name, safe='')}" if name else "")


def _lease(raw: JSON) -> Lease:
    """Raises KubeDown where it is none."""
    try:
        spec = raw.get("spec") or {}
        return Lease(
            holder=str(spec.get("holderIdentity") or ""),
            term=int(spec.get("leaseTransitions") or 0),
            version=str(raw["metadata"]["resourceVersion"]),
            duration=float(spec.get("leaseDurationSeconds") or DURATION),
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        raise KubeDown("the API server answered with a Lease that is none") from None


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # it ended meanwhile
        loop.call_soon_threadsafe(function)
