"""Whether version 2 can be read, and whether it has been."""

from __future__ import annotations

from typing import Final

from ams_operator.migration.conditions.finding import FALSE, TRUE, UNKNOWN, Finding, Type, blocking, message
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import Inputs
from ams_operator.migration.trouble import PASSING, Access

_NEXT: Final = {
    Access.NO_V2_ENDPOINT: "remove the annotation ams-operator.dev/v2-source, or annotate the account that has it",
    Access.SIGN_IN_REJECTED: "correct spec.credentials",
    Access.NOT_AUTHORIZED: "give the identity the role Contributor or Owner of the account",
    Access.ACCOUNT_DISABLED: "enable the account in the portal",
}


def version_2(inputs: Inputs) -> Finding:
    """V2AccessReady: Resource Manager names the endpoint, the token is issued, and the last probe was answered."""
    seen = inputs.access
    if seen.reason is None or not seen.fresh(inputs.now):
        return Finding(Type.ACCESS, UNKNOWN, Access.UNREACHABLE, "version 2 was not asked yet, or not for a while")
    if seen.reason is Access.REACHABLE:
        return Finding(Type.ACCESS, TRUE, seen.reason, seen.message or "version 2 answers", 1, 1)
    status = UNKNOWN if seen.reason in PASSING else FALSE
    return Finding(Type.ACCESS, status, seen.reason, message(seen.message, following=_NEXT.get(seen.reason, "")), 0, 1)


def inventory(inputs: Inputs) -> Finding:
    """V2InventoryReady: every set was read completely within two intervals."""
    found = inputs.inventory
    failed = {name: one.failed for name, one in found.sets.items() if one.failed}
    recent = [
        name
        for name in SETS
        if (one := found.sets.get(name)) is not None
        and one.tally is not None
        and one.at is not None
        and inputs.now - one.at <= 2 * found.every
    ]
    said = f"{len(recent)} of {len(SETS)} entity sets are read"
    if failed:
        first = min(failed)
        text = message(said, blocking(failed), f"{first}: {failed[first]}")
        return Finding(Type.INVENTORY, FALSE, "SetFailed", text, len(recent), len(SETS))
    if len(recent) < len(SETS):
        missing = [name for name in SETS if name not in recent]
        text = message(said, blocking(missing))
        return Finding(Type.INVENTORY, UNKNOWN, "InProgress", text, len(recent), len(SETS))
    strangers = sum(found.tally(name).strangers for name in SETS)
    rows = f"; {strangers} rows are none that anybody documented" if strangers else ""
    return Finding(Type.INVENTORY, TRUE, "Complete", said + rows, len(recent), len(SETS))
