"""Spelling and sameness of resource ids and moments. The service answers ids in another case than it was asked in."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from ams_operator.domain.model import AccountId, Address, Record, Scene


def account_id(account: AccountId) -> str:
    """The ARM id of an account, as the service spells the fixed parts."""
    return (
        f"/subscriptions/{account.subscription}/resourceGroups/{account.resource_group}"
        f"/providers/Microsoft.Media/mediaservices/{account.name}"
    )


def resource_id(address: Address, collection: str) -> str:
    """The ARM id of a resource. `collection` names the segment before each of its names: `liveEvents/liveOutputs`."""
    segments = collection.split("/")[: len(address.names)]
    parts = [f"/{segment}/{name}" for segment, name in zip(segments, address.names, strict=True)]
    return account_id(address.account) + "".join(parts)


def key(origin: str, identifier: str) -> str:
    """What two ids must share to be one thing: the origin and the id, in lower case."""
    return f"{origin.rstrip('/').lower()}|{identifier.rstrip('/').lower()}"


def place(origin: str, identifier: str) -> str:
    """A fingerprint of where something lies."""
    return hashlib.sha256(key(origin, identifier).encode("utf-8", "replace")).hexdigest()[:16]


def stamp(now: float) -> str:
    """A time of ours as conditions show it: UTC, whole seconds."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def instant(text: str | None) -> datetime | None:
    """A moment of the service (up to seven fractional digits, Z or offset); None where it is absent or no moment."""
    if not text:
        return None
    head, dot, tail = text.replace("Z", "+00:00").partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        head, tail = f"{head}.{tail[:digits][:6].ljust(6, '0')}", tail[digits:]
    try:
        moment = datetime.fromisoformat(head + tail)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def same(scene: Scene, record: Record) -> bool:
    """Whether the record speaks of the place that the manifest means now."""
    if (scene.origin, scene.resource_id) == (record.origin, record.resource_id):
        return True
    return key(scene.origin, scene.resource_id) == key(record.origin, record.resource_id)
