"""Raw objects, and the form in which many of them are kept."""

from __future__ import annotations

from typing import Any

import pytest

from ams_operator.kube.objects import Malformed, from_raw


def raw(**metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "adaptive",
            "namespace": "studio",
            "uid": "u-1",
            "resourceVersion": "12",
            "generation": 3,
            "creationTimestamp": "2024-01-01T00:00:00Z",
            **metadata,
        },
        "spec": {"description": "ü\ud83d\ude00 \x7f", "outputs": [{"preset": {}}]},
        "status": {"record": {"unknown": [1, 2.5, None, True]}},
    }


def test_annotations_cost_little_however_long_and_many_they_are() -> None:
    """Objects are kept in memory, and a tenant makes as many as he likes."""
    annotations = {
        "request.ams-operator.dev/reset": "x" * 250_000,
        "ams-operator.dev/anything": "x" * 250_000,
        "request.ams-operator.dev/no-verb": "x",
    }
    resource = from_raw("Transform", raw(annotations=annotations))
    assert resource.annotations == {"request.ams-operator.dev/reset": "x" * 1024}


def test_only_our_own_annotations_are_kept() -> None:
    annotations = {
        "request.ams-operator.dev/approve": "abc",
        "ams-operator.dev/v2-source": "true",
        "kubectl.kubernetes.io/last-applied-configuration": "{...}",
        "notams-operator.dev/x": "y",
    }
    resource = from_raw("Transform", raw(annotations=annotations, managedFields=[{"manager": "kubectl"}]))
    assert set(resource.annotations) == {"request.ams-operator.dev/approve", "ams-operator.dev/v2-source"}


def test_what_is_absent_is_empty() -> None:
    resource = from_raw("Transform", {"metadata": {"name": "a", "uid": "u", "resourceVersion": "1"}, "spec": None})
    assert (resource.spec, resource.status, resource.finalizers, resource.deleting) == ({}, {}, (), None)
    assert resource.namespace == ""


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (None, "metadata"),
        ([], "metadata"),
        ({"metadata": "x"}, "metadata"),
        ({"metadata": {"uid": "u", "resourceVersion": "1"}}, "metadata.name"),
        ({"metadata": {"name": "a", "resourceVersion": "1"}}, "metadata.uid"),
        ({"metadata": {"name": "a", "uid": "u"}}, "metadata.resourceVersion"),
        ({"metadata": {"name": "a", "uid": "u", "resourceVersion": "1", "generation": "x"}}, "metadata.generation"),
        ({"metadata": {"name": "a", "uid": "u", "resourceVersion": "1", "annotations": ["x"]}}, "metadata.annotations"),
        ({"metadata": {"name": "a", "uid": "u", "resourceVersion": "1", "finalizers": 7}}, "metadata.finalizers"),
        ({"metadata": {"name": "a", "uid": "u", "resourceVersion": "1"}, "spec": []}, "spec"),
        ({"metadata": {"name": "a", "uid": "u", "resourceVersion": "1"}, "status": "x"}, "status"),
    ],
)
def test_a_malformed_object_is_refused_by_the_field_that_is_wrong(broken: Any, named: str) -> None:
    with pytest.raises(Malformed, match=rf"^{named} "):
        from_raw("Transform", broken)
