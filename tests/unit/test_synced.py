"""Synced is True only where the service is as declared, run state included."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, ours, scene, shown, wanted
from tests.unit.scenes import NOW
from tests.unit.statuses import conditions

from ams_operator.domain.holds import decide
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Act, Observed, Policy, Record, Repeat, Stay
from ams_operator.domain.plan import make_plan
from ams_operator.domain.report import equal, report

BASE: dict[str, JSON] = {"LiveEvent": {"input": {"streamingProtocol": "RTMP"}}, "StreamingEndpoint": {}}
KINDS = pytest.mark.parametrize("kind", [EVENT, ENDPOINT], ids=lambda kind: kind.name)


def status(kind: Kind, spec: JSON, shows: str, before: JSON | None = None, **members: Any) -> JSON:
    policy = members.pop("policy", None)
    desired = wanted(kind, {**BASE[kind.name], **spec})
    desired = replace(desired, policy=policy or desired.policy)
    raw = shown(wanted(kind, BASE[kind.name]).body, shows)
    record: Record = ours(kind, raw, fields=desired.fields, **members)
    seen, place = Observed(NOW, raw, {"LiveOutput": ()}), scene(kind)
    plan = make_plan(kind, desired, seen, record, place)
    return report(kind, desired, decide(plan, desired, place), seen, plan.record, before or {}, place)


def synced(body: JSON) -> tuple[str, str]:
    found = conditions(body)["Synced"]
    return found["status"], found["reason"]


@KINDS
@pytest.mark.parametrize(
    ("declared", "shows", "record", "reason"),
    [
        ("Running", "Stopped", {"run_state": "Running"}, "StoppedOutside"),
        ("Stopped", "Running", {"run_state": "Stopped"}, "StartedOutside"),
        ("Running", "Stopped", {"run_state": "Running", "stay": Stay("Stopped", "Running", "anew")}, "MadeAnew"),
        ("Running", "Stopped", {"stay": Stay("Stopped", "Running", "request")}, "HeldByRequest"),
        ("Running", "Stopped", {"repeats": {"start 1": Repeat("1", 3, NOW, "no place")}}, "NotConverging"),
        ("Running", "Stopped", {}, "Progressing"),
        ("Running", "Starting", {"act": Act("start", "", digest="1", then="Running")}, "Progressing"),
        ("Stopped", "Stopping", {}, "Progressing"),
    ],
)
def test_another_run_state_is_not_as_declared(
    kind: Kind, declared: str, shows: str, record: dict[str, Any], reason: str
) -> None:
    spec = {"runState": declared, "restartPolicy": "Never"}
    body = status(kind, spec, shows, **record)
    assert conditions(body)["Ready"]["reason"] == reason
    assert synced(body) == ("False", reason)
    assert conditions(body)["Synced"]["message"].endswith(f"as declared: it is {shows}, not {declared}")
    assert equal(kind, status(kind, spec, shows, body, **record), body)


@KINDS
@pytest.mark.parametrize("shows", ["Running", "Stopped", "Starting"])
def test_a_run_state_that_nobody_declares_says_nothing(kind: Kind, shows: str) -> None:
    assert synced(status(kind, {}, shows)) == ("True", "InSync")


@KINDS
@pytest.mark.parametrize("word", ["Running", "RUNNING"])
def test_the_declared_one_is_in_sync(kind: Kind, word: str) -> None:
    assert synced(status(kind, {"runState": "Running"}, word)) == ("True", "InSync")


@KINDS
def test_what_is_only_observed_names_the_run_state_among_the_differences(kind: Kind) -> None:
    body = status(kind, {"runState": "Running"}, "Stopped", policy=Policy(management="Observe"))
    ready = conditions(body)["Ready"]
    assert (ready["status"], ready["reason"]) == ("True", "ObservedDifferent")
    assert ready["message"] == "observed only; the service differs in spec.runState"
    assert synced(body) == ("False", "ObservedDifferent")
