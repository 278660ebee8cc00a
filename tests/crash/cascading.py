"""Stops and deletions on air, told again of a service that refuses neither for the sake of recordings: it ends them.

Nobody could verify whether the service keeps an event from ending while it records. With one that does, a mistake of
ours is a 409; with this one, a lost recording. So both are played.
"""

from __future__ import annotations

from dataclasses import replace

from tests.crash.events import EVENTS
from tests.crash.recordings import RECORDINGS

STORIES = (
    "event: stop",
    "event: stop and start",
    "event: interrupt",
    "event: from the air to StandBy",
    "event: asked to stop",
    "event: delete on air",
    "event: delete on air, explicitly",
    "event: delete on air, kept",
    "event: recording keeps it on air",
    "event: recording ended by consent",
    "event: recording keeps it from deletion",
    "recording: event stops while it begins",
    "event with recording: stop",
    "event with recording: interrupt by consent",
    "event with recording: delete both",
)
_KNOWN = {scenario.name: scenario for scenario in (*EVENTS, *RECORDINGS)}

CASCADING = tuple(replace(_KNOWN[name], name=f"{name}, cascading", cascades=True) for name in STORIES)
