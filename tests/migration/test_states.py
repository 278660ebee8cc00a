"""Reasons of conditions from states of accounts in the emulator: what somebody does there, and undoes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ams_operator.domain.model import AccountId
from ams_operator.migration import odata
from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import DAY, Units

from .conftest import Source
from .looks import Eyes, ago
from .reached import Seen, reaches
from .states import complete, expect, undone

CLEAR = "Predefined_ClearStreamingOnly"
SMOOTH = {"AssetDeliveryPolicyType": 2, "AssetDeliveryProtocol": 1}
"""what no streaming policy says that version 3 has by itself"""


@reaches(
    "ACCESS True Reachable", "ACCESS False AccountDisabled NoV2Endpoint",
    "INVENTORY True Complete", "INVENTORY Unknown InputsMissing",
    "GAPS True Resolved", "GAPS False Unacknowledged", "GAPS Unknown NeedsDeclaration InputsMissing",
    "TARGET True Ready", "TARGET False AccountFailed",
    "JOBS True NoneInFlight DrainedAndFrozen", "JOBS False InFlight Stuck NewJobsAfterFreeze",
    "JOBS Unknown InputsMissing",
    "ENCODING True TransformsReady",
    "ENCODING False JobsInFlight V2JobsStillCreated DeclaredUnusedButSeen TransformMissing",
    "ENCODING Unknown InputsMissing",
    "LIVE True Switched", "LIVE Unknown InputsMissing",
    "LIVE False ChannelRunning ChannelRestarted NotPrepared SwitchPending DeclaredUnusedButSeen",
    "DELIVERY True Kept", "DELIVERY False FiltersMissing", "DELIVERY Unknown InputsMissing",
    "PROTECTION True Protected", "PROTECTION Unknown SecretsNotVerified InputsMissing",
    "PROTECTION False PolicyMissing CombinationUnmapped DeclaredUnusedButSeen",
    "UNITS True NotNeeded Provisioned", "UNITS False TooFew", "UNITS Unknown InputsMissing",
    "COMPLETE True Complete", "COMPLETE False ConditionsFalse", "COMPLETE Unknown ConditionsUnknown",
)  # fmt: skip
async def test_what_polls_show(source_factory: Callable[..., Source], seen: Seen) -> None:
    source = source_factory("broadcaster")
    early = Eyes(source)
    recorded = next(one for one in early.rows("Assets") if one["Name"] == "concert archive")
    policy = early.row("AssetDeliveryPolicies", Name="smooth", Created=ago(days=20), **SMOOTH)
    early.link("Assets", recorded["Id"], "DeliveryPolicies", policy["Id"])
    eyes = await complete(source, seen)
    await jobs(eyes)
    await live(eyes)
    await lists(eyes)
    await access(eyes)


async def jobs(eyes: Eyes) -> None:
    old = eyes.rows("Jobs")[0]
    async with undone(eyes):
        eyes.patch("Jobs", old["Id"], State=2)
        await expect(eyes, JOBS="InFlight", ENCODING="JobsInFlight")
        eyes.patch("Jobs", old["Id"], State=0, Created=ago(days=2), LastModified=ago(days=2))
        await expect(eyes, JOBS="Stuck", ENCODING="JobsInFlight")
        for state in ("Processing", 77):  # words, and what nobody documented, may be in flight
            eyes.patch("Jobs", old["Id"], State=state)
            await expect(eyes, JOBS="InFlight", ENCODING="JobsInFlight")
        eyes.patch("Jobs", old["Id"], State="Finished")
        await expect(eyes)
        eyes.patch("Jobs", old["Id"], State=3, Created=old["Created"])
    async with undone(eyes):
        new = eyes.row("Jobs", Name="new", State=3)
        await expect(eyes, ENCODING="V2JobsStillCreated")
        eyes.config = replace(eyes.config, freeze=eyes_now(eyes) - DAY)
        await expect(eyes, JOBS="NewJobsAfterFreeze", ENCODING="V2JobsStillCreated")
        eyes.delete("Jobs", new)
        assert (await eyes.look())[Type.JOBS].reason == "DrainedAndFrozen"


def eyes_now(eyes: Eyes) -> float:
    when = odata.moment(eyes.rows("Jobs")[-1]["LastModified"])
    assert when is not None
    return when.timestamp()


async def live(eyes: Eyes) -> None:
    channel = next(one for one in eyes.rows("Channels") if one["Name"] == "news")
    program = next(one for one in eyes.rows("Programs") if one["ChannelId"] == channel["Id"])
    async with undone(eyes):
        eyes.patch("Channels", channel["Id"], State="Running")
        await expect(eyes, LIVE="ChannelRunning")
        eyes.switched = frozenset({channel["Id"].lower()})
        await expect(eyes, LIVE="ChannelRestarted")
        eyes.patch("Channels", channel["Id"], State="Stopped")
    async with undone(eyes):
        eyes.patch("Programs", program["Id"], State="Running")
        await expect(eyes, LIVE="ChannelRunning")
        eyes.patch("Programs", program["Id"], State="Stopped")
    async with undone(eyes):
        eyes.objects = tuple(one for one in eyes.objects if one.v2_id != channel["Id"])
        await expect(eyes, LIVE="NotPrepared")
        eyes.config = replace(eyes.config, retired=frozenset({channel["Id"].lower()}))
        await expect(eyes)
    async with undone(eyes):
        eyes.objects = tuple(replace(one, first_running_at="") for one in eyes.objects)
        await expect(eyes, LIVE="SwitchPending")
    async with undone(eyes):
        eyes.config = replace(eyes.config, not_used=frozenset({"live_streaming", "encoding", "content_protection"}))
        await expect(
            eyes, LIVE="DeclaredUnusedButSeen", ENCODING="DeclaredUnusedButSeen", PROTECTION="DeclaredUnusedButSeen"
        )


async def lists(eyes: Eyes) -> None:
    for place, kind, condition, reason in (
        ("Tasks", "Transform", "ENCODING", "TransformMissing"),
        ("Filters", "AccountFilter", "DELIVERY", "FiltersMissing"),
        ("AssetFilters", "AssetFilter", "DELIVERY", "FiltersMissing"),
        ("ContentKeyAuthorizationPolicies", "ContentKeyPolicy", "PROTECTION", "PolicyMissing"),
        ("Combinations", "StreamingPolicy", "PROTECTION", "CombinationUnmapped"),
    ):
        targets = [
            one for one in eyes.census.tallies[place].targets.values() if not one["name"].startswith("Predefined_")
        ]
        names = targets[0]["name"].split("/") if kind == "AssetFilter" else [targets[0]["name"]]
        async with undone(eyes):
            eyes.drop(kind, *names)
            await expect(eyes, **{condition: reason})
            eyes.make(kind, *names, **targets[0]["fields"])
    async with undone(eyes):
        eyes.config = replace(eyes.config, verified_by="")
        await expect(eyes, PROTECTION="SecretsNotVerified")
    async with undone(eyes):
        eyes.config = replace(eyes.config, declared={})
        await expect(eyes, GAPS="NeedsDeclaration")
    async with undone(eyes):
        eyes.config = replace(eyes.config, acknowledged={})
        found = await eyes.look()
        assert found[Type.GAPS].reason == "Unacknowledged"
    for units, reason in ((Units("S3", 10), ""), (Units("S3", 11), "TooFew")):
        async with undone(eyes):
            eyes.config = replace(eyes.config, units=units)
            await expect(eyes, **({"UNITS": reason} if reason else {}))


async def access(eyes: Eyes) -> None:
    """Whatever keeps version 2 from being read, the target's own condition stays as it is."""
    needing = ("INVENTORY", "GAPS", "JOBS", "ENCODING", "LIVE", "DELIVERY", "PROTECTION", "UNITS")
    unknown = dict.fromkeys(needing, "InputsMissing")
    here = eyes.source.resource_id
    async with undone(eyes):
        eyes.control.v2_account(here, retired=True)
        await expect(eyes, ACCESS="AccountDisabled", **unknown)
        eyes.control.v2_account(here, retired=False)
    async with undone(eyes):
        eyes.control.v2_account(here, enabled=False)
        await expect(eyes, ACCESS="NoV2Endpoint", **{name: why for name, why in unknown.items() if name != "UNITS"})
        eyes.control.v2_account(here, enabled=True)
    async with undone(eyes):
        eyes.control.patch_out_of_band(here, {"properties": {"provisioningState": "Failed"}})
        await expect(eyes, TARGET="AccountFailed")
        eyes.control.patch_out_of_band(here, {"properties": {"provisioningState": "Succeeded"}})


