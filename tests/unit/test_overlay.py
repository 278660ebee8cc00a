"""The body of an update: it closes the difference, and loses nothing that others set."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.scenes import ACCOUNT, TRANSFORM, output, patched, preset, recipe, stored

from ams_operator.domain.compare import changes, fields
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON
from ams_operator.domain.overlay import overlay

STORE, OTHER = "/subscriptions/s/resourceGroups/g/x/one", "/subscriptions/s/resourceGroups/g/x/two"


def body_for(kind: Kind, declared: JSON, observed: JSON, before: tuple[str, ...] = ()) -> JSON:
    differ, _ = changes(kind.table, declared, observed, before)
    return overlay(kind.table, declared, observed, differ, kind.owned, before)


@pytest.fixture(params=[True, False], ids=["merging", "replacing"])
def deep(request: pytest.FixtureRequest) -> bool:
    """How deep the service merges a PATCH: not known, so both."""
    return bool(request.param)


def applied(kind: Kind, declared: JSON, observed: JSON, before: tuple[str, ...], deep: bool) -> JSON:
    """The resource after the update; nothing differs any more."""
    after = patched(observed, body_for(kind, declared, observed, before), deep=deep)
    assert changes(kind.table, declared, after, before)[0] == ()
    return after


def outputs(found: JSON) -> list[Any]:
    return list(found["properties"]["outputs"])


def test_only_members_that_differ_are_sent() -> None:
    observed = stored(recipe(output(), description="old"))
    assert body_for(TRANSFORM, recipe(description="new"), observed) == {"properties": {"description": "new"}}


def test_a_member_is_sent_whole_with_what_others_set_in_it(deep: bool) -> None:
    observed = stored(recipe(output(future={"x": [1]}), future=2))
    sent = body_for(TRANSFORM, recipe(output(onError="ContinueJob")), observed)
    assert sent["properties"].keys() == {"outputs"}
    after = applied(TRANSFORM, recipe(output(onError="ContinueJob")), observed, fields(recipe()), deep)
    assert outputs(after)[0]["future"] == {"x": [1]}
    assert after["properties"]["future"] == 2


def test_a_list_that_grows_at_either_end_keeps_what_others_set_in_its_items(deep: bool) -> None:
    observed = stored(recipe(output(future=1)))
    new = output("AACGoodQualityAudio")
    for declared in (recipe(output(), new), recipe(new, output())):
        after = applied(TRANSFORM, declared, observed, fields(recipe()), deep)
        kept = {item["preset"]["presetName"]: item.get("future") for item in outputs(after)}
        assert kept == {"AdaptiveStreaming": 1, "AACGoodQualityAudio": None}


def test_a_list_that_shrinks_keeps_what_others_set_in_the_item_that_stays(deep: bool) -> None:
    both = recipe(output("AACGoodQualityAudio", future="gone"), output(future="kept"))
    observed = stored(both)
    before = fields(recipe(output("AACGoodQualityAudio"), output()))
    after = applied(TRANSFORM, recipe(), observed, before, deep)
    assert [item["future"] for item in outputs(after)] == ["kept"]


def test_an_item_is_known_again_by_meaning_not_by_spelling(deep: bool) -> None:
    def timed(text: str, **members: Any) -> JSON:
        codec = {"@odata.type": "#Microsoft.Media.H264Video", "keyFrameInterval": text}
        return {"preset": {"@odata.type": "#Microsoft.Media.StandardEncoderPreset", "codecs": [codec]}, **members}

    observed = stored(recipe(timed("PT1H30M", future=1)))
    after = applied(TRANSFORM, recipe(output(), timed("PT90M")), observed, (), deep)
    assert outputs(after)[1]["future"] == 1
    assert "future" not in outputs(after)[0]


def test_an_item_that_changes_while_the_list_grows_keeps_what_others_set(deep: bool) -> None:
    observed = stored(recipe(output(future=1)))
    declared = recipe(output(onError="ContinueJob"), output("AACGoodQualityAudio"))
    after = applied(TRANSFORM, declared, observed, fields(recipe()), deep)
    assert outputs(after)[0]["future"] == 1


def test_items_that_change_and_move_in_one_edit_keep_what_others_set(deep: bool) -> None:
    observed = stored(recipe(output(future="a"), output("AACGoodQualityAudio", future="b")))
    declared = recipe(output("AACGoodQualityAudio", onError="ContinueJob"), output("H264SingleBitrate720p"))
    after = applied(TRANSFORM, declared, observed, (), deep)
    assert [item.get("future") for item in outputs(after)] == ["b", "a"]
    alone = applied(TRANSFORM, recipe(output("AACGoodQualityAudio", onError="ContinueJob")), observed, (), deep)
    assert [item.get("future") for item in outputs(alone)] == ["b"]


def test_an_item_continues_the_one_at_its_own_place_where_nothing_else_tells(deep: bool) -> None:
    names = ("H264SingleBitrateSD", "H264SingleBitrate720p", "AdaptiveStreaming")
    observed = stored(recipe(*(output(name, future=name) for name in names)))
    declared = recipe(output("AdaptiveStreaming"), output("AACGoodQualityAudio"))
    after = applied(TRANSFORM, declared, observed, (), deep)
    assert [item.get("future") for item in outputs(after)] == [names[2], names[1]]


def test_another_type_replaces_the_whole_object(deep: bool) -> None:
    custom = {"@odata.type": "#Microsoft.Media.StandardEncoderPreset", "codecs": [{"@odata.type": "x"}]}
    observed = stored(recipe({"preset": {**custom, "future": 1}}))
    after = applied(TRANSFORM, recipe(output()), observed, fields(recipe({"preset": custom})), deep)
    assert outputs(after)[0]["preset"] == preset()


def test_a_member_removed_inside_an_item_goes_back_to_its_default(deep: bool) -> None:
    before = recipe(output(onError="ContinueJob", relativePriority="High"))
    after = applied(TRANSFORM, recipe(output(relativePriority="High")), stored(before), fields(before), deep)
    assert outputs(after)[0]["onError"] == "StopProcessingJob"
    assert outputs(after)[0]["relativePriority"] == "High"


def test_a_member_removed_deep_inside_a_preset_is_dropped_and_its_neighbours_stay(deep: bool) -> None:
    before = recipe({"preset": preset(configurations={"maxLayers": 3, "complexity": "Speed"})})
    observed = stored(before)
    outputs(observed)[0]["preset"]["configurations"]["minHeight"] = 100
    declared = recipe({"preset": preset(configurations={"complexity": "Speed"})})
    after = applied(TRANSFORM, declared, observed, fields(before), deep)
    assert outputs(after)[0]["preset"]["configurations"] == {"complexity": "Speed", "minHeight": 100}


def test_an_object_of_an_item_goes_as_a_whole_with_our_last_member(deep: bool) -> None:
    """What the service filled in beside our members would be refused without them."""
    before = recipe({"preset": preset(configurations={"maxLayers": 3, "minHeight": 1})})
    observed = stored(before)
    outputs(observed)[0]["preset"]["configurations"]["filledIn"] = 100
    after = applied(TRANSFORM, recipe(), observed, fields(before), deep)
    assert "configurations" not in outputs(after)[0]["preset"]


def test_a_setting_of_an_item_that_moved_is_removed_with_it(deep: bool) -> None:
    before = recipe(output("AACGoodQualityAudio"), output(onError="ContinueJob"))
    after = applied(TRANSFORM, recipe(output()), stored(before), fields(before), deep)
    assert outputs(after)[0].get("onError") in (None, "StopProcessingJob")


def test_a_top_level_text_is_taken_back_by_null() -> None:
    before = recipe(description="d")
    sent = body_for(TRANSFORM, recipe(), stored(before), fields(before))
    assert sent == {"properties": {"description": None}}


@pytest.mark.parametrize("key", ["team", "cost/centre", "a~b", "2024", "007", "x.y", "²"])
def test_a_tag_is_set_and_taken_away_and_the_others_stay(key: str, deep: bool) -> None:
    declared = {"tags": {key: "a"}, "properties": {}}
    observed: JSON = {"tags": {"foreign": "f"}, "properties": {}}
    with_tag = applied(ACCOUNT, declared, observed, (), deep)
    assert with_tag["tags"] == {"foreign": "f", key: "a"}
    without = applied(ACCOUNT, {"properties": {}}, with_tag, fields(declared), deep)
    assert without["tags"] == {"foreign": "f"}


@pytest.mark.parametrize("key", ["0", "2024"])
def test_a_name_that_is_a_number_is_no_place_in_a_list(key: str, deep: bool) -> None:
    with_identity = {"type": "UserAssigned", "userAssignedIdentities": {key: {}}}
    before: JSON = {"identity": with_identity, "tags": {key: "a", "~2024": "b"}, "properties": {}}
    declared: JSON = {"identity": {"type": "SystemAssigned"}, "properties": {}}
    after = applied(ACCOUNT, declared, before, fields(before), deep)
    assert not after.get("tags")
    assert not after["identity"].get("userAssignedIdentities")


def test_the_last_of_several_tags_and_the_first(deep: bool) -> None:
    before = {"tags": {"a": "1", "b": "2"}, "properties": {}}
    after = applied(ACCOUNT, {"tags": {"b": "3"}, "properties": {}}, before, fields(before), deep)
    assert after["tags"] == {"b": "3"}
    gone = applied(ACCOUNT, {"properties": {}}, after, fields(after), deep)
    assert not gone.get("tags")


def test_a_tag_in_another_case_is_not_sent_twice() -> None:
    sent = body_for(ACCOUNT, {"tags": {"Env": "new"}}, {"tags": {"env": "old", "x": "y"}})
    assert sent == {"tags": {"Env": "new", "x": "y"}}


def test_reset_values_of_removed_members(deep: bool) -> None:
    before = {
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "publicNetworkAccess": "Disabled",
            "storageAuthentication": "ManagedIdentity",
            "keyDelivery": {"accessControl": {"defaultAction": "Deny", "ipAllowList": ["10.0.0.0/8"]}},
        },
    }
    after = applied(ACCOUNT, {"properties": {}}, before, fields(before), deep)
    assert after["identity"] == {"type": "None"}
    assert after["properties"] == {
        "publicNetworkAccess": "Enabled",
        "storageAuthentication": "System",
        "keyDelivery": {"accessControl": {"defaultAction": "Allow", "ipAllowList": []}},
    }


def test_encryption_goes_back_to_the_services_own_key_with_nothing_left_of_the_other(deep: bool) -> None:
    ours = {
        "type": "CustomerKey",
        "keyVaultProperties": {"keyIdentifier": "https://vault/keys/k"},
        "identity": {"useSystemAssignedIdentity": True},
    }
    before = fields({"properties": {"encryption": ours}})
    observed = {"properties": {"encryption": {**ours, "status": "Active"}}}
    observed["properties"]["encryption"]["keyVaultProperties"] = {
        "keyIdentifier": "https://vault/keys/k",
        "currentKeyIdentifier": "https://vault/keys/k/1",
    }
    sent = body_for(ACCOUNT, {"properties": {}}, observed, before)
    assert sent == {
        "properties": {"encryption": {"type": "SystemKey", "keyVaultProperties": None, "identity": None}},
    }
    applied(ACCOUNT, {"properties": {}}, observed, before, deep)


def test_what_the_service_owns_is_not_sent_back() -> None:
    observed = {
        "identity": {
            "type": "SystemAssigned",
            "principalId": "p",
            "tenantId": "t",
            "userAssignedIdentities": {"/subscriptions/s/x": {"principalId": "p", "clientId": "c"}},
        },
        "properties": {"storageAccounts": [{"id": STORE, "type": "Primary", "status": "ok"}]},
    }
    declared = {
        "identity": {"type": "SystemAssigned,UserAssigned"},
        "properties": {"storageAccounts": [{"id": STORE, "type": "Primary"}, {"id": OTHER, "type": "Secondary"}]},
    }
    assert body_for(ACCOUNT, declared, observed) == {
        "identity": {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {"/subscriptions/s/x": {}}},
        "properties": declared["properties"],
    }


def test_an_identity_is_taken_away_by_null(deep: bool) -> None:
    def having(*names: str) -> JSON:
        return {
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {f"/subscriptions/{n}": {} for n in names}}
        }

    observed: JSON = having("a", "b")
    for value in observed["identity"]["userAssignedIdentities"].values():
        value["principalId"] = "p"
    sent = body_for(ACCOUNT, having("a"), observed, fields(having("a", "b")))
    assert sent["identity"]["userAssignedIdentities"] == {"/subscriptions/a": {}, "/subscriptions/b": None}
    applied(ACCOUNT, having("a"), observed, fields(having("a", "b")), deep)


def test_a_storage_account_does_not_inherit_the_identity_of_another() -> None:
    observed = {"properties": {"storageAccounts": [{"id": STORE, "type": "Primary", "identity": {"x": 1}}]}}
    declared = {"properties": {"storageAccounts": [{"id": OTHER, "type": "Primary"}]}}
    assert body_for(ACCOUNT, declared, observed) == declared


def test_a_storage_account_keeps_its_own_identity_where_the_order_changes() -> None:
    one = {"id": STORE.upper(), "type": "Primary", "identity": {"x": 1}}
    observed = {"properties": {"storageAccounts": [one, {"id": OTHER, "type": "Secondary"}]}}
    declared = {
        "properties": {"storageAccounts": [{"id": OTHER, "type": "Primary"}, {"id": STORE, "type": "Secondary"}]}
    }
    sent = body_for(ACCOUNT, declared, observed)["properties"]["storageAccounts"]
    assert [item.get("identity") for item in sent] == [None, {"x": 1}]


@pytest.mark.parametrize("observed", [{}, {"properties": None}, {"properties": {"outputs": {"not": "a list"}}}])
def test_an_answer_of_any_shape_is_written_over(observed: JSON, deep: bool) -> None:
    applied(TRANSFORM, recipe(), observed, fields(recipe(output("AACGoodQualityAudio"), description="x")), deep)


def test_what_others_set_in_an_item_survives_the_move_of_an_item_in_which_we_set_the_same(deep: bool) -> None:
    ours_, theirs = output("AACGoodQualityAudio", relativePriority="Low"), output(relativePriority="High")
    observed = stored(recipe(theirs, ours_))
    before = fields(recipe(output(), ours_))
    after = patched(observed, body_for(TRANSFORM, recipe(ours_, output()), observed, before), deep=deep)
    assert [item["relativePriority"] for item in outputs(after)] == ["Low", "High"]


def test_a_default_that_repeats_its_neighbour_follows_it(deep: bool) -> None:
    def layer(**members: Any) -> JSON:
        codec = {"@odata.type": "#Microsoft.Media.H264Video", "layers": [members]}
        return recipe({"preset": {"@odata.type": "#Microsoft.Media.StandardEncoderPreset", "codecs": [codec]}})

    def after(observed: JSON) -> Any:
        found = applied(TRANSFORM, layer(bitrate=2), observed, fields(layer(bitrate=1)), deep)
        return outputs(found)[0]["preset"]["codecs"][0]["layers"][0].get("maxBitrate")

    assert after(stored(layer(bitrate=1, maxBitrate=1))) is None
    assert after(stored(layer(bitrate=1, maxBitrate=7))) == 7
