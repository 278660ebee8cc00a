"""Why version 2 can't be read: a closed set, and the words for each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import PortError


class Access(StrEnum):
    """Reasons of the condition V2AccessReady."""

    REACHABLE = "Reachable"
    """Resource Manager names version 2, a token is issued, and one row was read"""
    NO_V2_ENDPOINT = "NoV2Endpoint"
    """Resource Manager names no version 2 of the account"""
    SIGN_IN_REJECTED = "SignInRejected"
    """no token is issued for the credential"""
    NOT_AUTHORIZED = "NotAuthorized"
    """a fresh token is refused: the identity has to be Contributor or Owner"""
    ACCOUNT_DISABLED = "AccountDisabled"
    """the account is disabled, or version 2 does not know it"""
    CLAIMED = "Claimed"
    """another object manages the account, and the one that is annotated or named as target does nothing"""
    ANNOTATION_UNREADABLE = "AnnotationUnreadable"
    """the annotation ams-operator.dev/v2-source says neither true nor retired nor false: version 2 is not asked"""
    SPEC_UNREADABLE = "SpecUnreadable"
    """spec.migration has a value that says nothing: version 2 is not asked"""
    THROTTLED = "Throttled"
    """version 2 asks for patience"""
    UNREACHABLE = "Unreachable"
    """no answer of use"""


UNREADABLE: Final = frozenset({Access.ANNOTATION_UNREADABLE, Access.SPEC_UNREADABLE})
"""what somebody mistyped: it says nothing of version 2, and all that was told stays as it is"""
PASSING: Final = frozenset({Access.THROTTLED, Access.UNREACHABLE})
"""what may be over at the next try"""
REFUSALS: Final = (401, 403)
"""statuses that speak of the account, or of no more than what was asked for: only a probe tells"""
_OF_PORT: Final = {
    Reason.CREDENTIAL_REJECTED: Access.SIGN_IN_REJECTED,
    Reason.KEY_NOT_FOUND: Access.SIGN_IN_REJECTED,
    Reason.SECRET_NOT_FOUND: Access.SIGN_IN_REJECTED,
    Reason.THROTTLED: Access.THROTTLED,
}
_REFUSED: Final = (Reason.FORBIDDEN, Reason.WAITING_FOR_ACCOUNT)


class NotReadable(Exception):
    """Nothing was read, and why. The text is safe to show; `until` is a time before which trying again is useless;
    `said` is the answer alone."""

    def __init__(
        self, reason: Access, message: str, until: float | None = None, status: int | None = None, said: str = ""
    ) -> None:
        super().__init__(message)
        self.reason, self.message, self.until, self.status = reason, message, until, status
        self.said = said or message

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later without anybody doing anything."""
        return self.reason in PASSING

    @property
    def missing(self) -> bool:
        """Whether version 2 itself says that there is no such thing. Resource Manager's 404 is about the account."""
        return self.status == 404 and self.reason is Access.UNREACHABLE


def of_port(error: PortError) -> NotReadable:
    """What happened to a request."""
    return NotReadable(_OF_PORT.get(Reason(error.reason), Access.UNREACHABLE), error.message, error.until)


def of_listing(error: PortError) -> NotReadable:
    """The same of a LIST of version 3, of which a refusal is an exception, too: that one does not pass."""
    refused = error.reason in _REFUSED
    return NotReadable(Access.NOT_AUTHORIZED, error.message) if refused else of_port(error)


def of_status(status: int, said: str, until: float | None, *, throttled: bool) -> NotReadable:
    """What version 2's status means. `said` is its own code and message, cleaned."""
    answer = f"{status} {said}".strip()
    tail = f" ({answer})"
    if throttled:
        return NotReadable(Access.THROTTLED, f"version 2 asks for patience{tail}", until, status)
    if status == 401:
        message = f"version 2 refuses a fresh token: make the identity Contributor or Owner of the account{tail}"
        return NotReadable(Access.NOT_AUTHORIZED, message, status=status, said=answer)
    if status == 403:
        message = f"version 2 does not know the account, or it is disabled: look in the portal{tail}"
        return NotReadable(Access.ACCOUNT_DISABLED, message, status=status, said=answer)
    return NotReadable(Access.UNREACHABLE, f"version 2 gives no answer of use{tail}", until, status)