@reaches(
    "GAPS False Unacknowledged NewEvidence", "ENCODING False PresetUnmapped TransformMissing",
    "DELIVERY False V2StillPublishing SasLocators", "PROTECTION False V2KeysStillCreated", "UNITS False StillObeyed",
)  # fmt: skip
async def test_what_an_inventory_shows(source_factory: Callable[..., Source], seen: Seen) -> None:
    eyes = await complete(source_factory("broadcaster"), seen)
    film = next(one for one in eyes.rows("Assets") if one["Name"] == "film-0")
    policy = eyes.rows("AccessPolicies")[0]["Id"]
    processor = eyes.row("MediaProcessors", Name="Azure Media Indexer", Version="1.3")
    made: list[tuple[str, dict[str, Any]]] = [("MediaProcessors", processor)]
    for name, members in (
        ("Locators", {"Type": 1, "AssetId": film["Id"], "AccessPolicyId": policy, "ExpirationDateTime": ago(days=-9)}),
        ("ContentKeys", {"Name": "new", "ContentKeyType": 4, "AuthorizationPolicyId":
                         eyes.rows("ContentKeyAuthorizationPolicies")[0]["Id"]}),
        ("AssetDeliveryPolicies", {"Name": "new", "AssetDeliveryProtocol": 7, "AssetDeliveryPolicyType": 2}),
        ("Tasks", {"Name": "odd", "MediaProcessorId": processor["Id"], "State": 3, "EndTime": ago(minutes=5)}),
        ("Tasks", {"Name": "odd", "Configuration": "<odd", "State": 3, "EndTime": ago(minutes=5)}),
    ):  # fmt: skip
        made.append((name, eyes.row(name, **members)))
    await eyes.read()
    await expect(
        eyes, GAPS="Unacknowledged", ENCODING="PresetUnmapped", DELIVERY="V2StillPublishing",
        PROTECTION="V2KeysStillCreated", UNITS="StillObeyed",
    )  # fmt: skip
    eyes.config = replace(eyes.config, quiet=-60.0)  # the period is over
    found = await eyes.look()
    assert (found[Type.DELIVERY].reason, found[Type.UNITS].reason) == ("SasLocators", "NotNeeded")
    eyes.accept()
    acknowledged = eyes.config
    await expect(eyes, ENCODING="TransformMissing")  # the indexer's
    for name, row in made:
        eyes.delete(name, row)
    await eyes.read()
    await expect(eyes)  # what is gone needs no new acknowledgement
    shared = [eyes.row("Locators", Type=1, AssetId=film["Id"], AccessPolicyId=policy) for _ in range(2)]
    await eyes.read()
    assert eyes.config == acknowledged
    await expect(eyes, GAPS="NewEvidence", DELIVERY="SasLocators")
    for row in shared:
        eyes.delete("Locators", row)
    await eyes.read()
    await expect(eyes)
    eyes.control.reset_log()


