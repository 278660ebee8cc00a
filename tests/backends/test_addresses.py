"""What an attacker who has a name's DNS record gets: nothing, not even a connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from ams_operator.api.reasons import Reason
from ams_operator.backends.addresses import allowed
from ams_operator.backends.connect import Connector
from ams_operator.backends.credentials import ClientSecret, Tokens
from ams_operator.backends.pipeline import Pipeline
from ams_operator.domain.answers import Lane, NotSent
from ams_operator.logs import Redactor

from .conftest import ACCOUNT, TRANSFORM, Connection, FakeTerm, Rude, rig_for

SECRET = {"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client", "AZURE_CLIENT_SECRET": "hush-hush-hush"}
ODD = ("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "", "1.2.3", "①②⑦.0.0.1")
CLOUD = ("169.254.169.254", "169.254.170.2", "169.254.0.1", "168.63.129.16", "192.0.0.192", "100.100.100.200",
         "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42", "fd00:100::100:200",
         "fd00:a9fe:a9fe::1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "::ffff:100.100.100.200",
         "64:ff9b::a9fe:a9fe", "64:ff9b::6464:64c8", "0.0.0.0", "::", "224.0.0.1", "ff02::1",
         "::169.254.169.254")  # fmt: skip
PRIVATE = ("127.0.0.1", "127.8.8.8", "::1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.201",
           "fd00::1", "fd20:ce::253", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::",
           "64:ff9b::a00:1",
           "240.0.0.1", "255.255.255.255", "198.18.0.1", "203.0.113.1", "2001:db8::1", "fec0::1")  # fmt: skip
PUBLIC = ("13.107.42.16", "8.8.8.8", "2603:1030::1", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("host", PUBLIC)
def test_addresses_of_the_internet(host: str) -> None:
    assert allowed(host, private=False)


@pytest.mark.parametrize("host", PRIVATE)
def test_addresses_that_somebody_has_to_allow(host: str) -> None:
    assert not allowed(host, private=False)
    assert allowed(host, private=True)


@pytest.mark.parametrize("host", [*ODD, *CLOUD])
def test_addresses_that_nobody_can_allow(host: str) -> None:
    assert not allowed(host, private=False)
    assert not allowed(host, private=True)


def connector() -> Connector:
    return Connector(
        now=lambda: 1000.0, term=FakeTerm(), on_request=lambda *_: None, redactor=Redactor(), agent=lambda: "test"
    )


async def served(connection: Connection) -> None:
    await connection.answer(b'{"name": "t"}')


class Records(AbstractResolver):
    """A name server whose records somebody changes."""

    def __init__(self, *hosts: str) -> None:
        self.hosts = hosts

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, proto=0, flags=0,
                          family=socket.AF_INET6 if ":" in one else socket.AF_INET)
            for one in self.hosts
        ]  # fmt: skip

    async def close(self) -> None:
        pass


def pointed(pipeline: Pipeline, *hosts: str) -> Pipeline:
    """The pipeline, with every name leading to these addresses."""
    pipeline._session.connector._resolver = Records(*hosts)  # type: ignore[union-attr]  # no other door
    return pipeline


@pytest.fixture
async def open_pipelines() -> AsyncIterator[list[Pipeline]]:
    made: list[Pipeline] = []
    yield made
    for one in made:
        await one.close()


@pytest.mark.parametrize("hosts", [("127.0.0.1",), ("127.0.0.1", "::1"), ("::ffff:127.0.0.1",)])
async def test_a_name_that_leads_into_the_cluster_gets_no_connection(
    rude: Rude, open_pipelines: list[Pipeline], hosts: tuple[str, ...]
) -> None:
    """DNS rebinding: the origin is allowed, its address is not."""
    rude.script = served
    port = rude.origin.rpartition(":")[2]
    open_pipelines.append(guarded := pointed(Pipeline(f"http://media.example:{port}", None, "test"), *hosts))
    rig = rig_for(guarded)
    with pytest.raises(NotSent) as caught:
        await rig.backend.put(TRANSFORM, {}, Lane.USER)
    assert caught.value.reason == Reason.ORIGIN_NOT_ALLOWED
    assert "set allowPrivate: true in the MediaServicesBackend" in caught.value.message
    assert not any(host in caught.value.message for host in hosts), "a status is no name server"
    assert (rude.connections, rig.counted) == (0, [])


@pytest.mark.parametrize("private", [True, False])
async def test_what_nobody_can_allow_is_not_said_to_need_allowing(
    open_pipelines: list[Pipeline], private: bool
) -> None:
    name = "https://media.example"
    open_pipelines.append(lenient := pointed(Pipeline(name, None, "test", private=private), "169.254.169.254"))
    with pytest.raises(NotSent) as caught:
        await rig_for(lenient).backend.get(TRANSFORM, Lane.USER)
    assert caught.value.reason == Reason.ORIGIN_NOT_ALLOWED
    assert "no MediaServicesBackend can allow" in caught.value.message
    source = Tokens(
        ClientSecret("t", "c", "s" * 9), name, "https://a", lenient.transport, lambda: 0.0, Redactor().register
    )
    with pytest.raises(NotSent) as caught:
        await source.get()
    assert "no MediaServicesBackend can allow" in caught.value.message


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "[::ffff:127.0.0.1]"])
async def test_an_address_in_place_of_a_name_gets_no_connection(
    rude: Rude, open_pipelines: list[Pipeline], host: str
) -> None:
    """No resolver is asked for these."""
    rude.script = served
    open_pipelines.append(guarded := Pipeline(f"http://{host}:{rude.origin.rpartition(':')[2]}", None, "test"))
    with pytest.raises(NotSent):
        await rig_for(guarded).backend.get(TRANSFORM, Lane.USER)
    assert rude.connections == 0


async def test_an_authority_inside_of_the_cluster_gets_no_client_secret(
    rude: Rude, open_pipelines: list[Pipeline]
) -> None:
    open_pipelines.append(guarded := Pipeline("https://media.example", None, "test"))
    authority = rude.origin.replace("http:", "https:")
    source = Tokens(
        ClientSecret("t", "c", "s" * 9), authority, "https://a", guarded.transport, lambda: 0.0, Redactor().register
    )
    with pytest.raises(NotSent) as caught:
        await source.get()
    assert caught.value.reason == Reason.ORIGIN_NOT_ALLOWED
    assert rude.connections == 0


async def test_what_an_administrator_allows_is_not_shared_with_what_he_does_not() -> None:
    """Neither connections, nor tokens, which are fetched over them."""
    made = connector()
    policy = {"type": "armCompatible", "endpoint": "https://media.example", "authority": "https://login.example"}
    backends = [made({**policy, **more}, ACCOUNT, SECRET) for more in ({}, {"allowPrivate": True})]
    ways: list[Any] = [one._pipeline for one in backends]
    assert len({id(way) for way in ways}) == 2
    assert len({id(one._tokens) for one in backends}) == 2
    await made.close()


@pytest.mark.parametrize("allowing", [None, False, "true", 1])
async def test_nothing_but_true_allows(rude: Rude, allowing: object) -> None:
    made = connector()
    policy = {"type": "armCompatible", "endpoint": rude.origin, "authority": "https://x", "allowPrivate": allowing}
    backend = made(policy, ACCOUNT, SECRET)
    rig = rig_for(backend._pipeline)  # type: ignore[arg-type]  # the port does not show it
    with pytest.raises(NotSent):
        await rig.backend.get(TRANSFORM, Lane.USER)
    assert rude.connections == 0
    await made.close()


async def test_the_place_of_version_2_is_guarded_too(rude: Rude) -> None:
    made = connector()
    policy = {"type": "azure"}
    courier = made.courier(policy, ACCOUNT, SECRET, (rude.origin, "https://rest.media.azure.net"))
    rig = rig_for(courier._pipeline)  # type: ignore[arg-type]  # likewise
    with pytest.raises(NotSent):
        await rig.backend.get(TRANSFORM, Lane.USER)
    assert rude.connections == 0
    await made.close()


async def test_no_proxy_of_the_environment_gets_a_token(rude: Rude, rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    rude.script = served
    assert (await rig.backend.get(TRANSFORM, Lane.USER)).status == 200
    assert (asked, len(rude.requests)) == (0, 1)
    server.close()


@pytest.mark.parametrize(
    "written",
    [
        "https://evil.example/steal",
        "//evil.example/steal",
        "evil.example:443/x@y",
        "westus/../../../../evil",
        "../../x",
        "westus/a?b=https://evil.example",
        "westus/a#b",
        "/liveevent/../../x",
        "/elsewhere/1",
        "westus/%2e%2e%2fx",
        "westus/a\r\nHost: evil.example",
        "\\\\evil.example\\x",
        "@evil.example/x",
        "",
    ],
)
async def test_a_status_that_was_edited_by_hand_leads_nowhere_else(rude: Rude, rig: Any, written: str) -> None:
    """Whoever may write a status can write the id of an operation into its record."""
    rude.script = served
    with pytest.raises(NotSent):
        await rig.backend.operation(TRANSFORM, written, Lane.POLL)
    assert rude.connections == 0
