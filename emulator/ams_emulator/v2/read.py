"""GET of sets, rows, navigations, properties, counts and links, with the query options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ams_emulator.call import Answer, Call
from ams_emulator.v2.errors import bad, missing, no_segment
from ams_emulator.v2.filters import parse_filter, parse_order
from ams_emulator.v2.model import EntitySet, Row
from ams_emulator.v2.place import Place
from ams_emulator.v2.protocol import CONTENT_TYPES
from ams_emulator.v2.render import Writer
from ams_emulator.v2.sets import ONLY_BY_WAY, SETS
from ams_emulator.v2.tables import Rows
from ams_emulator.v2.url import Segment

MOST = 1000  # rows in one answer, whatever $top says
_OPTIONS = frozenset({"$filter", "$orderby", "$top", "$skip", "$select", "$inlinecount", "$format", "api-version"})


@dataclass
class Selection:
    """Rows in order, without their contents until they are needed: a big set is read page by page."""

    rows: Rows | None
    keys: Sequence[str]
    made: Sequence[Row] = ()

    def __len__(self) -> int:
        return len(self.keys) if self.rows is not None else len(self.made)

    def part(self, begin: int, end: int) -> list[Row]:
        if self.rows is None:
            return list(self.made[begin:end])
        return [self.rows.row(key) for key in self.keys[begin:end]]

    def only(self, fits: Callable[[Row], bool]) -> Selection:
        if self.rows is None:
            return Selection(None, (), [row for row in self.made if fits(row)])
        return Selection(self.rows, [key for key in self.keys if fits(self.rows.row(key))])

    def ordered(self, by: Callable[[Row], Any], *, backwards: bool) -> Selection:
        if self.rows is None:
            return Selection(None, (), sorted(self.made, key=by, reverse=backwards))
        rows = self.rows
        return Selection(rows, sorted(self.keys, key=lambda key: by(rows.row(key)), reverse=backwards))


def read(call: Call, place: Place, segments: list[Segment], writer: Writer) -> Answer:
    """The answer to a GET. Raises V2Error."""
    _check_options(call)
    first, *rest = segments
    entity_set = known_set(first.name)
    if first.key is None:
        if first.name in ONLY_BY_WAY:
            raise no_segment(first.name)
        rows = place.rows(entity_set.name)
        keys = rows.keys()
        if call.list_fault is not None:
            keys = [key for key in keys if rows.row(key)[entity_set.key].lower() not in call.list_fault.skip]
        return _collection(call, place, entity_set, Selection(rows, keys), rest, writer)
    return _below_row(call, place, entity_set, find(place, entity_set, first.key), rest, writer)


def known_set(name: str) -> EntitySet:
    if name not in SETS:
        raise no_segment(name)
    return SETS[name]


def find(place: Place, entity_set: EntitySet, key: str) -> Row:
    found = place.rows(entity_set.name).find(key)
    if found is None:
        raise missing(f"{entity_set.type} '{key[:120]}'")
    return found


def _below_row(
    call: Call, place: Place, entity_set: EntitySet, row: Row, rest: list[Segment], writer: Writer
) -> Answer:
    if not rest:
        return _answer(writer, writer.entity(entity_set, row, _chosen(call, entity_set)))
    first, *more = rest
    if first.name == "$links" and len(more) == 1:
        way = entity_set.navigation(more[0].name)
        if way is None:
            raise no_segment(more[0].name)
        return _answer(writer, writer.links(SETS[way.target], place.neighbours(entity_set, row, way)))
    way = entity_set.navigation(first.name)
    if way is not None:
        found = place.neighbours(entity_set, row, way)
        target = SETS[way.target]
        if way.many and first.key is None:
            return _collection(call, place, target, Selection(None, (), found), more, writer)
        if way.many:
            found = [item for item in found if str(item[target.key]).lower() == str(first.key).lower()]
        if not found:
            raise missing(f"{first.name} of {entity_set.type} '{row[entity_set.key]}'")
        return _below_row(call, place, target, found[0], more, writer)
    field = entity_set.by_name.get(first.name)
    if field is None or first.key is not None or len(more) > 1 or (more and more[0].name != "$value"):
        raise no_segment(first.name)
    if more:
        return Answer(200, str(row.get(field.name)).encode(), content_type="text/plain;charset=utf-8")
    return _answer(writer, writer.property(entity_set, row, field))


def _collection(
    call: Call, place: Place, entity_set: EntitySet, found: Selection, rest: list[Segment], writer: Writer
) -> Answer:
    found = _filtered(call, place, entity_set, found)
    if rest:
        if [segment.name for segment in rest] != ["$count"]:
            raise no_segment(rest[0].name)
        return Answer(200, str(len(found)).encode(), content_type="text/plain;charset=utf-8")
    total = len(found) if _counts(call, place) else None
    most = min(MOST, place.world.settings.page_size)
    skip, top = _number(call, "$skip", 0), _number(call, "$top", most)
    end = skip + min(top, most)
    link = _next(call, writer, most, top, end) if end < len(found) and top > most else None
    if place.world.variants.is_("v2.next-link", "absent"):
        link = None
    rows = found.part(skip, end)
    return _answer(writer, writer.feed(entity_set, rows, _chosen(call, entity_set), total=total, link=link))


def _filtered(call: Call, place: Place, entity_set: EntitySet, found: Selection) -> Selection:
    variants = place.world.variants
    if text := call.query.get("$filter"):
        fits = parse_filter(text, entity_set, allow_or=variants.is_("v2.filter-or", "accept"))
        found = found.only(fits)
    if text := call.query.get("$orderby"):
        if variants.is_("v2.orderby", "refuse"):
            raise bad("The query option $orderby is not supported.")
        for key, backwards in reversed(parse_order(text, entity_set)):
            found = found.ordered(key, backwards=backwards)
    return found


def _check_options(call: Call) -> None:
    for name in call.query:
        if name == "$expand":
            raise bad("The query option $expand is not supported.")
        if name.startswith("$") and name not in _OPTIONS:
            raise bad(f"The query parameter '{name[:80]}' begins with a system-reserved '$' but is not recognized.")


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name)
    if text is None:
        # Without $top the most is as if asked for more: there may be another page.
        return default + 1 if name == "$top" else default
    if not text.isdecimal():
        raise bad(f"The value '{text[:80]}' of {name} is no whole number from 0.")
    return int(text)


def _chosen(call: Call, entity_set: EntitySet) -> frozenset[str]:
    text = call.query.get("$select", "").strip()
    if not text or text == "*":
        return frozenset()
    names = frozenset(part.strip() for part in text.split(","))
    strangers = sorted(names - set(entity_set.by_name))
    if strangers:
        raise bad(f"Could not find a property named '{strangers[0][:80]}' on type '{entity_set.type}'.")
    return names


def _counts(call: Call, place: Place) -> bool:
    value = call.query.get("$inlinecount", "none")
    if value not in ("none", "allpages"):
        raise bad(f"'{value[:80]}' is no value of $inlinecount; it takes none and allpages.")
    return value == "allpages" and place.world.variants.is_("v2.inlinecount", "odata")


def _next(call: Call, writer: Writer, most: int, top: int, end: int) -> str:
    kept = [
        f"{quote(name, safe='$')}={quote(value)}" for name, value in call.query.items() if name not in ("$skip", "$top")
    ]
    if "$top" in call.query:
        kept.append(f"$top={top - most}")
    path = call.raw_path.partition("/api/")[2]
    return f"{writer.base}{path}?{'&'.join([*kept, f'$skip={end}'])}"


def _answer(writer: Writer, body: bytes) -> Answer:
    return Answer(200, body, content_type=CONTENT_TYPES[writer.format])
