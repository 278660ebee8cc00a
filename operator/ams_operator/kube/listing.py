"""Our own LISTs: what exists, page by page, and what no longer does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, Protocol

from ams_operator.api.kinds import kind_named
from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Resource, Vanished
from ams_operator.kube.client import KubeClient
from ams_operator.kube.intake_state import Timing
from ams_operator.kube.transport import Expired

logger = logging.getLogger(__name__)

_TROUBLE: Final = (Conflict, Expired, KubeDown, KubeRefused, Vanished)


class Listener(Protocol):
    """Who keeps the objects. All methods are called in the engine's loop, and must neither wait nor raise."""

    def seen(self, resource: Resource) -> None:
        """It exists, in this state unless a larger `version` is known already: echoes and LISTs may come late."""
        ...

    def gone(self, kind: str, uid: str) -> None:
        """It was deleted. A uid never comes back."""
        ...

    def knows(self, uid: str, version: str) -> bool:
        """Whether `seen` would find no news in this version of an object. Called in any thread."""
        ...

    def known(self, kind: str) -> frozenset[str]:
        """The uids that are kept of a kind."""
        ...

    def listed(self, kind: str, uids: frozenset[str], known: frozenset[str]) -> None:
        """A whole LIST has passed through `seen`: of `known`, as it was before the LIST began, only `uids` exist."""
        ...


class Listings:
    """Lists kinds that are wanted, one LIST of a kind at a time, and guards the listener's boundary."""

    def __init__(
        self,
        client: KubeClient,
        listener: Listener,
        namespaces: tuple[str, ...],
        timing: Timing,
        monotonic: Callable[[], float],
        *,
        changed: Callable[[], None],
        on_poison: Callable[[str], None] | None,
    ) -> None:
        """`changed` is called when a LIST ends, well or not."""
        self._client, self._listener, self._namespaces = client, listener, namespaces
        self._timing, self._monotonic = timing, monotonic
        self._changed, self._on_poison = changed, on_poison
        self.done: frozenset[str] = frozenset()
        """kinds listed since they were wanted last"""
        self._wanted: set[str] = set()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._deleted: dict[str, set[str]] = {}
        """uids that went while a LIST of their kind is under way"""
        self._listed_at: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self._errors: dict[str, str] = {}

    def error(self) -> str:
        """What hinders a LIST; empty: nothing."""
        return next(iter(self._errors.values()), "")

    def want(self, kinds: Iterable[str]) -> None:
        """Something may have been missed: what is known of these kinds counts only after another LIST."""
        self._wanted.update(kinds)
        self.done -= self._wanted

    def want_old(self, kinds: Iterable[str]) -> None:
        """Kinds that were not listed for long are listed again, as a precaution; they stay `done` meanwhile."""
        oldest = self._monotonic() - self._timing.relist
        self._wanted.update(
            kind for kind in kinds if kind not in self._running and self._listed_at.get(kind, oldest) < oldest
        )

    def start(self, watched: frozenset[str]) -> None:
        """Begin LISTs of what is wanted and watched: a LIST that began before its watch could miss a deletion."""
        now = self._monotonic()
        for kind in self._wanted & watched:
            if kind not in self._running and now >= self._not_before.get(kind, now):
                self._wanted.discard(kind)
                self._deleted[kind] = set()
                task = asyncio.create_task(self._list(kind), name=f"list {kind}")
                self._running[kind] = task
                task.add_done_callback(partial(self._ended, kind))

    async def cancel(self) -> None:
        """End what is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._errors.clear()
        self._not_before.clear()
        self.done = frozenset()

    def hand_over(self, resource: Resource) -> None:
        """An object to the listener; an exception there must not end the intake."""
        try:
            self._listener.seen(resource)
        except Exception:
            logger.exception("%s %s/%s was not taken in", resource.kind, resource.namespace, resource.name)
            self._count(resource.kind)

    def gone(self, kind: str, uid: str) -> None:
        """A deletion to the listener."""
        if kind in self._deleted:
            self._deleted[kind].add(uid)
        try:
            self._listener.gone(kind, uid)
        except Exception:
            logger.exception("the deletion of a %s was not taken in", kind)
            self._count(kind)

    def poisoned(self, kind: str, why: str) -> None:
        """An object that could not be read."""
        logger.warning("something of kind %s can't be read and is left alone: %s", kind, why)
        self._count(kind)

    def _count(self, kind: str) -> None:
        if self._on_poison is not None:
            self._on_poison(kind)

    def _ended(self, kind: str, task: asyncio.Task[None]) -> None:
        self._running.pop(kind, None)
        self._deleted.pop(kind, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("listing %s failed", kind, exc_info=error)
            self._failed(kind, f"listing {kind} failed: {type(error).__name__}")
        self._changed()

    def _failed(self, kind: str, error: str) -> None:
        self._errors[kind] = error
        self._not_before[kind] = self._monotonic() + self._timing.retry_list
        self.want({kind})

    async def _list(self, kind: str) -> None:
        try:
            await self._list_all(kind)
        except _TROUBLE as error:
            self._failed(kind, f"can't list {kind}: {error}")
            return
        self._errors.pop(kind, None)
        self._not_before.pop(kind, None)
        self._listed_at[kind] = self._monotonic()
        if kind not in self._wanted:
            self.done |= {kind}

    async def _list_all(self, kind: str) -> None:
        known = self._listener.known(kind)
        uids: set[str] = set()
        cluster_scoped = kind_named(kind).scope == "Cluster"
        for namespace in ("",) if cluster_scoped else self._namespaces or ("",):
            async for resources, malformed in self._client.pages(kind, namespace):
                for resource in resources:
                    uids.add(resource.uid)
                    # The page may be older than a deletion that was reported meanwhile.
                    if resource.uid not in self._deleted.get(kind, ()):
                        self.hand_over(resource)
                if malformed:
                    self.poisoned(kind, f"{malformed} items of a LIST")
        self._listener.listed(kind, frozenset(uids), known)
