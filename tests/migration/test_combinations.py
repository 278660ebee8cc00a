"""Which delivery policies an asset has together, and the one streaming policy that says the same."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migration.judging import NOW, gaps, judged
from tests.migration.shapes import faults

from ams_operator.domain.model import JSON
from ams_operator.migration import links
from ams_operator.migration.census import view
from ams_operator.migration.entities import KEYS_OF, EntitySet
from ams_operator.migration.gaps import UNREAD
from ams_operator.migration.links import LOOKED_AT, MOST_ASKED, Combinations
from ams_operator.migration.mapping.combinations import combined
from ams_operator.migration.model import Fate, Known
from ams_operator.migration.tally import Tally

from .conftest import Source

OURS = "https://a.keydelivery.mediaservices.windows.net/"
CENC: tuple[int, int, dict[int, str]] = (4, 3, {4: OURS, 8: OURS})
FAIRPLAY: tuple[int, int, dict[int, str]] = (5, 4, {9: "skd://a.keydelivery.mediaservices.windows.net/x"})


@pytest.mark.parametrize(
    ("deliveries", "name"),
    [
        ([], "Predefined_ClearStreamingOnly"),
        ([(2, 7, {})], "Predefined_ClearStreamingOnly"),
        ([(2, 0xFFFF, {})], "Predefined_ClearStreamingOnly"),
        ([(2, 1, {}), (2, 2, {}), (2, 4, {})], "Predefined_ClearStreamingOnly"),
        ([(2, 0x17, {})], "Predefined_DownloadAndClearStreaming"),
        ([(2, 7, {}), (2, 0x10, {})], "Predefined_DownloadAndClearStreaming"),
        ([(2, 0x10, {})], "Predefined_DownloadOnly"),
        ([(3, 7, {2: OURS})], "Predefined_ClearKey"),
        ([(3, 0xFFFF, {})], "Predefined_ClearKey"),
        ([CENC], "Predefined_MultiDrmCencStreaming"),
        ([(4, 1, {4: OURS}), (4, 2, {7: OURS})], "Predefined_MultiDrmCencStreaming"),
        ([CENC, FAIRPLAY], "Predefined_MultiDrmStreaming"),
        ([CENC, FAIRPLAY, (1, 0x10, {})], "Predefined_MultiDrmStreaming"),
    ],
)
def test_predefined(deliveries: Sequence[Any], name: str) -> None:
    assert combined(deliveries).name == name
    assert combined(list(reversed(deliveries))).name == name
    assert not combined(deliveries).fields


OWN: list[list[tuple[int, int, dict[int, str]]]] = [
    [(2, 1, {})],
    [(3, 3, {})],
    [(3, 7, {1: "https://example.com/"})],
    [(4, 7, {4: "", 8: ""})],
    [(4, 3, {4: ""})],
    [(4, 3, {8: ""})],
    [(4, 3, {4: "", 8: "", 12: "avc1"})],
    [FAIRPLAY],
    [(5, 4, {13: "true"})],
    [CENC, (3, 4, {})],
    [CENC, (2, 4, {})],
    [(1, 3, {}), (2, 4, {})],
    [CENC, (5, 4, {9: "skd://example.org/x"})],
    [(4, 3, {4: "https://example.org/l", 5: "attributes"})],
]


@pytest.mark.parametrize("deliveries", OWN)
def test_own_policies_are_what_version_3_takes(deliveries: list[tuple[int, int, dict[int, str]]]) -> None:
    made = combined(deliveries)
    assert made.name.startswith("v2-")
    assert list(faults(made.fields, "StreamingPolicy")) == []


def test_equal_combinations_are_one_policy_and_others_are_not() -> None:
    names = [combined(one).name for one in OWN]
    assert len(set(names)) == len(names)
    assert combined([(3, 3, {})]).name == combined([(3, 1, {}), (3, 2, {})]).name


def test_sections_by_protocol() -> None:
    made = combined([CENC, (3, 4, {})])
    on = {name: {key for key, flag in part["enabledProtocols"].items() if flag} for name, part in made.fields.items()}
    assert on == {"commonEncryptionCenc": {"dash", "smoothStreaming"}, "envelopeEncryption": {"hls"}}
    assert made.keys == ("EnvelopeEncryption", "CommonEncryptionCenc")


@pytest.mark.parametrize(
    ("deliveries", "gap"),
    [
        ([(4, 1, {4: "https://one.example.org/"}), (4, 2, {4: "https://two.example.org/"})], "delivery-features"),
        ([(2, 3, {}), (3, 1, {})], "undocumented"),
    ],
)
def test_combinations_without_a_place(deliveries: Sequence[Any], gap: str) -> None:
    assert combined(deliveries).gap == gap


@pytest.mark.parametrize("deliveries", [[(1, 7, {})], [(2, 8, {})], [(1, 0xFFFF, {}), (2, 8, {})]])
def test_what_is_not_delivered_needs_no_policy(deliveries: Sequence[Any]) -> None:
    made = combined(deliveries)
    assert not made.name
    assert not made.gap


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 31), st.dictionaries(st.integers(0, 13), st.text(max_size=3))))
)
def test_any_combination_is_a_policy_or_says_why_not(deliveries: list[tuple[int, int, dict[int, str]]]) -> None:
    made = combined(deliveries)
    assert made.why
    assert list(faults(made.fields, "StreamingPolicy")) == []


class Account:
    """Assets with links to delivery policies, by a function of their number."""

    def __init__(self, many: int, links: Any, policy_in_v3: str) -> None:
        self.links, self.asked = links, 0
        self.known = Known(NOW)
        for number, (kind, protocol) in enumerate([(3, 7), (2, 7)]):
            pairs = {"AssetDeliveryPolicyType": kind, "AssetDeliveryProtocol": protocol}
            judged("AssetDeliveryPolicies", known=self.known, Id=f"nb:adpid:UUID:{number}", **pairs)
        packed = b"".join(uuid.UUID(int=number).bytes for number in range(1, many + 1))
        self.known.published = {policy_in_v3: bytearray(packed * 2)}

    async def below(self, entities: EntitySet, asset: str) -> list[JSON] | None:
        self.asked += 1
        number = uuid.UUID(asset[-36:]).int
        if entities is KEYS_OF:
            return [{"Id": "nb:kid:UUID:x", "ContentKeyType": 0}]
        found: list[JSON] | None = self.links(number)
        return found

    async def tally(self) -> Tally:
        tally = Tally()
        await Combinations(self.below, self.known, tally, lambda *_: None).read()
        return tally


def policy(*numbers: int) -> list[JSON]:
    return [{"Id": f"NB:adpid:UUID:{number}"} for number in numbers]


async def test_assets_that_version_3_names_one_policy_for_are_looked_at_by_a_few() -> None:
    account = Account(1000, lambda _: policy(0), "Predefined_ClearKey")
    tally = await account.tally()
    target = tally.targets["StreamingPolicy/Predefined_ClearKey"]
    assert (tally.rows, target["count"], account.asked) == (1000, 1000, LOOKED_AT + 1)
    assert "looked at" in target["note"]
    assert "no key for EnvelopeEncryption" in target["note"]
    assert target["beside"] == {"contentKeys": ["EnvelopeEncryption"]}


@pytest.mark.parametrize("in_version_3", ["", "Predefined_ClearKey"])
async def test_else_each_is_asked(in_version_3: str) -> None:
    account = Account(100, lambda number: policy(number % 2), in_version_3)
    tally = await account.tally()
    counts = {name: one["count"] for name, one in tally.targets.items()}
    assert counts == {
        "StreamingPolicy/Predefined_ClearKey": 50,
        "StreamingPolicy/Predefined_ClearStreamingOnly": 50,
    }
    assert tally.by_fate() == {Fate.MAPS: 100}


async def test_of_too_many_assets_as_many_are_asked_as_are_told() -> None:
    account = Account(3 * MOST_ASKED, lambda _: policy(0), "")
    tally = await account.tally()
    assert (tally.rows, account.asked) == (3 * MOST_ASKED, MOST_ASKED + 2)
    target = tally.targets["StreamingPolicy/Predefined_ClearKey"]
    assert target["count"] == tally.rows
    assert "too many" in target["note"]
    assert tally.evidence[UNREAD].count == 2 * MOST_ASKED
    assert len(tally.inferred) == len(tally.fates) == 1
    again = await account.tally()
    assert again.evidence[UNREAD].evidence == tally.evidence[UNREAD].evidence


@pytest.mark.parametrize("in_version_3", ["", "Predefined_ClearKey"])
async def test_too_many_assets_that_differ_say_nothing_of_each_other(in_version_3: str) -> None:
    account = Account(2 * MOST_ASKED, lambda number: policy(number % 2), in_version_3)
    tally = await account.tally()
    assert account.asked <= MOST_ASKED + 2
    counts = {name: one["count"] for name, one in tally.targets.items()}
    assert set(counts) == {"StreamingPolicy/Predefined_ClearKey", "StreamingPolicy/Predefined_ClearStreamingOnly"}
    assert tally.by_fate() == {Fate.MAPS: MOST_ASKED, Fate.GAP: MOST_ASKED}
    assert (sum(counts.values()), tally.evidence[UNREAD].count) == (MOST_ASKED, MOST_ASKED)


async def test_many_streaming_policies_share_what_may_be_asked() -> None:
    account = Account(0, lambda number: policy(number % 2), "")
    packed = [uuid.UUID(int=number).bytes for number in range(2 * MOST_ASKED)]
    account.known.published = {
        "": bytearray(b"".join(packed[100:])),
        **{f"p{number}": bytearray(b"".join(packed[number : number + 10])) for number in range(0, 100, 10)},
    }
    tally = await account.tally()
    assert account.asked == MOST_ASKED + 2
    assert (tally.rows, tally.evidence[UNREAD].count) == (2 * MOST_ASKED, MOST_ASKED)


@pytest.mark.parametrize(
    ("other", "said"), [("Predefined_ClearStreamingOnly",) * 2, ("", "a policy that it does not say")]
)
async def test_an_asset_with_locators_of_two_policies_counts_once(other: str, said: str) -> None:
    account = Account(30, lambda _: policy(0), "Predefined_ClearKey")
    account.known.published[other] = bytearray(b"".join(uuid.UUID(int=number).bytes for number in range(21, 51)))
    tally = await account.tally()
    (target,) = tally.targets.values()
    assert (tally.rows, target["count"]) == (50, 50)
    assert target["note"].count("locators of the same assets") == 1
    assert {"Predefined_ClearKey", said} == set(
        target["note"].partition("assets with ")[2].partition(";")[0].split(" and ")
    )
    account.known.deliveries.of.clear()
    assert (await account.tally()).rows == 50


async def test_assets_without_policies_or_with_ones_that_nobody_reads() -> None:
    account = Account(3, lambda number: {1: [], 2: policy(7), 3: None}[number], "")
    tally = await account.tally()
    assert tally.by_fate() == {Fate.MAPS: 1, Fate.GAP: 1}
    assert set(tally.evidence) == {"undocumented"}


async def test_nobody_is_asked_where_there_are_no_delivery_policies() -> None:
    account = Account(1000, lambda _: [], "")
    account.known.deliveries.of.clear()
    tally = await account.tally()
    assert account.asked == 0
    assert tally.targets["StreamingPolicy/Predefined_ClearStreamingOnly"]["count"] == 1000


def test_a_delivery_policy_by_itself_is_a_section() -> None:
    found = judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=4, AssetDeliveryProtocol=3)
    assert (found.verdict.kind, found.verdict.name) == ("StreamingPolicy", "commonEncryptionCenc")
    vector = json.dumps([{"Key": 6, "Value": "0011"}])
    found = judged("AssetDeliveryPolicies", AssetDeliveryPolicyType=3, AssetDeliveryProtocol=7,
                   AssetDeliveryConfiguration=vector)  # fmt: skip
    assert gaps(found) == {"delivery-features"}


async def seen(source: Source) -> dict[str, dict[str, Any]]:
    """Streaming policies that combinations become, by name."""
    report = view(await source.inventory().run())
    assert report["complete"]
    return {one["name"]: one for one in report["targets"] if one["set"] == "Combinations"}


@pytest.mark.parametrize("answer", ["listed", "hidden"])
async def test_combinations_of_a_broadcaster(source: Source, answer: str) -> None:
    source.emulator.control.variants(**{"v2.locators-in-v3-list": answer})
    found = {name: one["count"] for name, one in (await seen(source)).items()}
    assert set(found) == {
        "Predefined_ClearStreamingOnly",
        "Predefined_ClearKey",
        "Predefined_MultiDrmStreaming",
    }
    asked = [entry for entry in source.log() if entry["kind"] == "LIST v2/Assets.DeliveryPolicies"]
    assert 0 < len(asked) == sum(found.values())


async def test_of_more_assets_than_are_asked_the_report_says_so(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_ASKED", 3)
    source.emulator.control.variants(**{"v2.locators-in-v3-list": "hidden"})
    report = view(await source.inventory().run())
    asked = [entry for entry in source.log() if entry["kind"] == "LIST v2/Assets.DeliveryPolicies"]
    published = next(one["rows"] for one in report["sets"] if one["name"] == "Combinations")
    told = next(one for one in report["gaps"] if one["id"] == UNREAD)
    assert len(asked) == 3
    assert (told["count"], told["inferred"]) == (published - 3, True)


async def test_combinations_of_old(source_factory: Callable[..., Source]) -> None:
    source = source_factory("legacy")
    found = await seen(source)
    assert found["Predefined_MultiDrmStreaming"]["count"] == 1
    own = [one for name, one in found.items() if name.startswith("v2-")]
    assert [list(faults(one["fields"], "StreamingPolicy")) for one in own] == [[]] * len(own)
    assert {next(iter(one["fields"])) for one in own} == {"commonEncryptionCenc", "commonEncryptionCbcs"}
    report = view(await source.inventory().run())
    verdicts = next(one["verdicts"] for one in report["sets"] if one["name"] == "Combinations")
    assert {one["about"] for one in verdicts if one["fate"] == Fate.GAP} == {"delivery-features"}
    assert Fate.NOT_NEEDED in {one["fate"] for one in verdicts}


async def test_policies_of_old_are_bodies_of_version_3(source_factory: Callable[..., Source]) -> None:
    report = view(await source_factory("legacy").inventory().run())
    found = [one for one in report["targets"] if one["kind"] == "ContentKeyPolicy" and one["fields"]]
    assert len(found) == 3
    assert any("options have no place" in one["note"] for one in found)
    for one in found:
        assert list(faults(one["fields"], "ContentKeyPolicy", one["give"])) == []
        assert one["give"]


async def test_recipes_of_old_say_what_jobs_have_to(source_factory: Callable[..., Source]) -> None:
    report = view(await source_factory("legacy").inventory().run())
    inputs = [given for one in report["targets"] for given in one["beside"].get("jobInputs", ())]
    assert {one["@odata.type"].rpartition(".")[2] for one in inputs} == {"JobInputAsset", "JobInputSequence"}
    filters = [preset["filters"] for one in report["targets"] if one["kind"] == "Transform" and one["fields"]
               for output in one["fields"]["outputs"] if "filters" in (preset := output["preset"])]  # fmt: skip
    assert [sorted(one) for one in filters] == [["crop", "deinterlace", "overlays", "rotation"]]
