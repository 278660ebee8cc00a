"""A way to a service that misbehaves as told: a raw TCP server, and a backend that talks to it with made-up tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from ams_emulator.testing import Emulator
from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.budget import Budget
from ams_operator.backends.credentials import Token
from ams_operator.backends.pipeline import Pipeline
from ams_operator.domain.model import AccountId, Address
from ams_operator.logs import Redactor

ACCOUNT = AccountId("00000000-0000-0000-0000-000000000001", "media", "contoso")
TRANSFORM = Address("Transform", ACCOUNT, ("adaptive",))
COLLECTION = (
    f"/subscriptions/{ACCOUNT.subscription}/resourceGroups/media/providers/Microsoft.Media/mediaServices/contoso"
    "/transforms"
)

Script = Callable[["Connection"], Awaitable[None]]


@dataclass
class Connection:
    """One request that came in, and the way to answer it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    line: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def read(self) -> bool:
        """Read one request; False where there is none any more."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.line, *rest = head.decode().rstrip().split("\r\n")
        self.headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        self.body = await self.reader.readexactly(int(self.headers.get("content-length", 0)))
        return True

    async def answer(self, body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> None:
        """A whole answer, on a connection that stays open."""
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.writer.write(head.encode() + body)
        await self.writer.drain()

    def reset(self) -> None:
        """Drop the connection, as a crash does."""
        self.writer.transport.abort()


@dataclass
class Rude:
    """A server that follows a script for each request."""

    origin: str = ""
    script: Script | None = None
    requests: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                connection = Connection(reader, writer)
                await connection.read()
                self.requests.append(connection.line)
                self.tokens.append(connection.headers.get("authorization", ""))
                assert self.script is not None
                await self.script(connection)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class FakeTokens:
    """Tokens t1, t2, ...: a new one after each rejection."""

    def __init__(self) -> None:
        self.number = 1
        self.token = Token("t1", "tenant/app", 0.0)

    async def get(self) -> Token:
        return self.token

    def reject(self, token: Token) -> None:
        if token is self.token:
            self.number += 1
            self.token = Token(f"t{self.number}", "tenant/app", 0.0)


class FakeTerm:
    """A term that can end."""

    leading = True

    def may_write(self) -> bool:
        return self.leading


@dataclass
class Rig:
    """A backend and everything around it."""

    backend: ArmBackend
    tokens: FakeTokens
    term: FakeTerm
    budget: Budget
    redactor: Redactor
    counted: list[tuple[str, str, int | None]]
    now: list[float]


@pytest.fixture
async def rude() -> AsyncIterator[Rude]:
    found = Rude()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    server.close()


@pytest.fixture
async def rig(rude: Rude) -> AsyncIterator[Rig]:
    pipeline = Pipeline(rude.origin, None, "test-agent", private=True)
    made = rig_for(pipeline)
    yield made
    await pipeline.close()


def rig_for(pipeline: Pipeline) -> Rig:
    """A backend over a pipeline, on a clock that stands at 1000."""
    now, tokens, term, redactor = [1000.0], FakeTokens(), FakeTerm(), Redactor()
    counted: list[tuple[str, str, int | None]] = []
    budget = Budget(lambda: now[0], paced=False)
    backend = ArmBackend(
        pipeline,
        tokens,
        lambda _: budget,
        now=lambda: now[0],
        term=term,
        on_request=lambda kind, verb, status: counted.append((kind, verb, status)),
        redactor=redactor,
    )
    return Rig(backend, tokens, term, budget, redactor, counted, now)


@pytest.fixture
def storage_id(emulator: Emulator) -> str:
    """A storage account's resource id."""
    group = f"/subscriptions/{emulator.subscription_id}/resourceGroups/storage"
    return f"{group}/providers/Microsoft.Storage/storageAccounts/recordings"
