"""Rows as JSON, minimal and verbose, and the errors in both."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ams_emulator.v2 import atom
from ams_emulator.v2.errors import V2Error
from ams_emulator.v2.model import NAMESPACE, EntitySet, Field, Row
from ams_emulator.v2.protocol import Format
from ams_emulator.v2.url import key_text

JSON = dict[str, Any]


@dataclass(frozen=True)
class Writer:
    """Writes answers of one request. `base` ends in `/api/`; `zone`: dates carry their `Z` and all digits."""

    base: str
    format: Format
    zone: bool = True

    def feed(
        self, entity_set: EntitySet, rows: Iterable[Row], chosen: frozenset[str], *, total: int | None, link: str | None
    ) -> bytes:
        """One page; `total` is what `$inlinecount` asked for, `link` the next page's."""
        items = [self.members(entity_set, row, chosen) for row in rows]
        if self.format == "atom":
            return atom.feed(self.base, entity_set, items, total)
        if self.format == "verbose":
            body: JSON = {"results": items}
            body |= {"__count": str(total)} if total is not None else {}
            return _dump({"d": body | ({"__next": link} if link else {})})
        body = self._about(entity_set.name)
        body |= {"odata.count": str(total)} if total is not None else {}
        body["value"] = items
        return _dump(body | ({"odata.nextLink": link} if link else {}))

    def entity(self, entity_set: EntitySet, row: Row, chosen: frozenset[str] = frozenset()) -> bytes:
        members = self.members(entity_set, row, chosen)
        if self.format == "atom":
            return atom.entry(self.base, entity_set, members)
        if self.format == "verbose":
            return _dump({"d": members})
        return _dump(self._about(f"{entity_set.name}/@Element") | members)

    def property(self, entity_set: EntitySet, row: Row, field: Field) -> bytes:
        value = self._value(field, row.get(field.name))
        if self.format == "atom":
            return atom.one_property(field, value)
        if self.format == "verbose":
            return _dump({"d": {field.name: value}})
        return _dump(self._about(f"{NAMESPACE}.{entity_set.type}/{field.name}") | {"value": value})

    def scalar(self, name: str, value: object) -> bytes:
        """What a function answers: a string, or a list of strings."""
        if self.format == "atom":
            return atom.scalar(name, value)
        if self.format == "verbose":
            return _dump({"d": {name: value}})
        kind = "Collection(Edm.String)" if isinstance(value, list) else "Edm.String"
        return _dump(self._about(kind) | {"value": value})

    def links(self, entity_set: EntitySet, rows: Iterable[Row]) -> bytes:
        uris = [{"uri": self.uri(entity_set, row)} for row in rows]
        if self.format == "verbose":
            return _dump({"d": {"results": uris}})
        return _dump(self._about(f"{entity_set.name}/$links") | {"value": [{"url": item["uri"]} for item in uris]})

    def service(self, names: Iterable[str]) -> bytes:
        if self.format == "atom":
            return atom.service(self.base, names)
        if self.format == "verbose":
            return _dump({"d": {"EntitySets": list(names)}})
        body: JSON = {} if self.format == "none" else {"odata.metadata": f"{self.base}$metadata"}
        return _dump(body | {"value": [{"name": name, "url": name} for name in names]})

    def uri(self, entity_set: EntitySet, row: Row) -> str:
        """Where a row is; ids in links are percent-encoded."""
        key = key_text(str(row[entity_set.key]), guid=entity_set.key == "AccountId")
        return f"{self.base}{entity_set.name}({quote(key, safe=chr(39))})"

    def members(self, entity_set: EntitySet, row: Row, chosen: frozenset[str] = frozenset()) -> JSON:
        """The members of one row, `chosen` ones or all."""
        shown = {
            field.name: self._value(field, row.get(field.name))
            for field in entity_set.fields
            if not chosen or field.name in chosen
        }
        if self.format != "verbose":
            return shown
        uri = self.uri(entity_set, row)
        about = {"__metadata": {"id": uri, "uri": uri, "type": f"{NAMESPACE}.{entity_set.type}"}}
        deferred = {item.name: {"__deferred": {"uri": f"{uri}/{item.name}"}} for item in entity_set.navigations}
        return {**about, **({} if chosen else deferred), **shown}

    def _about(self, what: str) -> JSON:
        return {} if self.format == "none" else {"odata.metadata": f"{self.base}$metadata#{what}"}

    def _value(self, field: Field, value: Any) -> Any:
        if value is None:
            return {"__metadata": {"type": "Collection(Complex)"}, "results": []} if self._empty(field) else None
        if field.type == "Int64":
            return str(value)
        if field.type == "DateTime" and not self.zone:
            return _without_zone(value)
        if field.type == "Collection" and self.format == "verbose":
            return {"__metadata": {"type": f"Collection({NAMESPACE}.{field.name})"}, "results": value}
        return value

    def _empty(self, field: Field) -> bool:
        return field.type == "Collection" and self.format == "verbose"


def error(error: V2Error, form: Format, *, odata: bool) -> bytes:
    """`{"error": ...}` in verbose form; in minimal form `odata.error` where that is chosen."""
    if form == "atom":
        return atom.error(error.code, error.message)
    body = {"code": error.code, "message": {"lang": "en-US", "value": error.message}}
    return _dump({"odata.error" if odata and form != "verbose" else "error": body})


def _without_zone(value: str) -> str:
    """`2015-02-11T01:46:08.897`: no zone, no zeros at the end."""
    whole, dot, fraction = value.removesuffix("Z").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}{dot}{fraction}" if fraction else whole


def _dump(value: JSON) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
