"""The lines of a watch: what is known already becomes a bookmark, all else passes as it came."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, cast

import aiohttp
import pytest

from ams_operator.kube.echoes import WithoutEchoes, told


def line(version: str = "7", type_: str = "MODIFIED", uid: str = "u", **more: Any) -> bytes:
    thing = {"apiVersion": "v1", "kind": "Thing", "metadata": {"uid": uid, "resourceVersion": version}, **more}
    return json.dumps({"type": type_, "object": thing}, separators=(",", ":")).encode()


def knows(uid: str, version: str) -> bool:
    return uid == "u" and int(version) <= 7


def test_an_echo_becomes_a_bookmark_with_its_version() -> None:
    assert json.loads(told(line(), knows)) == {
        "type": "BOOKMARK",
        "object": {"apiVersion": "v1", "kind": "Thing", "metadata": {"resourceVersion": "7"}},
    }


@pytest.mark.parametrize(
    "news",
    [
        line("8"),
        line(uid="another"),
        line(type_="DELETED"),
        line(type_="ADDED"),
        line(type_="ERROR"),
        line("no number"),
        b'{"type":"MODIFIED","object":{"metadata":{}}}',
        b'{"type":"MODIFIED","object":[]}',
        b'{"type":"MODIFIED","obj',
        b"",
    ],
)
def test_everything_else_passes_as_it_came(news: bytes) -> None:
    assert told(news, knows) == news


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_lines_stay_whole_however_they_are_cut(size: int) -> None:
    lines = [line("8"), line("7"), line("9", spec={"text": "\u00e9\\n" * 50}), line("3", type_="DELETED")]
    whole = b"\n".join(lines) + b"\n" + b"an end without a line break"
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    got = b"".join(
        [
            chunk
            async for chunk in WithoutEchoes(cast("aiohttp.StreamReader", _Content(chunks)), knows).iter_chunked(size)
        ]
    )
    assert got == whole.replace(lines[1], told(lines[1], knows))


class _Content:
    """A body that comes in these pieces."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    async def iter_chunked(self, _size: int) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
