"""What inventories find in accounts of the emulator: limits, what nobody uses, and what was mistaken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ams_operator.migration import links
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import Acknowledgement, Units
from ams_operator.migration.tally import MOST_TARGETS

from .conftest import Source
from .looks import Eyes, ago
from .reached import Seen, reaches
from .states import complete, expect, says, undone

RECIPE = json.dumps({
    "Version": 1.0,
    "Codecs": [{"Type": "AACAudio", "Profile": "AACLC", "Channels": 2, "SamplingRate": 48000, "Bitrate": 1000}],
    "Outputs": [{"FileName": "{Basename}.mp4", "Format": {"Type": "MP4Format"}}],
})  # fmt: skip


@reaches("ENCODING False TransformLimit", "ENCODING Unknown NotLookedAt", "DELIVERY Unknown NotLookedAt",
         "ENCODING True TransformsReady", "DELIVERY True Kept")  # fmt: skip
async def test_more_than_is_kept(source_factory: Callable[..., Source], seen: Seen) -> None:
    """One more than the limit, and nobody wants what is within it."""
    eyes = await complete(source_factory("small"), seen)
    (encoder,) = {one["MediaProcessorId"] for one in eyes.rows("Tasks")}
    for number in range(MOST_TARGETS + 1):
        recipe = RECIPE.replace("1000", str(1001 + number))
        ended = {"State": 3, "EndTime": ago(days=20)}
        eyes.row("Tasks", Name="many", Configuration=recipe, MediaProcessorId=encoder, **ended)
        eyes.row("Filters", Name=f"f{number:04}", Tracks=[])
    before = frozenset(one["name"] for name in ("Tasks", "Filters") for one in targets(eyes, name))
    await eyes.read()
    await says(eyes, ENCODING="False TransformLimit", DELIVERY="False FiltersMissing")
    many = frozenset(one["name"] for name in ("Tasks", "Filters") for one in targets(eyes, name)) - before
    eyes.config = replace(eyes.config, retired=frozenset(name.lower() for name in many))
    await says(eyes, ENCODING="Unknown NotLookedAt", DELIVERY="Unknown NotLookedAt")
    looked = {
        name: Acknowledgement(name, "looked", "Confirmed") for name in ("uncompared-recipes", "uncompared-filters")
    }
    eyes.config = replace(eyes.config, declared={**eyes.config.declared, **looked})
    await expect(eyes)
    eyes.config = replace(eyes.config, retired=frozenset())
    await says(eyes, ENCODING="False TransformLimit", DELIVERY="False FiltersMissing")
    eyes.config = replace(eyes.config, retired=frozenset(name.lower() for name in many))
    await expect(eyes)
    eyes.control.reset_log()


def targets(eyes: Eyes, name: str) -> list[dict[str, str]]:
    return list(eyes.census.tallies[name].targets.values())


@reaches("PROTECTION Unknown NotLookedAt")
async def test_more_assets_than_are_asked(
    source_factory: Callable[..., Source], seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a lower limit: 2,000 assets, each asked, would take longer than all other scenes together."""
    eyes = await complete(source_factory("broadcaster"), seen)
    eyes.control.variants(**{"v2.locators-in-v3-list": "hidden"})
    eyes.asked = True
    monkeypatch.setattr(links, "MOST_ASKED", 3)
    await eyes.read()
    await says(eyes, PROTECTION="Unknown NotLookedAt")
    monkeypatch.undo()
    await eyes.read()
    await expect(eyes)
    eyes.control.reset_log()


@reaches(
    "JOBS True NotUsed NoneInFlight", "ENCODING True NotUsed", "LIVE True NotUsed",
    "DELIVERY True NotUsed", "PROTECTION True NotUsed",
)  # fmt: skip
async def test_an_account_without_anything(source_factory: Callable[..., Source], seen: Seen) -> None:
    none = {"JOBS": "True NotUsed", "ENCODING": "True NotUsed", "LIVE": "True NotUsed",
            "DELIVERY": "True NotUsed", "PROTECTION": "True NotUsed"}  # fmt: skip
    eyes = await complete(source_factory("empty"), seen)
    await says(eyes, **none)
    made = [
        ("Jobs", eyes.row("Jobs", Name="old", State=3, Created=ago(days=20))),
        ("Channels", eyes.row("Channels", Name="news", State="Running")),
        ("Assets", asset := eyes.row("Assets", Name="film", Created=ago(days=20), Options=1)),
        ("Locators", eyes.row("Locators", Type=2, AssetId=asset["Id"], AccessPolicyId="nb:pid:UUID:x")),
        ("Tasks", eyes.row("Tasks", Name="one", Configuration="AAC Audio", State=3, EndTime=ago(days=2),
                           MediaProcessorId=eyes.rows("MediaProcessors")[0]["Id"])),
    ]  # fmt: skip
    await eyes.read()
    await says(eyes, JOBS="True NoneInFlight", LIVE="False NotPrepared", PROTECTION="False StorageEncrypted")
    assert (await eyes.look())[Type.DELIVERY].reason != "NotUsed"
    assert (await eyes.look())[Type.ENCODING].reason != "NotUsed"
    for name, row in reversed(made):
        eyes.delete(name, row)
    await eyes.read()
    await says(eyes, **none)
    eyes.control.reset_log()


