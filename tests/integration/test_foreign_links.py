"""A token goes nowhere but to the origin that an administrator allowed, wherever links to operations lead."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until

KINDS = {
    "Asset": ("tape", "assets"),
    "LiveEvent": ("studio", "liveEvents"),
    "LiveOutput": ("recording", "liveEvents/studio/liveOutputs"),
    "StreamingEndpoint": ("premium", "streamingEndpoints"),
}
"""kind to an object of it, and its collection"""


@dataclass
class Foreign:
    """Another place, as near as can be: same host, another port. Whoever connects is noted, and gets nothing."""

    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    visits: int = 0

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.listener.getsockname()[1]}"

    def listen(self) -> None:
        with suppress(OSError):  # of the listener that is closed at the end
            while True:
                visitor, _ = self.listener.accept()
                self.visits += 1
                visitor.close()


@pytest.fixture
def foreign() -> Iterator[Foreign]:
    """A place that nobody allowed."""
    made = Foreign()
    thread = threading.Thread(target=made.listen, daemon=True)
    thread.start()
    yield made
    assert made.visits == 0
    with socket.create_connection(made.listener.getsockname()):
        until(lambda: made.visits == 1, "a visit is noticed")
    made.listener.shutdown(socket.SHUT_RDWR)
    made.listener.close()
    thread.join()


@pytest.mark.usefixtures("variant")
def test_nothing_is_sent_where_answers_lead_elsewhere(rig: Rig, foreign: Foreign) -> None:
    """All links to operations of everything on air lead to another place; nobody goes there."""
    on_air.quick(rig)
    with rig.running():
        rig.ready_account()
        rig.emulator.control.fault("foreign-links", {"count": 0, "userAgent": "ams-operator"}, origin=foreign.origin)
        on_air.asset(rig, deletionPolicy="Delete")
        on_air.event(rig, runState="Running", deletionPolicy="Delete")
        on_air.output(rig)
        rig.cluster.apply("StreamingEndpoint", "premium", {"runState": "Running", "deletionPolicy": "Delete"})
        _ready(rig)
        for kind, (name, _) in reversed(KINDS.items()):
            rig.cluster.delete(kind, name)
        for kind, (name, _) in reversed(KINDS.items()):
            rig.cluster.gone(kind, name)
    assert on_air.posts(rig, "start") >= 2
    assert on_air.posts(rig, "stop") >= 2
    assert foreign.visits == 0


@pytest.mark.usefixtures("variant")
def test_pages_and_redirects_that_lead_elsewhere_are_not_followed_and_hide_no_drift(rig: Rig, foreign: Foreign) -> None:
    """The list of assets goes on at another place, and looks and changes are sent there once; all else goes on."""
    on_air.quick(rig)
    control = rig.emulator.control
    with rig.running():
        rig.ready_account()
        for name in ("tape", "spool"):
            rig.cluster.apply("Asset", name, {})
        rig.cluster.apply("StreamingEndpoint", "premium", {"runState": "Stopped", "description": "ours"})
        on_air.event(rig)
        for kind in ("Asset", "StreamingEndpoint", "LiveEvent"):
            rig.cluster.ready(kind, KINDS[kind][0])
        rig.cluster.ready("Asset", "spool")
        control.settings(page_size=1)
        control.fault("foreign-links", {"count": 0, "kind": "LIST assets"}, origin=foreign.origin)
        premium = on_air.place(rig, "streamingEndpoints/premium")
        control.patch_out_of_band(premium, {"properties": {"description": "theirs"}})
        until(
            lambda: control.get_out_of_band(premium)["properties"]["description"] == "ours",
            "it is corrected, whatever the list of assets says",
        )
        for kind, (name, collection) in {one: KINDS[one] for one in ("LiveEvent", "StreamingEndpoint")}.items():
            for method in ("GET", "PATCH"):
                match = {"method": method, "path": f"/{collection}/{name}([?]|$)", "userAgent": "ams-operator"}
                control.fault("redirect", match, location=f"{foreign.origin}/elsewhere")
            rig.cluster.patch(kind, name, {"spec": {"description": "another"}})
        until(lambda: not _unmet(rig), "each was sent elsewhere once")
        for kind in ("LiveEvent", "StreamingEndpoint"):
            rig.cluster.ready(kind, KINDS[kind][0])
    assert foreign.visits == 0


def _unmet(rig: Rig) -> list[object]:
    faults = rig.emulator.control.faults()
    return [one["match"] for one in faults if one["action"]["type"] == "redirect" and not one["hits"]]


def _ready(rig: Rig) -> None:
    for kind, (name, _) in KINDS.items():
        rig.cluster.ready(kind, name)
