"""Throttling, kills and deafness: what goes wrong around the operator stays small and heals by itself."""

from __future__ import annotations

import pytest
from tests.integration.rig import Rig
from tests.patience import until


def test_a_throttled_bucket_is_left_alone_and_the_others_go_on(rig: Rig) -> None:
    with rig.running() as operator:
        rig.ready_account()
        rig.transform("before")
        rig.cluster.ready("Transform", "before")
        rig.emulator.control.reset_log()
        rig.emulator.control.fault("throttle", {"method": "PUT|PATCH|POST"}, retryAfter=4)
        for number in range(6):
            rig.transform(f"wave-{number}")
        until(lambda: [one for one in rig.emulator.control.log() if one["status"] == 429], "a 429 was answered")
        until(lambda: operator.metric("ams_operator_budget_closed", bucket="write") == 1, "the window is shown")
        rig.cluster.delete("Transform", "before")
        rig.cluster.gone("Transform", "before")
        for number in range(6):
            rig.cluster.ready("Transform", f"wave-{number}")
        until(lambda: operator.metric("ams_operator_budget_closed") == 0, "no window is shown any more")
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
def test_killed_in_the_middle_of_three_acts(rig: Rig, stage: str) -> None:
    """SIGKILL while a create, an update and a delete are held, before or after their effects: each is made once."""
    methods = {"create": "PUT", "update": "PATCH", "delete": "DELETE"}
    rig.operator.start()
    rig.ready_account()
    for act in ("update", "delete"):
        rig.transform(act, description="old")
        rig.cluster.ready("Transform", act)
    rig.emulator.control.reset_log()
    barriers = [
        rig.emulator.control.barrier(stage, method=method, path=f".*/transforms/{act}.*")
        for act, method in methods.items()
    ]
    rig.transform("create", description="new")
    rig.transform("update", description="new")
    rig.cluster.delete("Transform", "delete")
    for barrier in barriers:
        barrier.wait()
    rig.operator.kill()
    for barrier in barriers:
        barrier.release("drop" if stage == "before" else "apply")
    rig.emulator.control.clear_barriers()
    with rig.running():
        rig.cluster.gone("Transform", "delete")
        assert rig.in_service("delete") is None
        for act in ("create", "update"):
            found = rig.cluster.ready("Transform", act)
            assert found["status"]["record"]["how"] == "Created"
            served = rig.in_service(act)
            assert served is not None
            assert served["properties"]["description"] == "new"
        log = rig.emulator.control.log()
        for act, method in methods.items():
            sent = [one for one in log if one["method"] == method and one["path"].endswith(f"/{act}")]
            assert len(sent) == (1 if stage == "after" else 2), f"{act}: once more where nothing came of it"
        for act in ("create", "update"):
            rig.cluster.delete("Transform", act)
            rig.cluster.gone("Transform", act)
            assert rig.in_service(act) is None, "no orphan"
