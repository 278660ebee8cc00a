"""What the delivery policies of one asset come to together: one streaming policy [inferred].

Version 2 has a policy for each protocol or two, version 3 one for the asset, with a section for each kind of
encryption. A protocol that no policy of an asset names is blocked; without any policy all are in the clear.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import templates
from ams_operator.migration.mapping import streaming
from ams_operator.migration.mapping.streaming import ALL, CBCS, CENC, DASH, DOWNLOAD, ENVELOPE, HLS, SMOOTH

Delivery = tuple[int, int, Mapping[int, str]]
"""type, protocols, settings"""
_STREAMING: Final = SMOOTH | DASH | HLS
_DELIVERED: Final = _STREAMING | DOWNLOAD
_KEYS: Final[Mapping[int, str]] = MappingProxyType(
    {ENVELOPE: "EnvelopeEncryption", CENC: "CommonEncryptionCenc", CBCS: "CommonEncryptionCbcs"}
)
_DRM: Final[JSON] = {"drm": {"playReady": {}, "widevine": {}}}


def _predefined() -> dict[str, str]:
    """Canonical properties to the predefined policy that has them."""
    clear = {name: {"noEncryption": {"enabledProtocols": streaming.protocols(flags)}} for name, flags in (
        ("ClearStreamingOnly", _STREAMING), ("DownloadAndClearStreaming", _DELIVERED), ("DownloadOnly", DOWNLOAD),
    )}  # fmt: skip
    cenc = {"commonEncryptionCenc": {"enabledProtocols": streaming.protocols(SMOOTH | DASH), **_DRM}}
    cbcs = {"enabledProtocols": streaming.protocols(HLS), "drm": {"fairPlay": {"allowPersistentLicense": False}}}
    found: dict[str, JSON] = {
        **clear,
        "ClearKey": {"envelopeEncryption": {"enabledProtocols": streaming.protocols(_STREAMING)}},
        "MultiDrmCencStreaming": cenc,
        "MultiDrmStreaming": {**cenc, "commonEncryptionCbcs": cbcs},
    }
    return {_canonical(body): f"Predefined_{name}" for name, body in found.items()}


@dataclass(frozen=True, slots=True)
class Combined:
    """A streaming policy: `fields` are empty for a predefined one. Without a name nothing is delivered, or `gap` says
    why there is none."""

    why: str
    name: str = ""
    fields: JSON = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    give: Mapping[str, str] = field(default_factory=dict)
    """JSON pointers into `fields`: URLs that lack values, each with a digest of these"""
    keys: tuple[str, ...] = ()
    """types of content keys that a locator with it needs"""
    gap: str = ""


def combined(deliveries: Sequence[Delivery]) -> Combined:
    """The streaming policy for an asset that has these delivery policies."""
    if not deliveries:
        note = "if its files are downloaded, too: Predefined_DownloadAndClearStreaming"
        return Combined("all protocols in the clear", "Predefined_ClearStreamingOnly", notes=(note,))
    taken = 0
    for _, protocol, _ in deliveries:
        if taken & protocol & _DELIVERED:
            return Combined("two delivery policies of one asset for one protocol", gap="undocumented")
        taken |= protocol
    fields: JSON = {}
    notes: list[str] = []
    for kind, section in streaming.SECTIONS.items():
        same = [one for one in deliveries if one[0] == kind and one[1] & _DELIVERED]
        if not same:
            continue
        merged = _merged(same)
        if merged is None:
            return Combined(
                f"policies of one asset that differ in their settings for {section}", gap="delivery-features"
            )
        if len({frozenset(one[2]) for one in same}) > 1:
            notes.append(f"all protocols of {section} offer the same licences")
        fields |= streaming.policy(kind, *merged)
    if not fields:
        return Combined("nothing of these assets is delivered")
    return _named(fields, tuple(notes))


def _merged(same: Sequence[Delivery]) -> tuple[int, dict[int, str]] | None:
    """Protocols and settings of policies of one type; None where they contradict each other."""
    protocols, settings = 0, dict[int, str]()
    for _, protocol, given in same:
        protocols |= protocol & _DELIVERED if protocol != ALL else _STREAMING
        for key, value in given.items():
            if key not in templates.VECTORS and settings.setdefault(key, value) != value:
                return None
    return protocols, settings


def _named(fields: JSON, notes: tuple[str, ...]) -> Combined:
    text = _canonical(fields)
    sections = {section: kind for kind, section in streaming.SECTIONS.items()}
    keys = tuple(_KEYS[sections[name]] for name in fields if sections[name] in _KEYS)
    if predefined := _predefined().get(text):
        return Combined("a policy that version 3 has already", predefined, notes=notes, keys=keys)
    name = f"v2-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    shown, give = templates.parted(fields)
    if give:
        notes = (*notes, "its URLs have lost their values, which have to be given again")
    if templates.KEY in text:
        notes = (*notes, f"{templates.KEY} stands where version 2 appends a key's id, or names one key")
    return Combined("a policy of your own", name, shown, notes, give, keys)


def _canonical(body: JSON) -> str:
    return json.dumps(body, sort_keys=True)
