"""Assets, their files, storage, units and processors."""

from __future__ import annotations

from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.gaps import UNREAD_ASSETS
from ams_operator.migration.model import (
    ANOTHER_NAME,
    Fate,
    Judgement,
    Known,
    Verdict,
    gap,
    maps,
    not_needed,
    origin_unknown,
    origin_v3,
    visible,
)

_DELETED: Final = 2
_STORAGE_ENCRYPTED: Final = 1
_STATICALLY_PROTECTED: Final = (2, 4)
_UNIT_NAMES: Final = ("S1", "S2", "S3")
MADE_IN_V3: Final = "version 3 made it"
_SAME: Final = 1
"""seconds by which the two versions may differ about when one thing was made: one of them rounds"""
_UNASKED: Final = origin_unknown("it has no name, and too many have none to ask each whether it has files")
VISIBLE: Final = Judgement(visible("the asset of version 3 whose name is its GUID"))


def asset(row: JSON, known: Known) -> Judgement:
    """An asset of version 2 is one of version 3, and its name there is the bare GUID, not its container's name."""
    guid = odata.guid(row["Id"])
    if guid is None:
        return Judgement(gap("undocumented", "its id is none of an asset"))
    if is_new(guid, known):
        known.new_assets.add(guid)
        return Judgement(origin_v3(MADE_IN_V3))
    if odata.whole(row.get("State")) == _DELETED:
        return Judgement(not_needed("it is deleted"))
    if not row.get("Name") and (origin := _of_nameless(guid, row, known)) is not None:
        (known.new_assets if origin.fate is Fate.ORIGIN_V3 else known.unknown_assets).add(guid)
        return Judgement(origin, ((UNREAD_ASSETS, "nameless asset that was not asked"),) if origin is _UNASKED else ())
    options = odata.whole(row.get("Options")) or 0
    evidence = []
    if options == _STORAGE_ENCRYPTED:
        evidence.append(("storage-encryption", "asset that is encrypted by the client"))
    if options in _STATICALLY_PROTECTED:
        evidence.append(("static-packaging", "asset that is encrypted statically"))
    if not known.same_account:
        fields = {"description": row.get("Name"), "alternateId": row.get("AlternateId")}
        verdict = maps("Asset", guid, "its files have to be copied to the other account", fields)
    elif known.v3_assets is not None and guid not in known.v3_assets:
        verdict = visible("version 3 should show it by its GUID, and did not yet", inferred=True)
    else:
        if not evidence:
            return VISIBLE
        verdict = VISIBLE.verdict
    return Judgement(verdict, tuple(evidence))


def is_new(guid: str, known: Known) -> bool:
    """Version 3 made it if version 3 knows it by a name that is not its GUID."""
    return known.v3_assets is not None and known.v3_assets.get(guid) == ANOTHER_NAME


def is_listed(row: JSON, known: Known) -> bool:
    """Whether version 3 lists an asset by its GUID: of a nameless one, files have to be counted then."""
    return bool((known.v3_assets or {}).get(odata.guid(row.get("Id")) or ""))


def _of_nameless(guid: str, row: JSON, known: Known) -> Verdict | None:
    """What version 3 makes has no name here and no files, and is as old in both. None: version 2 made it."""
    if guid in known.unasked:
        return _UNASKED
    if guid not in (known.v3_assets or ()) or (has_files := known.has_files.get(guid)):
        return None
    made = odata.moment((known.v3_assets or {})[guid])
    created = odata.moment(row.get("Created"))
    same = made is not None and created is not None and abs((created - made).total_seconds()) <= _SAME
    if same and has_files is False:
        return origin_v3("it has neither name nor files, and is as old in version 3: version 3 made it")
    return origin_unknown("it has no name, and nothing tells which version made it")


def file(_: JSON, __: Known) -> Judgement:
    return Judgement(not_needed("version 3 has no files: list the blobs of the asset's container"))


def storage_account(_: JSON, __: Known) -> Judgement:
    return Judgement(visible("one of the account's storage accounts", inferred=True))


def reserved_units(row: JSON, known: Known) -> Judgement:
    """Ignored since 17 April 2021, but for two processors."""
    kind, count = odata.whole(row.get("ReservedUnitType")), odata.whole(row.get("CurrentReservedUnits"))
    if kind is None or count is None or not 0 <= kind < len(_UNIT_NAMES):
        return Judgement(gap("undocumented", "a row of units that says neither type nor number"))
    known.units = f"{count} x {_UNIT_NAMES[kind]}"
    return Judgement(not_needed("units are ignored since 17 April 2021; encoding scales by itself"))


def processor(row: JSON, known: Known) -> Judgement:
    known.processors[str(row["Id"]).lower()] = odata.text(row.get("Name"))
    return Judgement(not_needed("the preset of a transform chooses the processor"))


def ingest_manifest(row: JSON, _: Known) -> Judgement:
    if odata.whole(row.get("State")) == 0:
        return Judgement(not_needed("an inactive ingest manifest"))
    return Judgement(gap("bulk-ingest", "an ingest manifest in use"), (("bulk-ingest", "ingest manifest in use"),))


def ingest_part(_: JSON, __: Known) -> Judgement:
    return Judgement(not_needed("part of an ingest manifest"))
