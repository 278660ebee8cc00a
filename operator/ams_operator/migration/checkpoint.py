"""What a killed inventory has done already: finished sets, so that none is read again. A JSON value, and a file for it.

It holds counts, names and GUIDs, no secret; the key of its digests is there so that a resumed inventory's agree with
those that were made before.
"""

from __future__ import annotations

import base64
import contextlib
import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from ams_operator import jsons
from ams_operator.domain.model import JSON
from ams_operator.migration.census import Census
from ams_operator.migration.model import Deliveries, Known

VERSION: Final = 6
NEEDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "newAssets": ("Assets",),
        "unknownAssets": ("Assets",),
        "published": ("Locators",),
        "recent": ("Assets", "AccessPolicies"),
        "usedPolicies": ("ContentKeys",),
        "deliveries": ("AssetDeliveryPolicies",),
        "channels": ("Channels",),
        "processors": ("MediaProcessors",),
    }
)
"""what `dump_known` says that grows with the account, empty where it is left out, to the sets that it comes from"""
LARGEST: Final = 256 << 20
"""bytes of a file that is read"""
_MEMBERS: Final = frozenset({"version", "account", "sets", "known"})
"""what each version of this has written"""


class Store(Protocol):
    """Where progress is kept."""

    def load(self) -> JSON | None: ...
    def save(self, value: JSON) -> None: ...


def begin(name: str, known: Known) -> None:
    """A set is read from its beginning: nothing is left of a reading that came to no end."""
    match name:
        case "Assets":
            known.new_assets, known.unknown_assets = set(), set()
        case "Locators":
            known.forget_published()
            known.unlisted = {}
        case "ContentKeys":
            known.used_policies = set()
        case "AssetDeliveryPolicies":
            known.deliveries = Deliveries()


def dump(census: Census, missing: Mapping[str, float], known: Known) -> JSON:
    """What an inventory has so far. `missing`: `Absences.since`."""
    return {
        "version": VERSION,
        "account": census.account,
        "begun": census.begun,
        "ran": census.ran,
        "sets": {name: tally.dump() for name, tally in census.tallies.items()},
        "notes": census.notes,
        "compared": census.compared,
        "missing": missing,
        "known": dump_known(known),
    }


def dump_known(known: Known) -> JSON:
    """What later sets need from finished ones."""
    return {
        "newAssets": pack(known.new_assets),
        "unknownAssets": pack(known.unknown_assets),
        "usedPolicies": pack(known.used_policies),
        "published": {name: base64.b64encode(guids).decode("ascii") for name, guids in known.published.items()},
        "recent": known.recent,
        "deliveries": {"kinds": known.deliveries.kinds, "of": known.deliveries.of},
        "processors": known.processors,
        "channels": known.channels,
        "units": known.units,
    }


def load_known(given: JSON, into: Known) -> None:
    """Raises LookupError, TypeError, ValueError and AttributeError for what `dump_known` did not make."""
    into.new_assets = unpack(given["newAssets"])
    into.unknown_assets = unpack(given["unknownAssets"])
    into.published = {str(name): bytearray(_raw(text)) for name, text in given["published"].items()}
    into.deliveries = Deliveries()
    into.recent = {str(name): str(made) for name, made in given["recent"].items()}
    kinds = given["deliveries"].get("kinds") or []
    for identifier, place in (given["deliveries"].get("of") or {}).items():
        into.deliveries.add(str(identifier), kinds[place])
    into.used_policies = unpack(given["usedPolicies"])
    into.processors, into.channels = dict(given["processors"]), dict(given["channels"])
    into.units = str(given["units"])


def fitting(saved: JSON, room: int, *, needed: bool) -> tuple[JSON, set[str]]:
    """What later sets need, as far as there is room, and the sets that have to be read again for the rest."""
    known, out = dict(saved.get("known") or {}), set[str]()
    for fact in sorted(NEEDS, key=lambda name: len(jsons.dumps(known.get(name)))):
        room -= len(jsons.dumps(known.get(fact)))
        if fact in known and (not needed or room < 0):
            known[fact] = type(known[fact])()
            out |= {*NEEDS[fact]} if needed else set()
    return known, out


def without(saved: JSON, sets: frozenset[str]) -> JSON:
    """As if these had not been read."""
    facts = {fact for fact, of in NEEDS.items() if sets.issuperset(of)}
    known = {name: type(one)() if name in facts else one for name, one in (saved.get("known") or {}).items()}
    left = {name: one for name, one in saved["sets"].items() if name not in sets}
    return {**saved, "sets": left, "known": known, "notes": []}


def pack(guids: Iterable[str]) -> str:
    """GUIDs in 22 characters each."""
    return base64.b64encode(b"".join(uuid.UUID(one).bytes for one in sorted(guids))).decode("ascii")


def unpack(text: str) -> set[str]:
    """Raises ValueError."""
    raw = _raw(text)
    return {str(uuid.UUID(bytes=raw[place : place + 16])) for place in range(0, len(raw), 16)}


def _raw(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) % 16:
        raise ValueError("no GUIDs")
    return raw


class NoCheckpoint(Exception):
    """A file that somebody else made, and that is left as it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is no checkpoint of an inventory, and is left as it is: name another file")


class FileCheckpoint:
    """A checkpoint in a file that only its owner can read. Replaced as a whole, so that a kill leaves the old one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ours = False

    def load(self) -> JSON | None:
        """What was saved; None where there is nothing of use. Raises OSError and NoCheckpoint."""
        try:
            size = self.path.stat().st_size
            found: Any = jsons.loads(self.path.read_bytes()) if 0 < size <= LARGEST else None
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            size, found = LARGEST, None
        if not size:
            return None  # as mktemp makes it
        if not isinstance(found, dict) or not found.keys() >= _MEMBERS:
            raise NoCheckpoint(self.path)
        self._ours = True
        return found if found["version"] == VERSION else None

    def save(self, value: JSON) -> None:
        """Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(jsons.dumps(value))
            beside.replace(self.path)
            self._ours = True
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise

    def clear(self) -> None:
        """The inventory is complete, or begins anew. Raises OSError, and NoCheckpoint where it is no file of ours."""
        if not self._ours:
            self.load()
        self.path.unlink(missing_ok=True)
