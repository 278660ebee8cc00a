"""LIST answers in pages, and what faults do to them."""

from __future__ import annotations

import base64
import bisect
import json
from typing import Any
from urllib.parse import quote

from ams_emulator.call import Answer, Call, ListFault
from ams_emulator.errors import BadInputError
from ams_emulator.odata import parse_filter, parse_order
from ams_emulator.state import Collection, Resource
from ams_emulator.world import World

NEXT = "@odata.nextLink"


def page(world: World, call: Call, collection: Collection) -> Answer:
    """One page in the order of names; the link is there only when there is more.

    The token names the last item, so that inserts and deletes between pages neither repeat nor skip others.
    """
    names = _chosen(call, collection)
    begin = (
        _after(names, _decode(token), ordered="$orderby" in call.query)
        if (token := call.query.get("$skiptoken"))
        else 0
    )
    chosen = names[begin : begin + world.settings.page_size]
    more = begin + len(chosen) < len(names)
    link = _link(call, chosen[-1]) if more else None
    fault = call.list_fault
    if fault is not None and fault.repeat_link:
        link = f"{call.origin}{call.raw_path}?api-version={call.api_version}"
    items = [
        _item(collection.items[name], fault)
        for name in chosen
        if not fault or collection.items[name].name.lower() not in fault.skip
    ]
    tail = b"]}" if link is None else b"]," + json.dumps(NEXT).encode() + b":" + json.dumps(link).encode() + b"}"
    return Answer(200, b'{"value":[' + b",".join(items) + tail)


def _chosen(call: Call, collection: Collection) -> list[str]:
    """The names that `$filter` leaves, in the order of `$orderby`; of those the first `$top`."""
    names = collection.names()
    if text := call.query.get("$filter"):
        fits = parse_filter(text)
        names = [name for name in names if fits(collection.items[name].body)]
    if text := call.query.get("$orderby"):
        key, backwards = parse_order(text)
        names = sorted(names, key=lambda name: key(collection.items[name].body), reverse=backwards)
    if text := call.query.get("$top"):
        if not text.isdecimal() or int(text) < 1:
            raise BadInputError("$top", "expected a positive whole number")
        names = names[: int(text)]
    return names


def _after(names: list[str], last: str, *, ordered: bool) -> int:
    if not ordered:
        return bisect.bisect_right(names, last)
    return names.index(last) + 1 if last in names else len(names)


def _item(resource: Resource, fault: ListFault | None) -> bytes:
    if fault is None:
        return resource.json()
    if resource.name.lower() in fault.null:
        return b"null"
    if not fault.omit:
        return resource.json()
    body: dict[str, Any] = json.loads(resource.json())
    for path in fault.omit:
        _remove(body, path)
    return json.dumps(body).encode()


def _remove(body: Any, path: tuple[str, ...]) -> None:
    for part in path[:-1]:
        body = body.get(part) if isinstance(body, dict) else None
    if isinstance(body, dict):
        body.pop(path[-1], None)


def _link(call: Call, last: str) -> str:
    token = base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")
    kept = "".join(
        f"&{quote(key)}={quote(value)}" for key, value in call.query.items() if key not in ("$skiptoken", "api-version")
    )
    return f"{call.origin}{call.raw_path}?api-version={call.api_version}{kept}&$skiptoken={token}"


def _decode(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        raise BadInputError("$skiptoken", "is not one that this service gave out") from None
