"""Whether version 2 can be read and has been, and whether the target account can be used."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ams_operator.migration.conditions.finding import (
    FALSE,
    TRUE,
    UNKNOWN,
    Finding,
    Type,
    blocking,
    message,
    short,
    unknown,
)
from ams_operator.migration.conditions.known import sets_missing
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import AccountSeen, Inputs
from ams_operator.migration.trouble import PASSING, Access
from ams_operator.texts import clean

RECENT: Final = 2
"""intervals within which every set has to be read"""
_NEXT: Final = {
    Access.NO_V2_ENDPOINT: "annotate the account that has version 2, or take the annotation ams-operator.dev/v2-source "
    "away; where version 2 is gone for good, set it to retired",
    Access.SIGN_IN_REJECTED: "correct the Secret that spec.credentials names",
    Access.NOT_AUTHORIZED: "give the identity the role Contributor or Owner of the account",
    Access.ACCOUNT_DISABLED: "enable the account in the portal; where version 2 is gone for good, set the annotation "
    "ams-operator.dev/v2-source to retired",
    Access.CLAIMED: "annotate the object that manages it",
    Access.ANNOTATION_UNREADABLE: "set it to true, to retired (what was found stays as it is), or to false (it goes); "
    "until then every other condition stays as it was",
    Access.SPEC_UNREADABLE: "correct it; until then every other condition stays as it was",
}
_TARGET: Final[Mapping[Why | Access, str]] = MappingProxyType({
    Why.NOT_FOUND: "correct the account that spec.migration.targetAccountRef names",
    Why.CLAIMED: "have spec.migration.targetAccountRef name the object that acts",
    Why.FORBIDDEN: "grant the actions on the target account",
    Access.SIGN_IN_REJECTED: "correct the Secret that the target account's spec.credentials names",
    Why.PROVIDER_NOT_REGISTERED: "az provider register --namespace Microsoft.Media",
})  # fmt: skip
_DONE: Final = "Succeeded"
_FAILED: Final = "Failed"


def version_2(inputs: Inputs) -> Finding:
    """V2AccessReady: Resource Manager names the endpoint, the token is issued, and the last probe was answered."""
    seen = inputs.access
    if seen.reason is None or not seen.fresh(inputs.now):
        return unknown(Type.ACCESS, ["the first answer of version 2"])
    if seen.reason is Access.REACHABLE:
        refused = f", {short_text(seen.message)}" if seen.message else ""
        return Finding(Type.ACCESS, TRUE, seen.reason, f"version 2 answers{refused}", 1, 1)
    status = UNKNOWN if seen.reason in PASSING else FALSE
    text = message(short_text(seen.message), following=_NEXT.get(seen.reason, "wait"))
    return Finding(Type.ACCESS, status, seen.reason, text, 0, 1)


def inventory(inputs: Inputs) -> Finding:
    """V2InventoryReady: every set was read completely within two intervals, and all its rows were seen for sure."""
    found = inputs.inventory
    if missing := sets_missing(inputs):
        return unknown(Type.INVENTORY, missing)
    failed = {name: one.failed for name, one in found.sets.items() if one.failed}
    recent = [name for name in SETS if name not in failed and found.fresh(name, inputs.now) and _recent(inputs, name)]
    said = f"{len(recent)} of {len(SETS)} entity sets are read"
    if failed:
        first = min(failed)
        text = message(said, blocking(failed), f"{first}: {short_text(failed[first])}")
        return Finding(Type.INVENTORY, FALSE, Why.SET_FAILED, text, len(recent), len(SETS))
    if len(recent) < len(SETS):
        text = message(said, blocking(name for name in SETS if name not in recent), "wait")
        return Finding(Type.INVENTORY, UNKNOWN, Why.IN_PROGRESS, text, len(recent), len(SETS))
    if moved := [name for name in SETS if not found.tally(name).settled]:
        said = f"{len(SETS) - len(moved)} of {len(SETS)} entity sets are read for sure"
        text = message(said, blocking(moved), "wait, the next inventory reads them again")
        return Finding(Type.INVENTORY, UNKNOWN, Why.UNSETTLED, text, len(SETS) - len(moved), len(SETS))
    strangers = sum(found.tally(name).strangers for name in SETS)
    rows = f"; UnknownRows({strangers}): look at them in version 2" if strangers else ""
    absent = [name for name in SETS if found.tally(name).absent]
    without = f"; version 2 has no {blocking(absent)}: it says 404" if absent else ""
    return Finding(Type.INVENTORY, TRUE, Why.COMPLETE, said + without + rows, len(recent), len(SETS))


def _recent(inputs: Inputs, name: str) -> bool:
    at = inputs.inventory.sets[name].at
    return at is not None and inputs.now - at <= RECENT * inputs.inventory.every


def target(inputs: Inputs) -> Finding:
    """V3AccessReady: the target account answers, is as it should be, and the identity may do what is needed."""
    seen = inputs.target.account
    if not seen.fresh(inputs.now):
        return unknown(Type.TARGET, ["the target account"])
    where = f"account {seen.namespace}/{seen.name}" if seen.name else "the target account"
    reason, status, said = _target(seen)
    following = _TARGET.get(reason, "") if status == FALSE else ""
    done = int(status == TRUE)
    return Finding(Type.TARGET, status, reason, message(f"{where} {said}", following=following), done, 1)


def _target(seen: AccountSeen) -> tuple[Why | Access, str, str]:
    said = short_text(seen.message)
    for refused in _TARGET:
        if seen.reason == refused:
            return refused, FALSE, f"can't be used: {said or refused}"
    if seen.reason:
        return Access.UNREACHABLE, UNKNOWN, f"does not answer: {said or seen.reason}"
    if seen.provisioning.lower() == _FAILED.lower():
        return Why.ACCOUNT_FAILED, FALSE, "has provisioningState Failed: see why in the service"
    if seen.missing:
        return Why.FORBIDDEN, FALSE, f"refuses {blocking(seen.missing)}"
    if seen.provisioning and seen.provisioning.lower() != _DONE.lower():
        return Why.IN_PROGRESS, UNKNOWN, f"has provisioningState {short(seen.provisioning)}"
    if seen.unsure:
        return Why.PERMISSIONS_UNKNOWN, UNKNOWN, "answers, and does not say what the identity may do"
    return Why.READY, TRUE, "answers"


def short_text(said: str, longest: int = 300) -> str:
    """What somebody else said, in one line."""
    return " ".join(clean(said, longest).split())
