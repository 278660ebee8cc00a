"""SIGKILL at each point of an object's life at which something lasts is written, to the API server or to the service:
before its effect, after it while the answer is on its way, and with the effect coming when the next process is at work.

One process is killed with an object at each point, each point an object's name; a failure names it. What may have been
sent by the one that was killed is waited for for QUIET instead of a minute: the minute itself is waited for in
`test_killed_in_the_middle_of_three_acts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.integration import api_proxy, on_air
from tests.integration.api_proxy import JSON, ApiProxy, finalized, notes, released, reports
from tests.integration.operators import QUIET
from tests.integration.rig import Rig

from ams_emulator import control_client


@dataclass(frozen=True)
class Point:
    """What is held there, of an object of this name. With `holds` it is a write to the API server, `part` its end; else
    a request to the service, `part` its method and the end of its path."""

    name: str
    deed: str
    part: str = ""
    holds: Callable[[JSON], bool] | None = None

    @property
    def kind(self) -> str:
        return "LiveEvent" if self.deed in ("start", "end") else "Transform"

    @property
    def place(self) -> str:
        """Where it is in the test's account."""
        return f"{'liveEvents' if self.kind == 'LiveEvent' else 'transforms'}/{self.name}"


STATUS = "/status"
POINTS = (
    Point("at-update-note", "update", STATUS, notes("update")),
    Point("at-update", "update", "PATCH"),
    Point("at-update-outcome", "update", STATUS, reports),
    Point("at-start-note", "start", STATUS, notes("start")),
    Point("at-start", "start", "POST/start"),
    Point("at-stop-note", "end", STATUS, notes("stop")),
    Point("at-stop", "end", "POST/stop"),
    Point("at-delete-note", "delete", STATUS, notes("delete")),
    Point("at-delete", "delete", "DELETE"),
    Point("at-release", "delete", "", released),
    Point("at-create", "create", "PUT"),
    Point("at-create-outcome", "create", STATUS, reports),
    # Last: while an object waits for its first status, fewer others are worked on.
    Point("at-finalizer", "create", "", finalized),
    Point("at-create-note", "create", STATUS, notes("create")),
)
SENT = {"create": ["PUT"], "update": ["PATCH"], "delete": ["DELETE"], "start": ["POST start"]}
SENT["end"] = ["POST stop", "DELETE"]
"""what has to take effect in the service, each once and nothing else"""


def event(rig: Rig, name: str, run_state: str) -> None:
    on_air.event(rig, name, runState=run_state, deletionPolicy="Delete")


def prepare(rig: Rig) -> None:
    """What the deeds are done to."""
    on_air.quick(rig, seconds=0)
    rig.ready_account()
    there = [point for point in POINTS if point.deed != "create"]
    for point in there:
        if point.kind == "Transform":
            rig.transform(point.name, description="old")
        else:
            event(rig, point.name, "Stopped" if point.deed == "start" else "Running")
    for point in there:
        rig.cluster.ready(point.kind, point.name)


def do(rig: Rig, point: Point) -> None:
    """What the user does, and what leads to the point."""
    if point.deed in ("create", "update"):
        rig.transform(point.name, description="new")
    elif point.deed == "start":
        event(rig, point.name, "Running")
    else:
        rig.cluster.delete(point.kind, point.name)


def barrier(rig: Rig, proxy: ApiProxy, point: Point, stage: Any) -> api_proxy.Barrier | control_client.Barrier:
    if point.holds is not None:
        place = rig.cluster.path(point.kind, point.name) + point.part
        return proxy.barrier("after" if stage == "after" else "before", "PATCH", place, point.holds)
    method, _, verb = point.part.partition("/")
    path = f"/{point.place}{'/' + verb if verb else ''}$"
    return rig.emulator.control.barrier("after" if stage == "after" else "before", method=method, path=path)


def held(made: api_proxy.Barrier | control_client.Barrier, point: Point) -> None:
    try:
        made.wait()
    except (TimeoutError, control_client.EmulatorError):
        pytest.fail(f"nothing came to the point {point.name}")


def check(rig: Rig, point: Point) -> None:
    """It went on to its end as if nothing had been, and what it asked of the service took effect once."""
    if point.deed in ("delete", "end"):
        rig.cluster.gone(point.kind, point.name)
        assert not on_air.exists(rig, point.place)
    else:
        found = rig.cluster.ready(point.kind, point.name)
        record = found["status"]["record"]
        assert (record["uid"], record["how"]) == (found["metadata"]["uid"], "Created")
        assert "act" not in record
        assert finalized(found)
        served = rig.emulator.request("GET", on_air.place(rig, point.place))[2]["properties"]
        assert point.deed == "start" or served["description"] == "new"
        assert point.deed != "start" or served["resourceState"] == "Running"
    assert effects(rig, point) == SENT[point.deed]


def effects(rig: Rig, point: Point) -> list[str]:
    """What of the operator's requests for it took effect: methods, with the verbs of actions."""
    log = [one for one in rig.emulator.control.log() if one["access"] == "write" and one["effect"] == "applied"]
    sent = [(one["method"], one["path"].partition("?")[0].partition(f"/{rig.account_name}/")[2]) for one in log]
    mine = [(method, path.removeprefix(point.place)) for method, path in sent if path.startswith(point.place)]
    return [f"{method} {rest[1:]}".strip() for method, rest in mine if rest[:1] in ("", "/")]


@pytest.mark.parametrize("stage", ["before", "after", "late"])
def test_killed_at_each_point_of_a_life(rig: Rig, proxy: ApiProxy, subtests: pytest.Subtests, stage: str) -> None:
    """Nothing is orphaned, everything is made once and Ready, or gone, at its end."""
    points = [point for point in POINTS if stage != "late" or point.holds is not None]
    rig.operator.quiet = QUIET
    rig.operator.start()
    prepare(rig)
    rig.emulator.control.reset_log()
    barriers = []
    for point in points:
        barriers.append(barrier(rig, proxy, point, stage))
        do(rig, point)
        held(barriers[-1], point)
    rig.operator.kill()
    if stage != "late":
        for one in barriers:
            one.release("drop" if stage == "before" else "apply")
    with rig.running():
        if stage == "late":
            for one in barriers:
                one.release("apply")
        for point in points:
            with subtests.test(point=point.name, stage=stage):
                check(rig, point)
        left = [point for point in points if point.deed not in ("delete", "end")]
        for point in left:
            rig.cluster.delete(point.kind, point.name)
        for point in left:
            with subtests.test(orphan=point.name, stage=stage):
                rig.cluster.gone(point.kind, point.name)
                assert not on_air.exists(rig, point.place)
