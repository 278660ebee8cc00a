"""How far the intake is, as data: what /readyz and the log say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. Tests shorten them."""

    tick: float = 1.0
    look_for_crds: float = 2.0
    """between looks at what is served, while a kind is missing"""
    look_for_changes: float = 30.0
    """the same, while all are served"""
    relist: float = 900.0
    """even where nothing suggests that something was missed"""
    retry_list: float = 2.0
    unanswered: float = 5.0
    """a watch request that waits longer for its answer counts as deaf"""
    establish: float = 30.0
    """until all watches stand, or stand again; else kopf is started anew"""
    mute: float = 60.0
    """without a sign of life of kopf's loop"""
    stop: float = 10.0
    back_off: tuple[float, ...] = (0.2, 1.0, 2.0, 3.0, 5.0)
    stable: float = 60.0
    """a run that lasted as long starts the back-off from its beginning"""


@dataclass(frozen=True, slots=True)
class IntakeState:
    """Replaced as a whole, so that any thread may read it."""

    kinds: frozenset[str] = frozenset()
    """the kinds that have to be watched"""
    running: bool = False
    watching: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    """kinds of which a LIST of ours has passed through since their watch began"""
    missing: frozenset[str] = frozenset()
    """kinds that the API server does not serve: no CRD"""
    outdated: Mapping[str, str] = field(default_factory=dict)
    """kinds whose installed CRD is older than this program, and a field that it lacks"""
    error: str = ""
    starts: int = 0

    @property
    def ready(self) -> bool:
        """Whether nothing can be missed now, and everything can be written."""
        complete = self.watching >= self.kinds and self.listed >= self.kinds
        return self.running and complete and not self.missing and not self.outdated

    def troubles(self) -> tuple[str, ...]:
        """What is wrong, one sentence each: the reasons that are no ordinary step of a start."""
        found = [f"{kind} is not served: apply crds/" for kind in sorted(self.missing)]
        for kind, path in sorted(self.outdated.items()):
            found.append(f"the CRD of {kind} is older than this program, it lacks {path}: apply crds/")
        return (*found, *([self.error] if self.error else []))

    def reasons(self) -> tuple[str, ...]:
        """Why it is not ready, one sentence each; empty when it is."""
        if self.ready:
            return ()
        found: list[str] = []
        served = self.kinds - self.missing
        if not self.running:
            found.append("the watches are not running")
        elif deaf := served - self.watching:
            found.append(f"not watching {', '.join(sorted(deaf))}")
        if late := (served & self.watching) - self.listed:
            found.append(f"not listed yet: {', '.join(sorted(late))}")
        return (*self.troubles(), *found)
