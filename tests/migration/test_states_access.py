"""What keeps accounts of the emulator from being read, and how they are read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ams_operator.domain.model import AccountId

from .conftest import Source
from .looks import Eyes
from .reached import Seen, reaches
from .states import again, complete, expect, says

UNKNOWN = dict.fromkeys(
    ("INVENTORY", "GAPS", "JOBS", "ENCODING", "LIVE", "DELIVERY", "PROTECTION", "UNITS"), "InputsMissing"
)
PASSES = {name: UNKNOWN[name] for name in ("JOBS", "LIVE", "ENCODING")}
"""what polls show is missing; what the last inventory showed stands until it is stale"""
UNREGISTERED = {"error": {"code": "MissingSubscriptionRegistration", "message": "not registered"}}


@reaches(
    "ACCESS True Reachable", "ACCESS False NotAuthorized SignInRejected", "ACCESS Unknown Throttled Unreachable",
    "TARGET True Ready", "TARGET False Forbidden SignInRejected",
    "COMPLETE True Complete", "COMPLETE False ConditionsFalse", "COMPLETE Unknown ConditionsUnknown",
)  # fmt: skip
async def test_version_2(source_factory: Callable[..., Source], seen: Seen) -> None:
    """The target is the same account, so that a role or a Secret that is wrong keeps it away, too."""
    eyes = await complete(source_factory("small"), seen)
    control = eyes.control
    control.deny(scope=eyes.source.resource_id, rights=["write"])
    await expect(eyes, ACCESS="NotAuthorized", TARGET="Forbidden", **UNKNOWN)
    control.allow_all()
    await expect(eyes)
    eyes.secret = {"AZURE_CLIENT_SECRET": "the last one"}
    await says(eyes, ACCESS="False SignInRejected", TARGET="False SignInRejected")
    eyes.secret = {}
    await expect(eyes)
    control.fault("drop", {"path": "/api/", "count": 0}, how="close")
    await expect(eyes, ACCESS="Unreachable", **PASSES)
    control.clear_faults()
    await expect(eyes)
    control.fault("busy", {"path": "/api/", "count": 0}, retryAfter=1)
    await expect(eyes, ACCESS="Throttled", **PASSES)
    control.clear_faults()
    await again(eyes)
    control.reset_log()


@reaches(
    "TARGET True Ready", "TARGET False Forbidden NotFound ProviderNotRegistered SignInRejected AccountFailed",
    "TARGET Unknown InProgress PermissionsUnknown Unreachable",
)  # fmt: skip
async def test_another_target(source_factory: Callable[..., Source], seen: Seen) -> None:
    """Whatever keeps it away, version 2 is read."""
    other = source_factory("")
    there = AccountId(other.account.subscription, other.account.resource_group, other.account.name)
    eyes = Eyes(source_factory("empty"), there=there, history=seen.history())
    control, place = eyes.control, f"/mediaservices/{there.name}"

    def fault(what: str, path: str, **how: Any) -> None:
        control.fault(what, {"path": f"{path}$", "count": 0}, **how)

    def patch(state: str) -> None:
        control.patch_out_of_band(other.resource_id, {"properties": {"provisioningState": state}})

    def deny(right: str) -> None:
        control.deny(scope=other.resource_id, rights=[right])

    def sign_in(**secret: str) -> None:
        eyes.secret = secret

    def remake() -> None:
        control.add_account(there.name, resourceGroup=there.resource_group)

    good: Callable[[], Any] = control.clear_faults
    scenes: tuple[tuple[str, Callable[[], Any], Callable[[], Any]], ...] = (
        ("False Forbidden", lambda: deny("write"), control.allow_all),
        ("False Forbidden", lambda: deny("read"), control.allow_all),
        ("False NotFound", lambda: control.delete_out_of_band(other.resource_id), remake),
        ("False AccountFailed", lambda: patch("Failed"), lambda: patch("Succeeded")),
        ("Unknown InProgress", lambda: patch("InProgress"), lambda: patch("Succeeded")),
        (
            "False ProviderNotRegistered",
            lambda: fault("answer", place, status=409, body=json.dumps(UNREGISTERED)),
            good,
        ),
        ("Unknown PermissionsUnknown", lambda: fault("answer", f"{place}/.*/permissions", status=500), good),
        ("Unknown Unreachable", lambda: fault("drop", place, how="close"), good),
        ("Unknown Unreachable", lambda: fault("answer", place, status=500), good),
    )
    await says(eyes, ACCESS="True Reachable", TARGET="True Ready")
    for said, make, undo in scenes:
        make()
        await says(eyes, ACCESS="True Reachable", TARGET=said)
        undo()
        await says(eyes, ACCESS="True Reachable", TARGET="True Ready")
    sign_in(AZURE_CLIENT_SECRET="the last one")  # both accounts have one Secret here
    await says(eyes, TARGET="False SignInRejected")
    sign_in()
    await says(eyes, TARGET="True Ready")
    control.reset_log()
