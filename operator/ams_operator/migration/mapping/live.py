"""Channels and programs: live events and live outputs. They can't be seen or carried over; they are made anew."""

from __future__ import annotations

from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.model import Judgement, Known, gap, maps, not_needed

_ENCODING: Final = {
    "None": {"encodingType": "PassthroughStandard"},
    "Standard": {"encodingType": "Standard", "presetName": "Default720p"},
    "Premium": {"encodingType": "Premium1080p", "presetName": "Default1080p"},
}
_STATES: Final = frozenset({"Stopped", "Starting", "Running", "Stopping", "Deleting"})
_GOING: Final = "Deleting"


def channel(row: JSON, known: Known) -> Judgement:
    """A live event that is made anew: neither URLs nor state can be carried over."""
    name, state = odata.text(row.get("Name")), odata.text(row.get("State"))
    fragments = odata.whole(_part(_part(row, "Output"), "Hls").get("FragmentsPerSegment"))
    known.channels[str(row["Id"]).lower()] = {"name": name, "fragments": fragments}
    if state == _GOING:
        return Judgement(not_needed("it is being deleted"))
    blockers = () if state == "Stopped" else ("channel-on-air",)
    ingest, encoding = _part(row, "Input"), str(row.get("EncodingType"))
    protocol = ingest.get("StreamingProtocol")
    if encoding not in _ENCODING or state not in _STATES or protocol not in ("RTMP", "FragmentedMP4", "RTPMPEG2TS"):
        return Judgement(gap("undocumented", "a channel with values that nobody documented"), blockers=blockers)
    evidence = tuple((identifier, f"channel {name}") for identifier in _lacking(row))
    if protocol == "RTPMPEG2TS":
        verdict = gap("rtp-ingest", "a channel whose encoder sends RTP")
        return Judgement(verdict, (*evidence, ("rtp-ingest", f"channel {name}")), blockers)
    fields, note = _event(row, ingest, encoding, str(protocol)), _other_preset(row, encoding)
    made = maps("LiveEvent", name, "made anew; its encoder gets new URLs", fields, note=note)
    return Judgement(made, evidence, blockers)


def _other_preset(row: JSON, encoding: str) -> str:
    """What there is to say of a preset that version 3's default is not; without encoding none is used."""
    given, made = odata.text(_part(row, "Encoding").get("SystemPreset")), _ENCODING[encoding].get("presetName", "")
    if not given or not made or given.lower() == made.lower():
        return ""
    return f"its preset is {given[:60]}, and {made} may encode otherwise"


def _event(row: JSON, ingest: JSON, encoding: str, protocol: str) -> JSON:
    given: JSON = {"streamingProtocol": protocol}
    if ingest.get("KeyFrameInterval") and encoding == "None":
        given["keyFrameIntervalDuration"] = ingest["KeyFrameInterval"]
    # null lets everybody in, an empty list nobody.
    given["accessControl"] = {"ip": {"allow": _addresses(ingest, anybody=True)}}
    fields: JSON = {"input": given, "encoding": _ENCODING[encoding]}
    if _access(_part(row, "Preview")) is not None:
        fields["preview"] = {"accessControl": {"ip": {"allow": _addresses(_part(row, "Preview"), anybody=True)}}}
    if row.get("Description"):
        fields["description"] = row["Description"]
    if row.get("VanityUrl") is True:
        fields["useStaticHostname"] = True
    policies = _part(row, "CrossSiteAccessPolicies")
    if any(policies.values()):
        fields["crossSiteAccessPolicies"] = {name[0].lower() + name[1:]: value for name, value in policies.items()}
    return fields


def _lacking(row: JSON) -> list[str]:
    encoding, slate, found = _part(row, "Encoding"), _part(row, "Slate"), []
    if slate.get("InsertSlateOnAdMarker") or slate.get("DefaultSlateAssetId"):
        found.append("slate")
    if encoding.get("AdMarkerSource") == "Api":
        found.append("ad-markers")
    if any(encoding.get(name) for name in ("IgnoreCea708ClosedCaptions", "VideoStreams", "AudioStreams")):
        found.append("channel-tracks")
    return found


def program(row: JSON, known: Known) -> Judgement:
    """What has ended is a recording, which its asset holds; what is to be recorded again gets an asset of its own."""
    name, state = odata.text(row.get("Name")), odata.text(row.get("State"))
    if state == "Stopped":
        asset = odata.guid(row.get("AssetId"))
        return Judgement(not_needed(
            "an ended recording, which is in its asset; a new one is a LiveOutput with a new asset" if asset
            else "a program that never recorded", inferred=True,
        ))  # fmt: skip
    if state not in _STATES:
        return Judgement(
            gap("undocumented", "a program in a state that nobody documented"), blockers=("program-on-air",)
        )
    channel = known.channels.get(str(row.get("ChannelId")).lower(), {})
    event = odata.text(channel.get("name"))
    window = row.get("ArchiveWindowLength")
    fields = {"manifestName": row.get("ManifestName"), "archiveWindowLength": window}
    if channel.get("fragments"):
        fields["hls"] = {"fragmentsPerTsSegment": channel["fragments"]}
    if row.get("Description"):
        fields["description"] = row["Description"]
    verdict = maps("LiveOutput", f"{event}/{name}", "made anew, with a new asset, once its event runs", fields)
    return Judgement(verdict, blockers=("program-on-air",))


def _part(row: JSON, name: str) -> JSON:
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def _access(part: JSON) -> Any:
    return _part(_part(part, "AccessControl"), "IP").get("Allow")


def _addresses(part: JSON, *, anybody: bool) -> list[JSON]:
    given = _access(part)
    if given is None:
        return [{"name": "anybody", "address": "0.0.0.0", "subnetPrefixLength": 0}] if anybody else []  # noqa: S104
    return [
        {
            "name": one.get("Name"),
            "address": one.get("Address"),
            "subnetPrefixLength": odata.whole(one.get("SubnetPrefixLength")),
        }
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, dict)
    ]  # fmt: skip
