"""`status.firstRunningAt` of a live event: it comes with the write that says that it runs, once, and is kept."""

from __future__ import annotations

import pytest
from tests.unit.on_air import ENDPOINT, EVENT, shown, wanted
from tests.unit.scenes import NOW
from tests.unit.statuses import status

from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Observed
from ams_operator.domain.report import equal

SPEC: JSON = {"input": {"streamingProtocol": "RTMP"}}


def told(
    state: str | None, before: JSON | None = None, now: float = NOW, kind: Kind = EVENT, stands_for: str = ""
) -> JSON:
    """The status after a look that showed this state; None: nobody could look."""
    declared = wanted(kind, SPEC if kind is EVENT else {"scaleUnits": 0}, stands_for=stands_for)
    observed = Observed(now, shown(declared.body, state)) if state is not None else None
    return status(declared, observed, before=before, kind=kind, now=now)


def test_it_comes_with_the_write_that_says_so() -> None:
    assert "firstRunningAt" not in told("Starting")
    assert "firstRunningAt" not in told(None)
    found = told("Running")
    assert (found["resourceState"], found["firstRunningAt"]) == ("Running", "1970-01-12T13:46:40Z")


@pytest.mark.parametrize("state", ["Running", "Stopped", None])
def test_it_is_kept_whatever_happens_later(state: str | None) -> None:
    before = told("Running")
    later = told(state, before, NOW + 1000)
    assert later["firstRunningAt"] == before["firstRunningAt"]
    if state == "Running":
        assert equal(EVENT, later, before)


def test_what_is_gone_keeps_it() -> None:
    before = told("Running")
    gone = status(wanted(EVENT, SPEC), Observed(NOW + 1, None), before=before, kind=EVENT)
    assert "resourceState" not in gone
    assert gone["firstRunningAt"] == before["firstRunningAt"]


def test_other_kinds_that_run_have_none() -> None:
    assert "firstRunningAt" not in told("Running", kind=ENDPOINT)


def test_what_ran_for_another_place_has_not_run_for_this_one() -> None:
    before = told("Running", stands_for="nb:chid:UUID:1")
    assert before["firstRunningFor"] == "nb:chid:UUID:1"
    for state in ("Stopped", None):
        kept = told(state, before, NOW + 1000, stands_for="nb:chid:UUID:1")
        assert (kept["firstRunningAt"], kept["firstRunningFor"]) == (before["firstRunningAt"], "nb:chid:UUID:1")
        moved = told(state, before, NOW + 1000, stands_for="nb:chid:UUID:2")
        assert not {"firstRunningAt", "firstRunningFor"} & moved.keys()
    again = told("Running", before, NOW + 1000, stands_for="nb:chid:UUID:2")
    assert again["firstRunningAt"] > before["firstRunningAt"]
    assert again["firstRunningFor"] == "nb:chid:UUID:2"
    assert "firstRunningFor" not in told("Running", before, NOW + 1000)
