"""Whether a request has left: the difference between trying again at once and never repeating before a look."""

import asyncio
import socket
from typing import Any

import aiohttp
import pytest

from ams_operator.api.reasons import Reason
from ams_operator.backends.pipeline import Pipeline
from ams_operator.domain.answers import Lane, NoAnswer, NotSent

from .conftest import ACCOUNT, TRANSFORM, Connection, Rig, Rude, rig_for


async def test_a_broken_connection_never_repeats_a_write(rude: Rude, rig: Rig) -> None:
    """aiohttp itself sends PUT and DELETE again where a kept connection breaks: two requests, one of them unknown."""

    async def script(connection: Connection) -> None:
        if len(rude.requests) == 1:
            await connection.answer(b'{"name":"adaptive"}')
        else:
            connection.reset()

    rude.script = script
    await rig.backend.get(TRANSFORM, Lane.USER)
    with pytest.raises(NoAnswer) as caught:
        await rig.backend.put(TRANSFORM, {"properties": {}}, Lane.USER)
    assert caught.value.reason == Reason.UNANSWERED
    assert [line.split()[0] for line in rude.requests] == ["GET", "PUT"]
    assert rig.counted == [("Transform", "get", 200), ("Transform", "put", None)]


@pytest.mark.parametrize("method", ["get", "delete"])
async def test_nor_any_other_request(rude: Rude, rig: Rig, method: str) -> None:
    async def script(connection: Connection) -> None:
        if len(rude.requests) == 1:
            await connection.answer(b'{"name":"adaptive"}')
        else:
            connection.reset()

    rude.script = script
    await rig.backend.get(TRANSFORM, Lane.USER)
    with pytest.raises(NoAnswer):
        await getattr(rig.backend, method)(TRANSFORM, Lane.USER)
    assert len(rude.requests) == 2


async def test_connections_are_kept(rude: Rude, rig: Rig) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(b'{"name":"adaptive"}')

    rude.script = script
    for _ in range(5):
        await rig.backend.get(TRANSFORM, Lane.USER)
    assert rude.connections == 1


