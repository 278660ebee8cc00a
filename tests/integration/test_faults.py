"""Throttling, kills and deafness: what goes wrong around the operator stays small and heals by itself."""

from __future__ import annotations

import pytest
from tests.integration.rig import Rig, until


def test_a_throttled_bucket_is_left_alone_and_the_others_go_on(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("before")
        rig.cluster.ready("Transform", "before")
        rig.emulator.control.reset_log()
        rig.emulator.control.fault("throttle", {"method": "PUT|PATCH|POST"}, retryAfter=4)
        for number in range(6):
            rig.transform(f"wave-{number}")
        until(lambda: [one for one in rig.emulator.control.log() if one["status"] == 429], "a 429 was answered")
        rig.cluster.delete("Transform", "before")
        rig.cluster.gone("Transform", "before")
        for number in range(6):
            rig.cluster.ready("Transform", f"wave-{number}")
        log = rig.emulator.control.log()
        first = next(one for one in log if one["status"] == 429)
        # What was on its way when the 429 was answered can't be called back; it arrives within the first second.
        known = first["ended"] + 1
        later = [one for one in log if one["method"] in ("PUT", "PATCH", "POST") and one["started"] > known]
        assert all(one["started"] >= first["ended"] + 3.9 for one in later), "no write inside the window"
        assert [one for one in log if one["method"] == "DELETE"]


def test_what_was_sent_was_counted(rig: Rig) -> None:
    with rig.running() as operator:
        rig.ready_account()
        for number in range(4):
            rig.transform(f"counted-{number}")
        for number in range(4):
            rig.cluster.ready("Transform", f"counted-{number}")

        def equal() -> bool:
            mine = [
                one
                for one in rig.emulator.control.log()
                if "ams-operator/" in (one.get("userAgent") or one.get("user_agent") or "")
            ]
            return len(mine) == operator.metric("ams_operator_service_requests_total") > 0

        until(equal, "the service's log and our counter agree")


@pytest.mark.parametrize("stage", ["before", "after"])
@pytest.mark.parametrize("act", ["create", "update", "delete"])
def test_killed_in_the_middle_of_an_act(rig: Rig, act: str, stage: str) -> None:
    """SIGKILL while the request is held, before or after its effect; the next process finishes the work once."""
    method = {"create": "PUT", "update": "PATCH", "delete": "DELETE"}[act]
    rig.operator.start()
    rig.ready_account()
    if act != "create":
        rig.transform("held", description="old")
        rig.cluster.ready("Transform", "held")
    barrier = rig.emulator.control.barrier(stage, method=method, path=".*/transforms/held.*")
    if act == "delete":
        rig.cluster.delete("Transform", "held")
    else:
        rig.transform("held", description="new")
    barrier.wait()
    rig.operator.kill()
    barrier.release("drop" if stage == "before" else "apply")
    rig.emulator.control.clear_barriers()
    rig.operator.start()
    if act == "delete":
        rig.cluster.gone("Transform", "held", patience=120)
        assert rig.in_service("held") is None
    else:
        found = rig.cluster.ready("Transform", "held", patience=120)
        assert found["status"]["record"]["how"] == "Created"
        served = rig.in_service("held")
        assert served is not None
        assert served["properties"]["description"] == "new"
        rig.cluster.delete("Transform", "held")
        rig.cluster.gone("Transform", "held")
        assert rig.in_service("held") is None, "no orphan"
    if stage == "after":
        sent = [one for one in rig.emulator.control.log() if one["method"] == method and "/held" in one["path"]]
        assert len(sent) == 1, "what happened is not repeated"
    rig.operator.stop()
