"""Rows with every member that their set has."""

from __future__ import annotations

import copy
from typing import Any

from ams_emulator.v2.model import EntitySet, Row

_ZERO: tuple[tuple[str, Any], ...] = (("Int32", 0), ("Int64", 0), ("Double", 0.0), ("Boolean", False))
_NULL = ("BytesUsed", "StartTime")


def blank(entity_set: EntitySet) -> Row:
    """A row of defaults: numbers are 0, lists empty, everything else null."""
    zero = dict(_ZERO)
    return {
        field.name: copy.deepcopy(field.default)
        if field.default is not None
        else None
        if field.name in _NULL
        else []
        if field.type == "Collection"
        else zero.get(field.type)
        for field in entity_set.fields
    }
