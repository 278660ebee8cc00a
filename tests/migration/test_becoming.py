"""How many new objects there are is said of all of them, whatever a report has room for."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ams_operator import jsons
from ams_operator.api.base import GROUP
from ams_operator.api.migration_report import MigrationReportStatus
from ams_operator.cli import report_show
from ams_operator.domain.model import JSON
from ams_operator.migration import reporting
from ams_operator.migration.census import Census, view
from ams_operator.migration.conditions import judge
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import Inputs
from ams_operator.migration.model import Judgement, maps
from ams_operator.migration.report import build, html, markdown
from ams_operator.migration.report.reading import read
from ams_operator.migration.tally import MOST_TARGETS, Tally

from .accounts import ROWS, done, inventory, listed

MANY = 500
POLICIES = "ContentKeyAuthorizationPolicies"


def guid(kind: int, number: int) -> str:
    return f"{kind:08}-122c-496e-9ac5-{number:012}"


def moving() -> tuple[Inputs, Census]:
    """Everything moves to another account: more objects than a MigrationReport lists."""
    assets = tuple({"Id": f"nb:cid:UUID:{guid(1, n)}", "Name": f"film {n}", "State": 0, "Options": 0}
                   for n in range(MANY))  # fmt: skip
    locators = tuple({"Id": f"nb:lid:UUID:{guid(2, n)}", "AssetId": f"nb:cid:UUID:{guid(1, n)}", "AccessPolicyId": "x",
                      "Type": 2} for n in range(MANY))  # fmt: skip
    found = inventory({**ROWS, "Assets": assets, "Locators": locators}, listed(same_account=False))
    tallies = {name: one.tally for name, one in found.sets.items() if one.tally is not None}
    return done(inventory=found), Census("a", "2023-06-01T00:00:00Z", tallies)


def keyed_one_by_one(many: int) -> Census:
    """A script made a policy for each key."""
    census = Census("a/contoso", "2023-06-01T00:00:00Z", {name: Tally() for name in SETS})
    for number in range(many):
        made = maps("ContentKeyPolicy", f"v2-{number:012x}-1", "the same rights", {"options": [{}]})
        census.tallies[POLICIES].add("policy", number, Judgement(made), key=f"nb:ckpid:UUID:{guid(3, number)}")
    return census


def as_object(status: JSON) -> bytes:
    MigrationReportStatus.model_validate(status)
    metadata = {"name": "contoso", "namespace": "media"}
    return jsons.dumps(
        {"apiVersion": f"{GROUP}/v1alpha1", "kind": "MigrationReport", "metadata": metadata, "status": status}
    )


def forms(report: dict[str, Any]) -> dict[str, str]:
    out = io.StringIO()
    report_show.show(report, Console(file=out, width=400))
    return {"html": html.page(report), "md": markdown.markdown(report), "terminal": out.getvalue()}


def test_objects_that_a_report_has_no_room_for_are_counted() -> None:
    inputs, census = moving()
    status = reporting.content(inputs, judge(inputs), census, {"done": len(SETS), "all": len(SETS)})
    assert len(status["targets"]) < status["truncated"]["targets"], "or there is nothing to see here"
    whole = build.report(read(jsons.dumps(view(census))))["summary"]
    seen = build.report(read(as_object(status)))
    assert seen["summary"]["becomes"] == whole["becomes"]
    assert (whole["becomes"]["Asset"], whole["becomes"]["StreamingLocator"], whole["atLeast"]) == (MANY, MANY, False)
    count = sum(whole["becomes"].values())
    shown = forms(seen)
    assert f"<dt>new objects in version 3</dt><dd>{count // 1000}\u202f{count % 1000:03}</dd>" in shown["html"]
    assert f"| {count} |" in shown["md"]
    assert f"New in version 3: {MANY} Asset" in shown["terminal"]
    none = build.report(read(as_object({**status, "targets": []})))
    assert "Nothing has to be made anew" not in html.page(none)


@pytest.mark.parametrize("in_cluster", [False, True])
def test_more_than_are_kept_one_by_one_are_at_least_those(in_cluster: bool) -> None:
    census = keyed_one_by_one(MOST_TARGETS + 4000)
    tallies = {name: replace(one, tally=census.tallies[name]) for name, one in inventory().sets.items()}
    inputs = done(inventory=replace(inventory(), sets=tallies))
    progress = {"done": len(SETS), "all": len(SETS)}
    raw = as_object(reporting.content(inputs, judge(inputs), census, progress)) if in_cluster else None
    report = build.report(read(raw or jsons.dumps(view(census))))
    summary = report["summary"]
    assert (summary["becomes"], summary["atLeast"]) == ({"ContentKeyPolicy": MOST_TARGETS}, True)
    assert f"what 4000 more of {POLICIES} become was not kept: that is not among the new objects" in report["notes"]
    shown = forms(report)
    assert "<dt>new objects in version 3</dt><dd>at least 1" in shown["html"]
    assert f"| at least {MOST_TARGETS} |" in shown["md"]
    assert f"New in version 3: at least {MOST_TARGETS} ContentKeyPolicy" in shown["terminal"]


def test_a_report_of_a_former_version_that_was_cut_says_at_least() -> None:
    inputs, census = moving()
    status = reporting.content(inputs, judge(inputs), census, {"done": len(SETS), "all": len(SETS)})
    del status["becomes"]
    assert build.report(read(as_object(status)))["summary"]["atLeast"]
