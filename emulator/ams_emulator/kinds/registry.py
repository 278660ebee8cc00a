"""All kinds of resources that this emulator knows. A new kind is one line here."""

from __future__ import annotations

from ams_emulator.kinds.account import account
from ams_emulator.kinds.asset import asset
from ams_emulator.kinds.base import Kind
from ams_emulator.kinds.live_event import live_event
from ams_emulator.kinds.live_output import live_output
from ams_emulator.kinds.published import published
from ams_emulator.kinds.streaming_endpoint import streaming_endpoint
from ams_emulator.kinds.transform import transform


def kinds() -> dict[tuple[str, ...], Kind]:
    """Kinds by their path of type segments."""
    found = (account(), transform(), asset(), live_event(), live_output(), streaming_endpoint(), *published())
    return {kind.path: kind for kind in found}
