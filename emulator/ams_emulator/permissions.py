"""What a client may do with an account: Microsoft.Authorization's list of permissions, as far as denials make one."""

from __future__ import annotations

from ams_emulator.access import RIGHTS, Access
from ams_emulator.call import Answer, Call

SEGMENTS = ("providers", "microsoft.authorization", "permissions")


def permissions(access: Access, call: Call, parts: list[str]) -> Answer:
    """One entry, as a role that allows all would make it; what was denied is in its `notActions`."""
    scope = "/" + "/".join(parts[: -len(SEGMENTS)])
    denied = [right for right in RIGHTS if access.denies(call, scope, right)]
    entry = {
        "actions": [] if len(denied) == len(RIGHTS) else ["*"],
        "notActions": [f"*/{right}" for right in denied],
        "dataActions": [],
        "notDataActions": [],
    }
    return Answer.of(200, {"value": [entry]})
