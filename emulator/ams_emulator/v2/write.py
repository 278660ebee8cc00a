"""POST, MERGE and DELETE of rows and links: what may be set when, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ams_emulator.call import Answer, Call
from ams_emulator.v2 import live, rules
from ams_emulator.v2.errors import V2Error, bad, missing, no_segment
from ams_emulator.v2.model import EntitySet, Field, Row
from ams_emulator.v2.place import Place
from ams_emulator.v2.protocol import CONTENT_TYPES, read_body
from ams_emulator.v2.read import find, known_set
from ams_emulator.v2.render import Writer
from ams_emulator.v2.rows import blank
from ams_emulator.v2.sets import SETS
from ams_emulator.v2.url import Segment, split

_KINDS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "String": (str,),
        "Guid": (str,),
        "DateTime": (str,),
        "Time": (str,),
        "Int32": (int,),
        "Int64": (int, str),
        "Double": (int, float),
        "Boolean": (bool,),
        "Complex": (dict,),
        "Collection": (list,),
    }
)


def create(call: Call, place: Place, entity_set: EntitySet, writer: Writer) -> Answer:
    """POST to a set: 201 and the row, 202 where it takes an operation. Raises V2Error."""
    if "POST" not in entity_set.verbs:
        raise not_allowed("POST")
    body = read_body(call.headers, call.body)
    nested = {name: body.pop(name) for name in rules.nested(entity_set, body)}
    _check(entity_set, body, creating=True)
    row = {**blank(entity_set), **_values(entity_set, body)}
    if entity_set.key == "Id" and entity_set.prefix and not row.get("Id"):
        row["Id"] = place.new_id(entity_set)
    now = place.world.timestamp()
    row |= {name: now for name in ("Created", "LastModified") if name in row}
    row["_Created"] = now
    rules.before_create(place, entity_set, row)
    if entity_set.name == "StreamingEndpoints":
        return live.create_endpoint(call, place, row)
    place.rows(entity_set.name).put(row)
    rules.after_create(place, entity_set, row, nested)
    stored = find(place, entity_set, row[entity_set.key])
    location = {"Location": writer.uri(entity_set, stored)}
    shown = writer.entity(entity_set, stored)
    kind = CONTENT_TYPES[writer.format]
    if entity_set.name == "Channels":
        begun = live.created(call, place, stored)
        return Answer(202, shown, location | begun.headers, content_type=kind)
    # Recorded: creating a program is accepted without an operation, and done.
    return Answer(202 if entity_set.name == "Programs" else 201, shown, location, content_type=kind)


def update(call: Call, place: Place, entity_set: EntitySet, key: str) -> Answer:
    """MERGE, PATCH and PUT: 204, or 202 and an operation. PUT leaves alone what it leaves out, too."""
    if "MERGE" not in entity_set.verbs:
        raise not_allowed("MERGE")
    row = find(place, entity_set, key)
    body = read_body(call.headers, call.body)
    body = {name: value for name, value in body.items() if name != entity_set.key}
    _check(entity_set, body, creating=False)
    changed = {**row, **_values(entity_set, body)}
    if "LastModified" in row:
        changed["LastModified"] = place.world.timestamp()
    rules.before_update(place, entity_set, row, body)
    if entity_set.name in ("Channels", "StreamingEndpoints"):
        return live.update(call, place, entity_set, row, changed)
    place.rows(entity_set.name).put(changed)
    return Answer(204)


def delete(call: Call, place: Place, entity_set: EntitySet, key: str) -> Answer:
    """204, or 202 and an operation."""
    if "DELETE" not in entity_set.verbs:
        raise not_allowed("DELETE")
    row = find(place, entity_set, key)
    rules.before_delete(place, entity_set, row)
    if entity_set.name in ("Channels", "StreamingEndpoints"):
        return live.delete(call, place, entity_set, row)
    rules.on_delete(call, place, entity_set, row)
    place.rows(entity_set.name).remove(row[entity_set.key])
    return Answer(204)


def link(call: Call, place: Place, segments: list[Segment], method: str) -> Answer:
    """`POST .../$links/NAVIGATION {"uri"}` and `DELETE .../$links/NAVIGATION('id')`: 204."""
    owner, _, way = segments
    entity_set = known_set(owner.name)
    row = find(place, entity_set, owner.key or "")
    navigation = entity_set.navigation(way.name)
    if navigation is None or not navigation.linked:
        raise no_segment(way.name)
    rules.before_link(place, entity_set, row, navigation)
    key, name = row[entity_set.key], navigation.name
    if method == "DELETE":
        if not place.own.links.remove(entity_set.name, name, key, way.key or ""):
            raise missing(f"link {name} of {entity_set.type} '{key}'")
        return Answer(204)
    uri = read_body(call.headers, call.body).get("uri")
    target = _linked(place, navigation.target, uri)
    place.own.links.add(entity_set.name, name, key, target[SETS[navigation.target].key])
    return Answer(204)


def _linked(place: Place, target: str, uri: object) -> Row:
    """The row that a body's `uri` means: absolute, or from the set's name on."""
    text = str(uri or "")
    found = split(text.rpartition("/")[2])
    if not text or len(found) != 1 or found[0].name != target or found[0].key is None:
        raise bad(f"uri: expected the address of one of {target}.")
    return find(place, SETS[target], found[0].key)


def not_allowed(method: str) -> V2Error:
    return V2Error(405, "", f"{method} is not a method of this resource.")


def _check(entity_set: EntitySet, body: dict[str, Any], *, creating: bool) -> None:
    for name, value in body.items():
        field = entity_set.by_name.get(name)
        if field is None:
            raise bad(f"The property '{name[:80]}' does not exist on type '{entity_set.type}'.")
        if field.when == "never" and not (creating and value is None):
            raise bad(f"The property '{name}' is set by the service.", "InvalidPropertyValue")
        if field.when == "create" and not creating:
            raise bad(f"The property '{name}' can only be set at creation.", "WriteOnceProperty")
        _check_type(field, value)
    for field in entity_set.fields:
        if creating and field.required and body.get(field.name) in (None, ""):
            raise bad(f"The property '{field.name}' is required.", "InvalidPropertyValue")


def _check_type(field: Field, value: Any) -> None:
    wrong_flag = isinstance(value, bool) and field.type != "Boolean"
    if value is not None and (wrong_flag or not isinstance(value, _KINDS[field.type])):
        raise bad(f"The property '{field.name}' is not of type Edm.{field.type}.")
    if field.type == "Int64" and isinstance(value, str) and not value.lstrip("-").isdecimal():
        raise bad(f"The property '{field.name}' is not of type Edm.Int64.")


def _values(entity_set: EntitySet, body: dict[str, Any]) -> Row:
    fields = entity_set.by_name
    return {
        name: int(value) if fields[name].type == "Int64" and value is not None else value
        for name, value in body.items()
    }
