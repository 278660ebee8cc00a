"""Who may do what. Everybody who gets a token may do everything, until the control API takes rights away."""

from __future__ import annotations

from dataclasses import dataclass

from ams_emulator.call import Call
from ams_emulator.errors import ArmError

RIGHTS: tuple[str, ...] = ("read", "write", "delete", "action")


@dataclass(frozen=True)
class Denial:
    """Rights taken from a client (empty: from all): `rights` of read, write, delete, action; empty: all of them."""

    client_id: str
    scope: str
    rights: frozenset[str]

    def covers(self, call: Call, right: str) -> bool:
        return self.covers_path(call, call.path, right)

    def covers_path(self, call: Call, path: str, right: str) -> bool:
        path = path.lower().rstrip("/") + "/"
        return (
            self.client_id in ("", call.principal.client_id)
            and path.startswith(self.scope.lower().rstrip("/") + "/")
            and (not self.rights or right in self.rights)
        )


class Access:
    """The denials in force."""

    def __init__(self) -> None:
        self.denials: list[Denial] = []

    def denies(self, call: Call, path: str, right: str) -> bool:
        """Whether the caller may not do such a thing with what lies at a path."""
        return any(denial.covers_path(call, path, right) for denial in self.denials)

    def check(self, call: Call, parts: list[str], verb: str) -> None:
        """Raises the 403 of a principal without the right. `verb` is `read`, `write`, `delete` or `NAME/action`."""
        right = verb.rpartition("/")[2]
        if not any(denial.covers(call, right) for denial in self.denials):
            return
        lower = [part.lower() for part in parts]
        types = parts[lower.index("providers") + 1 :] if "providers" in lower else ["Microsoft.Resources", *parts[2:]]
        action = "/".join([types[0], *types[1::2], verb.partition("/")[2] or verb])
        who = call.principal
        raise ArmError(
            403,
            "AuthorizationFailed",
            f"The client '{who.client_id}' with object id '{who.object_id}' does not have authorization to "
            f"perform action '{action}' over scope '{call.path}' or the scope is invalid.",
        )