@reaches(
    "PROTECTION False StorageEncrypted", "DELIVERY False ClassicEndpoint DeclaredUnusedButSeen",
    "GAPS False DeclaredUnusedButSeen Unacknowledged", "UNITS False NoUnits WrongType",
    "INVENTORY False SetFailed", "INVENTORY Unknown Unsettled",
)  # fmt: skip
async def test_what_somebody_changes(source_factory: Callable[..., Source], seen: Seen) -> None:
    eyes = await complete(source_factory("broadcaster"), seen)
    await reserved(eyes)
    async with undone(eyes):
        eyes.config = replace(eyes.config, not_used=frozenset({"delivery"}))
        await expect(eyes, DELIVERY="DeclaredUnusedButSeen")
    async with undone(eyes):
        gap = min(eyes.census.merged("evidence"))
        others = {name: one for name, one in eyes.config.acknowledged.items() if name != gap}
        denied = {**eyes.config.declared, gap: Acknowledgement(gap, "nobody uses it", "NotUsed")}
        eyes.config = replace(eyes.config, acknowledged=others, declared=denied)
        await says(eyes, GAPS="False DeclaredUnusedButSeen")
    await answers(eyes)
    asset, endpoint = eyes.rows("Assets")[0], eyes.rows("StreamingEndpoints")[0]
    for encrypted, version, units in ((1, "1.0", 0), (asset["Options"], "2.0", endpoint["ScaleUnits"])):
        eyes.patch("Assets", asset["Id"], Options=encrypted)
        eyes.patch("StreamingEndpoints", endpoint["Id"], StreamingEndpointVersion=version)
        there = eyes.id("StreamingEndpoint", endpoint["Name"])
        eyes.control.patch_out_of_band(there, {"properties": {"scaleUnits": units}})
        await eyes.read()
        wrong = {"GAPS": "Unacknowledged", "PROTECTION": "StorageEncrypted", "DELIVERY": "ClassicEndpoint"}
        await expect(eyes, **(wrong if encrypted else {}))
    eyes.control.reset_log()


async def reserved(eyes: Eyes) -> None:
    (row,) = eyes.rows("EncodingReservedUnitTypes")
    async with undone(eyes):
        eyes.config = replace(eyes.config, units=Units("S3", 10))
        for change, reason in (({"ReservedUnitType": 1}, "WrongType"), ({"CurrentReservedUnits": 0}, "NoUnits")):
            eyes.patch("EncodingReservedUnitTypes", row["AccountId"], **change)
            await eyes.read()
            await expect(eyes, UNITS=reason)
            eyes.patch("EncodingReservedUnitTypes", row["AccountId"], **{name: row[name] for name in change})
            await eyes.read()
            await expect(eyes)


async def answers(eyes: Eyes) -> None:
    """A set that is refused, or of which fewer rows are listed than counted."""
    (row,) = eyes.rows("Filters")
    lacking = json.dumps({"odata.count": "5", "value": [{name: row[name] for name in row if not name.startswith("_")}]})
    states: tuple[tuple[dict[str, Any], str], ...] = (
        ({"status": 403}, "SetFailed"), ({"status": 200, "body": lacking}, "Unsettled"),
    )  # fmt: skip
    for how, why in states:
        eyes.control.fault("answer", {"path": "/api/Filters$", "count": 0}, **how)
        await eyes.read()
        await says(eyes, INVENTORY=f"{'False' if why == 'SetFailed' else 'Unknown'} {why}")
        eyes.control.clear_faults()
        await eyes.read()
        await expect(eyes)
