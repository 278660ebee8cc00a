"""Request counts of the summary."""

from __future__ import annotations

from collections import Counter

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ams_operator.metrics import Metrics
from demo.errors import DemoError
from demo.processes import cluster_writes
from demo.tour import spelled


def test_writes_to_the_api_server_are_counted_as_the_operator_reports_them() -> None:
    metrics = Metrics(CollectorRegistry(), process=False)
    for kind, verb, code in (
        ("Transform", "patch status", 200),
        ("Transform", "patch status", 409),
        ("Transform", "patch", 200),
        ("Secret", "create", 201),
        ("Transform", "list", 200),
        ("Secret", "get", 200),
    ):
        metrics.kubernetes_request(kind, verb, code)
    text = generate_latest(metrics.registry).decode()
    assert cluster_writes(text_string_to_metric_families(text)) == {
        "patch status Transform": 2,
        "patch Transform": 1,
        "create Secret": 1,
    }


def test_a_metric_that_is_gone_is_no_zero() -> None:
    with pytest.raises(DemoError, match="has no ams_operator_kubernetes_requests"):
        cluster_writes([])


def test_counts_are_spelled_in_order() -> None:
    assert spelled(Counter({"PATCH transforms": 1, "GET transforms": 2})) == "GET transforms 2, PATCH transforms 1"
    assert spelled(Counter()) == "none"