@reaches("DELIVERY True Kept", "DELIVERY False NotVisibleInV3", "DELIVERY Unknown InputsMissing")
async def test_locators_that_the_list_does_not_show(source_factory: Callable[..., Source], seen: Seen) -> None:
    eyes = await complete(source_factory("small"), seen)
    eyes.control.variants(**{"v2.locators-in-v3-list": "hidden"})
    await eyes.read()
    assert eyes.census.compared["Locators"] == "Unlisted"
    await expect(eyes, DELIVERY="InputsMissing")
    eyes.asked = True
    await expect(eyes)
    eyes.asked = False
    await expect(eyes, DELIVERY="NotVisibleInV3")
    eyes.asked = True
    await expect(eyes)
    eyes.control.reset_log()


@reaches("DELIVERY True Kept", "DELIVERY False NotRepublished V2LocatorLeft")
async def test_publishing_anew(source_factory: Callable[..., Source], seen: Seen) -> None:
    eyes = await complete(source_factory("small"), seen)
    eyes.config = replace(eyes.config, republish=True)
    await eyes.read()
    await expect(eyes, DELIVERY="NotRepublished")
    for number, asset in enumerate(sorted(eyes.assets_published())):
        eyes.make("StreamingLocator", f"new-{number}", assetName=asset, streamingPolicyName=CLEAR,
                  streamingLocatorId=f"99999999-122c-496e-9ac5-7f9e2c2547b{number}")  # fmt: skip
    await eyes.read()
    await expect(eyes, DELIVERY="V2LocatorLeft")
    old = [one for one in eyes.rows("Locators") if one["AccessPolicyId"]]
    for row in old:
        eyes.delete("Locators", row)
    await eyes.read()
    await expect(eyes)
    for row in old:
        eyes.row("Locators", **row)
    await eyes.read()
    await expect(eyes, DELIVERY="V2LocatorLeft")
    for number, _ in enumerate(old):
        eyes.drop("StreamingLocator", f"new-{number}")
    await eyes.read()
    await expect(eyes, DELIVERY="NotRepublished")
    eyes.config = replace(eyes.config, republish=False, quiet=-60.0)
    await eyes.read()
    await expect(eyes)
    eyes.control.reset_log()


