"""One custom resource on its way through a reconcile."""

from __future__ import annotations

from dataclasses import dataclass

from ams_operator.domain.answers import PortError, Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import Desired, Hold, Observed, Record, Scene
from ams_operator.engine.accounts import Account
from ams_operator.engine.store import Memory


@dataclass(slots=True)
class Job:
    """One custom resource, ready to be planned."""

    kind: Kind
    resource: Resource
    desired: Desired
    record: Record
    scene: Scene
    memory: Memory
    account: Account | None
    unchanged: Observed | None = None
    """what was seen before an act that certainly came to nothing: so it is still"""
    untold: tuple[Hold, ...] = ()
    """a claim by which it is held, and of which it is told once its account's credential was seen to be good for it"""
    apart: bool = False
    """it means an account that somebody else manages, and nobody knows its credential to be good: nobody's work waits
    for it, nor it for his"""
    lacking: PortError | None = None
    """why the last look could not list what lies in it"""
