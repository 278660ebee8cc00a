"""What an account has as soon as it has version 2: media processors and one row of reserved units."""

from __future__ import annotations

import uuid

from ams_emulator.state import Resource
from ams_emulator.v2.model import Row, entity_id
from ams_emulator.world import World

STANDARD = entity_id("mpid", "ff4df607-d419-42f0-bc17-a481b1331e56")  # as published
_VENDOR = "Microsoft"
# Name, version. Of one processor several versions are listed: the highest is in force.
_PROCESSORS = (
    ("Media Encoder Standard", "1.0"),
    ("Media Encoder Premium Workflow", "1.0"),
    ("Windows Azure Media Encoder", "3.6"),
    ("Azure Media Encoder", "4.9"),
    ("Azure Media Indexer", "2.0"),
    ("Azure Media Indexer 2 Preview", "1.0"),
    ("Azure Media Face Detector", "1.0"),
    ("Azure Media Redactor", "1.0"),
    ("Azure Media OCR", "1.0"),
    ("Azure Media Content Moderator", "1.0"),
    ("Azure Media Motion Detector", "1.0"),
    ("Azure Media Video Thumbnails", "1.0"),
    ("Azure Media Hyperlapse", "1.0"),
    ("Windows Azure Media Packager", "2.8"),
    ("Windows Azure Media Encryptor", "2.8"),
    ("Storage Decryption", "2.0"),
)


def enable(world: World, account: Resource) -> Resource:
    """Give an account version 2; the account as it is stored then."""
    marked = account.with_body(account.body, v2=True)
    world.store.put(marked)
    own = world.v2.of(marked.properties)
    processors = own.table("MediaProcessors", "Id")
    for row in _processors():
        processors.put(row)
    own.table("EncodingReservedUnitTypes", "AccountId").put(_units(world, marked))
    return marked


def processor_id(name: str) -> str:
    """The id of the highest version of a processor."""
    versions = (row for row in _processors() if row["Name"] == name)
    return str(max(versions, key=lambda row: str(row["Version"]))["Id"])


def _processors() -> list[Row]:
    rows = [
        _processor(entity_id("mpid", _made_up(f"{name}/{version}")), name, version) for name, version in _PROCESSORS
    ]
    return [_processor(STANDARD, "Media Encoder Standard", "1.1"), *rows]


def _processor(processor: str, name: str, version: str) -> Row:
    return {"Id": processor, "Description": name, "Name": name, "Sku": "", "Vendor": _VENDOR, "Version": version}


def _units(world: World, account: Resource) -> Row:
    same = world.variants.is_("v2.units-account", "mediaServiceId")
    service = account.properties["mediaServiceId"]
    return {
        "AccountId": service if same else _made_up(f"units/{service}"),
        "ReservedUnitType": 0,
        "MaxReservableUnits": 25,
        "CurrentReservedUnits": 0,
    }


def _made_up(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))
