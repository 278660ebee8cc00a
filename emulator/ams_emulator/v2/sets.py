"""All entity sets by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ams_emulator.v2.model import EntitySet
from ams_emulator.v2.sets_media import MEDIA
from ams_emulator.v2.sets_work import WORK

SETS: Mapping[str, EntitySet] = MappingProxyType({item.name: item for item in (*MEDIA, *WORK)})
# Sets that can't be read as a whole: their rows are reached through another one's, or by id.
ONLY_BY_WAY = frozenset({"TaskTemplates", "Operations"})
