"""A service that answers a step with success, and whose reads go on showing the state of before for some seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, decided, ours, planned, reasons, shown, wanted
from tests.unit.scenes import NOTED, NOW

from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Act, Decision, Desired, Record
from ams_operator.domain.running import LEADS_TO
from ams_operator.engine.state import QUIET

BASES: dict[str, JSON] = {"LiveEvent": {"input": {"streamingProtocol": "RTMP"}}, "StreamingEndpoint": {}}
KINDS = pytest.mark.parametrize("kind", [EVENT, ENDPOINT], ids=lambda kind: kind.name)
OPERATION = pytest.mark.parametrize("operation", [None, "op"], ids=["no operation", "operation that is over"])


@dataclass
class Service:
    """Looks each five seconds for ten minutes, and each step that is asked for is answered at once."""

    kind: Kind
    state: str
    lag: float
    operation: str | None = None
    shows: str = ""
    sent: list[str] = field(default_factory=list)
    told: list[Decision] = field(default_factory=list)
    answered: float = 0.0

    def run(self, desired: Desired, record: Record) -> Record:
        self.shows = self.state
        for seconds in range(0, 600, 5):
            now = NOW + seconds
            if now >= self.answered + self.lag:
                self.shows = self.state
            raw = shown(wanted(self.kind, BASES[self.kind.name]).body, self.shows)
            scene = {"now": now, "answered": True, "over": True, "quiet_until": self.answered + QUIET}
            members = scene if record.act is not None else {"now": now}
            decision = decided(self.kind, desired, raw, record, (), **members)
            record = decision.plan.record
            self.told.append(decision)
            if (action := decision.next) is not None:
                self.sent.append(action.name)
                self.answered, self.state = now, LEADS_TO.get(action.name, self.state)
                act = Act(action.name, NOTED, digest=action.digest, then=action.then, request=action.request)
                record = replace(record, act=replace(act, operation=self.operation))
        return record


def mine(kind: Kind, state: str, **members: str | None) -> Record:
    raw = shown(wanted(kind, BASES[kind.name]).body, state)
    return ours(kind, raw, fields=wanted(kind, BASES[kind.name]).fields, **members)


def manifest(kind: Kind, goal: str, **members: Any) -> Desired:
    return wanted(kind, {**BASES[kind.name], "runState": goal, "restartPolicy": "Always"}, **members)


@KINDS
@OPERATION
@pytest.mark.parametrize("lag", [0, 1, 12, 45])
@pytest.mark.parametrize(("verb", "before"), [("stop", "Running"), ("start", "Stopped")])
class TestLag:
    def test_what_a_request_brought_stays_and_is_asked_for_once(
        self, kind: Kind, operation: str | None, lag: float, verb: str, before: str
    ) -> None:
        service = Service(kind, before, lag, operation)
        record = service.run(manifest(kind, before, requests={verb: "now"}), mine(kind, before, run_state=before))
        assert service.sent == [verb]
        assert reasons(service.told[-1])[0] == "HeldByRequest"
        assert (record.requests, record.repeats) == ({verb: "now"}, {})

    def test_what_the_manifest_says_is_asked_for_once_and_counts_as_nobodys_doing(
        self, kind: Kind, operation: str | None, lag: float, verb: str, before: str
    ) -> None:
        service, goal = Service(kind, before, lag, operation), LEADS_TO[verb]
        record = service.run(manifest(kind, goal), mine(kind, before, run_state=before))
        assert service.sent == [verb]
        assert all(not decision.holds for decision in service.told)
        assert (record.run_state, record.repeats, record.act) == (goal, {}, None)

    def test_meanwhile_it_is_under_way(
        self, kind: Kind, operation: str | None, lag: float, verb: str, before: str
    ) -> None:
        raw = shown(wanted(kind, BASES[kind.name]).body, before)
        act = Act(verb, NOTED, digest="1", then=LEADS_TO[verb], operation=operation)
        members = {"answered": True, "over": True, "quiet_until": NOW + 1 + lag}
        record = replace(mine(kind, before), act=act)
        for deleting in (False, True):
            desired = manifest(kind, LEADS_TO[verb], deleting=deleting, deletion="Delete")
            decision = decided(kind, desired, raw, record, (), **members)
            assert (decision.next, decision.holds) == (None, ())
            assert decision.plan.waiting == f"the service is carrying out the {verb}"


@KINDS
@pytest.mark.parametrize(("verb", "before"), [("stop", "Running"), ("start", "Stopped")])
def test_what_never_shows_was_carried_out_once_it_would_have_to_show(kind: Kind, verb: str, before: str) -> None:
    """Somebody undid it before anybody saw it."""
    raw, goal = shown(wanted(kind, BASES[kind.name]).body, before), LEADS_TO[verb]
    record = replace(mine(kind, before), act=Act(verb, NOTED, digest="1", then=goal))
    found = planned(kind, manifest(kind, goal), raw, record, (), answered=True, quiet_until=NOW).record
    assert (found.act, found.run_state) == (None, goal)
