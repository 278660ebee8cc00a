"""What counts as a difference, leaf by leaf."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.scenes import ACCOUNT, KEY, TRANSFORM, output, preset, recipe, stored

from ams_operator.domain import compare, live_event, streaming_endpoint
from ams_operator.domain.compare import changes, digest, fields, lasting
from ams_operator.domain.kind import Field, Reset
from ams_operator.domain.model import JSON, Change
from ams_operator.domain.running import any_case
from ams_operator.domain.values import MISSING, at, leaves, parse, pointer, row, spell

DELIVERY = "/properties/keyDelivery/accessControl"


def paths(table: dict[str, Field] | Any, declared: JSON, observed: JSON, before: tuple[str, ...] = ()) -> list[str]:
    differ, _ = changes(table, declared, observed, before)
    return [change.path for change in differ]


def account(**properties: Any) -> JSON:
    return {"properties": properties}


def delivery(**members: Any) -> JSON:
    return account(keyDelivery={"accessControl": members})


@pytest.mark.parametrize(
    "path",
    [
        ("tags", "cost/centre"),
        ("tags", "a~b"),
        ("tags", "~1"),
        ("tags", "/"),
        ("tags", ""),
        ("tags", "007"),
        ("tags", "²"),
        ("tags", "12345678901"),
        ("properties", "outputs", 0, "onError"),
        ("properties", "outputs", 19, "preset", "codecs", 3),
    ],
)
def test_a_pointer_reads_back_as_its_path(path: tuple[str | int, ...]) -> None:
    assert parse(pointer(path)) == path


@pytest.mark.parametrize("key", ["2024", "007", "0", "a/b", "~", "~1", "²", "9" * 400, "Ä"])
def test_a_declared_tag_is_found_whatever_its_key_looks_like(key: str) -> None:
    body = {"tags": {key: "x"}, "properties": {}}
    (name,) = [name for name in fields(body) if name.startswith("/tags")]
    assert at(body, parse(name)) == "x"
    assert paths(ACCOUNT.table, body, body, fields(body)) == []
    assert paths(ACCOUNT.table, {"properties": {}}, body, fields(body)) == [name]


def test_leaves_are_what_holds_no_more_members() -> None:
    found = dict(leaves({"a": {"b": [1, {"c": None}], "d": {}, "e": []}}))
    assert found == {("a", "b", 0): 1, ("a", "b", 1, "c"): None, ("a", "d"): {}, ("a", "e"): []}


@pytest.mark.parametrize(
    ("value", "path"),
    [({"a": 1}, ("b",)), ({"a": [1]}, ("a", 1)), ({"a": 1}, ("a", "b")), ([1], ("a",)), (None, ("a",)), ("x", (0,))],
)
def test_a_path_that_leads_nowhere_is_missing(value: Any, path: tuple[str | int, ...]) -> None:
    assert at(value, path) is MISSING


def test_keys_are_found_in_another_case_unless_both_spellings_are_there() -> None:
    assert at({"/subscriptions/S/resourcegroups/G": 1}, ("/subscriptions/s/resourceGroups/g",)) == 1
    assert at({"env": 1, "Env": 2}, ("Env",)) == 2


def test_the_most_specific_row_applies() -> None:
    table = {"a.*": Field(reset=1), "a.b*": Field(reset=2), "a.b[].c": Field(reset=3)}
    assert row(table, ("a", "b", 7, "c")).reset == 3
    assert row(table, ("a", "b", 7, "d")).reset == 2
    assert row(table, ("a", "x")).reset == 1
    assert row(table, ("b",)).reset is Reset.DROP


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/properties/outputs/0/onError", "spec.outputs[0].onError"),
        ("/properties/outputs/1/preset/@odata.type", "spec.outputs[1].preset"),
        ("/tags/team", "spec.tags.team"),
        ("/tags/cost~1centre.eu", 'spec.tags["cost/centre.eu"]'),
        ("/location", "spec.location"),
    ],
)
def test_a_field_is_told_as_the_manifest_spells_it(name: str, told: str) -> None:
    assert spell(name) == told


@pytest.mark.parametrize(
    ("declared", "observed"),
    [
        ("PT90M", "PT1H30M"),
        ("PT1.5S", "PT1.500S"),
        ("P1D", "PT24H"),
        ("PT120S", "PT2M"),
    ],
)
def test_one_length_in_two_spellings_is_one_value(declared: str, observed: str) -> None:
    def with_interval(text: str) -> JSON:
        codec = {"@odata.type": "#Microsoft.Media.H264Video", "keyFrameInterval": text}
        return recipe({"preset": {"@odata.type": "#Microsoft.Media.StandardEncoderPreset", "codecs": [codec]}})

    assert paths(TRANSFORM.table, with_interval(declared), with_interval(observed)) == []
    assert paths(TRANSFORM.table, with_interval(declared), with_interval("PT7S")) == [
        "/properties/outputs/0/preset/codecs/0/keyFrameInterval"
    ]


@pytest.mark.parametrize("word", ["Enabled", "enabled", "ENABLED"])
def test_case_of_a_word_does_not_count(word: str) -> None:
    assert paths(ACCOUNT.table, account(publicNetworkAccess="Enabled"), account(publicNetworkAccess=word)) == []


def test_a_declared_default_equals_an_absent_value_and_another_value_does_not() -> None:
    assert paths(ACCOUNT.table, account(publicNetworkAccess="Enabled"), account()) == []
    assert paths(ACCOUNT.table, account(publicNetworkAccess="Disabled"), account()) == [
        "/properties/publicNetworkAccess"
    ]
    assert paths(TRANSFORM.table, recipe(output(onError="StopProcessingJob")), recipe(output())) == []


@pytest.mark.parametrize("region", ["westus2", "West US 2", "WestUS2", "west us 2"])
def test_a_region_has_many_spellings(region: str) -> None:
    assert paths(ACCOUNT.table, {"location": "westus2"}, {"location": region}) == []
    assert paths(ACCOUNT.table, {"location": "westus"}, {"location": region}) == ["/location"]


def test_an_id_of_a_storage_account_comes_back_in_any_case() -> None:
    declared = account(storageAccounts=[{"id": "/subscriptions/s/resourceGroups/g/x/Y", "type": "Primary"}])
    answered = account(storageAccounts=[{"id": "/subscriptions/s/resourcegroups/G/x/y/", "type": "Primary"}])
    assert paths(ACCOUNT.table, declared, answered) == []


@pytest.mark.parametrize("empty", ["", None, MISSING])
@pytest.mark.parametrize("other", ["", None, MISSING])
def test_no_text_is_no_text(empty: Any, other: Any) -> None:
    def with_text(value: Any) -> JSON:
        return recipe() if value is MISSING else recipe(description=value)

    before = ("/properties/description",)
    assert paths(TRANSFORM.table, with_text(empty), with_text(other), before) == []


@pytest.mark.parametrize("observed", [[], None, MISSING])
def test_an_empty_list_is_no_list(observed: Any) -> None:
    answered = delivery() if observed is MISSING else delivery(ipAllowList=observed)
    assert paths(ACCOUNT.table, delivery(ipAllowList=[]), answered) == []
    assert paths(ACCOUNT.table, delivery(ipAllowList=[]), delivery(ipAllowList=["10.0.0.0/8"])) == [
        f"{DELIVERY}/ipAllowList"
    ]


@pytest.mark.parametrize("answered", [{}, {"properties": {"mediaServiceId": "x"}}, {"properties": None}])
def test_an_empty_object_declares_nothing(answered: JSON) -> None:
    assert paths(ACCOUNT.table, {"properties": {}}, answered) == []
    assert paths(ACCOUNT.table, {}, answered) == []
    assert paths(ACCOUNT.table, delivery(), delivery(defaultAction="Deny")) == []


def test_an_identity_counts_by_being_there() -> None:
    def having(*names: str, value: JSON | None = None) -> JSON:
        found = {f"/subscriptions/s/resourceGroups/g/{name}": value or {} for name in names}
        return {"identity": {"type": "UserAssigned", "userAssignedIdentities": found}}

    filled = having("a", value={"principalId": "p", "clientId": "c"})
    assert paths(ACCOUNT.table, having("a"), filled) == []
    assert paths(ACCOUNT.table, having("a"), having("A")) == []
    assert len(paths(ACCOUNT.table, having("a", "b"), filled)) == 1
    assert len(paths(ACCOUNT.table, having("a"), having("a", "b"), fields(having("a", "b")))) == 1


def test_another_length_of_a_list_is_a_difference_and_so_is_each_new_item() -> None:
    one, two = recipe(output()), recipe(output(), output("AACGoodQualityAudio"))
    assert "/properties/outputs" in paths(TRANSFORM.table, two, stored(one))
    assert paths(TRANSFORM.table, one, stored(two)) == ["/properties/outputs"]


def test_whole_numbers_have_no_fraction() -> None:
    declared = recipe({"preset": preset(configurations={"keyFrameIntervalInSeconds": 2.0})})
    answered = recipe({"preset": preset(configurations={"keyFrameIntervalInSeconds": 2})})
    assert paths(TRANSFORM.table, declared, answered) == []


def test_what_nobody_declared_is_no_difference() -> None:
    answered = stored(recipe(output(future={"x": 1})), description="by hand", future=[1])
    assert paths(TRANSFORM.table, recipe(), answered, fields(recipe())) == []


def test_what_was_removed_differs_until_it_has_its_reset_value() -> None:
    before = fields(recipe(output(onError="ContinueJob"), description="d"))
    differ, stuck = changes(
        TRANSFORM.table, recipe(), stored(recipe(output(onError="ContinueJob"), description="d")), before
    )
    assert {(change.path, change.removed) for change in differ} == {
        ("/properties/outputs/0/onError", True),
        ("/properties/description", True),
    }
    assert stuck == ()
    assert paths(TRANSFORM.table, recipe(), stored(recipe()), before) == []


def test_what_was_removed_and_never_ours_is_left_alone() -> None:
    answered = stored(recipe(output(onError="ContinueJob"), description="d"))
    assert paths(TRANSFORM.table, recipe(), answered, fields(recipe())) == []


def test_items_beyond_the_end_of_a_shorter_list_are_the_lists_own_difference() -> None:
    before = fields(recipe(output(), output("AACGoodQualityAudio", onError="ContinueJob")))
    assert paths(TRANSFORM.table, recipe(), stored(recipe()), before) == []


def test_a_list_that_goes_as_a_whole_is_one_difference() -> None:
    body = delivery(defaultAction="Deny", ipAllowList=["10.0.0.0/8", "10.1.0.0/16"])
    assert paths(ACCOUNT.table, delivery(defaultAction="Deny"), body, fields(body)) == [f"{DELIVERY}/ipAllowList"]


def test_what_has_no_default_to_go_back_to_is_reported_instead() -> None:
    body = {"location": "westus2", **account(storageAccounts=[{"id": "store", "type": "Primary"}])}
    differ, stuck = changes(ACCOUNT.table, {"properties": {}}, body, fields(body))
    assert differ == ()
    assert {change.path for change in stuck} == {"/location", "/properties/storageAccounts"}
    _, still = changes(ACCOUNT.table, {"properties": {}}, body, tuple(change.path for change in stuck))
    assert set(still) == set(stuck)


def test_only_what_nothing_resets_lasts() -> None:
    before = ("/location", "/properties/storageAccounts/0/id", "/properties/publicNetworkAccess", "/tags/a")
    assert lasting(ACCOUNT.table, before) == before[:2]


class TestDigest:
    """Equal if and only if every leaf has the value that an act set."""

    body = recipe(output(onError="ContinueJob"), description="d")
    names = fields(body)

    def of(self, values: JSON, key: bytes = KEY) -> str:
        return digest(key, TRANSFORM.table, values, self.names, {})

    def test_an_answer_with_defaults_and_strangers_shows_the_act(self) -> None:
        assert self.of(stored(self.body, future=1)) == self.of(self.body)

    def test_another_value_length_or_key_does_not(self) -> None:
        assert self.of(stored(recipe(output(), description="d"))) != self.of(self.body)
        longer = recipe(output(onError="ContinueJob"), output(), description="d")
        assert self.of(stored(longer)) != self.of(self.body)
        assert self.of(self.body, b"another key") != self.of(self.body)

    def test_what_is_unset_counts(self) -> None:
        unset = compare.digest(KEY, TRANSFORM.table, self.body, self.names, {"/properties/description": None})
        assert unset != self.of(self.body)

    def test_it_says_nothing_about_short_values(self) -> None:
        assert "ContinueJob" not in self.of(self.body)
        assert len(self.of(self.body)) == 32


@pytest.mark.parametrize("observed", [{}, {"properties": None}, {"properties": []}, {"properties": {"outputs": "?"}}])
def test_an_answer_of_any_shape_can_be_compared(observed: JSON) -> None:
    assert "/properties/outputs/0/preset/presetName" in paths(TRANSFORM.table, recipe(), observed, fields(recipe()))


def test_a_body_without_declared_members_sets_nothing() -> None:
    assert fields({}) == ()


def test_where_order_means_nothing_another_one_is_no_difference() -> None:
    table = {"properties.hosts": Field(unordered=True), "properties.hosts[]": Field(normal=any_case)}
    one: JSON = {"properties": {"hosts": ["A.example", "b.example"]}}
    other: JSON = {"properties": {"hosts": ["b.example", "a.example"]}}
    pointers = fields(one)
    assert changes(table, one, other, pointers, pointers) == ((), ())
    assert digest(KEY, table, one, pointers, {}) == digest(KEY, table, other, pointers, {})
    for hosts in (["b.example"], ["b.example", "b.example"], ["b.example", "c.example"], None):
        third: JSON = {"properties": {"hosts": hosts}}
        assert changes(table, one, third, pointers)[0] == (Change("/properties/hosts"),)
        assert digest(KEY, table, third, pointers, {}) != digest(KEY, table, one, pointers, {})


def test_host_names_and_stream_options_have_no_order() -> None:
    assert streaming_endpoint.TABLE["properties.customHostNames"].unordered
    assert live_event.TABLE["properties.streamOptions"].unordered
