"""Rows as Atom: what a client gets that doesn't ask for JSON. Only ever written, never read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from ams_emulator.v2.model import NAMESPACE, EntitySet, Field
from ams_emulator.v2.url import key_text

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_SPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
)
_SERVICE = 'xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"'
_METADATA = 'xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'


def feed(base: str, entity_set: EntitySet, items: Iterable[dict[str, Any]], total: int | None) -> bytes:
    count = f"<m:count>{total}</m:count>" if total is not None else ""
    entries = "".join(_entry(entity_set, item) for item in items)
    title = f'<title type="text">{entity_set.name}</title><id>{escape(base + entity_set.name)}</id>'
    return f'{_HEAD}<feed xml:base="{escape(base)}" {_SPACES}>{count}{title}{entries}</feed>'.encode()


def entry(base: str, entity_set: EntitySet, item: dict[str, Any]) -> bytes:
    return (_HEAD + _entry(entity_set, item, f' xml:base="{escape(base)}" {_SPACES}')).encode()


def one_property(field: Field, value: Any) -> bytes:
    return (_HEAD + _member(field, value).replace(f"<d:{field.name}", f"<d:{field.name} {_SPACES}", 1)).encode()


def scalar(name: str, value: object) -> bytes:
    values = value if isinstance(value, list) else [value]
    inner = "".join(f"<element>{escape(str(item))}</element>" for item in values)
    return f"{_HEAD}<{name}>{inner}</{name}>".encode()


def service(base: str, names: Iterable[str]) -> bytes:
    items = "".join(f'<collection href="{name}"><atom:title>{name}</atom:title></collection>' for name in names)
    workspace = f"<workspace><atom:title>Default</atom:title>{items}</workspace>"
    return f'{_HEAD}<service xml:base="{escape(base)}" {_SERVICE}>{workspace}</service>'.encode()


def error(code: str, message: str) -> bytes:
    inner = f'<code>{escape(code)}</code><message xml:lang="en-US">{escape(message)}</message>'
    return f"{_HEAD}<error {_METADATA}>{inner}</error>".encode()


def _entry(entity_set: EntitySet, item: dict[str, Any], spaces: str = "") -> str:
    key = key_text(str(item.get(entity_set.key, "")), guid=entity_set.key == "AccountId")
    place = escape(f"{entity_set.name}({quote(key, safe=chr(39))})")
    members = "".join(_member(field, item.get(field.name)) for field in entity_set.fields if field.name in item)
    return (
        f"<entry{spaces}><id>{place}</id>"
        f'<category term="{NAMESPACE}.{entity_set.type}" '
        'scheme="http://schemas.microsoft.com/ado/2007/08/dataservices/scheme"/>'
        f'<content type="application/xml"><m:properties>{members}</m:properties></content></entry>'
    )


def _member(field: Field, value: Any) -> str:
    if value is None:
        return f'<d:{field.name} m:null="true"/>'
    kind = "" if field.type in ("String", "Complex", "Collection") else f' m:type="Edm.{field.type}"'
    return f"<d:{field.name}{kind}>{_text(value)}</d:{field.name}>"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(
            f"<d:{name}>{_text(item)}</d:{name}>" if item is not None else f'<d:{name} m:null="true"/>'
            for name, item in value.items()
        )
    if isinstance(value, list):
        return "".join(f"<d:element>{_text(item)}</d:element>" for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))
