"""What status says is true, quiet is quiet, and GitOps tools see no difference."""

from __future__ import annotations

import copy
import json
import os
import re
import time
from typing import Any

import pytest
from tests.integration.rig import Rig
from tests.patience import PATIENCE, until

from ams_devcluster import ControlPlane


def written(rig: Rig, kind: str, name: str, since: str) -> list[dict[str, Any]]:
    """Every version of an object after `since`, as a watch tells them to everybody, oldest first."""
    query = f"?watch=1&resourceVersion={since}&timeoutSeconds=1&fieldSelector=metadata.name%3D{name}"
    api = rig.cluster.api
    headers: dict[str, str] = {"Accept": "application/json"}
    path = rig.cluster.path(kind)
    api.update_params_for_auth(headers, [], ["BearerToken"], path, "GET", None)
    answer = api.rest_client.pool_manager.request("GET", api.configuration.host + path + query, headers=headers)
    return [json.loads(line)["object"] for line in answer.data.splitlines()]


def says_ready(version: dict[str, Any]) -> bool:
    """Whether Ready is True for the generation that this version has, as `kubectl wait` reads it."""
    return any(
        one["type"] == "Ready"
        and one["status"] == "True"
        and one["observedGeneration"] == version["metadata"]["generation"]
        for one in version.get("status", {}).get("conditions", [])
    )


def test_after_an_edit_ready_never_speaks_too_early(rig: Rig) -> None:
    """Each write is kept from the service, and every status that was written until then is read: none may say Ready."""
    with rig.running():
        rig.ready_account()
        for number in range(4):
            # What is made, what is changed, and what the service takes whose answer comes late.
            stage = "after" if number == 3 else "before"
            barrier = rig.emulator.control.barrier(stage, method="PUT|PATCH", path=r".*/transforms/adaptive(\?.*)?")
            edited = rig.transform("adaptive", description=str(number))
            assert number == 0 or not says_ready(edited)
            barrier.wait(timeout=PATIENCE)
            held = rig.cluster.get("Transform", "adaptive")
            assert held is not None
            told = written(rig, "Transform", "adaptive", edited["metadata"]["resourceVersion"])
            assert [one["metadata"]["resourceVersion"] for one in told][-1] == held["metadata"]["resourceVersion"]
            assert [one["status"] for one in told if says_ready(one)] == []
            barrier.release()
            rig.cluster.ready("Transform", "adaptive")
            served = rig.in_service("adaptive")
            assert served is not None
            assert served["properties"]["description"] == str(number)


@pytest.mark.parametrize("slow", [False, True])
def test_each_of_300_new_objects_has_a_status_within_seconds(rig: Rig, slow: bool) -> None:
    with rig.running():
        rig.ready_account()
        if slow:
            rig.emulator.control.fault("latency", {"count": 0}, seconds=0.4)
        else:
            rig.emulator.control.fault("throttle", {"method": "PUT|PATCH", "count": 0}, retryAfter=5)
        created: dict[str, float] = {}
        seen: dict[str, float] = {}
        for number in range(300):
            rig.transform(f"many-{number}", deletionPolicy="Retain")
            created[f"many-{number}"] = time.monotonic()

        def all_seen() -> bool:
            _, answer = rig.cluster.call("GET", rig.cluster.path("Transform"))
            now = time.monotonic()
            for item in answer["items"]:
                conditions = {c["type"]: c["status"] for c in item.get("status", {}).get("conditions", [])}
                if "Ready" in conditions and "observedGeneration" in item["status"]:
                    seen.setdefault(item["metadata"]["name"], now)
            return len(seen) == 300

        until(all_seen, "every object has a first status")
        # No bound in seconds here: the benchmark measures it. This proves that none waits for the service.
        done = sum(
            1
            for item in rig.cluster.call("GET", rig.cluster.path("Transform"))[1]["items"]
            if {c["type"]: c["status"] for c in item["status"]["conditions"]}["Ready"] == "True"
        )
        assert done < 300


def api_writes(control_plane: ControlPlane) -> dict[str, float]:
    """What the API server itself counted of writes to our kinds."""
    found: dict[str, float] = {}
    for line in control_plane.metrics().splitlines():
        if line.startswith("apiserver_request_total{") and 'group="ams-operator.dev"' in line:
            verb = re.search(r'verb="([A-Z]+)"', line)
            if verb is not None and verb[1] in ("APPLY", "PATCH", "PUT", "POST"):
                found[verb[1]] = found.get(verb[1], 0.0) + float(line.rsplit(" ", 1)[1])
    return found


def test_nothing_is_written_while_nothing_differs(rig: Rig, control_plane: ControlPlane) -> None:
    """AMS_QUIET_SWEEPS=32 watches for more than five minutes."""
    sweeps = int(os.environ.get("AMS_QUIET_SWEEPS", "3"))
    with rig.running():
        rig.ready_account()
        for number in range(5):
            rig.transform(f"quiet-{number}")
        for number in range(5):
            rig.cluster.ready("Transform", f"quiet-{number}")
        rig.emulator.control.reset_log()
        before = api_writes(control_plane)
        assert before
        rig.until_log(2 * sweeps, patience=sweeps * 15 + 60)
        log = rig.emulator.control.log()
        assert {one["method"] for one in log} == {"GET"}
        assert not [one for one in log if "/transforms/" in one["path"].lower()], "only LISTs"
        assert api_writes(control_plane) == before


def test_a_restart_writes_nothing(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("calm", description="same")
        rig.cluster.ready("Transform", "calm")
        rig.transform("refused", description="x")
        rig.cluster.ready("Transform", "refused")
    rig.emulator.control.reset_log()
    before = rig.cluster.get("Transform", "calm")
    with rig.running() as operator:
        rig.emulator.control.wait_log(count=4, timeout=90, method="GET")
        until(lambda: operator.metric("ams_operator_oldest_sweep_seconds") >= 0, "metrics answer")
        assert {one["method"] for one in rig.emulator.control.log()} == {"GET"}
        assert rig.cluster.get("Transform", "calm") == before


def test_whoever_applies_sees_no_difference(rig: Rig) -> None:
    """Spec, labels and annotations stay as they were written, whichever way they were applied."""

    def own(body: dict[str, Any]) -> dict[str, Any]:
        metadata = body["metadata"]
        return copy.deepcopy(
            {"spec": body["spec"], "labels": metadata.get("labels"), "annotations": metadata.get("annotations")}
        )

    with rig.running():
        rig.ready_account()
        manifest = {
            "apiVersion": "ams-operator.dev/v1alpha1",
            "kind": "Transform",
            "metadata": {
                "name": "client-side",
                "labels": {"team": "video"},
                "annotations": {"argocd.argoproj.io/tracking-id": "media:x"},
            },
            "spec": {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]},
        }
        status, created = rig.cluster.call("POST", rig.cluster.path("Transform") + "?fieldManager=kubectl", manifest)
        assert status == 201
        applied = rig.transform("server-side", description="x")
        second = rig.cluster.apply("Transform", "server-side", {"deletionPolicy": "Retain"}, manager="second")
        assert applied["metadata"]["uid"] == second["metadata"]["uid"]
        for name, before in (("client-side", created), ("server-side", second)):
            found = rig.cluster.ready("Transform", name)
            assert own(found) == own(before)
            ours = [one for one in found["metadata"]["managedFields"] if one["manager"] == "ams-operator"]
            fields = json.dumps([one["fieldsV1"] for one in ours if one.get("subresource") != "status"])
            assert "f:spec" not in fields
            assert "f:labels" not in fields
            assert "f:annotations" not in fields
