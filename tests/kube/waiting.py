"""Waiting for conditions, and a listener that remembers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ams_operator.domain.answers import Resource

PATIENCE = 30.0
"""Seconds; only a broken test waits that long."""


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what or condition}"
        await asyncio.sleep(0.01)


@dataclass
class Store:
    """A listener as the engine's: the newest version wins, a LIST prunes what was known before it."""

    objects: dict[str, Resource] = field(default_factory=dict)
    lists: int = 0
    poison: str = ""
    """name of an object that makes `seen` fail"""
    told: list[str] = field(default_factory=list)
    """versions in the order in which `seen` heard of them"""

    def seen(self, resource: Resource) -> None:
        if resource.name == self.poison:
            raise RuntimeError("poison")
        self.told.append(resource.version)
        kept = self.objects.get(resource.uid)
        if kept is None or int(resource.version) >= int(kept.version):
            self.objects[resource.uid] = resource

    def gone(self, kind: str, uid: str) -> None:
        self.objects.pop(uid, None)

    def knows(self, uid: str, version: str) -> bool:
        kept = self.objects.get(uid)
        return kept is not None and int(kept.version) >= int(version)

    def known(self, kind: str) -> frozenset[str]:
        return frozenset(uid for uid, one in self.objects.items() if one.kind == kind)

    def listed(self, kind: str, uids: frozenset[str], known: frozenset[str]) -> None:
        self.lists += 1
        for uid in known - uids:
            self.objects.pop(uid, None)

    def names(self, kind: str = "Transform") -> set[str]:
        return {one.name for one in self.objects.values() if one.kind == kind}

    def named(self, name: str) -> Resource:
        return next(one for one in self.objects.values() if one.name == name)
