"""What a report says of an inventory, before it has a form."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from tests.migration import accounts

from ams_operator.api.migration import AcknowledgedGap, Declaration
from ams_operator.migration import sources
from ams_operator.migration.census import Census, view
from ams_operator.migration.conditions.finding import Type
from ams_operator.migration.model import Fate, Known, maps
from ams_operator.migration.report import build, charts, html, markdown, pairs, words
from ams_operator.migration.report.given import NotAnInventory, Target, parse
from ams_operator.migration.report.reading import read
from ams_operator.migration.tally import Group

from . import hostile


def given(**changes: Any) -> dict[str, Any]:
    """A small inventory."""
    whole: dict[str, Any] = {
        "account": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Media/mediaservices/news",
        "begun": "2026-01-01T00:00:00Z", "complete": True, "sets": [], "targets": [], "gaps": [], "toDeclare": [],
        "blockers": [], "benefits": [],
    }  # fmt: skip
    return {**whole, **changes}


def blocker(condition: str, identifier: str = "x") -> dict[str, Any]:
    return {"id": identifier, "condition": condition, "title": "T", "todo": "D", "count": 1, "samples": ["a"]}


def steps_of(**changes: Any) -> dict[str, dict[str, Any]]:
    report = build.report(parse(given(**changes)))
    return {one["type"]: one for step in report["steps"] for one in step["conditions"]}


def test_the_guides_steps_hold_every_condition_once() -> None:
    report = build.report(parse(given()))
    kinds = [one["type"] for step in report["steps"] for one in step["conditions"]]
    assert [step["step"] for step in report["steps"]] == [1, 2, 3, 4]
    assert sorted(kinds) == sorted(Type)


def test_without_a_cluster_a_condition_is_not_judged_but_what_blocks_it_is_known() -> None:
    found = steps_of(blockers=[blocker("V2JobsDrained", "job-in-flight")])
    assert found["V2JobsDrained"]["blockers"] == ["job-in-flight"]
    assert charts.state(found["V2JobsDrained"]) == "blocked"
    assert found["EncodingMigrated"]["message"] == "not judged: needs a cluster"
    assert charts.state(found["EncodingMigrated"]) == "open"


def test_what_a_cluster_judged_is_taken_from_the_inventory() -> None:
    conditions = [{"type": "EncodingMigrated", "status": "True", "reason": "Complete", "message": "2 of 2"},
                  {"type": "V3AccessReady", "status": "Unknown", "reason": "", "message": "first look"}]  # fmt: skip
    found = steps_of(conditions=conditions)
    assert found["EncodingMigrated"]["message"] == "2 of 2"
    assert charts.state(found["EncodingMigrated"]) == "done"
    assert charts.state(found["V3AccessReady"]) == "unknown"
    blockers = [blocker("EncodingMigrated"), blocker("V2JobsDrained", "job-in-flight")]
    report = build.report(parse(given(conditions=conditions, blockers=blockers)))
    assert [step["done"] for step in report["steps"]] == [0, 0, 0, 1]
    assert [one["id"] for one in report["blockers"]] == ["job-in-flight"], "nothing blocks what is done"
    assert [step["blockers"] for step in report["steps"]] == [0, 0, 0, 1]


def test_features_without_counterpart_are_not_taken_for_entities_without_one() -> None:
    """A slate shows in a channel that becomes a live event: one feature without counterpart, and no such entity."""
    verdict = {"fate": "MapsTo", "about": "LiveEvent", "why": "w", "inferred": False, "count": 1, "samples": ["news"]}
    sets = [{"name": "Channels", "state": "Read", "rows": 1, "verdicts": [verdict]}]
    gap = {"id": "slate", "title": "T", "todo": "D", "count": 1, "samples": ["news"], "evidence": "0123456789abcdef"}
    one, none = (build.report(parse(given(sets=sets, gaps=gaps))) for gaps in ([gap], []))
    assert (one["summary"]["gaps"], one["summary"]["fates"]["Gap"]) == (1, 0)
    for form in (html.page, markdown.markdown):
        assert words.APART in form(one)
        assert words.APART not in form(none)
    told = html.page(one).replace(words.APART, "")
    assert re.findall(r"<dt>([^<]*) without counterpart</dt><dd>1</dd>", told) == ["features"]
    assert told.count("without counterpart") == 1, "entities are said in other words"


def test_a_gap_can_be_accepted_as_the_account_takes_it() -> None:
    gap = {"id": "slate", "title": "T", "todo": "D", "count": 12, "samples": [], "evidence": "0123456789abcdef"}
    odd = {**gap, "id": "a: b}", "evidence": ""}
    asked = [{"id": "ad-markers", "title": "T"}]
    report = build.report(parse(given(gaps=[gap, odd], toDeclare=asked)))
    accept, declare = (yaml.safe_load(one) for one in (report["gaps"][0]["accept"], report["toDeclare"][0]["answer"]))
    AcknowledgedGap.model_validate(accept)
    Declaration.model_validate(declare)
    assert accept["evidenceHash"] == Group(12, [], 0x0123456789ABCDEF).evidence
    assert (report["gaps"][1]["accept"], report["gaps"][1]["evidenceHash"]) == ("", "")


def test_fields_stand_beside_those_that_take_their_place() -> None:
    target = Target(
        set="Channels", kind="LiveEvent", name="news", count=1,
        fields={"input": {"streamingProtocol": "RTMP", "accessControl": {"ip": {"allow": []}}}, "encoding": {},
                "preview": {"accessControl": {"ip": {"allow": ["all"]}}}},
        source={"Name": "news", "State": "Running", "Input": {"StreamingProtocol": "RTMP", "AccessControl": {"IP": 1}},
                "Preview": {"AccessControl": None}, "Slate": {"InsertSlateOnAdMarker": True}},
    )  # fmt: skip
    rows = {(row["v2"], row["v3"]): (row["was"], row["is"]) for row in pairs.beside(target)}
    assert rows["Name", "name"] == ("news", "news")
    assert rows["Input.StreamingProtocol", "input.streamingProtocol"] == ("RTMP", "RTMP")
    assert rows["Input.AccessControl", "input.accessControl"] == ({"IP": 1}, {"ip": {"allow": []}})
    assert rows["State", None] == ("Running", None)
    assert rows["Preview.AccessControl", "preview.accessControl"] == (None, {"ip": {"allow": ["all"]}})
    notes = {row["v2"]: row["note"] for row in pairs.beside(target)}
    assert notes["Slate.InsertSlateOnAdMarker"] == "no counterpart: gap slate"
    assert notes["State"].endswith("runState of the manifest")
    assert target.source is not None
    assert target.source["Input"]["StreamingProtocol"] == "RTMP", "what was given stays whole"


def test_each_pair_is_one_of_a_set_that_is_read() -> None:
    from ams_operator.migration.entities import SETS

    for name, rows in pairs.PAIRS.items():
        read_fields = {*SETS[name].fields, "Options"}
        assert {left.partition(".")[0] for left, _ in rows} <= read_fields, name
    for name, remarks in pairs.REMARKS.items():
        assert {path.partition(".")[0] for path in remarks} <= {*SETS[name].fields, "MediaProcessor"}, name


def test_no_field_gets_lost_between_both_sides() -> None:
    fields, source = {"tracks": [1], "a": {"b": {"c": 2}}}, {"Name": "f", "Tracks": [1], "Odd": {"x": {"y": 3}}}
    target = Target(set="Filters", kind="AccountFilter", name="f", count=1, fields=fields, source=source)
    rows = pairs.beside(target)
    assert {row["v3"] for row in rows if row["v3"]} == {"name", "tracks", "a.b.c"}
    assert {row["v2"] for row in rows if row["v2"]} == {"Name", "Tracks", "Odd.x.y"}


def test_new_objects_are_counted_once_and_without_what_is_there() -> None:
    def target(entities: str, kind: str, name: str) -> dict[str, Any]:
        return {"set": entities, "kind": kind, "name": name, "fields": {}, "count": 3}

    targets = [
        target("Tasks", "Transform", "a"),
        target("TaskTemplates", "Transform", "a"),
        target("JobTemplates", "Transform", "t"),
        target("AssetDeliveryPolicies", "StreamingPolicy", "Predefined_ClearKey"),
        target("ContentKeys", "ContentKeyPolicy", "fairPlayConfiguration"),
        target("Channels", "LiveEvent", "news"),
    ]
    assert build.report(parse(given(targets=targets)))["summary"]["becomes"] == {"LiveEvent": 1, "Transform": 1}


def test_combinations_of_policies_are_objects_and_no_entities() -> None:
    verdict = {"fate": "MapsTo", "about": "StreamingPolicy", "why": "w", "count": 40}
    sets = [{"name": name, "state": "Read", "rows": 40, "verdicts": [verdict]} for name in ("Assets", "Combinations")]
    targets: list[dict[str, Any]] = [
        {"set": name, "kind": "StreamingPolicy", "name": f"p-{name}", "fields": {}, "count": 40}
        for name in ("Combinations", "AssetDeliveryPolicies")
    ]
    report = build.report(parse(given(sets=sets, targets=targets)))
    summary = report["summary"]
    assert sum(one["rows"] for one in report["sets"] if one["counted"]) == summary["entities"]
    forms = html.page(report), markdown.markdown(report)
    assert [made.count("of assets, counted there") for made in forms] == [1, 1]
    assert [forms[0].count(f'<span class="set">{name}</span>') for name in ("Assets", "Combinations")] == [1, 0]
    assert (summary["entities"], summary["fates"]["MapsTo"]) == (40, 40)
    assert summary["becomes"] == {"StreamingPolicy": 1}


def test_what_has_very_many_leaves_stays_together() -> None:
    wide = {"part": {f"n{number}": number for number in range(1000)}}
    assert pairs.leaves(wide) == [("part", wide["part"])]


def test_a_part_that_is_one_in_a_million_can_be_seen() -> None:
    parts = charts.shares({str(Fate.GAP): 1, str(Fate.VISIBLE): 999_999})
    assert [part["fate"] for part in parts] == ["VisibleInV3", "Gap"]
    assert all(part["width"] >= 1 for part in parts)
    assert parts[-1]["x"] + parts[-1]["width"] <= charts.WIDTH
    assert charts.shares({}) == []


def test_a_ring_has_a_part_for_each_condition() -> None:
    conditions = [{"status": "True", "blockers": []}, {"status": "NotJudged", "blockers": ["x"]},
                  {"status": "NotJudged", "blockers": []}]  # fmt: skip
    assert [part["state"] for part in charts.ring(conditions)] == ["done", "blocked", "open"]


def test_numbers_of_version_2_are_spelled_out() -> None:
    assert words.meaning("AssetDeliveryPolicies", "AssetDeliveryProtocol", 7) == "Smooth, DASH, HLS"
    assert words.meaning("AssetDeliveryPolicies", "AssetDeliveryPolicyType", 4) == "common encryption"
    assert words.meaning("Channels", "State", "Running") == ""


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"sets": [{"name": "A", "state": "Read", "rows": "many", "verdicts": []}]}, "sets.0.rows"),
        ({"complete": None}, "complete"),
        ({"blockers": {}}, "blockers"),
        ({"conditions": [{"type": "x", "status": "Maybe"}]}, "conditions.0.status"),
    ],
)
def test_what_is_no_inventory_is_refused_by_the_member(change: dict[str, Any], where: str) -> None:
    with pytest.raises(NotAnInventory, match=where.replace(".", r"\.")):
        read(json.dumps(given(**change)).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"account": NaN}'])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(NotAnInventory):
        read(raw)


def test_unknown_members_of_a_newer_inventory_are_ignored() -> None:
    assert read(json.dumps(given(later={"a": 1})).encode()).complete


def test_a_source_has_no_configuration_that_nobody_read() -> None:
    row = {"Id": "1", "Configuration": "<secret/>", "Content": "digest", "Protected": False, "Name": ""}
    read_as = maps(
        "Transform", "t", "", {"outputs": [{"preset": {"@odata.type": "#Microsoft.Media.AudioAnalyzerPreset"}}]}
    )
    assert sources.source("Tasks", row, read_as, Known(now=None)) == {"Id": "1"}  # type: ignore[arg-type] # unused here
    custom = maps(
        "Transform", "t", "", {"outputs": [{"preset": {"@odata.type": "#Microsoft.Media.StandardEncoderPreset"}}]}
    )
    kept = sources.source("Tasks", row, custom, Known(now=None))  # type: ignore[arg-type] # unused here
    assert kept == {"Id": "1", "Configuration": "<secret/>"}


def test_a_source_loses_what_may_be_secret_in_addresses() -> None:
    row = {"Id": "1", "Description": "see https://user:word@host.example/path?sig=abc&x=1 now"}
    kept = sources.source("Channels", row, maps("LiveEvent", "c", ""), Known(now=None))  # type: ignore[arg-type] # unused here
    assert kept == {"Id": "1", "Description": "see https://host.example/path?sig&x now"}


def test_a_source_names_the_settings_of_a_delivery_policy() -> None:
    row = {"Id": "1", "Configuration": [[2, "https://a.example/?k"], [6, ""], [99, "x"]], "Unreadable": False}
    kept = sources.source("AssetDeliveryPolicies", row, maps("StreamingPolicy", "p", ""), Known(now=None))  # type: ignore[arg-type] # unused here
    settings = {"EnvelopeBaseKeyAcquisitionUrl": "https://a.example/?k", "EnvelopeEncryptionIV": "", "99": "x"}
    assert kept == {"Id": "1", "AssetDeliveryConfiguration": settings}


def test_a_source_that_is_too_large_is_not_kept() -> None:
    row = {"Id": "1", **{f"Field{number}": "x" * 8000 for number in range(3)}}
    assert sources.source("Channels", row, maps("LiveEvent", "c", ""), Known(now=None)) is None  # type: ignore[arg-type] # unused here


def test_a_report_of_hostile_names_is_json_again() -> None:
    report = build.report(read(json.dumps(hostile.inventory()).encode()))
    again = json.loads(json.dumps(report, ensure_ascii=True))
    assert again["targets"][0]["name"] == hostile.NAMES[0]
    assert again["summary"]["blockers"] == len(hostile.NAMES) + 1, "and the condition that is False"


def test_a_set_that_did_not_hold_still_is_said_in_every_form() -> None:
    unsettled = {"name": "Jobs", "state": "Unsettled", "rows": 0, "verdicts": []}
    report = build.report(parse(given(sets=[unsettled])))
    for form in (html.page(report), markdown.markdown(report)):
        assert "rows went away while it was read" in form


def test_a_gap_that_is_seen_is_no_question() -> None:
    slate = {**accounts.ROWS["Channels"][0], "Slate": {"InsertSlateOnAdMarker": True}}
    inputs = accounts.done(inventory=accounts.inventory(accounts.rows("Channels", slate)))
    census = Census("a", "")
    census.tallies = {name: one.tally for name, one in inputs.inventory.sets.items() if one.tally is not None}
    found = view(census)
    assert "slate" in {one["id"] for one in found["gaps"]}
    assert {one["id"] for one in found["toDeclare"]} == {*accounts.DECLARED} - {one["id"] for one in found["gaps"]}
    judged = accounts.said(inputs)[Type.GAPS]
    assert judged.all == len(found["gaps"]) + len(found["toDeclare"])
