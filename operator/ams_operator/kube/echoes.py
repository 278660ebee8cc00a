"""What a watch tells of writes of our own, kept from kopf.

The answer to each of our patches is taken in at once; the watch then tells the same version again. kopf makes tasks,
queues, loggers and causes of every line, which is more than the whole reconciliation around it costs, and its handler
could only find that the version is known. Such a line reaches kopf as a bookmark: no object, but its resourceVersion.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import orjson
from aiohttp import StreamReader

Knows = Callable[[str, str], bool]
"""whether this version of the object with this uid, or a newer one, is known; asked in any thread"""
_CHANGED: Final = b'{"type":"MODIFIED"'


class WithoutEchoes:
    """The body of a watch's answer, for a reader that takes it by `iter_chunked`."""

    def __init__(self, content: StreamReader, knows: Knows) -> None:
        self._content = content
        self._knows = knows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._content, name)

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        """Whole lines, as they come."""
        rest: list[bytes] = []
        async for chunk in self._content.iter_chunked(size):
            *lines, begun = chunk.split(b"\n")
            if lines:
                lines[0] = b"".join((*rest, lines[0]))
                rest = []
                yield b"".join(told(line, self._knows) + b"\n" for line in lines)
            rest.append(begun)
        if any(rest):
            yield b"".join(rest)


def told(line: bytes, knows: Knows) -> bytes:
    """The line, or a bookmark where nothing in it is news. What can't be read is the reader's to judge."""
    if not line.startswith(_CHANGED):
        return line
    try:
        thing = orjson.loads(line)["object"]
        metadata = thing["metadata"]
        if not knows(metadata["uid"], metadata["resourceVersion"]):
            return line
        shown = {name: thing[name] for name in ("apiVersion", "kind")}
        shown["metadata"] = {"resourceVersion": metadata["resourceVersion"]}
    except (ValueError, LookupError, TypeError):
        return line
    return orjson.dumps({"type": "BOOKMARK", "object": shown})
