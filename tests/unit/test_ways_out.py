"""What a message offers can be pasted, says which field waits, and is never cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, decided, ours, reasons, shown, wanted
from tests.unit.scenes import COMMAND

from ams_operator.api.base import ResourceSpec
from ams_operator.api.live_event import LiveEventSpec
from ams_operator.api.status import MESSAGE_LIMIT
from ams_operator.api.streaming_endpoint import StreamingEndpointSpec
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Decision, Desired, Record
from ams_operator.domain.report import judge

BASE: dict[str, JSON] = {"LiveEvent": {"input": {"streamingProtocol": "RTMP"}}, "StreamingEndpoint": {}}
MODELS: dict[str, type[ResourceSpec]] = {"LiveEvent": LiveEventSpec, "StreamingEndpoint": StreamingEndpointSpec}
RECORDING: JSON = {"name": "match", "properties": {}}
STANDBY = {"hostnamePrefix": "news", "useStaticHostname": True}
LONG = {"name": "n" * 253, "namespace": "s" * 63}


def on_air(kind: Kind, spec: JSON, *outputs: JSON, policy: JSON | None = None, **members: str | bool) -> Decision:
    desired, raw = manifest(kind, spec, policy, **members), shown(wanted(kind, BASE[kind.name]).body, "Running")
    return decided(kind, desired, raw, mine(kind, raw, run_state="Running"), outputs)


def manifest(kind: Kind, spec: JSON, policy: JSON | None = None, **members: str | bool) -> Desired:
    found = wanted(kind, {**BASE[kind.name], **spec}, **(policy or {}))
    return replace(found, model=MODELS[kind.name], **members)  # type: ignore[arg-type]  # the tests' own members


def mine(kind: Kind, raw: JSON, run_state: str | None = None) -> Record:
    return ours(kind, raw, fields=wanted(kind, BASE[kind.name]).fields, run_state=run_state)


def patch(resource: str, policy: str, name: str = "studio", namespace: str = "media") -> str:
    spec = f'{{"spec":{{"disruptionPolicy":"{policy}"}}}}'
    return f"kubectl -n {namespace} patch {resource}.ams-operator.dev {name} --type merge -p '{spec}'"


def test_what_would_end_a_recording_names_the_field_that_waits() -> None:
    decision = on_air(EVENT, {"runState": "Running", "hostnamePrefix": "news"}, RECORDING)
    assert decision.holds[0].message == (
        "not applied yet: spec.hostnamePrefix; the stop would end its recordings and interrupt viewers or encoders "
        "while it is Running. It is done once it is stopped. To do it now: " + patch("liveevents", "EndRecordings")
    )


def test_what_would_interrupt_names_the_first_fields_and_the_policy_that_is_enough() -> None:
    spec = {"runState": "Running", "maxCacheAge": 60, "customHostNames": ["a.example.com"]}
    decision = on_air(ENDPOINT, spec)
    assert reasons(decision) == ["WouldInterrupt"]
    message = decision.holds[0].message
    assert message.startswith(
        "not applied yet: spec.maxCacheAge, spec.customHostNames; the stop would interrupt viewers"
    )
    assert message.endswith(patch("streamingendpoints", "Interrupt"))


def test_a_run_state_that_waits_is_named_too_and_what_ends_the_wait() -> None:
    message = on_air(EVENT, {"runState": "Stopped"}, RECORDING).holds[0].message
    assert message.startswith(
        "not applied yet: spec.runState; the stop would end its recordings while it is Running. It is done once none "
        "is left. To do it now: kubectl"
    )


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (EVENT, {"runState": "Running", **STANDBY, "input": {"streamingProtocol": "RTMP", "accessControl": {}}}),
        (
            ENDPOINT,
            {
                "runState": "Running",
                "maxCacheAge": 60,
                "customHostNames": [f"{c}.{'a' * 60}.example.com" for c in "abcdefgh"],
            },
        ),
    ],
)
def test_the_command_is_whole_whatever_the_names(kind: Kind, spec: JSON) -> None:
    decision = on_air(kind, spec, RECORDING, name=LONG["name"], namespace=LONG["namespace"])
    (message,) = {hold.message for hold in decision.holds if hold.reason.startswith("Would")}
    assert message.endswith("\"}}'")
    assert len(message) <= MESSAGE_LIMIT


def test_a_deletion_that_waits_shows_both_commands_whole() -> None:
    name, namespace = LONG["name"], LONG["namespace"]
    policy = {"deletion": "Delete"}
    decision = on_air(EVENT, {}, RECORDING, policy=policy, deleting=True, name=name, namespace=namespace)
    desired = manifest(EVENT, {}, policy, deleting=True, name=name, namespace=namespace)
    message = judge(desired, decision, None, {}).message
    assert patch("liveevents", "EndRecordings", **LONG) in message
    assert message.endswith(f"-n {LONG['namespace']}")
    assert len(message) <= MESSAGE_LIMIT


@pytest.mark.parametrize(
    ("declared", "shows", "reason"),
    [("Stopped", "Running", "StartedOutside"), ("Running", "Stopped", "StoppedOutside")],
)
def test_what_was_adopted_in_another_run_state_was_found_so(declared: str, shows: str, reason: str) -> None:
    raw = shown(wanted(EVENT, BASE["LiveEvent"]).body, shows)
    desired = wanted(EVENT, {**BASE["LiveEvent"], "runState": declared, "restartPolicy": "Never"})
    first = decided(EVENT, desired, raw, Record(), ())
    again = decided(EVENT, desired, raw, first.plan.record, ())
    for decision in (first, again):
        assert (decision.next, reasons(decision)[0]) == (None, reason)
        message = decision.holds[0].message
        assert message.startswith(f"it is {shows} though {declared} is declared: it was found so")
        assert "carried out" not in message
        assert COMMAND.search(message)
    assert again.plan.record == first.plan.record


def test_once_it_was_as_declared_somebody_else_changed_it() -> None:
    desired = wanted(EVENT, {**BASE["LiveEvent"], "runState": "Running", "restartPolicy": "Never"})
    stopped, running = (shown(wanted(EVENT, BASE["LiveEvent"]).body, state) for state in ("Stopped", "Running"))
    found = decided(EVENT, desired, stopped, Record(), ()).plan.record
    found = decided(EVENT, desired, running, found, ()).plan.record
    assert found.stay is None
    message = decided(EVENT, desired, stopped, found, ()).holds[0].message
    assert "was carried out: somebody else changed it. To bring it back: " in message


@pytest.mark.parametrize("declared", ["Running", "Stopped"])
def test_what_is_adopted_as_declared_leaves_nothing_to_remember(declared: str) -> None:
    raw = shown(wanted(EVENT, BASE["LiveEvent"]).body, declared)
    desired = wanted(EVENT, {**BASE["LiveEvent"], "runState": declared})
    assert decided(EVENT, desired, raw, Record(), ()).plan.record.stay is None
