"""The endpoint `default`, which appears with its account: whose it is, and that it stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.on_air import ENDPOINT, names, ours, planned, scene, shown, wanted
from tests.unit.scenes import NOW, OWNER, UID

from ams_operator.domain.holds import decide
from ams_operator.domain.model import JSON, Desired, How, Observed, Record
from ams_operator.domain.plan import make_plan

MEMBERS: JSON = {"description": "", "scaleUnits": 0, "cdnEnabled": False, "accessControl": None, "customHostNames": []}


def endpoint(state: str = "Stopped", **properties: Any) -> JSON:
    return shown(wanted(ENDPOINT, {}).body, state, **{**MEMBERS, **properties})


def default(spec: JSON, **members: Any) -> Desired:
    return replace(wanted(ENDPOINT, spec, **members), address=ENDPOINT.address(OWNER, "default"))


@pytest.mark.parametrize("name", ["default", "Default"])
def test_the_untouched_default_endpoint_counts_as_ours(name: str) -> None:
    assert ENDPOINT.pristine is not None
    assert ENDPOINT.pristine({**endpoint(cdnProfile=None), "name": name})
    plan = planned(ENDPOINT, wanted(ENDPOINT, {"scaleUnits": 1}), {**endpoint(), "name": name}, Record(uid=UID))
    assert (plan.record.how, plan.stuck) == (How.CREATED, ())


@pytest.mark.parametrize("restart", ["Never", "Always"])
def test_as_it_came_it_is_started_like_one_that_we_made(restart: str) -> None:
    desired = default({"runState": "Running", "restartPolicy": restart})
    plan = planned(ENDPOINT, desired, {**endpoint(), "name": "default"}, Record(uid=UID))
    decision = decide(plan, desired, scene(ENDPOINT))
    assert (names(plan), decision.holds) == ([["start"]], ())


@pytest.mark.parametrize(
    "found",
    [
        {"name": "studio"},
        {"name": "default", "resourceState": "Running"},
        {"name": "default", "scaleUnits": 1},
        {"name": "default", "cdnEnabled": True},
        {"name": "default", "customHostNames": ["a.example.com"]},
        {"name": "default", "description": "mine"},
        {"name": "default", "accessControl": {"ip": None}},
        {"name": "default", "maxCacheAge": 60},
        {"name": "default", "tags": {"team": "a"}},
    ],
    ids=str,
)
def test_what_somebody_touched_or_made_does_not(found: JSON) -> None:
    tops: JSON = {name: found[name] for name in ("name", "tags") if name in found}
    raw = endpoint(**{name: value for name, value in found.items() if name not in tops})
    assert ENDPOINT.pristine is not None
    assert not ENDPOINT.pristine({**raw, **tops})


def test_it_is_not_deleted_whatever_the_manifest_says() -> None:
    raw = {**endpoint(), "name": "default"}
    desired = default({}, deleting=True, deletion="Delete")
    plan = planned(ENDPOINT, desired, raw, ours(ENDPOINT, raw))
    assert (plan.chains, plan.done) == ((), True)


def test_gone_it_is_a_loss_since_another_would_have_another_host_name() -> None:
    raw = {**endpoint(), "name": "default"}
    plan = make_plan(ENDPOINT, default({}), Observed(NOW, None), ours(ENDPOINT, raw), scene(ENDPOINT))
    assert plan.chains == ()
    assert [hold.reason for hold in plan.stuck] == ["DataLost"]
    other = make_plan(ENDPOINT, wanted(ENDPOINT, {}), Observed(NOW, None), ours(ENDPOINT, raw), scene(ENDPOINT))
    assert names(other) == [["create"]]
