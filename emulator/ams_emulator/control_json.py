"""Reading the control API's requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web


async def read_json(request: web.Request, *known: str) -> dict[str, Any]:
    """The body as an object with no other members than `known`; an empty body is an empty one. Raises ValueError."""
    text = await request.text()
    body = json.loads(text) if text else {}
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    strangers = sorted(set(body) - set(known))
    if strangers:
        raise ValueError(f"{strangers[0]}: unknown; this takes {', '.join(known) or 'no body'}")
    return body


def camel(members: Mapping[str, Any]) -> dict[str, Any]:
    """The control API's spelling of our own names: `page_size` is `pageSize` there."""
    return {_camel(name): value for name, value in members.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def number(body: dict[str, Any], name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}: expected a number")
    return float(value)


def text(body: dict[str, Any], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected a string")
    return value


def wait_seconds(request: web.Request) -> float:
    """How long a long poll may wait, in real seconds: at most 60."""
    return min(float(request.query.get("timeout", "30")), 60.0)
