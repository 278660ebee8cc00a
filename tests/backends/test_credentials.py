"""Tokens: asked for once at a time, replaced in time, and never shown."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from ams_operator.api.reasons import Reason
from ams_operator.backends import credentials
from ams_operator.backends.credentials import KEYS, ClientSecret, Tokens, principal, read
from ams_operator.backends.pipeline import Pipeline
from ams_operator.domain.answers import Federated, NotSent

SECRET = {"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client", "AZURE_CLIENT_SECRET": "hush-hush-hush"}


def jwt(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{payload}.signature"


class Authority:
    """Stands in for azure-identity: tokens that last an hour, or trouble."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 1000.0
        self.trouble: Exception | None = None
        self.text: str | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    def credential(self, *args: Any, **options: Any) -> "Authority":
        return self

    async def get_token(self, scope: str) -> AccessToken:
        self.asked += 1
        await self.gate.wait()
        if self.trouble:
            raise self.trouble
        return AccessToken(self.text or jwt(tid="T", oid=f"O{self.asked}"), int(self.now) + 3600)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority()
    monkeypatch.setattr(credentials, "ClientSecretCredential", made.credential)
    return made


@pytest.fixture
def registered() -> list[str]:
    return []


@pytest.fixture
async def tokens(authority: Authority, registered: list[str]) -> AsyncIterator[Tokens]:
    pipeline = Pipeline("https://host", None, "test")
    yield Tokens(
        ClientSecret("tenant", "client", "hush-hush-hush"),
        "https://login.example",
        "https://host",
        pipeline.transport,
        lambda: authority.now,
        registered.extend,
    )
    await pipeline.close()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [None, "", " \n"])
def test_a_missing_key_is_named(key: str, value: str | None) -> None:
    data = {name: text for name, text in {**SECRET, key: value}.items() if text is not None}
    with pytest.raises(NotSent) as caught:
        read(data)
    assert caught.value.reason == Reason.KEY_NOT_FOUND
    assert f"no key {key}, or one that is empty or longer than 4096 bytes" in caught.value.message
    assert f"; it needs {', '.join(KEYS)}" in caught.value.message


def test_what_is_not_supported_yet_is_said() -> None:
    data = {**SECRET, "AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_CERTIFICATE": "-----BEGIN"}
    with pytest.raises(NotSent, match="a client certificate is not supported by this version"):
        read(data)


def test_a_line_end_is_no_part_of_a_value() -> None:
    found = read({name: f"{value}\n" for name, value in SECRET.items()})
    assert isinstance(found, ClientSecret)
    assert found.secret == "hush-hush-hush"


def test_nothing_shows_the_secret() -> None:
    assert "hush" not in repr(read(SECRET))


async def test_many_ask_and_one_request_is_made(tokens: Tokens, authority: Authority, registered: list[str]) -> None:
    authority.gate.clear()
    asking = [asyncio.create_task(tokens.get()) for _ in range(10)]
    await asyncio.sleep(0)
    authority.gate.set()
    found = await asyncio.gather(*asking)
    assert authority.asked == 1
    assert {token.value for token in found} == set(registered)
    assert found[0].principal == "T/O1"


async def test_a_token_is_replaced_before_it_ends(tokens: Tokens, authority: Authority) -> None:
    first = await tokens.get()
    authority.now += 3200
    assert await tokens.get() is first
    authority.now += 200
    assert await tokens.get() is not first


async def test_an_authority_that_is_away_for_a_while_is_nobodys_trouble(tokens: Tokens, authority: Authority) -> None:
    first = await tokens.get()
    authority.now += 3400
    authority.trouble = ServiceRequestError("away")
    for _ in range(5):
        assert await tokens.get() is first
    assert authority.asked == 2, "not asked again at each request"
    authority.now += 100
    assert await tokens.get() is first
    assert authority.asked == 3
    authority.now += 200
    with pytest.raises(NotSent) as caught:
        await tokens.get()
    assert caught.value.reason == Reason.ENDPOINT_UNREACHABLE


