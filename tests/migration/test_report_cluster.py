"""A report of what a cluster judged: made of a MigrationReport, as kubectl prints it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
import yaml
from tests.migration import accounts
from tests.migration.test_conditions import SAS

from ams_operator.api.migration_report import MigrationReportStatus
from ams_operator.migration import reporting
from ams_operator.migration.census import Census
from ams_operator.migration.conditions import Type, judge
from ams_operator.migration.inputs import (
    Acknowledgement,
    ChannelsRead,
    Inputs,
    JobPoll,
    JobSeen,
    JobsRead,
    Listing,
    ObjectsRead,
    ProgramSeen,
)
from ams_operator.migration.report import build, html, markdown
from ams_operator.migration.report.given import NotAnInventory, parse
from ams_operator.migration.report.reading import LARGEST_YAML, read

from . import hostile
from .test_report import given
from .test_report_command import report as command

GUID = "66666666-122c-496e-9ac5-7f9e2c2547b8"


def published(**changes: Any) -> Inputs:
    """An account that is done but for a SAS locator, which nobody accepts."""
    found = accounts.inventory(accounts.rows("Locators", *accounts.ROWS["Locators"], SAS))
    return replace(accounts.done(inventory=found), **changes)


def content(inputs: Inputs) -> dict[str, Any]:
    """The status of the object, as the operator writes it."""
    census = Census("a", "2026-01-01T00:00:00Z")
    census.tallies = {name: one.tally for name, one in inputs.inventory.sets.items() if one.tally is not None}
    count = len(census.tallies)
    return reporting.content(inputs, judge(inputs), census, {"done": count, "all": count})


def whole(status: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "apiVersion": "ams-operator.dev/v1alpha1", "kind": "MigrationReport",
        "metadata": {"name": "contoso", "namespace": "media", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"account": "contoso"}, "status": {**status, "checkpoint": "A" * 90_000}, **changes,
    }  # fmt: skip


def made(found: Any) -> dict[str, Any]:
    """The report, as JSON; the same of YAML."""
    text = json.dumps(found)
    spelled = yaml.safe_dump(json.loads(text), sort_keys=False)
    one, two = (build.report(read(each.encode())) for each in (text, spelled))
    assert one == two
    return one


def test_conditions_gaps_and_what_somebody_accepted_are_those_of_the_cluster() -> None:
    open_gap = content(published())
    MigrationReportStatus.model_validate(open_gap)
    before = made(whole(open_gap))
    judged = {one["type"]: one for step in before["steps"] for one in step["conditions"]}
    assert set(judged) == set(Type)
    assert (judged["DeliveryMigrated"]["status"], judged["DeliveryMigrated"]["reason"]) == ("False", "SasLocators")
    assert (judged["EncodingMigrated"]["status"], judged["EncodingMigrated"]["blockers"]) == ("True", [])
    assert (before["account"], before["name"], before["complete"]) == ("media/contoso", "contoso", True)
    assert before["begun"] == "2026-01-01T00:00:00Z"
    assert before["summary"]["becomes"] == {"AccountFilter": 1, "ContentKeyPolicy": 1, "LiveEvent": 1, "Transform": 1}
    (gap,) = before["gaps"]
    assert (gap["state"], gap["evidenceHash"]) == ("Open", open_gap["gaps"][0]["evidenceHash"])
    assert before["summary"]["toDeclare"] == 0
    assert {one["state"] for one in before["toDeclare"]} == {"Declared"}

    given = Acknowledgement("sas-locators", "they end in June", gap["evidenceHash"])
    after = made(whole(content(published(config=accounts.config(acknowledged={"sas-locators": given})))))
    assert [one["id"] for one in before["blockers"]] == ["sas-locator", "gap:sas-locators"]
    assert after["blockers"] == []
    assert (after["gaps"][0]["state"], after["gaps"][0]["accept"]) == ("Acknowledged", "")
    for form in (html.page(after), markdown.markdown(after)):
        assert "accepted: they end in June" in form
        assert "declared: asked" in form
        assert "acknowledgedGaps" not in form or "Or accept it" in form


def test_what_somebody_took_out_of_a_report_leaves_it_incomplete() -> None:
    right = content(published())
    fewer: list[dict[str, Any]] = [{**right, name: right[name][1:]} for name in ("conditions", "sets")]
    fewer += [{**fewer[1], "inventory": {"done": len(fewer[1]["sets"]), "all": len(fewer[1]["sets"])}}]
    fewer += [{**right, name: None} for name in ("conditions", "inventory", "whole")]
    assert made(whole(right))["complete"]
    for status in fewer:
        found = made(whole({name: one for name, one in status.items() if one is not None}))
        assert not found["complete"]
        assert "not complete" in found["notes"][0]


def test_a_condition_says_what_no_blocker_says() -> None:
    """A channel on air whose live event lacks: to stop it is not what comes first."""
    on_air = ChannelsRead(accounts.NOW, 60.0, (accounts.channel("Running"),))
    nothing = ObjectsRead(accounts.NOW, 60.0, ())
    found = made(whole(content(accounts.done(channels=on_air, objects=nothing))))
    blockers = {one["id"]: one for one in found["blockers"]}
    assert set(blockers) == {"channel-on-air", "condition:LiveStreamingMigrated"}
    assert "apply a LiveEvent" in blockers["condition:LiveStreamingMigrated"]["todo"]
    assert blockers.keys() == {
        one["id"] for one in made(whole(content(accounts.done(channels=on_air))))["blockers"]
    } | {"condition:LiveStreamingMigrated"}


def test_what_is_accepted_blocks_nothing_while_something_else_does() -> None:
    encrypted = {**accounts.ROWS["Assets"][0], "Options": 1}
    both = {**accounts.rows("Locators", *accounts.ROWS["Locators"], SAS), "Assets": (encrypted,)}
    config = accounts.config(acknowledged={"sas-locators": Acknowledgement("sas-locators", "so be it")})
    status = content(published(inventory=accounts.inventory(both), config=config))
    assert [one["id"] for one in status["blockers"]] == ["gap:storage-encryption"]


def test_what_polls_and_lists_prove_blocks_the_switch_too() -> None:
    on_air = ChannelsRead(accounts.NOW, 60.0, (accounts.channel("Running"),))
    there = accounts.target(accounts.inventory())
    empty = replace(there, lists={**there.lists, "Transform": Listing(accounts.NOW, 60.0, {})})
    found = made(whole(content(accounts.done(channels=on_air, target=empty))))
    blockers = {one["condition"]: one for one in found["blockers"]}
    assert set(blockers) == {"LiveStreamingMigrated", "EncodingMigrated"}
    assert blockers["LiveStreamingMigrated"]["samples"] == ["news"]
    assert blockers["EncodingMigrated"]["title"].endswith("blocking: v2-h264-multiple-bitrate-1080p")
    assert "apply a Transform" in blockers["EncodingMigrated"]["todo"]
    assert found["summary"]["blockers"] == 2
    assert sum(step["blockers"] for step in found["steps"]) == 1, "the other's condition says it already"
    (channel,) = found["channels"]
    assert (channel["name"], channel["state"], channel["phase"], channel["liveEvent"]) == (
        "news", "Running", "Parallel", "news",
    )  # fmt: skip
    for form in (html.page(found), markdown.markdown(found)):
        assert "Channels on their way" in form


@pytest.mark.parametrize(
    ("name", "row", "blocker", "gap"),
    [
        ("Locators", SAS, "sas-locator", "sas-locators"),
        ("StreamingEndpoints", {"Id": "x", "Name": "old", "StreamingEndpointVersion": "1.0"}, "classic-endpoint",
         "classic-endpoint"),
    ],
)  # fmt: skip
def test_an_accepted_gap_hides_nothing_that_blocks(name: str, row: dict[str, Any], blocker: str, gap: str) -> None:
    lately = accounts.listed(accounts.YESTERDAY)
    found = accounts.inventory(accounts.rows(name, *accounts.ROWS[name], row), lately)
    before = content(accounts.done(inventory=found))
    assert [one["id"] for one in before["blockers"]] == [blocker, f"gap:{gap}"]
    given = Acknowledgement(gap, "so be it", before["gaps"][0]["evidenceHash"])
    status = content(accounts.done(inventory=found, config=accounts.config(acknowledged={gap: given})))
    (told,) = made(whole(status))["blockers"]
    assert (told["id"], told["condition"]) == ("condition:DeliveryMigrated", "DeliveryMigrated")
    assert "find who still publishes" in told["todo"]


def test_what_is_on_air_is_what_the_polls_saw_last() -> None:
    """The inventory is older: what it saw on air may have stopped, and what it saw off may have begun."""
    running = {**accounts.ROWS["Channels"][0], "State": "Running"}
    job = {"Id": "nb:jid:UUID:1", "Name": "old", "State": 2}
    before = accounts.inventory({**accounts.rows("Channels", running), "Jobs": (job,)})
    assert {"channel-on-air", "job-in-flight"} <= accounts.merged(before, "blockers").keys()
    stopped = accounts.done(inventory=before, objects=ObjectsRead(accounts.NOW, 60.0, ()))
    (told,) = made(whole(content(stopped)))["blockers"]
    assert told["id"] == "condition:LiveStreamingMigrated"
    assert "apply a LiveEvent" in told["todo"]

    program = ProgramSeen("p", "late show", accounts.CHANNEL, "Running")
    now = ChannelsRead(accounts.NOW, 60.0, (accounts.channel("Running"),), (program,))
    polls = JobsRead((JobPoll(accounts.NOW, (JobSeen("j", "new", 2),)),))
    found = content(accounts.done(channels=now, jobs=polls))["blockers"]
    assert {one["id"]: one["samples"] for one in found} == {
        "job-in-flight": ["new"], "channel-on-air": ["news"], "program-on-air": ["late show"],
    }  # fmt: skip
    later = replace(stopped, now=accounts.NOW + 600)
    assert content(later)["blockers"] == [], "what the polls can't tell is not known"
    left = accounts.config(retired=frozenset({accounts.CHANNEL.lower()}))
    assert content(accounts.done(channels=now, config=left))["blockers"] == []


def test_what_there_was_no_room_for_is_said() -> None:
    status = content(published())
    status |= {"truncated": {"targets": 12, "fields": 3}, "begun": ""}
    for one in status["targets"]:
        one.pop("fields", None)
    found = made(whole(status))
    assert found["notes"] == ["the MigrationReport has no room for 12 of targets",
                              "the MigrationReport has no room for 3 of fields"]  # fmt: skip
    assert "a time that is not said" in html.page(found)


@pytest.mark.parametrize("change", ["set", "progress", "failure"])
def test_an_inventory_under_way_is_not_complete(change: str) -> None:
    status = content(published())
    if change == "set":
        status["sets"][0]["state"] = "NotRead"
    elif change == "progress":
        status["inventory"]["done"] -= 1
    else:
        status["conditions"][1]["reason"] = "SetFailed"
    assert not made(whole(status))["complete"]


def test_yaml_that_was_cut_is_not_complete() -> None:
    """Wherever a line ends, as kubectl sorts them."""
    lines = yaml.safe_dump(whole(content(published()), kind="MigrationReport")).splitlines(keepends=True)
    read_as = []
    for count in (*range(lines.index("  sets:\n") + 2, len(lines), 23), len(lines) - 1):
        try:
            found = read("".join(lines[:count]).encode())
        except NotAnInventory:
            continue
        read_as.append(found)
        assert not found.complete
        assert found.notes[0].startswith("not complete: the file seems cut")
    assert len(read_as) > 2
    few = content(published())
    del few["sets"][-1]
    assert not made(whole(few))["complete"]
    assert command("--from", "-", given="".join(lines[:-1]).encode()).exit_code == 3
    assert command("--from", "-", given="".join(lines).encode()).exit_code == 0


def test_a_list_of_one_report_will_do_whatever_else_is_in_it() -> None:
    one, account = (
        whole(content(published())),
        {"apiVersion": "ams-operator.dev/v1alpha1", "kind": "MediaServicesAccount"},
    )
    together = {"apiVersion": "v1", "kind": "List", "items": [account, one]}
    assert made(together) == made(one)


DEEP = b"a: " + b"[" * 100_000
BOMB = b"a: &a [x]\n" + b"\n".join(b"%c: &%c [*%c, *%c]" % (98 + n, 98 + n, 97 + n, 97 + n) for n in range(20))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"apiVersion": "v1", "kind": "Pod"}, "it is a Pod and no MigrationReport: kubectl get"),
        ({"apiVersion": "example.com/v1", "kind": "MigrationReport"}, "no MigrationReport"),
        ({"apiVersion": "v1", "kind": "List", "items": []}, "it holds 0 of MigrationReport"),
        ({"apiVersion": "v1", "kind": "List", "items": [whole({}), whole({})]}, "it holds 2 of MigrationReport"),
        ({"apiVersion": "v1", "kind": "List", "items": {"a": 1}}, "items: "),
        (whole({}), "MigrationReport contoso says nothing yet"),
        (whole({"sets": [{"name": "A", "state": "Read", "rows": -1, "verdicts": []}]}), "sets.0.rows"),
        (whole({"sets": [1]}), "status.sets.0"),
        (whole({"sets": []}, metadata=[]), "metadata"),
        ({"account": "a"}, "begun: Field required"),
        (b"NAME      ACCOUNT   COMPLETE\ncontoso   contoso   False\n", "kubectl get migrationreport NAME -o yaml"),
        (b"[]", "kubectl get migrationreport NAME -o yaml"),
        ("a: 1".encode("utf-16"), "save it as UTF-8"),
        (b"a: 1\n---\n", "of one document; expected what `kubectl get migrationreport NAME -o yaml`"),
        (build.report(parse(given())), "it is a report already"),
        (b"a: b: c", "neither JSON nor plain YAML"),
        (b"a: !!python/object/apply:os.system [id]", "neither JSON nor plain YAML"),
        (b"kind: !!binary aGk=", "neither JSON nor plain YAML"),
        (b"a: 1\n---\na: 2", "neither JSON nor plain YAML"),
        (b"? [a]\n: b", "neither JSON nor plain YAML"),
        (b"a: \xff", "neither JSON nor plain YAML"),
        (BOMB, "neither JSON nor plain YAML"),
        (DEEP, "neither JSON nor plain YAML"),
        (b"a: " + b"x" * LARGEST_YAML, "more than 4 MiB"),
        (b'{"a": 1', "it is no JSON"),
    ],
)  # fmt: skip
def test_what_is_neither_is_refused_in_words(given: Any, said: str) -> None:
    before = time.process_time()
    with pytest.raises(NotAnInventory) as caught:
        read(given if isinstance(given, bytes) else json.dumps(given).encode())
    assert said in str(caught.value)
    assert time.process_time() - before < 20, "and at once"


def test_yaml_makes_nothing_else_of_a_text() -> None:
    status = content(published())
    odd = ["yes", "12:30:00", "2026-01-01", "=", "<<", "0x10", "1_000", ".inf"]
    fields = {"texts": [*odd, "null", "", "1.5"], "others": [True, None, 1, -2.5, 1e21, {"a": []}]}
    status["targets"][0]["fields"] = fields
    spelled = yaml.safe_dump(whole(status))
    for one in odd:
        assert f"'{one}'" in spelled
        spelled = spelled.replace(f"'{one}'", one)
    found = build.report(read(spelled.encode()))
    assert found["targets"][0]["fields"] == fields


@pytest.mark.parametrize("form", ["terminal", "json", "md", "html"])
def test_hostile_objects_are_text(form: str) -> None:
    inventory = hostile.inventory()
    status = {
        name: inventory[name]
        for name in ("sets", "targets", "blockers", "channels", "benefits", "conditions", "reservedUnits")
    }
    status["gaps"] = [{**one, "evidenceHash": one["evidence"]} for one in inventory["gaps"]]
    status["gaps"] += inventory["toDeclare"]
    status |= {"begun": hostile.NAMES[0], "inventory": {"done": 1, "all": 2}, "truncated": {hostile.NAMES[3]: 2}}
    names = {"name": hostile.NAMES[0], "namespace": hostile.NAMES[4]}
    found = command("--from", "-", "-o", form, given=json.dumps(whole(status, metadata=names)).encode())
    assert found.exit_code == 3, found.output
    assert b"\x1b" not in found.stdout_bytes
    if form == "html":
        assert found.stdout.count("<script>") == 1
        assert "<img" not in found.stdout