@reaches("DELIVERY True Republished", "DELIVERY False AssetMissingInTarget NotRepublished EndpointStopped")
async def test_another_account(source_factory: Callable[..., Source], seen: Seen) -> None:
    eyes = await complete(source_factory("small"), seen)
    other = source_factory("").account
    eyes.there = AccountId(other.subscription, other.resource_group, other.name)
    eyes.config = replace(eyes.config, republish=True)
    await eyes.read()
    eyes.provide()
    await expect(eyes, DELIVERY="AssetMissingInTarget")
    published = {odata.guid(one["Id"]) or "": odata.guid(one["AssetId"]) or "" for one in eyes.rows("Locators")}
    for asset in set(published.values()):
        eyes.make("Asset", asset)
    await eyes.read()
    await expect(eyes, DELIVERY="NotRepublished")
    for locator, asset in published.items():
        eyes.make("StreamingLocator", locator, assetName=asset, streamingLocatorId=locator,
                  streamingPolicyName=CLEAR)  # fmt: skip
    await eyes.read()
    await expect(eyes, DELIVERY="EndpointStopped")
    for state in ("Running", "Stopped", "Running"):
        eyes.control.patch_out_of_band(
            eyes.id("StreamingEndpoint", "default"), {"properties": {"resourceState": state}}
        )
        await expect(eyes, **({"DELIVERY": "EndpointStopped"} if state == "Stopped" else {}))
    for locator in published:
        eyes.drop("StreamingLocator", locator)
    await eyes.read()
    await expect(eyes, DELIVERY="NotRepublished")
    for asset in set(published.values()):
        eyes.drop("Asset", asset)
    await eyes.read()
    await expect(eyes, DELIVERY="AssetMissingInTarget")
    eyes.control.reset_log()


async def test_recipes_of_the_services_own_templates_are_nobodys(source_factory: Callable[..., Source]) -> None:
    eyes = Eyes(source_factory("legacy"))
    (template,) = eyes.rows("JobTemplates")
    await eyes.read()
    assert eyes.census.tallies["TaskTemplates"].rows
    eyes.patch("JobTemplates", template["Id"], TemplateType=0)
    await eyes.read()
    assert eyes.census.tallies["JobTemplates"].rows == 1
    assert not eyes.census.tallies["TaskTemplates"].rows
    eyes.control.reset_log()
