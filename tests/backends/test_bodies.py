"""What may come instead of JSON, and what it may not cost."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable

import pytest

from ams_operator.backends.bodies import DEEPEST, LARGEST, BadBody, collect, parse, too_deep


async def stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "GZIP", "deflate"])
async def test_bodies_are_unpacked(encoding: str) -> None:
    body = json.dumps({"a": "x" * 10_000}).encode()
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body)}.get(encoding.lower(), body)
    chunks = [packed[at : at + 7] for at in range(0, len(packed), 7)]
    assert await collect(stream(chunks), encoding, LARGEST) == body


async def test_a_bomb_costs_no_more_than_the_cap() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(BadBody, match="larger than 1 MiB"):
            await collect(stream([bomb]), "gzip", 1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


async def test_an_endless_body_is_left_at_the_cap() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1 << 16
            yield bytes(1 << 16)

    with pytest.raises(BadBody):
        await collect(endless(), "", 1 << 20)
    assert read <= (1 << 20) + (1 << 16)


@pytest.mark.parametrize(("encoding", "body"), [("gzip", b"no gzip"), ("br", b"x"), ("gzip, gzip", b"x")])
async def test_packing_that_is_none(encoding: str, body: bytes) -> None:
    with pytest.raises(BadBody, match="compressed"):
        await collect(stream([body]), encoding, LARGEST)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"  <html>", "HTML"),
        (b"[1]", "no JSON object"),
        (b'"text"', "no JSON object"),
        (b"null", "no JSON object"),
        (b'{"a": NaN}', "no JSON object"),
        (b'{"a": -Infinity}', "no JSON object"),
        (b'{"a": 1', "no JSON object"),
        (b'{"a": "\xff"}', "no JSON object"),
        (b'{"a":' * 100_000, "no JSON object"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "no JSON object"),
        (b'{"a":' + b"9" * 10_000 + b"}", "no JSON object"),
    ],
    ids=range(12),
)
def test_what_is_no_answer(body: bytes, words: str) -> None:
    with pytest.raises(BadBody, match=words):
        parse(body)


@pytest.mark.parametrize("body", [b"", b"  \r\n"])
def test_nothing_is_nothing(body: bytes) -> None:
    assert parse(body) is None


def test_a_mark_before_the_text_is_no_part_of_it() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_half_characters_are_replaced_and_whole_ones_kept() -> None:
    """A lone surrogate can't be encoded: it would fail wherever the text goes, in logs and in status."""
    found = parse(rb'{"a": "x\ud800y", "b": "\ud83d\ude00", "c": "\\ud800"}')
    assert found == {"a": "x\ufffdy", "b": "\U0001f600", "c": "\\ud800"}
    assert json.dumps(found, ensure_ascii=False).encode()


def nested(levels: int) -> object:
    value: object = "x"
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


def test_depth() -> None:
    assert not too_deep(nested(DEEPEST))
    assert too_deep(nested(DEEPEST + 1))
    assert too_deep({"properties": {"a": [1, {"b": nested(DEEPEST)}]}})
    assert not too_deep(None)
