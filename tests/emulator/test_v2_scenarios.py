"""Accounts with a past: what is in them, that they are the same each time, and that the big one costs little."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.emulator.test_cli import run
from tests.emulator.v2_client import V2, at

from ams_emulator.testing import Emulator, EmulatorError
from ams_emulator.v2.scenarios import SCENARIOS
from ams_emulator.v2.scenarios.guids import Guids
from ams_emulator.v2.sets import ONLY_BY_WAY, SETS

MakeV2 = Callable[..., V2]
READABLE = [name for name in SETS if name not in ONLY_BY_WAY]


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "archive"])
def test_everything_in_it_can_be_read(v2_factory: MakeV2, scenario: str) -> None:
    """Each set, each row, each navigation; in both forms of JSON, and as XML."""
    v2 = v2_factory(scenario)
    for name in READABLE:
        rows = v2.rows(name)
        assert all(set(row) == set(SETS[name].by_name) for row in rows), name
        assert v2.ask("GET", name, Accept=None)[0] == 200, name
        listed = v2.get(name, Accept="application/json;odata=verbose")["d"]["results"]
        assert [item[SETS[name].key] for item in listed] == [row[SETS[name].key] for row in rows]
        for item in listed[:1]:
            uri = item["__metadata"]["uri"].removeprefix(v2.base)
            assert v2.get(uri)[SETS[name].key] == item[SETS[name].key]
            for way in SETS[name].navigations:
                assert v2.ask("GET", item[way.name]["__deferred"]["uri"].removeprefix(v2.base))[0] in (200, 404)


def test_references_lead_somewhere(v2_factory: MakeV2) -> None:
    for scenario in ("small", "broadcaster", "mixed", "legacy"):
        v2 = v2_factory(scenario)
        assets = {row["Id"] for row in v2.rows("Assets")}
        channels = {row["Id"] for row in v2.rows("Channels")}
        assert {row["ParentAssetId"] for row in v2.rows("Files")} <= assets
        assert {row["AssetId"] for row in (*v2.rows("Locators"), *v2.rows("Programs"))} <= assets
        assert {row["ChannelId"] for row in v2.rows("Programs")} <= channels
        policies = {row["Id"] for row in v2.rows("ContentKeyAuthorizationPolicies")}
        assert {row["AuthorizationPolicyId"] for row in v2.rows("ContentKeys")} <= policies | {None}


def test_a_scenario_is_the_same_each_time(tmp_path: Path) -> None:
    seen = []
    for number in range(2):
        with Emulator("--scenario", "legacy=contoso", data=tmp_path / str(number)) as emulator:
            v2 = V2(emulator, emulator.account_id("contoso"))
            shared = {
                name: [row.get("Id") for row in v2.rows(name)] for name in READABLE if name != "StreamingEndpoints"
            }
            seen.append({name: [key for key in keys if key] for name, keys in shared.items()})
    assert seen[0] == seen[1]


def test_unknown_scenarios_name_the_known_ones(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match="small, broadcaster, mixed, legacy, archive"):
        emulator.control.add_account("nowhere", scenario="wild")
    result = run("serve", "--scenario", "wild")
    assert (result.returncode, "choose one of" in result.stderr) == (2, True)


def test_broadcaster_is_on_air(v2_factory: MakeV2) -> None:
    v2 = v2_factory("broadcaster")
    assert Counter(row["State"] for row in v2.rows("Channels")) == {"Running": 2, "Stopped": 2}
    assert Counter(row["State"] for row in v2.rows("Programs")) == {"Running": 2, "Stopped": 2}
    assert Counter(row["State"] for row in v2.rows("Jobs")) == {0: 1, 2: 1, 3: 12}
    assert v2.rows("EncodingReservedUnitTypes")[0]["CurrentReservedUnits"] == 10


def test_jobs_in_flight_end_when_they_are_let(emulator: Emulator, v2_factory: MakeV2) -> None:
    v2 = v2_factory("broadcaster")
    emulator.control.v2_account(v2.account_id, runJobs=True)
    assert {row["State"] for row in v2.rows("Jobs")} == {3}


def test_mixed_shows_both_versions_work(emulator: Emulator, v2_factory: MakeV2) -> None:
    emulator.control.variants(**{"v2.locators-in-v3-list": "listed"})
    v2 = v2_factory("mixed")
    found = emulator.request("GET", f"{v2.account_id}/assets")[2]["value"]
    ours = [item for item in found if item["name"] != item["properties"]["assetId"]]
    rows = {row["Id"][-36:]: row for row in v2.rows("Assets")}
    assert (len(ours), len(rows)) == (5, len(found))
    assert {rows[item["properties"]["assetId"]]["Name"] for item in ours} == {None}
    assert (
        len(v2.rows("Locators")) == len(emulator.request("GET", f"{v2.account_id}/streamingLocators")[2]["value"]) == 12
    )
    assert emulator.request("GET", f"{v2.account_id}/liveEvents/news")[2]["properties"]["resourceState"] == "Stopped"


def test_legacy_has_each_oddity(v2_factory: MakeV2) -> None:
    v2 = v2_factory("legacy")
    processors = {row["Id"]: row["Name"] for row in v2.rows("MediaProcessors")}
    tasks = v2.rows("Tasks")
    used = {processors.get(task["MediaProcessorId"], "gone") for task in tasks}
    assert used == {*processors.values(), "gone"}
    assert {row["State"] for row in v2.rows("Jobs")} == {0, 3, 4, 5}
    assert any(task["ErrorDetails"] for task in tasks)
    assert {row["Options"] for row in v2.rows("Assets")} == {0, 1, 2, 4}
    assert {row["Type"] for row in v2.rows("Locators")} == {1, 2}
    assert {row["ContentKeyType"] for row in v2.rows("ContentKeys")} == {0, 1, 2, 3, 4, 6, 7, 8}
    assert {row["AssetDeliveryPolicyType"] for row in v2.rows("AssetDeliveryPolicies")} == {1, 2, 3, 4, 5}
    options = v2.rows("ContentKeyAuthorizationPolicyOptions")
    assert {item["KeyRestrictionType"] for row in options for item in row["Restrictions"]} == {1, 2}
    assert {row["Input"]["StreamingProtocol"] for row in v2.rows("Channels")} == {"RTMP", "FragmentedMP4", "RTPMPEG2TS"}
    assert {row["StreamingEndpointVersion"] for row in v2.rows("StreamingEndpoints")} == {"1.0"}
    for name in ("IngestManifests", "IngestManifestFiles", "MonitoringConfigurations", "JobTemplates", "Filters"):
        assert len(v2.rows(name)) == 1, name
    template = v2.rows("JobTemplates")[0]["Id"]
    assert len(v2.rows(f"{at('JobTemplates', template)}/TaskTemplates")) == 1
    child = v2.row("Assets", Name="child")
    assert [row["Name"] for row in v2.rows(f"{at('Assets', child['Id'])}/ParentAssets")] == ["source"]


# --- the archive -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 2_000, 100_000, 200_000])
def test_guids_can_be_counted(size: int) -> None:
    guids = Guids(size, 5)
    numbers = sorted({0, size // 3, size // 2, size - 1})
    found = [guids.at(number) for number in numbers]
    assert found == sorted(found)
    assert [guids.index(guid) for guid in found] == numbers
    assert all(len(guid) == 36 for guid in found)
    assert Guids(size, 6).index(found[-1]) is None
    assert guids.index("not a guid") is None


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[V2]:
    with Emulator("--scenario", "archive", data=tmp_path_factory.mktemp("archive")) as emulator:
        yield V2(emulator, emulator.account_id("archive"))


def resident(pid: int) -> int:
    """Megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def test_the_archive_is_read_page_by_page(archive: V2) -> None:
    for name, size in (("Assets", 100_000), ("Locators", 100_000), ("ContentKeys", 100_000), ("Files", 200_000)):
        assert archive.get(f"{name}/$count") == str(size).encode(), name
        for skip in (0, size - 1000):
            assert len({row["Id"] for row in archive.rows(f"{name}?$skip={skip}&$top=1000")}) == 1000
        assert archive.rows(f"{name}?$skip={size}") == []
    assert len(archive.rows("Jobs?$skip=1500")) == 500


