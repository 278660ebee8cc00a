"""Kubernetes Events: what `kubectl describe` and `kubectl events` show of what happened. Best effort: they are sent one
after the other beside all else, each once, and whatever keeps one from arriving is only logged."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from ams_operator.api.base import API_VERSION, GROUP
from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Resource, Vanished
from ams_operator.domain.model import JSON
from ams_operator.kube.client import KubeClient

log = logging.getLogger(__name__)
_WAITING: Final = 256
"""how many wait to be sent; more are dropped: an API server that is away must not fill our memory"""
_NOTE: Final = 1000
"""bytes; the API server takes 1024"""


class Events:
    """Takes events from the engine's loop and sends them while `run` runs."""

    def __init__(self, kube: KubeClient, safe: Callable[[Resource], Callable[[str, int], str]], instance: str) -> None:
        """`safe` makes a text fit to show beside an object; `instance` says which replica this is."""
        self._kube, self._safe, self._instance = kube, safe, instance[:128]
        self._queue: asyncio.Queue[tuple[str, JSON]] = asyncio.Queue(_WAITING)

    def put(self, resource: Resource, reason: str, act: str, note: str, *, warning: bool) -> None:
        """Have an event sent; never waits."""
        try:
            self._queue.put_nowait((resource.namespace, self._body(resource, reason, act, note, warning)))
        except asyncio.QueueFull:
            log.info("an event is dropped, since too many wait: %s", reason)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            namespace, body = await self._queue.get()
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
