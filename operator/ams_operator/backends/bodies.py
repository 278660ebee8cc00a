"""Reading the body of an answer: as a stream, decompressed under a cap, and nothing but a JSON object of sane depth.

Whatever stands at the endpoint may send anything: a sign-in page, a file, a bomb. None of it may cost memory or reach
the engine.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Any, Final

from ams_operator import jsons
from ams_operator.domain.model import JSON

LARGEST: Final = 32 << 20
"""bytes of a body, after decompression"""
LARGEST_ERROR: Final = 64 << 10
"""bytes read of an answer that is no success; its status says enough"""
_COUNTED: Final = 64 << 10
DEEPEST: Final = 64
"""levels of nesting in a body"""
_ZLIB_OR_GZIP: Final = zlib.MAX_WBITS + 32


class BadBody(Exception):
    """A body that is no answer. The text says what it is instead, quotes nothing of it, and is safe to show."""


async def collect(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> bytes:
    """The whole body, decompressed. Raises BadBody where it is larger than `limit` bytes or badly compressed."""
    name = encoding.strip().lower()
    if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise BadBody("is compressed in a way that nobody asked for")
    unzip = zlib.decompressobj(_ZLIB_OR_GZIP) if name not in ("", "identity") else None
    found: list[bytes] = []
    room = limit
    async for chunk in chunks:
        while chunk:
            if unzip is None:
                found.append(chunk)
                chunk = b""
            else:
                found.append(_unzip(unzip, chunk, room + 1))
                chunk = unzip.unconsumed_tail
            room -= len(found[-1])
            if room < 0:
                raise BadBody(f"is larger than {limit >> 20} MiB" if limit >= 1 << 20 else "is too large")
    return found[0] if len(found) == 1 else b"".join(found)


def _unzip(unzip: Any, chunk: bytes, room: int) -> bytes:
    try:
        found: bytes = unzip.decompress(chunk, room)
    except zlib.error:
        raise BadBody("is badly compressed") from None
    return found


def parse(raw: bytes) -> JSON | None:
    """The JSON object in a body; None for an empty one. Raises BadBody for everything else.

    Items of a list are not looked into: `too_deep` is for each of them, so that one of them can't spoil the others.
    """
    if not raw.strip():
        return None
    try:
        found = jsons.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    raise BadBody("is an HTML page" if raw.lstrip()[:1] == b"<" else "is no JSON object")


def flat(raw: bytes) -> bool:
    """Whether a body is certainly not too deep, having no more brackets than levels are allowed: nearly all of one
    resource. Pages aren't counted: they have more."""
    return len(raw) <= _COUNTED and raw.count(b"{") + raw.count(b"[") <= DEEPEST


def too_deep(value: Any, levels: int = DEEPEST) -> bool:
    """Whether a parsed value is nested deeper than `levels`; goes level by level, and no deeper than that itself."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        if not level:
            return False
        level = [
            one
            for outer in level
            for one in (outer.values() if type(outer) is dict else outer)
            if type(one) is dict or type(one) is list  # parsed JSON has no others, and each value of a page is asked
        ]
    return bool(level)