def test_the_archive_hangs_together(archive: V2) -> None:
    for asset in archive.rows("Assets?$skip=54321&$top=3"):
        path = at("Assets", asset["Id"])
        assert archive.get(path) == {**asset, "odata.metadata": f"{archive.base}$metadata#Assets/@Element"}
        assert {row["ParentAssetId"] for row in archive.rows(f"{path}/Files")} == {asset["Id"]}
        (locator,) = archive.rows(f"{path}/Locators")
        assert archive.get(at("Locators", locator["Id"]))["AssetId"] == asset["Id"]
        (key,) = archive.rows(f"{path}/ContentKeys")
        (policy,) = archive.rows(f"{path}/DeliveryPolicies")
        at_v3 = f"{archive.account_id}/assets/{asset['Id'][-36:]}"
        (seen,) = archive.emulator.request("POST", f"{at_v3}/listStreamingLocators")[2]["streamingLocators"]
        assert seen["streamingLocatorId"] == locator["Id"][-36:]
        keys = f"{archive.account_id}/streamingLocators/{seen['name']}/listContentKeys"
        (found,) = archive.emulator.request("POST", keys)[2]["contentKeys"]
        assert (found["id"], policy["AssetDeliveryPolicyType"]) == (
            key["Id"][-36:],
            {0: 4, 4: 3}[key["ContentKeyType"]],
        )


