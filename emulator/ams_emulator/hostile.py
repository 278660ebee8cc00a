"""Bodies that a careful client must survive."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

_HUGE = 200 * 1024 * 1024
_BLOCK = 1024 * 1024
_DEPTH = 100_000


async def send_hostile(
    request: web.BaseRequest, action: Mapping[str, Any], headers: Mapping[str, str]
) -> web.StreamResponse:
    """Answer with the body named by `what`; `size` (bytes) for `huge` and `gzip-bomb`, default 200 MiB."""
    what, status = action.get("what", "html"), action.get("status", 200)
    content_type = "text/html" if what == "html" else "application/json"
    response = web.StreamResponse(status=status, headers={**headers, "Content-Type": content_type})
    if what == "gzip-bomb":
        response.headers["Content-Encoding"] = "gzip"
    if what == "truncated":
        response.content_length = 1000
    await response.prepare(request)
    try:
        for chunk in _chunks(what, action.get("size", _HUGE)):
            await response.write(chunk)
        if what == "truncated":
            if request.transport is not None:
                request.transport.close()
            return response
        await response.write_eof()
    except ConnectionError:
        pass  # the client had enough, as it should
    return response


def _chunks(what: str, size: int) -> Iterator[bytes]:
    if what == "huge":
        yield b'{"value":["'
        for _ in range(max(1, size // _BLOCK)):
            yield b"x" * _BLOCK
        yield b'"]}'
    elif what == "gzip-bomb":
        yield from _gzip_bomb(size)
    elif what == "deep-json":
        yield b'{"value":' + b"[" * _DEPTH + b"]" * _DEPTH + b"}"
    else:
        bodies = {
            "html": b"<!DOCTYPE html><html><body><h1>Service Unavailable</h1></body></html>",
            "wrong-type": b'{"value":{"not":"a list"},"properties":["not","an","object"],"name":7}',
            "not-json": b'{"value": [oops',
            "truncated": b'{"value":[{"name":"a"},',
            "empty": b"",
        }
        yield bodies[what]


def _gzip_bomb(size: int) -> Iterator[bytes]:
    """A valid gzip stream of `size` blanks, made from one compressed block that repeats."""
    block = b" " * _BLOCK
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = squeeze.compress(block) + squeeze.flush(zlib.Z_FULL_FLUSH)
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    crc, count = 0, max(1, size // _BLOCK)
    for _ in range(count):
        crc = zlib.crc32(block, crc)
        yield packed
    yield zlib.compressobj(9, zlib.DEFLATED, -15).flush(zlib.Z_FINISH)
    yield struct.pack("<II", crc, (count * _BLOCK) & 0xFFFFFFFF)
