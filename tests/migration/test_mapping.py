"""What each entity becomes: every value of every enumeration, every gap, and whatever else a row may hold."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migration.judging import GUID, NOW, OTHER, gaps, judged

from ams_operator.domain.model import JSON
from ams_operator.migration import entities, verdicts
from ams_operator.migration.entities import FILES_OF, EntitySet
from ams_operator.migration.gaps import BLOCKERS, GAPS, UNREAD_ASSETS
from ams_operator.migration.links import MOST_ASKED, count_files
from ams_operator.migration.model import ANOTHER_NAME, UNDATED, Fate, Judgement, Known
from ams_operator.migration.reduce import keyed


def test_every_set_has_a_rule_and_every_gap_and_blocker_is_described() -> None:
    assert verdicts.missing(entities.SETS) == set()
    assert all(one.todo and one.title for one in GAPS.values())
    assert all(one.todo and one.title for one in BLOCKERS.values())


@pytest.mark.parametrize(("made_by_v2", "fate"), [(True, Fate.VISIBLE), (False, Fate.ORIGIN_V3), (None, Fate.VISIBLE)])
def test_assets(made_by_v2: bool | None, fate: Fate) -> None:
    known = Known(NOW, v3_assets={} if made_by_v2 is None else {GUID: UNDATED if made_by_v2 else ANOTHER_NAME})
    assert judged("Assets", known=known, Name="film", State=0, Options=0).verdict.fate is fate


CREATED = "2020-01-01T00:00:00.1234567Z"
SECOND = "2020-01-01T00:00:00.1230000Z"


@pytest.mark.parametrize(
    ("row", "made", "has_files", "fate"),
    [
        ({"Name": ""}, SECOND, False, Fate.ORIGIN_V3),
        ({"Name": None}, SECOND, False, Fate.ORIGIN_V3),
        ({"Name": "", "Created": "2020-01-01T00:00:00.9996"}, "2020-01-01T00:00:01Z", False, Fate.ORIGIN_V3),
        ({"Name": ""}, SECOND, True, Fate.VISIBLE),
        ({"Name": "film"}, SECOND, False, Fate.VISIBLE),
        ({"Name": ""}, "2020-01-01T01:00:00Z", False, Fate.UNKNOWN),
        ({"Name": ""}, UNDATED, False, Fate.UNKNOWN),
        ({"Name": "", "Created": None}, SECOND, False, Fate.UNKNOWN),
        ({"Name": ""}, SECOND, None, Fate.UNKNOWN),
        ({"Name": ""}, None, False, Fate.VISIBLE),
        ({"Name": ""}, ANOTHER_NAME, True, Fate.ORIGIN_V3),
    ],
)
def test_origin_of_nameless_assets(row: dict[str, Any], made: str | None, has_files: bool | None, fate: Fate) -> None:
    known = Known(NOW, v3_assets={} if made is None else {GUID: made})
    if has_files is not None:
        known.has_files[GUID] = has_files
    found = judged("Assets", known=known, **{"State": 0, "Options": 0, "Created": CREATED, **row})
    assert found.verdict.fate is fate
    assert not found.blockers
    assert (GUID in known.new_assets) is (fate is Fate.ORIGIN_V3)
    assert (GUID in known.unknown_assets) is (fate is Fate.UNKNOWN)


async def test_of_too_many_nameless_assets_the_rest_is_not_asked_and_that_is_said() -> None:
    guids = [str(uuid.UUID(int=number)) for number in range(1, MOST_ASKED + 60)]
    known = Known(NOW, v3_assets=dict.fromkeys(guids, SECOND) | dict.fromkeys(guids[:50], ANOTHER_NAME))
    asked: list[str] = []

    async def below(entities: EntitySet, asset: str) -> list[JSON]:
        assert entities is FILES_OF
        asked.append(asset)
        return [{"Id": "nb:fid:UUID:x"}]

    found: list[Judgement] = []
    rows = [{"Id": f"nb:cid:UUID:{guid}", "Name": ""} for guid in guids]
    for start in range(0, len(rows), 1000):
        await count_files(rows[start : start + 1000], below, known)
        found += [judged("Assets", known=known, State=0, **row) for row in rows[start : start + 1000]]
    assert len(asked) == MOST_ASKED
    fates = [one.verdict.fate for one in found]
    assert fates == [Fate.ORIGIN_V3] * 50 + [Fate.VISIBLE] * MOST_ASKED + [Fate.UNKNOWN] * 9
    assert [one for one in found if gaps(one) == {UNREAD_ASSETS}] == found[-9:]


def test_locators_of_assets_whose_origin_nobody_knows() -> None:
    rows: list[dict[str, Any]] = [{"AccessPolicyId": None}, {"AccessPolicyId": "nb:pid:UUID:x"}]
    for row, fate in zip(rows, (Fate.UNKNOWN, Fate.MAPS), strict=True):
        known = Known(NOW, unknown_assets={OTHER}, v3_locators={}, v3_lists_old=True)
        found = judged("Locators", known=known, Type=2, AssetId=f"nb:cid:UUID:{OTHER}", **row)
        assert found.verdict.fate is fate
        assert bool(known.published) is (fate is Fate.MAPS)
        assert found.blockers == (() if fate is Fate.UNKNOWN else ("not-visible",))


def test_assets_say_what_version_3_would_not_do_again() -> None:
    assert gaps(judged("Assets", Options=1)) == {"storage-encryption"}
    assert gaps(judged("Assets", Options=2)) == gaps(judged("Assets", Options=4)) == {"static-packaging"}
    assert judged("Assets", State=2).verdict.fate is Fate.NOT_NEEDED
    elsewhere = judged("Assets", known=Known(NOW, same_account=False), Name="film").verdict
    assert (elsewhere.kind, elsewhere.name, elsewhere.fields["description"]) == ("Asset", GUID, "film")


@pytest.mark.parametrize(
    ("row", "known", "fate"),
    [
        ({"Type": 2, "AccessPolicyId": "x"}, Known(NOW, v3_locators={GUID: "Predefined_ClearKey"}), Fate.VISIBLE),
        ({"Type": 2, "AccessPolicyId": None}, Known(NOW, v3_locators={GUID: "Predefined_ClearKey"}), Fate.ORIGIN_V3),
        ({"Type": 2, "AccessPolicyId": None}, Known(NOW), Fate.UNKNOWN),
        ({"Type": 2, "AccessPolicyId": "x"}, Known(NOW, v3_locators={}), Fate.VISIBLE),
        ({"Type": 2, "AccessPolicyId": "x"}, Known(NOW, v3_locators={}, v3_lists_old=True), Fate.MAPS),
        ({"Type": 2, "AccessPolicyId": "x"}, Known(NOW, same_account=False), Fate.MAPS),
        ({"Type": 2}, Known(NOW, managed=frozenset({GUID})), Fate.ORIGIN_V3),
        ({"Type": 2}, Known(NOW, new_assets={OTHER}), Fate.ORIGIN_V3),
        ({"Type": 2, "ExpirationDateTime": "2023-05-31T23:59:59"}, Known(NOW), Fate.NOT_NEEDED),
        ({"Type": 2, "AccessPolicyId": "x", "ExpirationDateTime": "0001-01-01T00:00:00Z"}, Known(NOW), Fate.VISIBLE),
        ({"Type": 1, "ExpirationDateTime": "2023-06-01T00:00:01Z"}, Known(NOW), Fate.GAP),
        ({"Type": 1, "ExpirationDateTime": "2023-06-01T00:00:00Z"}, Known(NOW), Fate.NOT_NEEDED),
        ({"Type": 0}, Known(NOW), Fate.GAP),
        ({"Type": "2", "AccessPolicyId": "x"}, Known(NOW), Fate.VISIBLE),
    ],
)
def test_locators(row: dict[str, Any], known: Known, fate: Fate) -> None:
    assert judged("Locators", known=known, AssetId=f"nb:cid:UUID:{OTHER}", **row).verdict.fate is fate


def channel(**changes: Any) -> dict[str, Any]:
    return {
        "Name": "news",
        "State": "Stopped",
        "EncodingType": "None",
        "Input": {"StreamingProtocol": "RTMP"},
        **changes,
    }


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("None", "PassthroughStandard"), ("Standard", "Standard"), ("Premium", "Premium1080p")],
)
def test_channels(encoding: str, expected: str) -> None:
    found = judged("Channels", **channel(EncodingType=encoding, VanityUrl=True)).verdict
    assert (found.kind, found.name) == ("LiveEvent", "news")
    assert found.fields["encoding"]["encodingType"] == expected
    assert found.fields["useStaticHostname"] is True


@pytest.mark.parametrize(
    ("allow", "expected"), [(None, ["0.0.0.0"]), ([], []), ([{"Name": "a", "Address": "1.2.3.4"}], ["1.2.3.4"])]
)
def test_who_may_send_to_a_channel(allow: Any, expected: list[str]) -> None:
    access = {
        "StreamingProtocol": "RTMP",
        "AccessControl": {"IP": {"Allow": allow}},
        "Endpoints": [{"Url": "rtmp://x"}],
    }
    found = judged("Channels", **channel(Input=access)).verdict
    assert [one["address"] for one in found.fields["input"]["accessControl"]["ip"]["allow"]] == expected
    assert "rtmp://" not in repr(found)


@pytest.mark.parametrize("state", ["Starting", "Running", "Stopping"])
def test_channels_on_air_block(state: str) -> None:
    assert judged("Channels", **channel(State=state)).blockers == ("channel-on-air",)
    assert judged("Channels", **channel()).blockers == ()


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({"Slate": {"InsertSlateOnAdMarker": True}}, "slate"),
        ({"Encoding": {"AdMarkerSource": "Api"}}, "ad-markers"),
        ({"Encoding": {"IgnoreCea708ClosedCaptions": True}}, "channel-tracks"),
        ({"Input": {"StreamingProtocol": "RTPMPEG2TS"}}, "rtp-ingest"),
        ({"State": "Odd"}, "undocumented"),
        ({"EncodingType": "Odd"}, "undocumented"),
        ({"Input": None}, "undocumented"),
    ],
)
def test_channel_gaps(changes: dict[str, Any], gap: str) -> None:
    assert gap in gaps(judged("Channels", **channel(**changes)))


def test_programs() -> None:
    known = Known(NOW)
    judged("Channels", known=known, Id="nb:chid:UUID:c", **channel(Output={"Hls": {"FragmentsPerSegment": 2}}))
    row: dict[str, Any] = {
        "Name": "now",
        "State": "Running",
        "ChannelId": "nb:chid:UUID:C",
        "ArchiveWindowLength": "PT4H",
    }
    found = judged("Programs", known=known, **row)
    assert (found.verdict.kind, found.verdict.name, found.blockers) == ("LiveOutput", "news/now", ("program-on-air",))
    assert found.verdict.fields["hls"] == {"fragmentsPerTsSegment": 2}
    assert judged("Programs", **{**row, "State": "Stopped"}).verdict.fate is Fate.NOT_NEEDED


@pytest.mark.parametrize(
    ("row", "gap"),
    [
        ({"StreamingEndpointVersion": "1.0", "ScaleUnits": 0}, "classic-endpoint"),
        ({"StreamingEndpointVersion": "1.0", "ScaleUnits": 1}, ""),
        ({"StreamingEndpointVersion": "2.0", "ScaleUnits": 0}, ""),
    ],
)
def test_endpoints(row: dict[str, Any], gap: str) -> None:
    found = judged(
        "StreamingEndpoints",
        Name="default",
        AccessControl={"Akamai": {"AkamaiSignatureHeaderAuthenticationKeyList": [{"Base64Key": "c2VjcmV0"}]}},
        **row,
    )
    assert found.verdict.gap == gap
    assert bool(found.blockers) is bool(gap)


def test_filters() -> None:
    rows: dict[str, Any] = {
        "Name": "mobile",
        "FirstQuality": {"Bitrate": 1},
        "PresentationTimeRange": {"Timescale": "10000000"},
        "Tracks": [{"PropertyConditions": [{"Property": "Bitrate", "Value": "0-1", "Operator": "Equal"}]}],
    }
    found = judged("Filters", **rows).verdict
    assert found.fields == {
        "firstQuality": {"bitrate": 1},
        "presentationTimeRange": {"timescale": 10000000},
        "tracks": [{"trackSelections": [{"property": "Bitrate", "operation": "Equal", "value": "0-1"}]}],
    }
    below = judged("AssetFilters", **{**rows, "Id": f"nb:cid:UUID:{GUID}__###__mobile"}).verdict
    assert (below.kind, below.name) == ("AssetFilter", f"{GUID}/mobile")
    assert (
        judged("Filters", Name="x", Tracks=[{"PropertyConditions": [{"Property": "Odd"}]}]).verdict.gap
        == "undocumented"
    )


@pytest.mark.parametrize(("state", "blocks"), [(0, 1), (1, 1), (2, 1), (3, 0), (4, 0), (5, 0), (6, 1)])
def test_jobs_in_flight_block(state: int, blocks: int) -> None:
    assert len(judged("Jobs", State=state).blockers) == blocks
    assert judged("Jobs", State=7).verdict.gap == "undocumented"


@pytest.mark.parametrize(
    ("name", "row", "fate"),
    [
        ("NotificationEndPoints", {"EndPointType": 1, "EndPointAddress": "queue"}, Fate.GAP),
        ("NotificationEndPoints", {"EndPointType": 2}, Fate.GAP),
        ("MonitoringConfigurations", {}, Fate.GAP),
        ("IngestManifests", {"State": 0}, Fate.NOT_NEEDED),
        ("IngestManifests", {"State": 2}, Fate.GAP),
        ("AccessPolicies", {}, Fate.NOT_NEEDED),
        ("JobTemplates", {"TemplateType": 0}, Fate.NOT_NEEDED),
        ("JobTemplates", {"TemplateType": 1}, Fate.MAPS),
        ("StorageAccounts", {}, Fate.VISIBLE),
        ("EncodingReservedUnitTypes", {"ReservedUnitType": 2, "CurrentReservedUnits": 10}, Fate.NOT_NEEDED),
        ("EncodingReservedUnitTypes", {"ReservedUnitType": 9}, Fate.GAP),
    ],
)
def test_what_else_there_is(name: str, row: dict[str, Any], fate: Fate) -> None:
    assert judged(name, **row).verdict.fate is fate


def test_of_addresses_only_the_place_is_kept() -> None:
    reduce = entities.SETS["NotificationEndPoints"].reduce
    assert reduce is not None
    address = "https://user:pass@example.com/hook/c2VjcmV0?code=c2VjcmV0"
    assert reduce({"Id": "x", "EndPointAddress": address}, keyed(b""))["EndPointAddress"] == "https://example.com"


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 20)
    | st.floats()
    | st.sampled_from(["", "x", "None", "Running", GUID, "{", "<a/>", "{}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["IP", "Allow", "Codecs", "Type", "Format", "Hls", "Endpoints", "PropertyConditions"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.data())
def test_every_row_has_one_verdict_whatever_is_in_it(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(sorted(entities.SETS.values(), key=lambda one: one.name)))
    row: dict[str, Any] = data.draw(
        st.fixed_dictionaries({}, optional={name: ANY for name in one.fields if name != one.key})
    )
    found = judged(one.name, **row)
    assert found.verdict.fate in Fate
    assert (found.verdict.fate is Fate.GAP) is bool(found.verdict.gap)
    assert (found.verdict.fate is Fate.MAPS) is bool(found.verdict.kind)
    assert gaps(found) <= set(GAPS)
    assert set(found.blockers) <= set(BLOCKERS)
