"""Kubernetes Events: what `kubectl describe` and `kubectl events` show of what happened. Best effort: they are sent one
after the other beside all else, namespaces in turn, each once, and whatever keeps one from arriving is only logged."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from ams_operator.api.base import API_VERSION, GROUP
from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Resource, Vanished
from ams_operator.domain.model import JSON
from ams_operator.kube.client import KubeClient

log = logging.getLogger(__name__)
_WAITING: Final = 256
"""how many wait to be sent, of all namespaces: an API server that is away must not fill our memory"""
_NOTE: Final = 1000
"""bytes; the API server takes 1024"""


class Waiting:
    """What waits to be sent, at most `most`. Namespaces take turns, and one that is too much is of the namespace of
    which most wait: so nobody loses any of as many as each could have."""

    def __init__(self, most: int) -> None:
        self._most, self._count = most, 0
        self._spaces: OrderedDict[str, deque[JSON]] = OrderedDict()
        """the next one to be served stands first"""

    def __len__(self) -> int:
        return self._count

    def put(self, namespace: str, body: JSON) -> JSON | None:
        """Let it wait. Returns what waits no more: it, or the last one of another namespace."""
        mine = self._spaces.setdefault(namespace, deque())
        mine.append(body)
        self._count += 1
        if self._count <= self._most:
            return None
        fullest = max(self._spaces, key=lambda one: len(self._spaces[one]))
        return self._out(namespace if len(mine) == len(self._spaces[fullest]) else fullest, last=True)

    def take(self) -> tuple[str, JSON]:
        """The next one. There has to be one."""
        namespace = next(iter(self._spaces))
        self._spaces.move_to_end(namespace)
        return namespace, self._out(namespace)

    def _out(self, namespace: str, *, last: bool = False) -> JSON:
        bodies = self._spaces[namespace]
        body = bodies.pop() if last else bodies.popleft()
        self._count -= 1
        if not bodies:
            del self._spaces[namespace]
        return body


class Events:
    """Takes events from the engine's loop and sends them while `run` runs."""

    def __init__(self, kube: KubeClient, safe: Callable[[Resource], Callable[[str, int], str]], instance: str) -> None:
        """`safe` makes a text fit to show beside an object; `instance` says which replica this is."""
        self._kube, self._safe, self._instance = kube, safe, instance[:128]
        self._waiting, self._some = Waiting(_WAITING), asyncio.Event()

    def put(self, resource: Resource, reason: str, act: str, note: str, *, warning: bool) -> None:
        """Have an event sent; never waits."""
        dropped = self._waiting.put(resource.namespace, self._body(resource, reason, act, note, warning))
        if dropped is not None:
            log.info("an event is dropped, since too many of its namespace wait: %s", dropped["reason"])
        self._some.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._some.wait()
            if not self._waiting:
                self._some.clear()
                continue
            namespace, body = self._waiting.take()
            try:
                await self._kube.create_event(namespace, body)
            except (Conflict, KubeDown, KubeRefused, Vanished) as error:
                log.info("an event could not be sent: %s", error)

    def _body(self, resource: Resource, reason: str, act: str, note: str, warning: bool) -> JSON:
        text = self._safe(resource)(note, _NOTE).encode()[:_NOTE].decode(errors="ignore")
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": f"{resource.name[:200]}.{uuid.uuid4().hex}", "namespace": resource.namespace},
            "eventTime": now,
            "reportingController": f"{GROUP}/ams-operator",
            "reportingInstance": self._instance,
            "type": "Warning" if warning else "Normal",
            "reason": reason,
            "action": act,
            "regarding": {
                "apiVersion": API_VERSION,
                "kind": resource.kind,
                "namespace": resource.namespace,
                "name": resource.name,
                "uid": resource.uid,
            },
            "note": text,
        }
