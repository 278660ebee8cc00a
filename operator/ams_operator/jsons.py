"""JSON as bytes: by orjson, and by the standard library what orjson refuses and what has to be mended."""

from __future__ import annotations

import json
from typing import Any

import orjson


def loads(raw: bytes) -> Any:
    """A parsed value whose texts can all be encoded. Raises ValueError, and RecursionError where it is too deep."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        text = raw.decode("utf-8-sig")
        found = json.loads(text, parse_constant=_no_number)
        return _mended(found) if "\\ud" in text or "\\uD" in text else found


def dumps(value: Any) -> bytes:
    """UTF-8, without spaces. What can't be encoded becomes a question mark."""
    try:
        return orjson.dumps(value)
    except TypeError:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8", "replace")


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity: not JSON, and nobody could send them on


def _mended(value: Any) -> Any:
    """Halves of surrogate pairs, which JSON can spell and UTF-8 can't, replaced: they would fail wherever they go."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
