"""The operator's own identity: who it is, where its token lies, and that nothing else of the environment counts."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from tests.backends.conftest import ACCOUNT, TRANSFORM, FakeTerm, Rude

from ams_operator.api.reasons import Reason
from ams_operator.backends import credentials
from ams_operator.backends.ambient import CLIENT, FILE, TENANT, ambient
from ams_operator.backends.connect import Connector
from ams_operator.backends.credentials import Tokens, read
from ams_operator.backends.pipeline import Pipeline
from ams_operator.domain.answers import Lane, NotSent
from ams_operator.domain.model import AccountId, Address
from ams_operator.logs import Redactor


def environment(path: Path, **changes: str) -> dict[str, str]:
    return {TENANT: "tenant", CLIENT: "client", FILE: str(path), **changes}


@pytest.mark.parametrize("missing", [TENANT, CLIENT, FILE])
def test_a_part_of_an_identity_is_none(missing: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert ambient(environment(tmp_path / "token", **{missing: " "})) is None
    assert bool(caplog.records) == (missing != FILE), "without a token file nobody meant one"


async def test_its_token_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "token"
    found = ambient(environment(path))
    assert found is not None
    assert (found.tenant, found.client, found.own) == ("tenant", "client", True)
    for text in ("first", "second\n"):
        path.write_text(text)
        assert await found.assertion() == text.strip()
    for spoil in (lambda: path.write_text(""), lambda: path.write_bytes(b"\xff"), path.unlink):
        spoil()
        with pytest.raises(NotSent) as caught:
            await found.assertion()
        assert caught.value.reason == Reason.CREDENTIAL_REJECTED
        assert str(path) not in caught.value.message
    assert "first" not in repr(found)


async def test_who_issues_its_tokens_is_said_by_the_backend_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The webhook sets AZURE_AUTHORITY_HOST, too; and a refusal tells whom to ask."""
    path = tmp_path / "token"
    path.write_text("eyJ-assertion")
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "https://evil.example")
    asked: list[dict[str, Any]] = []

    class Refusing:
        def __init__(self, *_words: Any, **options: Any) -> None:
            asked.append(options)

        async def get_token(self, *_scopes: str) -> None:
            raise ClientAuthenticationError("AADSTS700213: for eyJ-assertion")

    monkeypatch.setattr(credentials, "ClientAssertionCredential", Refusing)
    found, pipeline = ambient(environment(path)), Pipeline("https://host", None, "test")
    assert found is not None
    tokens = Tokens(
        read(found), "https://login.example", "https://host", pipeline.transport, lambda: 1000.0, lambda _: None
    )
    with pytest.raises(NotSent) as caught:
        await tokens.get()
    assert asked[0]["authority"] == "https://login.example"
    assert "correct the operator's workload identity: ask your administrator" in caught.value.message
    assert "eyJ" not in caught.value.message
    await pipeline.close()


async def test_a_way_leads_to_the_account_that_it_was_made_for_and_nowhere_else(rude: Rude) -> None:
    """Whoever may sign in was asked for that one: a manifest that changes meanwhile takes nothing along."""
    connector = Connector(
        now=lambda: 1000.0,
        term=FakeTerm(),
        on_request=lambda *_: None,
        redactor=Redactor(),
        agent=lambda: "test",
        paced=False,
    )
    policy = {
        "type": "armCompatible",
        "endpoint": rude.origin,
        "authority": "https://login.example",
        "allowPrivate": True,
    }
    secret = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "hush-hush"}
    backend = connector(policy, ACCOUNT, secret)
    asked = 0

    async def no_token() -> None:
        nonlocal asked
        asked += 1
        raise NotSent(Reason.CREDENTIAL_REJECTED, "asked for a token")

    backend._tokens.get = no_token  # type: ignore[method-assign, assignment]  # the next thing that a request needs
    elsewhere = AccountId(ACCOUNT.subscription, "treasury", ACCOUNT.name)
    place = Address("Transform", elsewhere, ("adaptive",))
    for refused in (
        backend.get(place, Lane.USER),
        backend.put(place, {}, Lane.USER),
        backend.patch(place, {}, Lane.USER),
        backend.delete(place, Lane.USER),
        backend.list(elsewhere, "Transform", (), Lane.SWEEP, None),
    ):
        with pytest.raises(NotSent, match="the manifest means another account now"):
            await refused
    assert asked == 0
    for mine in (backend.get(TRANSFORM, Lane.USER), backend.list(ACCOUNT, "Transform", (), Lane.SWEEP, None)):
        with pytest.raises(NotSent, match="asked for a token"):
            await mine
    await connector.close()