async def test_a_rejected_token_is_replaced_once_however_many_had_it(tokens: Tokens, authority: Authority) -> None:
    first = await tokens.get()
    tokens.reject(first)
    second = await tokens.get()
    tokens.reject(first)  # the answer to an older request
    assert await tokens.get() is second
    assert authority.asked == 2


async def test_what_is_refused_too_is_not_replaced_again_and_again(tokens: Tokens, authority: Authority) -> None:
    tokens.reject(await tokens.get())
    second = await tokens.get()
    for _ in range(100):
        tokens.reject(second)
        assert await tokens.get() is second
    assert authority.asked == 2
    authority.now += 10.0
    tokens.reject(second)
    assert await tokens.get() is not second


async def test_where_one_is_refused_and_nobody_gives_another_token_the_others_go_on(
    tokens: Tokens, authority: Authority
) -> None:
    """One account's 401 is no trouble of the others that have the credential."""
    first = await tokens.get()
    authority.trouble = ServiceRequestError("away")
    tokens.reject(first)
    assert await tokens.get() is first
    assert authority.asked == 2
    assert await tokens.get() is first
    assert authority.asked == 2, "not asked again at each request"
    authority.trouble = ClientAuthenticationError("AADSTS7000222")
    authority.now += 30.0
    with pytest.raises(NotSent, match="has expired"):  # now nobody's token is any good for long
        await tokens.get()
    authority.trouble = None
    authority.now += 10.0
    assert await tokens.get() is not first


@pytest.mark.parametrize("trouble", [ClientAuthenticationError("AADSTS7000222"), ServiceRequestError("away")])
async def test_an_authority_without_a_token_is_probed_once_an_interval_however_many_ask(
    tokens: Tokens, authority: Authority, trouble: Exception
) -> None:
    """30 accounts with one credential, each of which asks whenever it may."""
    authority.trouble = trouble
    asked = []
    for longest in (10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 600.0, 600.0):
        before = authority.asked
        found = await asyncio.gather(*(tokens.get() for _ in range(30)), return_exceptions=True)
        asked.append(authority.asked - before)
        until = {one.until for one in found if isinstance(one, NotSent) and one.until}
        assert len(until) == 1, "all are told when"
        assert longest / 2 <= until.copy().pop() - authority.now <= longest
        authority.now = until.pop() - 0.01
        with pytest.raises(NotSent):
            await tokens.get()
        authority.now += 0.02
    assert asked == [1] * len(asked)
    authority.trouble = None
    assert (await tokens.get()).value
    authority.now += 4000.0
    authority.trouble = trouble
    with pytest.raises(NotSent) as caught:
        await tokens.get()
    assert caught.value.until is not None
    assert caught.value.until <= authority.now + 10.0, "it begins small again"


async def test_texts_of_the_authority_are_not_shown(tokens: Tokens, authority: Authority) -> None:
    authority.trouble = ClientAuthenticationError("AADSTS7000222: the secret hush-hush-hush of client has expired")
    with pytest.raises(NotSent) as caught:
        await tokens.get()
    assert caught.value.reason == Reason.CREDENTIAL_REJECTED
    assert "AZURE_CLIENT_SECRET has expired (AADSTS7000222)" in caught.value.message
    assert "hush" not in caught.value.message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (ValueError("hush-hush-hush"), Reason.CREDENTIAL_REJECTED),
        (ClientAuthenticationError("hush-hush-hush"), Reason.CREDENTIAL_REJECTED),
        (ServiceRequestError("hush-hush-hush"), Reason.ENDPOINT_UNREACHABLE),
        (TypeError("hush-hush-hush"), Reason.ENDPOINT_UNREACHABLE),
        (TimeoutError(), Reason.ENDPOINT_UNREACHABLE),
    ],
)
async def test_trouble_of_any_kind(tokens: Tokens, authority: Authority, trouble: Exception, reason: Reason) -> None:
    authority.trouble = trouble
    with pytest.raises(NotSent) as caught:
        await tokens.get()
    assert caught.value.reason == reason
    assert "hush" not in caught.value.message
    authority.trouble = None
    authority.now += 10.0
    assert (await tokens.get()).value


