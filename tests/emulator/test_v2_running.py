"""What takes its time in version 2, and the order in which it is possible: channels, programs, endpoints, jobs."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.emulator.v2_client import V2, at
from tests.emulator.v2_rows import RTMP, channel, make, operation, program, state, submit

from ams_emulator.testing import Emulator, EmulatorError

MakeV2 = Callable[..., V2]


@pytest.fixture
def v2(v2_factory: MakeV2) -> V2:
    return v2_factory("empty")


@pytest.fixture
def slow(emulator: Emulator) -> None:
    emulator.control.settings(operation_seconds=60)


def test_channels_and_programs_in_order(emulator: Emulator, v2: V2, slow: None) -> None:
    on = channel(v2)
    show = program(v2, on)
    emulator.control.advance(60)
    urls = [item["Url"] for item in v2.get(at("Channels", on))["Input"]["Endpoints"]]
    assert [url.partition(":")[0] for url in urls] == ["rtmp", "rtmp"]
    assert v2.ask("POST", f"{at('Programs', show)}/Start")[0] == 412  # the channel is Stopped
    status, headers, _ = v2.ask("POST", f"{at('Channels', on)}/Start")
    assert (status, state(v2, "Channels", on)) == (202, "Starting")
    begun = operation(v2, headers)
    assert (begun["State"], begun["TargetEntityId"], begun["ErrorCode"]) == ("InProgress", on, None)
    assert v2.ask("POST", f"{at('Channels', on)}/Stop")[0] == 412  # one operation at a time
    emulator.control.advance(60)
    assert (operation(v2, headers)["State"], state(v2, "Channels", on)) == ("Succeeded", "Running")
    assert v2.ask("POST", f"{at('Programs', show)}/Start")[0] == 202
    emulator.control.advance(60)
    assert state(v2, "Programs", show) == "Running"
    recorded = v2.rows(f"{at('Programs', show)}/Asset/Files")
    assert sorted(row["Name"].rpartition(".")[2] for row in recorded) == ["ism", "ismc"]
    for refused in (f"{at('Channels', on)}/Stop", f"{at('Channels', on)}/Reset"):
        assert v2.ask("POST", refused)[0] == 412  # a program is running
    assert v2.ask("DELETE", at("Programs", show))[0] == 412
    asset = v2.get(at("Programs", show))["AssetId"]
    assert v2.ask("DELETE", at("Assets", asset))[0] == 412
    for path in (f"{at('Programs', show)}/Stop", f"{at('Channels', on)}/Stop"):
        assert v2.ask("POST", path)[0] == 202
        emulator.control.advance(60)
    assert v2.ask("DELETE", at("Channels", on))[0] == 412  # it still has a program
    assert v2.ask("DELETE", at("Programs", show))[0] == 204
    assert v2.ask("DELETE", at("Channels", on))[0] == 202
    assert state(v2, "Channels", on) == "Deleting"
    emulator.control.advance(60)
    assert v2.ask("GET", at("Channels", on))[0] == 404


def test_creating_a_program_has_no_operation(v2: V2) -> None:
    asset = make(v2, "Assets", Name="a")["Id"]
    body = {"Name": "p", "ChannelId": channel(v2), "AssetId": asset, "ArchiveWindowLength": "PT1H"}
    status, headers, _ = v2.ask("POST", "Programs", body)
    assert (status, "operation-id" in headers) == (202, False)
    assert v2.ask("POST", "Programs", {**body, "ArchiveWindowLength": "PT30H"})[0] == 400


def test_one_operation_at_a_time(emulator: Emulator, v2: V2, slow: None) -> None:
    path = at("Channels", channel(v2))
    emulator.control.advance(60)
    assert [v2.ask("MERGE", path, {"Description": text})[0] for text in ("one", "two")] == [202, 412]
    assert v2.ask("DELETE", path)[0] == 412
    emulator.control.advance(60)
    assert v2.get(path)["Description"] == "one"
    urls = v2.get(path)["Input"]["Endpoints"]
    assert v2.ask("MERGE", path, {"Input": {**RTMP, "KeyFrameInterval": "PT2S"}})[0] == 202
    emulator.control.advance(60)
    assert (v2.get(path)["Input"]["Endpoints"], v2.get(path)["Input"]["KeyFrameInterval"]) == (urls, "PT2S")
    removed = {"Name": "satellite", "Input": {"StreamingProtocol": "RTPMPEG2TS"}}
    assert v2.ask("POST", "Channels", removed)[0] == 400


def test_a_failed_start_and_a_lost_operation(emulator: Emulator, v2: V2) -> None:
    on = channel(v2)
    emulator.control.fault("operation", {"path": "/Start"}, code="ChannelFailed", message="No capacity.")
    _, headers, _ = v2.ask("POST", f"{at('Channels', on)}/Start")
    failed = operation(v2, headers)
    assert (failed["State"], failed["ErrorCode"], failed["ErrorMessage"]) == ("Failed", "ChannelFailed", "No capacity.")
    assert state(v2, "Channels", on) == "Stopped"
    emulator.control.fault("operation", {"path": "/Start"}, lose=True)
    _, headers, _ = v2.ask("POST", f"{at('Channels', on)}/Start")
    assert v2.ask("GET", at("Operations", headers["operation-id"]))[0] == 404
    assert state(v2, "Channels", on) == "Running"


def test_endpoints_are_started_scaled_and_stopped_as_one_object(emulator: Emulator, v2: V2) -> None:
    (endpoint,) = v2.rows("StreamingEndpoints")
    path = at("StreamingEndpoints", endpoint["Id"])
    at_v3 = f"{v2.account_id}/streamingEndpoints/default"
    for action, body, found in (("Start", None, "Running"), ("Scale", {"scaleUnits": 2}, "Running")):
        status, headers, _ = v2.ask("POST", f"{path}/{action}", body)
        assert (status, operation(v2, headers)["State"]) == (202, "Succeeded")
        assert emulator.request("GET", at_v3)[2]["properties"]["resourceState"] == found
    assert v2.get(path)["ScaleUnits"] == 2
    assert v2.ask("POST", f"{path}/Start")[0] == 412
    assert v2.ask("MERGE", path, {"ScaleUnits": 1})[0] == 400
    assert v2.ask("MERGE", path, {"Description": "main"})[0] == 202
    assert emulator.request("GET", at_v3)[2]["properties"]["description"] == "main"
    assert v2.ask("DELETE", path)[0] == 412
    assert v2.ask("POST", f"{path}/Stop")[0] == 202
    assert v2.ask("DELETE", path)[0] == 400  # the default one stays


def test_a_job_takes_its_course(emulator: Emulator, v2: V2, slow: None) -> None:
    source = make(v2, "Assets", Name="clip")["Id"]
    status, _, job = submit(v2, **{"InputMediaAssets@odata.bind": [f"{v2.base}{at('Assets', source)}"]})
    assert (status, job["State"]) == (201, 0)
    path = at("Jobs", job["Id"])
    assert [row["Id"] for row in v2.rows(f"{path}/InputMediaAssets")] == [source]
    seen = []
    for _ in range(2):
        emulator.control.advance(60)
        seen.append((state(v2, "Jobs", job["Id"]), v2.rows(f"{path}/Tasks")[0]["Progress"]))
    assert seen == [(2, 0.0), (3, 100.0)]
    (output,) = v2.rows(f"{path}/OutputMediaAssets")
    assert output["Name"] == "encode - Output"


def test_jobs_are_forgotten_after_90_days(emulator: Emulator, v2: V2) -> None:
    job = submit(v2)[2]["Id"]
    emulator.control.advance(89 * 86400)
    assert v2.ask("GET", at("Jobs", job))[0] == 200
    emulator.control.advance(2 * 86400)
    assert v2.ask("GET", at("Jobs", job))[0] == 404
    assert v2.rows("Tasks") == []


def test_jobs_fail_without_storage(emulator: Emulator, v2: V2, slow: None) -> None:
    job = submit(v2)[2]["Id"]
    emulator.control.v2_account(v2.account_id, storageLost=True)
    emulator.control.advance(120)
    assert state(v2, "Jobs", job) == 4


def test_quotas(emulator: Emulator, v2: V2) -> None:
    emulator.control.settings(quotas="azure")
    on, *_ = [channel(v2, f"c{number}") for number in range(5)]
    assert v2.ask("POST", "Channels", {"Name": "c6", "Input": RTMP})[0] == 403
    assert v2.ask("POST", f"{at('Channels', on)}/Start")[0] == 202
    started = [v2.ask("POST", f"{at('Programs', program(v2, on, f'p{number}'))}/Start")[0] for number in range(4)]
    assert started == [202, 202, 202, 403]


def test_cancel_job(emulator: Emulator, v2: V2, slow: None) -> None:
    job = submit(v2)[2]["Id"]
    cancel = f"CancelJob?jobid='{job.replace(':', '%3A')}'"
    assert v2.ask("DELETE", at("Jobs", job))[0] == 400
    assert v2.ask("GET", cancel)[0] == 204
    assert (state(v2, "Jobs", job), v2.ask("GET", cancel)[0]) == (6, 400)
    emulator.control.advance(120)
    assert (state(v2, "Jobs", job), v2.ask("GET", cancel)[0]) == (5, 400)
    assert v2.ask("GET", "CancelJob?jobid='nb:jid:UUID:x'")[0] == 404
    assert v2.ask("DELETE", at("Jobs", job))[0] == 204


@pytest.mark.parametrize("tasks", [[], [{}], [{"MediaProcessorId": "x", "TaskBody": "y"}], "none"])
def test_bad_jobs_leave_nothing(v2: V2, tasks: Any) -> None:
    assert submit(v2, Tasks=tasks)[0] in (400, 404)
    assert v2.rows("Jobs") == v2.rows("Tasks") == []


def test_what_somebody_else_does_is_not_in_the_log(emulator: Emulator, v2_factory: MakeV2) -> None:
    v2 = v2_factory("broadcaster")
    news = v2.row("Channels", Name="news")["Id"]
    show = v2.row("Programs", Name="news-now")["Id"]
    job = v2.row("Jobs", State=2)["Id"]
    emulator.control.reset_log()
    with pytest.raises(EmulatorError, match="all programs of the channel Stopped"):
        emulator.control.v2_act(v2.account_id, "Channels", news, "Stop")
    for set_name, entity, action in (
        ("Programs", show, "Stop"), ("Channels", news, "Stop"), ("Programs", show, "Delete"), ("Jobs", job, "Cancel"),
    ):  # fmt: skip
        emulator.control.v2_act(v2.account_id, set_name, entity, action)
    with pytest.raises(EmulatorError, match="action: Jobs have no 'Start'"):
        emulator.control.v2_act(v2.account_id, "Jobs", job, "Start")
    assert emulator.control.log(api="v2") == []
    assert (state(v2, "Channels", news), state(v2, "Jobs", job)) == ("Stopped", 5)
    assert v2.ask("GET", at("Programs", show))[0] == 404
