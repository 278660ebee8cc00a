"""`kubectl replace`, with and without `--force`, by the requests that kubectl makes: PUT; DELETE, then POST."""

from __future__ import annotations

from typing import Any

from tests.integration import on_air
from tests.integration.api_proxy import ApiProxy, finalized, reports
from tests.integration.rig import GROUP, VERSION, Rig

OPTIONS = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background", "gracePeriodSeconds": 0}


def manifest(name: str, **spec: Any) -> dict[str, Any]:
    """A file as people keep it: neither status nor finalizers."""
    outputs = [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]
    body: dict[str, Any] = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "Transform", "metadata": {"name": name}}
    return body | {"spec": {"outputs": outputs, **spec}}


def create(rig: Rig, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return rig.cluster.call("POST", rig.cluster.path("Transform"), body)


def test_a_replaced_object_keeps_its_memory_and_gets_its_finalizer_back(rig: Rig) -> None:
    with rig.running():
        rig.ready_account()
        rig.transform("one", description="old")
        before = rig.cluster.ready("Transform", "one")
        rig.emulator.control.reset_log()
        body = manifest("one", description="new")
        body["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"]
        code, replaced = rig.cluster.call("PUT", rig.cluster.path("Transform", "one"), body)
        assert code == 200, replaced
        assert "finalizers" not in replaced["metadata"], "what the file does not say is gone"
        assert replaced["status"] == before["status"], "but for the status, which is a resource of its own"
        found = rig.cluster.ready("Transform", "one")
        assert finalized(found)
        record = found["status"]["record"]
        assert (record["how"], record["identity"]) == ("Created", before["status"]["record"]["identity"])
        assert on_air.writes(rig) == [("PATCH", "transforms/one")]
        rig.cluster.delete("Transform", "one")
        rig.cluster.gone("Transform", "one")
        assert rig.in_service("one") is None, "no orphan"


def test_a_replacement_by_force_waits_for_the_end_of_the_first(rig: Rig) -> None:
    """The name is free once the service has lost what the first object made; the second one makes its own."""
    with rig.running():
        rig.ready_account()
        rig.transform("one", description="old")
        before = rig.cluster.ready("Transform", "one")
        rig.emulator.control.reset_log()
        held = rig.emulator.control.barrier("before", method="DELETE", path="/transforms/one$")
        code, _ = rig.cluster.call("DELETE", rig.cluster.path("Transform", "one"), OPTIONS)
        assert code in (200, 202)
        held.wait()
        code, answer = create(rig, manifest("one", description="new"))
        assert (code, answer["reason"]) == (409, "AlreadyExists")
        held.release("apply")
        rig.cluster.gone("Transform", "one")
        code, made = create(rig, manifest("one", description="new"))
        assert code == 201, made
        found = rig.cluster.ready("Transform", "one")
        record = found["status"]["record"]
        assert found["metadata"]["uid"] != before["metadata"]["uid"]
        assert (record["uid"], record["how"]) == (found["metadata"]["uid"], "Created")
        served = rig.in_service("one")
        assert served is not None
        assert served["properties"]["description"] == "new"
        assert on_air.writes(rig) == [("DELETE", "transforms/one"), ("PUT", "transforms/one")]


def test_a_status_that_comes_late_does_not_reach_the_next_object_of_the_name(rig: Rig, proxy: ApiProxy) -> None:
    """An object without finalizer is gone while its status is on its way, and the next one has no status yet: it would
    have passed for the one that made what it finds."""
    with rig.running():
        rig.ready_account()
        path = rig.cluster.path("Transform", "one")
        first = proxy.barrier("before", "PATCH", path + "/status", reports)
        body = manifest("one", description="same", deletionPolicy="Retain")
        assert create(rig, body)[0] == 201
        assert first.wait().body["status"]["record"]["how"] == "Created"
        assert rig.cluster.call("DELETE", path, OPTIONS)[0] == 200
        second = proxy.barrier("before", "PATCH", path + "/status")
        code, made = create(rig, body)
        assert code == 201, made
        second.wait()
        first.release("apply")
        assert first.effect() == 409
        assert "status" not in (rig.cluster.get("Transform", "one") or {})
        second.release("apply")
        record = rig.cluster.ready("Transform", "one")["status"]["record"]
        assert (record["uid"], record["how"]) == (made["metadata"]["uid"], "Adopted")
