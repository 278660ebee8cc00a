"""Each guess has two answers, and the answers can be told apart from outside."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from tests.emulator.bodies import account_body, built_in, with_preset
from tests.emulator.observe_on_air import OBSERVE_ON_AIR
from tests.emulator.observe_v2 import OBSERVE_V2
from tests.emulator.scene import Scene
from tests.fixtures_emulator import AccountFactory

from ams_emulator.testing import Emulator
from ams_emulator.variants import GUESSES, Guess, Variants

STORAGE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/other"


def api_version_missing(scene: Scene) -> Any:
    return scene.ask("GET", scene.account.id, api_version="")[0]


def api_version_unknown(scene: Scene) -> Any:
    path = f"/subscriptions/{scene.account.subscription_id}/resourceGroups"
    assert scene.ask("GET", path, api_version="2021-04-01")[0] == 200  # Resource Manager's own versions are others
    return scene.ask("GET", scene.account.id, api_version="2030-01-01-preview")[0]


def error_codes(scene: Scene) -> Any:
    return scene.code("PUT", scene.missing, {**account_body(STORAGE), "location": "atlantis"})


def unknown_member(scene: Scene) -> Any:
    status = scene.ask("PUT", scene.transform, built_in(novel=1))[0]
    return status, status < 400 and "novel" in scene.properties(scene.transform)


def patch_depth(scene: Scene) -> Any:
    access = {"accessControl": {"defaultAction": "Deny", "ipAllowList": ["10.0.0.1"]}}
    scene.ask("PATCH", scene.account.id, {"properties": {"keyDelivery": access}})
    scene.ask("PATCH", scene.account.id, {"properties": {"keyDelivery": {"accessControl": {"defaultAction": "Deny"}}}})
    return scene.properties(scene.account.id)["keyDelivery"]["accessControl"]["ipAllowList"]


def duration_spelling(scene: Scene) -> Any:
    fade = {"fadeIn": {"duration": "PT90S", "fadeColor": "Black"}}
    preset = {
        "@odata.type": "#Microsoft.Media.StandardEncoderPreset",
        "codecs": [{"@odata.type": "#Microsoft.Media.CopyAudio"}],
        "formats": [{"@odata.type": "#Microsoft.Media.Mp4Format", "filenamePattern": "x"}],
        "filters": fade,
    }
    made = scene.ask("PUT", scene.transform, with_preset(preset))[2]
    return made["properties"]["outputs"][0]["preset"]["filters"]["fadeIn"]["duration"]


def group_missing(scene: Scene) -> Any:
    return scene.code("GET", f"/subscriptions/{scene.account.subscription_id}/resourceGroups/nowhere")


def parent_missing(scene: Scene) -> Any:
    return scene.code("GET", f"{scene.missing}/transforms")


def parent_missing_delete(scene: Scene) -> Any:
    return scene.ask("DELETE", f"{scene.missing}/transforms/t")[0]


def parent_in_progress(scene: Scene) -> Any:
    scene.slow()
    scene.ask("PUT", scene.missing, account_body(STORAGE))
    return scene.ask("PUT", f"{scene.missing}/transforms/t", built_in())[0]


def put_existing_operation(scene: Scene) -> Any:
    status, headers, _ = scene.ask("PUT", scene.account.id, account_body(STORAGE))
    assert status == 200
    return "azure-asyncoperation" in headers


def put_existing_omitted(scene: Scene) -> Any:
    scene.ask("PUT", scene.account.id, account_body(STORAGE, publicNetworkAccess="Disabled"))
    scene.ask("PUT", scene.account.id, account_body(STORAGE))
    return scene.properties(scene.account.id)["publicNetworkAccess"]


def put_in_progress(scene: Scene) -> Any:
    scene.slow()
    scene.ask("PATCH", scene.account.id, {"tags": {"a": "b"}})
    return scene.ask("PATCH", scene.account.id, {"tags": {"a": "c"}})[0]


def put_location(scene: Scene) -> Any:
    return scene.ask("PUT", scene.account.id, {**account_body(STORAGE), "location": "westeurope"})[0]


def patch_location(scene: Scene) -> Any:
    return scene.ask("PATCH", scene.account.id, {"location": "westus2"})[0]


def patch_visible(scene: Scene) -> Any:
    scene.slow()
    scene.ask("PATCH", scene.account.id, {"tags": {"a": "b"}})
    before = "tags" in scene.ask("GET", scene.account.id)[2]
    scene.emulator.control.advance(3600)
    assert "tags" in scene.ask("GET", scene.account.id)[2]
    return before


def name_scope(scene: Scene) -> Any:
    elsewhere = scene.factory()
    path = elsewhere.id.rpartition("/")[0] + f"/{scene.account.name}"
    assert scene.ask("PUT", path, account_body(STORAGE))[0] == 409  # same region
    return scene.ask("PUT", path, {**account_body(STORAGE), "location": "westeurope"})[0]


def delete_children(scene: Scene) -> Any:
    scene.ask("PUT", scene.transform, built_in())
    status = scene.ask("DELETE", scene.account.id)[0]
    return status, scene.emulator.control.stored_ids(scene.account.id) == []


def preset_defaults(scene: Scene) -> Any:
    preset = {"@odata.type": "#Microsoft.Media.AudioAnalyzerPreset"}
    return "mode" in scene.ask("PUT", scene.transform, with_preset(preset))[2]["properties"]["outputs"][0]["preset"]


def unfit_preset(scene: Scene) -> Any:
    body = built_in("AdaptiveStreaming")
    preset = body["properties"]["outputs"][0]["preset"]
    preset["configurations"] = {"maxLayers": 2}
    status, _, answer = scene.ask("PUT", scene.transform, body)
    assert status == 201 or answer["error"]["target"] == "properties.outputs[0].preset.configurations"
    analyzer = {"@odata.type": "#Microsoft.Media.AudioAnalyzerPreset", "mode": "Basic"}
    assert scene.ask("PUT", f"{scene.transform}2", with_preset(analyzer))[0] == status
    preset["presetName"] = "ContentAwareEncoding"
    assert scene.ask("PUT", scene.transform, body)[0] in (200, 201)
    return status


def system_data(scene: Scene) -> Any:
    return "systemData" in scene.ask("PUT", scene.transform, built_in())[2]


def put_unchanged(scene: Scene) -> Any:
    dates = [scene.ask("PUT", scene.transform, built_in())[2]["properties"]["lastModified"] for _ in range(2)]
    return dates[0] == dates[1]


def quota_status(scene: Scene) -> Any:
    scene.emulator.control.settings(quotas="azure")
    for number in range(100):
        scene.emulator.control.put_out_of_band(f"{scene.account.id}/transforms/t{number}", built_in())
    return scene.ask("PUT", scene.transform, built_in())[0]


OBSERVE: Mapping[str, Callable[[Scene], Any]] = MappingProxyType(
    {
        "api-version.missing": api_version_missing,
        "errors.codes": error_codes,
        "body.unknown-member": unknown_member,
        "patch.depth": patch_depth,
        "durations.spelling": duration_spelling,
        "group.missing": group_missing,
        "parent.missing": parent_missing,
        "parent.missing-delete": parent_missing_delete,
        "parent.in-progress": parent_in_progress,
        "account.put-existing-operation": put_existing_operation,
        "account.put-existing-omitted": put_existing_omitted,
        "account.put-in-progress": put_in_progress,
        "account.put-location": put_location,
        "account.patch-location": patch_location,
        "account.patch-visible": patch_visible,
        "account.name-scope": name_scope,
        "account.delete-children": delete_children,
        "transform.preset-defaults": preset_defaults,
        "transform.unfit-preset": unfit_preset,
        "transform.system-data": system_data,
        "transform.put-unchanged": put_unchanged,
        "quota.status": quota_status,
        "api-version.unknown": api_version_unknown,
        **OBSERVE_ON_AIR,
        **OBSERVE_V2,
    }
)


@pytest.mark.parametrize("guess", GUESSES, ids=lambda guess: guess.name)
def test_answers_differ(emulator: Emulator, account_factory: AccountFactory, guess: Guess) -> None:
    seen = []
    settings = emulator.control.settings()
    for answer in guess.answers:
        emulator.control.variants(**{guess.name: answer})
        if guess.name != "errors.codes":  # else every refusal looks the same
            emulator.control.variants(**{"errors.codes": "specific"})
        seen.append(OBSERVE[guess.name](Scene(emulator, account_factory)))
        emulator.control.settings(**settings)
    assert len({repr(item) for item in seen}) == len(guess.answers), seen


def test_every_guess_has_two_answers() -> None:
    for guess in GUESSES:
        assert guess.strict != guess.lenient, guess.name
        assert guess.question.endswith("?")
        assert guess.reason.endswith(".")


def test_profiles() -> None:
    strict, lenient = Variants("strict"), Variants("lenient")
    assert all(strict.answer(guess.name) == guess.strict for guess in GUESSES)
    assert all(lenient.answer(guess.name) == guess.lenient for guess in GUESSES)
    mixes = [tuple(Variants(f"seed:{seed}").answer(guess.name) for guess in GUESSES) for seed in range(20)]
    assert len(set(mixes)) > 10
    assert mixes[3] == tuple(Variants("seed:3").answer(guess.name) for guess in GUESSES)


def test_a_new_guess_leaves_the_others_as_they_are() -> None:
    new = Guess("a.new-one", "What?", "Why.", strict="a", lenient="b")
    before, after = Variants("seed:5"), Variants("seed:5", (new, *GUESSES))
    assert all(before.answer(guess.name) == after.answer(guess.name) for guess in GUESSES)


@pytest.mark.parametrize("profile", ["", "wild", "seed", "seed:", "seed:x", "seed:-1"])
def test_bad_profile(profile: str) -> None:
    with pytest.raises(ValueError, match="strict, lenient or seed:N"):
        Variants(profile)


def test_an_answer_that_nobody_listed_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="is no answer"):
        Variants().is_("patch.depth", "shallow")


def test_listed_with_reason(emulator: Emulator) -> None:
    body = emulator.control.call("GET", "/variants")
    assert body["profile"] == "strict"
    found = {item["name"]: item for item in body["variants"]}
    assert sorted(found) == sorted(guess.name for guess in GUESSES)
    assert all(item["reason"] and item["chosen"] == item["strict"] for item in found.values())


@pytest.mark.parametrize("profile", ["lenient", "seed:1"])
def test_started_with_a_profile(profile: str) -> None:
    with Emulator("--http", "--variants", profile) as emulator:
        chosen = emulator.control.variants()
        assert chosen == {guess.name: Variants(profile).answer(guess.name) for guess in GUESSES}
