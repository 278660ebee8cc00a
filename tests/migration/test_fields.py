"""Members of version 2's rows, one by one: where each is found again in version 3, and which decide nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.migration.coverage_probe import GONE, at, changed, effects, judge, members
from tests.migration.coverage_reasons import CHANGED, STATED, UNASKED, reasons, stated
from tests.migration.coverage_rows import CASES, CID, OLD
from tests.migration.judging import NOW

from ams_emulator.v2.sets import SETS as V2
from ams_operator.migration import sources, verdicts
from ams_operator.migration.entities import SETS, How
from ams_operator.migration.model import Known
from ams_operator.migration.paging import Ask
from ams_operator.migration.polls import Jobs, read_channels
from ams_operator.migration.reduce import keyed
from ams_operator.migration.report import pairs
from ams_operator.migration.report.given import Target

from .conftest import Source

SPAN = "PresentationTimeRange"
ONE = "Tracks[].PropertyConditions[]"
RULE = "AccessControl.IP.Allow[]"
BY_NAME = [
    ("EncodingReservedUnitTypes", "ReservedUnitType", 0, "known units", "'10 x S1'"),
    ("EncodingReservedUnitTypes", "CurrentReservedUnits", 3, "known units", "'3 x S3'"),
    ("Channels", "Description", "late", "/description", "late"),
    ("Channels", "Encoding.AdMarkerSource", "Api", "gap ad-markers", True),
    ("Channels", "Encoding.IgnoreCea708ClosedCaptions", True, "gap channel-tracks", True),
    ("Channels", "Encoding.VideoStreams", [{"Index": 1, "Name": "main"}], "gap channel-tracks", True),
    ("Channels", "Encoding.AudioStreams", [{"Index": 1, "Language": "eng"}], "gap channel-tracks", True),
    ("Channels", "Slate.InsertSlateOnAdMarker", True, "gap slate", True),
    ("Channels", "Slate.DefaultSlateAssetId", CID, "gap slate", True),
    ("Channels", "Input.KeyFrameInterval", "PT4S", "/input/keyFrameIntervalDuration", "PT4S"),
    ("Channels", "Input.StreamingProtocol", "FragmentedMP4", "/input/streamingProtocol", "FragmentedMP4"),
    ("Channels", f"Input.{RULE}.Name", "van", "/input/accessControl/ip/allow/name", "van"),
    ("Channels", f"Input.{RULE}.Address", "10.9.0.0", "/input/accessControl/ip/allow/address", "10.9.0.0"),
    ("Channels", f"Input.{RULE}.SubnetPrefixLength", "16", "/input/accessControl/ip/allow/subnetPrefixLength", 16),
    ("Channels", f"Preview.{RULE}.Name", "van", "/preview/accessControl/ip/allow/name", "van"),
    ("Channels", f"Preview.{RULE}.Address", "10.9.0.0", "/preview/accessControl/ip/allow/address", "10.9.0.0"),
    ("Channels", f"Preview.{RULE}.SubnetPrefixLength", 16, "/preview/accessControl/ip/allow/subnetPrefixLength", 16),
    ("Channels", "Preview.AccessControl.IP.Allow", [], "/preview/accessControl/ip/allow", []),
    ("Channels", "Preview.AccessControl.IP.Allow", None, "/preview/accessControl/ip/allow/address", None),
    ("Channels", "CrossSiteAccessPolicies.ClientAccessPolicy", "<c/>", "/crossSiteAccessPolicies/clientAccessPolicy",
     "<c/>"),
    ("Channels", "CrossSiteAccessPolicies.CrossDomainPolicy", "<c/>", "/crossSiteAccessPolicies/crossDomainPolicy",
     "<c/>"),
    ("Channels", "VanityUrl", False, "/useStaticHostname", None),
    ("Programs", "Description", "late", "/description", "late"),
    ("Programs", "ManifestName", "late", "/manifestName", "late"),
    ("Programs", "ArchiveWindowLength", "PT25H", "/archiveWindowLength", "PT25H"),
    ("Jobs", "JobNotificationSubscriptions", [], "gap notifications", None),
    ("ContentKeyAuthorizationPolicyOptions", "Name", "guests", "/options/name", "guests"),
    *((name, f"{SPAN}.{one}", "7", f"/presentationTimeRange/{one[0].lower()}{one[1:]}", 7)
      for name in ("Filters", "AssetFilters")
      for one in ("StartTimestamp", "EndTimestamp", "PresentationWindowDuration", "LiveBackoffDuration", "Timescale")),
    *((name, f"{SPAN}.ForceEndTimestamp", True, "/presentationTimeRange/forceEndTimestamp", True)
      for name in ("Filters", "AssetFilters")),
    *((name, "FirstQuality.Bitrate", 7, "/firstQuality/bitrate", 7) for name in ("Filters", "AssetFilters")),
    *((name, f"{ONE}.Property", "FourCC", "/tracks/trackSelections/property", "FourCC")
      for name in ("Filters", "AssetFilters")),
    *((name, f"{ONE}.Value", "7-9", "/tracks/trackSelections/value", "7-9") for name in ("Filters", "AssetFilters")),
    *((name, f"{ONE}.Operator", "NotEqual", "/tracks/trackSelections/operation", "NotEqual")
      for name in ("Filters", "AssetFilters")),
]  # fmt: skip
"""set, member, value, what it is in version 3 (a JSON pointer) or what is said of it, and that value"""


@pytest.mark.parametrize(("name", "path", "value", "key", "expected"), BY_NAME)
def test_a_member_is_found_again(name: str, path: str, value: Any, key: str, expected: Any) -> None:
    case = CASES[name][0]
    said = judge(name, changed(case.row, path, value), case.known())
    assert said.get(key) == expected
    assert judge(name, case.row, case.known()).get(key) != expected


ELSEWHERE = [
    ("Assets", "Name", "match", "/description", "match"),
    ("Assets", "AlternateId", "s-8", "/alternateId", "s-8"),
    ("Locators", "AssetId", f"nb:cid:UUID:{'7' * 8}-122c-496e-9ac5-7f9e2c2547b8", "/assetName",
     "77777777-122c-496e-9ac5-7f9e2c2547b8"),
    ("Locators", "StartTime", "2021-01-01T00:00:00", "/startTime", "2021-01-01T00:00:00Z"),
    ("Locators", "ExpirationDateTime", "2031-01-01T00:00:00", "/endTime", "2031-01-01T00:00:00Z"),
    ("Locators", "ExpirationDateTime", "9999-12-31T23:59:59.9999999Z", "/endTime", "9999-12-31T23:59:59Z"),
    ("Locators", "StartTime", None, "/startTime", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path", "value", "key", "expected"), ELSEWHERE)
def test_a_member_is_found_again_in_another_account(name: str, path: str, value: Any, key: str, expected: Any) -> None:
    case = next(one for one in CASES[name] if not one.known().same_account)
    assert judge(name, changed(case.row, path, value), case.known()).get(key) == expected
    assert judge(name, case.row, case.known()).get(key) != expected


NAMED = [name for name, one in SETS.items() if "Name" in one.fields]


@pytest.mark.parametrize("name", NAMED)
def test_people_are_told_the_name_of_a_row(name: str) -> None:
    case = CASES[name][0]
    assert judge(name, changed(case.row, "Name", "the derby"), case.known())["label"] == "the derby"


@pytest.mark.parametrize("name", [name for name in SETS if name not in NAMED])
def test_people_are_told_the_id_of_a_row_without_a_name(name: str) -> None:
    case = CASES[name][0]
    assert judge(name, case.row, case.known())["label"].lower() in str(case.row[SETS[name].key]).lower()


DATED = [("AssetDeliveryPolicies", "Created"), ("ContentKeys", "Created"), ("Tasks", "EndTime")]


@pytest.mark.parametrize(("name", "path"), DATED)
def test_when_version_2_was_worked_with(name: str, path: str) -> None:
    case = CASES[name][0]
    row = changed(case.row, path, "2022-02-03T04:05:06.789")
    assert judge(name, row, case.known())["newest"] == "2022-02-03T04:05:06"


def test_a_task_under_way_is_as_old_as_its_beginning() -> None:
    row = {**CASES["Tasks"][0].row, "EndTime": None, "StartTime": "2022-02-03T04:05:06"}
    assert judge("Tasks", row, CASES["Tasks"][0].known())["newest"] == "2022-02-03T04:05:06"


@pytest.mark.parametrize("name", ["Assets", "AccessPolicies"])
def test_what_locators_are_made_of_is_remembered_while_it_is_new(name: str) -> None:
    for created, new in (("2023-05-31T00:00:00", True), ("2018-01-01T00:00:00", False)):
        known = CASES[name][0].known()
        judge(name, changed(CASES[name][0].row, "Created", created), known)
        assert bool(known.recent) is new


def test_a_program_without_an_asset_never_recorded() -> None:
    row = CASES["Programs"][1].row
    said = [judge("Programs", changed(row, "AssetId", one), CASES["Programs"][1].known())["why"] for one in (CID, None)]
    assert said[0].startswith("an ended recording")
    assert "never recorded" in said[1]


def test_tasks_are_judged_by_the_name_of_their_processor() -> None:
    known = Known(NOW)
    judge("MediaProcessors", {"Id": "nb:mpid:UUID:Y", "Name": "Azure Media Hyperlapse"}, known)
    row = {**CASES["Tasks"][0].row, "MediaProcessorId": "nb:mpid:UUID:y"}
    assert judge("Tasks", row, known)["verdict"] == "Gap `no-analytics`"


BESIDE = [
    ("Channels", "Encoding.SystemPreset"), ("Programs", "Created"), ("JobTemplates", "Created"),
    ("JobTemplates", "NumberofInputAssets"), ("Tasks", "State"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path"), BESIDE)
def test_the_report_shows_fields_beside_what_takes_their_place(name: str, path: str) -> None:
    case = CASES[name][0]
    known, reduce = case.known(), SETS[name].reduce
    row = reduce(case.row, keyed(b"test")) if reduce is not None else case.row
    verdict = verdicts.judge(name, row, known).verdict
    shown = sources.source(name, row, verdict, known)
    assert shown is not None
    target = Target(set=name, kind=verdict.kind, name=verdict.name, count=1, fields=dict(verdict.fields), source=shown)
    rows = {one["v2"]: one["was"] for one in pairs.beside(target)}
    assert at(shown, path) == rows[path]
    assert at(shown, path) not in (None, "")


def test_a_filters_asset_is_named_by_its_parent() -> None:
    case = CASES["AssetFilters"][0]
    said = judge("AssetFilters", changed(case.row, "ParentAssetId", CID), case.known())
    assert said["name"] == f"{CID[-36:]}/mobile"


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, some in STATED.items() for path in some])
def test_what_is_said_to_decide_nothing_does_not(name: str, path: str) -> None:
    """Whatever stands there, nothing else is said of the row."""
    assert stated(name, path)
    assert effects(name, path) == []
    for case in CASES[name]:
        base = judge(name, case.row, case.known())
        for value in (GONE, None, "", 7, "7", [], {}, True, OLD):
            assert judge(name, changed(case.row, path, value), case.known()) == base


def test_every_member_decides_something_or_somebody_says_why_not() -> None:
    silent = [
        f"{name}.{path}"
        for name in SETS
        for path in members(name)
        if not effects(name, path) and not reasons(name, path) and not stated(name, path)
    ]
    assert silent == []
    assert [f"{name}.{path}" for name, some in STATED.items() for path in some if path not in members(name)] == []


DROPPED = [
    ("Channels", "Input.Endpoints[].Url"), ("Channels", "Input.Endpoints[].Protocol"),
    ("Channels", "Preview.Endpoints[].Url"), ("Channels", "Preview.Endpoints[].Protocol"),
    ("ContentKeyAuthorizationPolicyOptions", "Restrictions[].Name"),
    *(("StreamingEndpoints", f"AccessControl.Akamai.AkamaiSignatureHeaderAuthenticationKeyList[].{one}")
      for one in ("Identifier", "Expiration", "Base64Key")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path"), DROPPED)
def test_what_holds_secrets_does_not_come_in(name: str, path: str) -> None:
    reduce, row = SETS[name].reduce, changed(CASES[name][0].row, path, "c2VjcmV0LXRleHQ")
    assert reduce is not None
    assert at(row, path) not in repr(reduce(row, lambda _: ""))


POLLED = [("Channels", "Created"), ("Channels", "LastModified"), ("Jobs", "Created"), ("Jobs", "LastModified")]


async def test_polls_know_when_channels_and_jobs_were_made(source: Source) -> None:
    rows = source.emulator.control.v2_rows(source.resource_id, "Channels")
    made = {row["Id"]: datetime.fromisoformat(row["Created"]).timestamp() for row in rows}
    changed_at = {row["Id"]: datetime.fromisoformat(row["LastModified"]).timestamp() for row in rows}
    seen = await read_channels(source.client(), time.time())
    assert {one.id: one.created for one in seen} == pytest.approx(made)
    assert {one.id: one.modified for one in seen} == pytest.approx(changed_at)
    poll = await Jobs(source.client(), time.time).read(None)
    assert poll.in_flight
    assert poll.newest is not None
    assert all(one.created and one.modified and one.created <= poll.newest for one in poll.in_flight)


async def test_what_is_not_asked_for_does_not_come_in(source: Source) -> None:
    """What version 2 has and the operator does not ask for: nothing of it is in a row, and each has its reason."""
    client, rows = source.client(), 0
    for name, one in V2.items():
        there = {item.name for item in one.fields}
        asked = set(SETS[name].fields) if name in SETS else set()
        assert there - asked == UNASKED.get(name, {}).keys(), name
        if name in SETS and SETS[name].how is How.ROWS:
            page = await client.page(SETS[name], Ask())
            rows += len(page.rows)
            assert not any(row.keys() & UNASKED.get(name, {}).keys() for row in page.rows), name
    assert rows > 50


async def test_every_set_with_a_date_can_be_asked_for_what_changed(source: Source) -> None:
    client, asked = source.client(), 0
    for name, one in SETS.items():
        if one.dated is None or one.how in (How.BELOW, How.LINKS):
            continue
        assert one.dated in one.fields or one.how is How.COUNT
        assert CHANGED in reasons(name, one.dated) or one.how is How.COUNT
        later = await client.page(one, Ask(since=datetime(2099, 1, 1, tzinfo=UTC)))
        assert later.rows == (), name
        asked += len((await client.page(one, Ask(since=datetime(2001, 1, 1, tzinfo=UTC)))).rows)
    assert asked > 50
