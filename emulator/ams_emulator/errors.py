"""Refusals in the form that Azure Resource Manager gives them: `{"error": {"code", "message", "target"?}}`."""

from __future__ import annotations

import json
from collections.abc import Mapping


class ArmError(Exception):
    """A request that is answered with an error.

    `code` is what the service is known or guessed to send; `general` the plain code that the variant `errors.codes`
    sends instead where the specific one is a guess.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        general: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.general = general
        self.headers = dict(headers or {})

    def body(self, *, general_codes: bool = False) -> bytes:
        code = self.general if general_codes and self.general else self.code
        error: dict[str, object] = {"code": code, "message": self.message}
        if self.target is not None:
            error["target"] = self.target
        return json.dumps({"error": error}).encode()


class BadInputError(ArmError):
    """A body or parameter that the service would not take; the message names the member."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(400, "BadRequest", f"{path}: {problem}", target=path)


def account_not_found(type_and_name: str, group: str) -> ArmError:
    """A tracked resource (account, live event, streaming endpoint) that is missing: the front end answers."""
    message = (
        f"The Resource '{type_and_name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ArmError(404, "ResourceNotFound", message)


def proxy_not_found() -> ArmError:
    """A proxy resource (transform, asset, ...) that is missing: the resource provider answers."""
    return ArmError(404, "NotFound", "The requested resource was not found.")


def conflict(code: str, message: str) -> ArmError:
    return ArmError(409, code, message, general="Conflict")
