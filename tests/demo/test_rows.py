"""Rows say what `kubectl wait` would say."""

from __future__ import annotations

from typing import Any

from demo.manifests import NAMESPACE
from demo.rows import is_ready, row

ID = "/subscriptions/1/resourceGroups/media/providers/Microsoft.Media/mediaservices/contoso/transforms/adaptive"


def item(generation: int = 1, **status: Any) -> dict[str, Any]:
    metadata = {"name": "adaptive", "namespace": NAMESPACE, "generation": generation}
    return {"kind": "Transform", "metadata": metadata, "status": status}


def ready(generation: int) -> dict[str, Any]:
    return {
        "type": "Ready",
        "status": "True",
        "reason": "InSync",
        "message": "as declared",
        "observedGeneration": generation,
    }


def test_ready_of_the_present_generation_counts() -> None:
    assert is_ready(item(2, conditions=[ready(2)]))
    assert row(item(2, conditions=[ready(2)]), ()).ready == "True"


def test_ready_of_an_earlier_generation_does_not() -> None:
    assert not is_ready(item(2, conditions=[ready(1)]))
    assert row(item(2, conditions=[ready(1)]), ()).ready == "-"


def test_an_object_that_nobody_has_seen_yet() -> None:
    found = row({"kind": "Transform", "metadata": {"name": "a", "namespace": NAMESPACE, "generation": 1}}, ())
    assert (found.ready, found.azure, found.message) == ("-", "-", "not seen yet")


def test_what_is_in_the_service_is_asked_of_the_service() -> None:
    assert row(item(resourceId=ID), {ID.lower()}).azure == "exists"
    assert row(item(resourceId=ID), set()).azure == "-"
    assert row(item(resourceId=ID, provisioningState="InProgress"), {ID.lower()}).azure == "InProgress"


def test_whether_it_runs_says_more_than_whether_it_is_provisioned() -> None:
    running = item(resourceId=ID, provisioningState="Succeeded", resourceState="Running")
    assert row(running, {ID.lower()}).azure == "Running"


def test_another_namespace_is_named() -> None:
    other = item()
    other["metadata"]["namespace"] = "mine"
    assert row(other, ()).name == "adaptive (mine)"


def test_a_deletion_is_shown() -> None:
    going = item(conditions=[ready(1)])
    going["metadata"]["deletionTimestamp"] = "2024-01-01T00:00:00Z"
    assert row(going, ()).ready == "Deleting"
