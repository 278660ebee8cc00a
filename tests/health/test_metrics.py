"""What is counted, and that no label grows with use."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from ams_operator.metrics import Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"ams_operator_{name}", labels)


def make(now: list[float] | None = None) -> Metrics:
    times = now or [0.0]
    return Metrics(CollectorRegistry(), process=False, monotonic=lambda: times[0])


def test_requests_are_counted_by_kind_verb_and_code() -> None:
    metrics = make()
    metrics.service_request("Transform", "put", 201)
    metrics.service_request("Transform", "put", 201)
    metrics.service_request("Transform", "put", None)
    metrics.kubernetes_request("Transform", "patch status", 200)
    assert value(metrics, "service_requests_total", kind="Transform", verb="put", code="201") == 2
    assert value(metrics, "service_requests_total", kind="Transform", verb="put", code="none") == 1
    assert value(metrics, "kubernetes_requests_total", kind="Transform", verb="patch status", code="200") == 1


def test_objects_that_are_in_no_state_any_more_leave_it() -> None:
    metrics = make()
    metrics.objects("Transform", {"True": 3, "Unknown": 2})
    metrics.objects("Transform", {"True": 5})
    assert value(metrics, "objects", kind="Transform", ready="True") == 5
    assert value(metrics, "objects", kind="Transform", ready="Unknown") == 0
    metrics.objects("Transform", {})
    assert value(metrics, "objects", kind="Transform", ready="True") == 0


def test_reasons_that_hold_nothing_any_more_leave_it() -> None:
    metrics = make()
    metrics.held({"NotConverging": 3, "Unanswered": 2})
    metrics.held({"NotConverging": 5})
    assert value(metrics, "held", reason="NotConverging") == 5
    assert value(metrics, "held", reason="Unanswered") == 0
    assert value(metrics, "held", reason="Contended") is None


def test_the_oldest_sweep_grows_by_itself() -> None:
    now = [100.0]
    metrics = make(now)
    assert value(metrics, "oldest_sweep_seconds") == 0
    metrics.oldest_sweep(90.0)
    assert value(metrics, "oldest_sweep_seconds") == 10
    now[0] = 150.0
    assert value(metrics, "oldest_sweep_seconds") == 60
    metrics.oldest_sweep(None)
    assert value(metrics, "oldest_sweep_seconds") == 0


def test_gauges_and_the_histogram() -> None:
    metrics = make()
    metrics.queue_depth("user", 7)
    metrics.budget_left("write", 42)
    metrics.budget_closed("delete", 2)
    metrics.reconciled("Transform", 0.02)
    metrics.loop_lag(0.5)
    metrics.ready(True)
    metrics.watches_started()
    metrics.poison("Transform")
    metrics.released_on_air("LiveEvent")
    assert value(metrics, "released_on_air_total", kind="LiveEvent") == 1
    assert value(metrics, "queue_depth", lane="user") == 7
    assert value(metrics, "budget_left", bucket="write") == 42
    assert value(metrics, "budget_closed", bucket="delete") == 2
    assert value(metrics, "reconcile_seconds_count", kind="Transform") == 1
    assert value(metrics, "reconcile_seconds_bucket", kind="Transform", le="0.025") == 1
    assert value(metrics, "reconcile_seconds_bucket", kind="Transform", le="0.01") == 0
    assert value(metrics, "loop_lag_seconds") == 0.5
    assert value(metrics, "ready") == 1
    assert value(metrics, "watch_starts_total") == 1
    assert value(metrics, "poison_total", kind="Transform") == 1


def test_two_operators_in_one_process_count_apart() -> None:
    one, other = make(), make()
    one.watches_started()
    assert value(other, "watch_starts_total") == 0


def test_no_label_names_an_object() -> None:
    metrics = Metrics(CollectorRegistry(), "1.0")
    allowed = {"kind", "verb", "code", "lane", "ready", "bucket", "version", "le", "generation"}
    metrics.service_request("Transform", "put", 201)
    metrics.objects("Transform", {"True": 1})
    metrics.reconciled("Transform", 1)
    labels = {
        label
        for family in metrics.registry.collect()
        if family.name.startswith("ams_operator")
        for sample in family.samples
        for label in sample.labels
    }
    assert labels <= allowed
