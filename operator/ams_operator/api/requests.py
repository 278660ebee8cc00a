"""Requests: what somebody asks for, or consents to, by the annotation `request.ams-operator.dev/<verb>`."""

from enum import StrEnum
from typing import Final


class Request(StrEnum):
    """The verbs. Each is an RBAC verb too, which whoever writes the annotation needs on the object."""

    START = "start"
    STOP = "stop"
    STANDBY = "standby"
    RESET = "reset"
    SYNC_KEYS = "sync-keys"
    INVENTORY = "inventory"
    APPROVE = "approve"
    RECREATE = "recreate"
    RUN_ANYWAY = "run-anyway"
    ABANDON = "abandon"
    CUT_OVER = "cut-over"


ONCE: Final = frozenset(
    {Request.START, Request.STOP, Request.STANDBY, Request.RESET, Request.SYNC_KEYS, Request.INVENTORY}
)
"""Done once for each value that is new. The others are consent: they count while they equal what status prints."""
