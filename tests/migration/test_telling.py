"""What is told of a migration: only where something changed, and bounded."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest

from ams_operator.api.migration import InventoryStatus
from ams_operator.domain.answers import Resource
from ams_operator.migration import reporting, settings, telling
from ams_operator.migration.census import Census
from ams_operator.migration.conditions import Finding, Type
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import AccessRead, ChannelSeen, ChannelsRead, Inputs
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Judgement, Progress, gap, maps
from ams_operator.migration.reduce import keyed
from ams_operator.migration.tally import Tally
from ams_operator.migration.teller import Teller
from ams_operator.migration.trouble import Access

NOW = 1_700_000_000.0


def _account(status: dict[str, Any] | None = None, **changes: Any) -> Resource:
    found = Resource(
        "MediaServicesAccount", "n", "a", "uid", 1, "5", "", None, (), {}, {"subscriptionId": "s"}, status or {}
    )
    return replace(found, **changes)


def _findings(status: str = "True", reason: str = "Fine") -> list[Finding]:
    return [Finding(one, status, reason, "said", 1, 2) for one in Type]


def test_an_equal_body_is_not_written_and_others_conditions_do_not_count() -> None:
    wanted = telling.body(_findings(), _account(), NOW, endpoint="https://v2", report="a")
    ready = {"type": "Ready", "status": "True"}
    status = {"conditions": [ready, *reversed(wanted["conditions"])], "migration": wanted["migration"], "record": {}}
    later = telling.body(_findings(), _account(status), NOW + 500, endpoint="https://v2", report="a")
    assert telling.equal(later, status)
    changed = telling.body(_findings("False"), _account(status), NOW + 500, endpoint="https://v2", report="a")
    assert not telling.equal(changed, status)
    assert {one["lastTransitionTime"] for one in changed["conditions"]} == {"2023-11-14T22:21:40Z"}
    assert not telling.equal(telling.body(_findings(), _account(status, generation=2), NOW), status)


def test_status_says_that_version_3_is_listed() -> None:
    watch = Mock(kept=Kept("a", keyed(b"a")), reading=Progress("version 3: Asset", 2000))
    shown = Teller.progress(Mock(watch=watch))
    assert shown == {"done": 0, "all": len(SETS), "reading": "version 3: Asset", "rows": 2000}
    InventoryStatus.model_validate(shown)


def test_progress_alone_is_told_from_news() -> None:
    def body(reason: str, done: int, rows: int) -> dict[str, Any]:
        inventory = {"done": done, "all": 26, "reading": "Assets", "rows": rows}
        return telling.body(_findings(reason=reason), _account(), NOW, inventory=inventory)

    status = body("Fine", 3, 1000)
    assert telling.only_progress(body("Fine", 3, 2000), status)
    assert not telling.only_progress(body("Fine", 4, 2000), status)
    assert not telling.only_progress(body("Worse", 3, 2000), status)
    assert not telling.only_progress(body("Fine", 3, 2000), {})


def test_a_restart_is_no_news() -> None:
    told = telling.body(_findings(), _account(), NOW)
    unknown = _findings("Unknown", "InputsMissing")
    assert telling.forgets(unknown, _account(told))
    assert not telling.forgets(_findings("False"), _account(told))
    assert not telling.forgets(unknown, _account(told, generation=2)), "of another manifest"
    assert not telling.forgets(unknown, _account())
    retired = telling.body(_findings(reason=telling.RETIRED), _account(), NOW)
    assert not telling.forgets(unknown, _account(retired))


def test_channels_that_were_switched_are_remembered() -> None:
    first = [replace(one, switched=frozenset({"c1"}) if one.type == Type.LIVE else frozenset()) for one in _findings()]
    status = telling.body(first, _account(), NOW)
    assert telling.remembered(status).switched == {"c1"}
    assert telling.body(_findings(), _account(status), NOW)["migration"]["switched"] == ["c1"]
    assert telling.remembered(status).complete


def test_the_annotation_is_the_switch() -> None:
    modes = {"true": "true", " True": "true", "retired": "retired", "RETIRED": "retired", "false": "", "False": ""}
    for value, mode in {**modes, **dict.fromkeys(("yes", "", "tru e"), settings.UNREADABLE)}.items():
        assert settings.mode(_account(annotations={"ams-operator.dev/v2-source": value})) == mode
    assert settings.mode(_account()) == ""
    assert settings.rests(_account(spec={"managementPolicy": "Pause"}))
    assert settings.rests(_account(deleting="2026-01-01T00:00:00Z"))
    assert not settings.rests(_account())
    with pytest.raises(settings.Unreadable, match=r"spec\.migration\.quietPeriod"):
        settings.config(_account(spec={"migration": {"quietPeriod": 5}}))
    there = _account(spec={"migration": {"targetAccountRef": {"name": "b"}}})
    assert settings.identity(there) != settings.identity(_account(spec={}))
    assert settings.identity(_account(spec={"migration": {"targetAccountRef": {"name": "a"}}})) == settings.identity(
        _account(spec={})
    )


def test_an_inventory_answers_only_what_it_was_asked() -> None:
    def identity(**migration: Any) -> str:
        return settings.identity(_account(spec={"subscriptionId": "s", "migration": migration}))

    there = {"name": "b"}
    asked: list[dict[str, Any]] = [{}, {"locators": "Republish"}, {"quietPeriod": "P30D"}, {"targetAccountRef": there}]
    assert len({identity(**one) for one in asked}) == len(asked)
    same = [{"locators": "Keep"}, {"quietPeriod": "P7D"}, {"freezeJobsAfter": "2026-01-01T00:00:00Z"}]
    assert {identity(**one) for one in same} == {identity()}, "else each of them would cost an inventory"
    assert identity(targetAccountRef=there, locators="Republish") == identity(targetAccountRef=there), "it is, anyway"
    account = _account(spec={"subscriptionId": "s", "migration": {"targetAccountRef": there}})
    assert settings.identity(account, "t", "here") != settings.identity(account, "t", "elsewhere"), "another source"


def _large_census() -> Census:
    """The most that tallies keep, with long names."""
    census = Census("a", "2026-01-01T00:00:00Z")
    for name in SETS:
        tally = census.tallies[name] = Tally()
        for number in range(1500):
            label, fields = "\u20ac" * 119 + str(number), {"outputs": [{"preset": "x" * 400 + str(number)}]}
            found = maps("Transform", f"{name}-{number}-" + "n" * 200, f"why {number % 40}" * 20, fields)
            evidence = (("slate", label), (f"gap-{number % 90}", label))
            tally.add(label, number, Judgement(found, evidence, (f"blocker-{number % 30}",)))
        tally.add("odd", 1, Judgement(gap("undocumented", "odd")))
        tally.evidence = {name: group for name, group in tally.evidence.items() if name == "slate"}
        tally.blockers = {}
    return census


def test_a_report_is_bounded_whatever_the_account_holds() -> None:
    seen = ChannelSeen("c" * 900, "\u20ac" * 300, "Running")
    inputs = Inputs(
        NOW,
        access=AccessRead(NOW, 60.0, Access.REACHABLE),
        channels=ChannelsRead(NOW, 60.0, tuple(replace(seen, id=f"{seen.id}{number}") for number in range(200))),
    )
    body = reporting.content(inputs, _findings(), _large_census(), {"done": 26, "all": 26})
    assert len(json.dumps(body, ensure_ascii=False).encode()) <= reporting.LARGEST
    assert body["truncated"]["targets"] > 10_000
    assert (len(body["channels"]), body["truncated"]["channels"]) == (50, 150)
    assert {one["type"] for one in body["conditions"]} == set(Type)
    assert len(body["sets"]) == len(SETS)
    small = reporting.content(Inputs(NOW), _findings(), Census("a", ""), None)
    assert "truncated" not in small


def test_a_report_names_no_blocker_of_what_is_done() -> None:
    census = Census("a", "2026-01-01T00:00:00Z")
    tally = census.tallies["Locators"] = Tally()
    tally.add("a locator", 1, Judgement(maps("StreamingLocator", "t", "why"), (), ("not-visible",)))
    for status, blockers in (("False", 1), ("True", 0)):
        assert len(reporting.content(Inputs(NOW), _findings(status), census, None)["blockers"]) == blockers
