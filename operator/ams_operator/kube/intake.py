"""Custom resources in: kopf's watches, started again whenever they end, and an own LIST after each start.

Never deaf and ready: `state.ready` is true only while every kind is served, watched, and listed by ourselves since its
watch began. That LIST is what finds objects deleted while nobody watched; kopf never mentions those.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Vanished
from ams_operator.kube.access import Login, NoAccess
from ams_operator.kube.client import KubeClient
from ams_operator.kube.installed import outdated
from ams_operator.kube.intake_state import IntakeState, Timing
from ams_operator.kube.listing import Listener, Listings
from ams_operator.kube.messages import (
    Asking,
    Deaf,
    Ended,
    Gone,
    Mailbox,
    Message,
    Poisoned,
    Relisted,
    Seen,
    Watching,
)
from ams_operator.kube.transport import Expired
from ams_operator.kube.watches import WatchThread

logger = logging.getLogger(__name__)

_BATCH: Final = 200
"""Events handed over before the loop gets its turn again."""
_TROUBLE: Final = (Conflict, Expired, KubeDown, KubeRefused, NoAccess, Vanished)


@dataclass
class _Run:
    """What is known of one run of kopf."""

    thread: WatchThread
    kinds: tuple[str, ...]
    since: float | None
    """since when not all watches stand; None: they do"""
    looked: float
    """when the served kinds were compared last"""
    standing: set[str] = field(default_factory=set)
    """paths whose watch stands"""
    asking: dict[str, float] = field(default_factory=dict)
    """paths with a watch request under way, and since when"""
    closed: dict[str, float] = field(default_factory=dict)
    """paths whose watch is over, and since when, while kopf asks for no other"""
    ended: str = ""

    def watched(self) -> frozenset[str]:
        return frozenset(kind for kind in self.kinds if self.thread.paths(kind) <= self.standing)

    def kinds_of(self, path: str) -> frozenset[str]:
        return frozenset(kind for kind in self.kinds if path in self.thread.paths(kind))


class Intake:
    """Runs in the engine's loop. `state` may be read from any thread."""

    def __init__(
        self,
        client: KubeClient,
        login: Login,
        listener: Listener,
        kinds: Sequence[str],
        namespaces: Sequence[str] = (),
        *,
        timing: Timing = Timing(),  # noqa: B008 - frozen
        on_start: Callable[[], None] | None = None,
        on_poison: Callable[[str], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`namespaces` empty means the whole cluster. `on_start` hears of each start of kopf, `on_poison` of each
        object that could not be read (its kind)."""
        self._client, self._login = client, login
        self._kinds, self._namespaces = tuple(kinds), tuple(namespaces)
        self._listener = listener
        self._timing, self._monotonic = timing, monotonic
        self._on_start = on_start
        self.state = IntakeState(kinds=frozenset(kinds))
        self._wake = asyncio.Event()
        self._listings = Listings(
            client, listener, self._namespaces, timing, monotonic, changed=self._wake.set, on_poison=on_poison
        )
        self._said: set[str] = set()

    async def run(self) -> None:
        """Watch until cancelled."""
        failures = 0
        while True:
            began = self._monotonic()
            planned = await self._once()
            lasted = self._monotonic() - began
            failures = 0 if planned or lasted >= self._timing.stable else failures + 1
            if failures:
                delays = self._timing.back_off
                await asyncio.sleep(delays[min(failures, len(delays)) - 1])

    def relist(self) -> None:
        """List everything once more: until that is done, nothing counts as listed."""
        self._listings.want(self._kinds)
        self._update(listed=frozenset())
        self._wake.set()

    async def _once(self) -> bool:
        """One run of kopf, from looking what is served to its end. True: it was ended on purpose."""
        try:
            served = await self._served()
            await self._compare(served)
        except _TROUBLE as error:
            self._update(error=str(error))
            return False
        if not served:
            await asyncio.sleep(self._timing.look_for_crds)
            return True
        mailbox, now = Mailbox(asyncio.get_running_loop(), self._wake.set), self._monotonic()
        thread = WatchThread(served, self._namespaces, self._login, mailbox, self._listener.knows)
        run = _Run(thread, served, since=now, looked=now)
        self._listings.want(served)
        thread.start()
        if self._on_start is not None:
            self._on_start()
        self._update(running=True, starts=self.state.starts + 1)
        try:
            return await self._follow(run)
        finally:
            self._update(running=False, watching=frozenset(), listed=frozenset(), error=run.ended)
            await self._wind_up(run)

    async def _served(self) -> tuple[str, ...]:
        """The kinds that are served; the state follows. Raises what `_TROUBLE` names."""
        served = await self._client.served()
        self._update(missing=frozenset(self._kinds) - served, error="")
        return tuple(kind for kind in self._kinds if kind in served)

    async def _compare(self, kinds: tuple[str, ...]) -> None:
        """Whether the installed CRDs know all that we write; the state follows."""
        lacking: dict[str, str] = {}
        for kind in kinds:
            try:
                if path := await outdated(self._client, kind):
                    lacking[kind] = path
            except (KubeRefused, Vanished) as error:  # no right to read CRDs, or it just went
                logger.debug("can't compare the CRD of %s: %s", kind, error)
        self._update(outdated=lacking)

    async def _follow(self, run: _Run) -> bool:
        """Until the run ends (False) or should be ended (True)."""
        loop = asyncio.get_running_loop()
        next_tick = self._monotonic()
        while not run.ended:
            self._wake.clear()
            messages = run.thread.mailbox.take(_BATCH)
            for message in messages:
                self._receive(run, message)
            if self._monotonic() >= next_tick:
                next_tick = self._monotonic() + self._timing.tick
                if await self._tick(run):
                    return True
            self._listings.start(run.watched())
            self._report(run)
            if len(messages) == _BATCH or run.ended:
                await asyncio.sleep(0)
                continue
            timer = loop.call_later(max(0.0, next_tick - self._monotonic()), self._wake.set)
            await self._wake.wait()
            timer.cancel()
        return False

    def _receive(self, run: _Run, message: Message) -> None:
        match message:
            case Seen(resource):
                self._listings.hand_over(resource)
            case Gone(kind, uid):
                self._listings.gone(kind, uid)
            case Poisoned(kind, why):
                self._listings.poisoned(kind, why)
            case Asking(path, at):
                run.asking[path] = at
                run.closed.pop(path, None)
            case Relisted(path):  # so its last watch is over, and the next does not stand yet
                run.standing.discard(path)
                self._listings.want(run.kinds_of(path))
            case Watching(path):
                run.asking.pop(path, None)
                run.closed.pop(path, None)
                run.standing.add(path)
            case Deaf(path, why, fatal):
                run.asking.pop(path, None)
                self._lose(run, path, why)
                if fatal:  # not waiting for kopf: it takes its time to end, and is deaf to the other kinds meanwhile
                    run.ended = f"{path}: {why}"
            case Ended(why):
                run.ended = run.ended or why

    def _lose(self, run: _Run, path: str, why: str) -> None:
        run.standing.discard(path)
        self._listings.want(run.kinds_of(path))
        self._report(run, error=why)

    def _report(self, run: _Run, error: str | None = None) -> None:
        watched = run.watched()
        if len(watched) == len(run.kinds):
            run.since = None
        elif run.since is None:
            run.since = self._monotonic()
        told = error or self._listings.error() or ("" if run.since is None else self.state.error)
        self._update(watching=watched, listed=self._listings.done & watched, error=told)

    async def _tick(self, run: _Run) -> bool:
        """What has to be looked after without being told. True: end this run, to start with what is served now."""
        now, timing = self._monotonic(), self._timing
        for path, at in run.asking.items():
            if now - at > timing.unanswered and path in run.standing:
                self._lose(run, path, "the API server does not answer a watch")
        for path in run.standing - run.asking.keys():
            if not run.thread.streaming(path) and now - run.closed.setdefault(path, now) > timing.unanswered:
                run.ended = f"kopf no longer watches {path}"
        self._listings.want_old(run.kinds)
        if run.thread.ping() > timing.mute:
            run.ended = "kopf's loop gives no sign of life"
        elif run.since is not None and now - run.since > timing.establish:
            run.ended = self.state.error or "the watches did not come up"
        unfit = self.state.missing or self.state.outdated
        every = timing.look_for_crds if unfit else timing.look_for_changes
        if run.ended or now - run.looked < every:
            return False
        run.looked = now
        try:
            if set(await self._served()) != set(run.kinds):
                return True
            if self.state.outdated:
                await self._compare(run.kinds)
        except _TROUBLE as error:
            self._update(error=str(error))
        return False

    async def _wind_up(self, run: _Run) -> None:
        """The end of a run: its LISTs stop, its thread is waited for, what it said last is heard."""
        run.thread.stop()
        await self._listings.cancel()
        if not await asyncio.to_thread(run.thread.join, self._timing.stop):
            logger.error("kopf's thread does not end; it is left behind and no longer listened to")
        run.thread.mailbox.close()
        while messages := run.thread.mailbox.take(_BATCH):
            for message in messages:
                if isinstance(message, Seen | Gone):
                    self._receive(run, message)
            await asyncio.sleep(0)

    def _update(self, **changes: object) -> None:
        """Replace the state; the log hears of each new trouble once, and when all is well again."""
        state = replace(self.state, **changes)  # type: ignore[arg-type]  # names and types as in IntakeState
        if state == self.state:
            return
        was_ready, self.state = self.state.ready, state
        if state.ready and not was_ready:
            logger.info("every kind is watched and listed")
            self._said.clear()
        elif not state.ready and (news := [one for one in state.troubles() if one not in self._said]):
            self._said.update(news)
            logger.warning("not ready: %s", "; ".join(news))