def test_the_archive_in_version_3_and_changes_to_it(archive: V2) -> None:
    emulator, path = archive.emulator, f"{archive.account_id}/assets"
    page = emulator.request("GET", path)[2]
    assert (len(page["value"]), "@odata.nextLink" in page) == (1000, True)
    emulator.control.variants(**{"v2.locators-in-v3-list": "listed"})
    locators = emulator.request("GET", f"{archive.account_id}/streamingLocators")[2]["value"]
    assert {item["properties"]["streamingPolicyName"] for item in locators} == {
        "Predefined_ClearKey", "Predefined_MultiDrmCencStreaming",
    }  # fmt: skip
    first, second = page["value"][:2]
    entity = f"nb:cid:UUID:{first['name']}"
    assert archive.ask("MERGE", at("Assets", entity), {"Name": "renamed"})[0] == 204
    assert emulator.request("GET", f"{path}/{first['name']}")[2]["properties"]["description"] == "renamed"
    assert emulator.request("DELETE", f"{path}/{second['name']}")[0] == 200
    assert archive.get("Assets/$count") == b"99999"
    assert archive.ask("GET", at("Assets", f"nb:cid:UUID:{second['name']}"))[0] == 404
    assert archive.ask("POST", "Assets", {"Name": "one more"})[0] == 201
    assert archive.get("Assets/$count") == b"100000"


def test_the_archive_costs_little_memory(archive: V2) -> None:
    for name in ("Assets", "Locators", "ContentKeys"):
        for skip in range(0, 100_000, 10_000):
            archive.rows(f"{name}?$skip={skip}&$top=1000")
    assert resident(archive.emulator.pid) < 220  # all of it as rows takes more than a gigabyte


def test_rows_move_while_somebody_pages(emulator: Emulator, v2_factory: MakeV2) -> None:
    """The order is that of random ids: what is added between two pages shows a row twice, or hides one."""
    v2 = v2_factory("broadcaster")
    emulator.control.settings(page_size=5)
    first = v2.rows("Jobs?$skip=0&$top=5")
    low: dict[str, Any] = {"Id": "nb:jid:UUID:00000000-0000-4000-8000-000000000000", "Name": "new", "State": 3}
    emulator.control.v2_put(v2.account_id, "Jobs", **low)
    second = v2.rows("Jobs?$skip=5&$top=5")
    assert second[0] == first[-1]