@pytest.mark.parametrize("text", ["a b", "a\r\nX-Evil: 1", "ü", " "])
async def test_a_token_that_is_no_header_value(tokens: Tokens, authority: Authority, text: str) -> None:
    authority.text = text
    with pytest.raises(NotSent):
        await tokens.get()


@pytest.mark.parametrize(
    ("token", "found"),
    [
        (jwt(tid="t", oid="o", appid="a"), "t/o"),
        (jwt(tid="t", appid="a"), "t/a"),
        (jwt(tid="t", azp="z"), "t/z"),
        (jwt(oid="o"), "/o"),
        (jwt(tid="t"), ""),
        ("opaque", ""),
        ("a.b.c", ""),
        ("a.W10.c", ""),
        ("", ""),
    ],
)
def test_who_a_token_stands_for(token: str, found: str) -> None:
    assert principal(token) == found


class Granting:
    """A ServiceAccount whose tokens are granted, until somebody deletes it."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.gone = False

    async def assertion(self) -> str:
        if self.gone:
            raise NotSent(Reason.SERVICE_ACCOUNT_NOT_FOUND, "it is gone")
        self.given.append(f"assertion-{len(self.given)}")
        return self.given[-1]

    def credential(self, **changes: str) -> Federated:
        own = {"namespace": "team", "name": "media", "uid": "1", "tenant": "tenant", "client": "client"}
        whose: dict[str, Any] = {**own, **changes}
        return Federated(assertion=self.assertion, **whose)


@pytest.fixture
async def federated(
    authority: Authority, registered: list[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Tokens, Granting]]:
    def credential(tenant: str, client: str, ask: Any, **options: Any) -> Authority:
        authority.text = jwt(tid=tenant, oid=ask())
        return authority

    monkeypatch.setattr(credentials, "ClientAssertionCredential", credential)
    pipeline, granting = Pipeline("https://host", None, "test"), Granting()
    secret = read(granting.credential())
    yield (
        Tokens(
            secret,
            "https://login.example",
            "https://host",
            pipeline.transport,
            lambda: authority.now,
            registered.extend,
        ),
        granting,
    )
    await pipeline.close()


async def test_each_token_is_got_with_a_new_assertion_that_nobody_sees(
    federated: tuple[Tokens, Granting], authority: Authority, registered: list[str]
) -> None:
    tokens, granting = federated
    assert (await tokens.get()).principal == "tenant/assertion-0"
    await tokens.get()
    assert len(granting.given) == 1
    authority.now += 3400
    assert (await tokens.get()).principal == "tenant/assertion-1"
    assert set(granting.given) < set(registered)


async def test_what_was_got_with_a_service_account_ends_with_it(
    federated: tuple[Tokens, Granting], authority: Authority
) -> None:
    """A token that is still good for minutes is of no use any more, either."""
    tokens, granting = federated
    await tokens.get()
    authority.now += 3400
    granting.gone = True
    for _ in range(2):
        with pytest.raises(NotSent) as caught:
            await tokens.get()
        assert caught.value.reason == Reason.SERVICE_ACCOUNT_NOT_FOUND


async def test_a_refused_service_account_is_not_told_to_correct_a_secret(
    federated: tuple[Tokens, Granting], authority: Authority
) -> None:
    authority.trouble = ClientAuthenticationError("AADSTS700213: No matching federated identity for assertion-0")
    with pytest.raises(NotSent) as caught:
        await federated[0].get()
    assert "has the ServiceAccount's subject (AADSTS700213); correct the ServiceAccount" in caught.value.message
    assert "assertion-0" not in caught.value.message


def test_whose_tokens_are_shared() -> None:
    """Of one ServiceAccount that stands for one application; never of another one of that name."""
    same = [Granting().credential() for _ in range(2)]
    assert same[0] == same[1]
    assert hash(same[0]) == hash(same[1])
    for change in ("namespace", "name", "uid", "tenant", "client"):
        assert Granting().credential(**{change: "another"}) != same[0]
    assert "assertion" not in repr(same[0])


def test_a_tenant_that_is_none_is_told() -> None:
    with pytest.raises(NotSent, match="its tenant is none"):
        read(Granting().credential(tenant="../evil"))