@pytest.mark.parametrize(
    "part", [b"", b"HTTP/1.1 200 OK\r\n", b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"na'], ids=len
)
async def test_a_reset_at_any_stage_is_no_answer(rude: Rude, rig: Rig, part: bytes) -> None:
    async def script(connection: Connection) -> None:
        connection.writer.write(part)
        await connection.writer.drain()
        connection.writer.close()

    rude.script = script
    with pytest.raises(NoAnswer) as caught:
        await rig.backend.patch(TRANSFORM, {}, Lane.USER)
    assert caught.value.reason == Reason.UNANSWERED
    assert "connection broke" in caught.value.message
    with pytest.raises(NoAnswer) as caught:
        await rig.backend.get(TRANSFORM, Lane.USER)
    begun = part.endswith(b"na")
    assert caught.value.reason == (Reason.BAD_ANSWER if begun else Reason.ENDPOINT_UNREACHABLE)
    assert len(rude.requests) == len(rig.counted) == 2


async def test_silence_is_no_answer(rude: Rude) -> None:
    pipeline = Pipeline(rude.origin, None, "test", private=True, patience=0.2)
    rig = rig_for(pipeline)

    async def script(connection: Connection) -> None:
        await asyncio.Event().wait()

    rude.script = script
    with pytest.raises(NoAnswer) as caught:
        await rig.backend.delete(TRANSFORM, Lane.USER)
    assert "nothing came" in caught.value.message
    assert rig.counted == [("Transform", "delete", None)]
    await pipeline.close()


async def test_whoever_stops_waiting_is_counted(rude: Rude, rig: Rig) -> None:
    arrived = asyncio.Event()

    async def script(connection: Connection) -> None:
        arrived.set()
        await asyncio.Event().wait()

    rude.script = script
    task = asyncio.create_task(rig.backend.put(TRANSFORM, {}, Lane.USER))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rig.counted == [("Transform", "put", None)]


async def test_nobody_listens(rig: Rig) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        pipeline = Pipeline(f"http://127.0.0.1:{taken.getsockname()[1]}", None, "test", private=True)
        other = rig_for(pipeline)
        with pytest.raises(NotSent) as caught:
            await other.backend.put(TRANSFORM, {}, Lane.USER)
        await pipeline.close()
    assert caught.value.reason == Reason.ENDPOINT_UNREACHABLE
    assert "refused" in caught.value.message
    assert other.counted == []


async def test_nobody_has_that_name() -> None:
    pipeline = Pipeline("https://ams.invalid", None, "test")
    other = rig_for(pipeline)
    with pytest.raises(NotSent) as caught:
        await other.backend.put(TRANSFORM, {}, Lane.USER)
    await pipeline.close()
    assert "no address for its name" in caught.value.message
    assert other.counted == []


async def test_a_server_that_does_not_speak_tls() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    pipeline = Pipeline(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", None, "test", private=True)
    other = rig_for(pipeline)
    with pytest.raises(NotSent) as caught:
        await other.backend.put(TRANSFORM, {}, Lane.USER)
    assert "TLS" in caught.value.message
    assert other.counted == []
    await pipeline.close()
    server.close()


async def test_a_handshake_that_never_ends() -> None:
    """A connection that is accepted and then silent: nothing of the request has left."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    origin = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    pipeline = Pipeline(origin, None, "test", private=True, patience=0.2)
    other = rig_for(pipeline)
    with pytest.raises(NotSent) as caught:
        await other.backend.put(TRANSFORM, {}, Lane.USER)
    assert "no connection in time" in caught.value.message
    assert other.counted == []
    await pipeline.close()
    server.close()


async def test_accounts_that_hang_leave_connections_for_others_at_their_origin(rude: Rude) -> None:
    """Five accounts, with all their workers at work."""
    pipeline, hanging, arrived = (
        Pipeline(rude.origin, None, "test", private=True, patience=10.0),
        5 * 16,
        asyncio.Event(),
    )
    other = rig_for(pipeline)

    async def script(connection: Connection) -> None:
        if len(rude.requests) <= hanging:
            if len(rude.requests) == hanging:
                arrived.set()
            await asyncio.Event().wait()
        await connection.answer(b'{"name":"adaptive","properties":{}}')

    rude.script = script
    waiting = [asyncio.create_task(other.backend.get(TRANSFORM, Lane.USER)) for _ in range(hanging)]
    all_there = asyncio.create_task(arrived.wait())
    await asyncio.wait([all_there, *waiting], return_when=asyncio.FIRST_COMPLETED)
    assert arrived.is_set(), "some got no connection"
    assert (await other.backend.get(TRANSFORM, Lane.USER)).status == 200
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await pipeline.close()


async def test_waiting_for_a_free_connection_is_not_sending(rude: Rude) -> None:
    pipeline = Pipeline(rude.origin, None, "test", private=True, limit=1, patience=0.3)
    other = rig_for(pipeline)
    arrived = asyncio.Event()

    async def script(connection: Connection) -> None:
        arrived.set()
        await asyncio.Event().wait()

    rude.script = script
    first = asyncio.create_task(other.backend.put(TRANSFORM, {}, Lane.USER))
    await arrived.wait()
    second = asyncio.create_task(other.backend.delete(TRANSFORM, Lane.USER))
    assert isinstance((await asyncio.gather(first, return_exceptions=True))[0], NoAnswer)
    # The first connection was dropped with its request, so the second one is sent after all, or was never sent.
    result = (await asyncio.gather(second, return_exceptions=True))[0]
    assert isinstance(result, NotSent) == (len(other.counted) == 1)
    assert len(rude.requests) == len(other.counted)
    await pipeline.close()


async def test_who_leads_no_longer_when_the_connection_stands_does_not_write(
    rude: Rude, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = aiohttp.TCPConnector.connect

    async def slowly(*given: Any, **more: Any) -> Any:
        made = await connect(*given, **more)
        rig.term.leading = False
        return made

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", slowly)
    with pytest.raises(NotSent, match="another replica leads"):
        await rig.backend.put(TRANSFORM, {}, Lane.USER)
    assert (rude.requests, rig.counted) == ([], [])


async def test_who_does_not_lead_does_not_write(rude: Rude, rig: Rig) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(b'{"name":"adaptive","value":[]}')

    rude.script = script
    rig.term.leading = False
    for write in (
        rig.backend.put(TRANSFORM, {}, Lane.USER),
        rig.backend.patch(TRANSFORM, {}, Lane.USER),
        rig.backend.delete(TRANSFORM, Lane.USER),
        rig.backend.action(type(TRANSFORM)("MediaServicesAccount", ACCOUNT), "syncStorageKeys", {}, Lane.USER),
    ):
        with pytest.raises(NotSent):
            await write
    await rig.backend.get(TRANSFORM, Lane.USER)
    assert [line.split()[0] for line in rude.requests] == ["GET"]
