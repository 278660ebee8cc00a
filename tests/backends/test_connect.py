"""Which places an account may be reached at, and what its ways share."""

import gc
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.backends.connect import Connector
from ams_operator.domain.answers import NotSent
from ams_operator.logs import Redactor

from .conftest import ACCOUNT, FakeTerm

SECRET = {"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client", "AZURE_CLIENT_SECRET": "hush-hush-hush"}
PRIVATE = {"type": "armCompatible", "endpoint": "https://ams.example", "authority": "https://login.example"}


@pytest.fixture
async def connector() -> AsyncIterator[Connector]:
    made = Connector(
        now=lambda: 1000.0, term=FakeTerm(), on_request=lambda *_: None, redactor=Redactor(), agent=lambda: "test"
    )
    yield made
    await made.close()


async def test_azure_needs_nothing_but_its_type(connector: Connector) -> None:
    backend = connector({"type": "azure"}, ACCOUNT, SECRET)
    assert backend.origin == "https://management.azure.com"
    tokens = backend._tokens
    assert (tokens._authority, tokens._scope) == (  # type: ignore[attr-defined]  # the port does not show them
        "https://login.microsoftonline.com",
        "https://management.azure.com/.default",
    )


@pytest.mark.parametrize(
    ("policy", "reason", "words"),
    [
        ({"type": "ravnur", "endpoint": "https://x"}, Reason.BACKEND_NOT_AVAILABLE, "type ravnur is not supported"),
        ({"type": "mkio"}, Reason.BACKEND_NOT_AVAILABLE, "use azure or armCompatible"),
        ({}, Reason.BACKEND_NOT_AVAILABLE, "type None"),
        ({**PRIVATE, "endpoint": "http://ams.example"}, Reason.ORIGIN_NOT_ALLOWED, "endpoint"),
        ({**PRIVATE, "endpoint": "https://ams.example/path"}, Reason.ORIGIN_NOT_ALLOWED, "endpoint"),
        ({**PRIVATE, "endpoint": None}, Reason.ORIGIN_NOT_ALLOWED, "endpoint"),
        ({**PRIVATE, "authority": "http://127.0.0.1:1"}, Reason.ORIGIN_NOT_ALLOWED, "authority"),
        ({**PRIVATE, "authority": None}, Reason.ORIGIN_NOT_ALLOWED, "authority"),
        ({**PRIVATE, "caBundle": "-----BEGIN CERTIFICATE-----\nx"}, Reason.BACKEND_NOT_AVAILABLE, "caBundle"),
        ({**PRIVATE, "caBundle": "ü"}, Reason.BACKEND_NOT_AVAILABLE, "caBundle"),
    ],
)
async def test_places_that_are_refused(connector: Connector, policy: Any, reason: Reason, words: str) -> None:
    with pytest.raises(NotSent) as caught:
        connector(policy, ACCOUNT, SECRET)
    assert caught.value.reason == reason
    assert words in caught.value.message


async def test_a_missing_key_is_told_before_anything_is_sent(connector: Connector) -> None:
    with pytest.raises(NotSent) as caught:
        connector(PRIVATE, ACCOUNT, {})
    assert caught.value.reason == Reason.KEY_NOT_FOUND


async def test_connections_and_tokens_are_shared_by_what_they_depend_on(connector: Connector) -> None:
    one, two = connector(PRIVATE, ACCOUNT, SECRET), connector(PRIVATE, ACCOUNT, dict(SECRET))
    assert one._pipeline is two._pipeline
    assert one._tokens is two._tokens
    rotated = connector(PRIVATE, ACCOUNT, {**SECRET, "AZURE_CLIENT_SECRET": "another-one"})
    assert rotated._pipeline is one._pipeline
    assert rotated._tokens is not one._tokens
    elsewhere = connector({**PRIVATE, "authority": "https://other.example"}, ACCOUNT, SECRET)
    assert elsewhere._tokens is not one._tokens
    for_another = connector({**PRIVATE, "audience": "https://other.example"}, ACCOUNT, SECRET)
    assert for_another._tokens is not one._tokens


async def test_budgets_are_shared_by_who_pays(connector: Connector) -> None:
    one = connector(PRIVATE, ACCOUNT, SECRET)
    rotated = connector(PRIVATE, ACCOUNT, {**SECRET, "AZURE_CLIENT_SECRET": "another-one"})
    assert one._budget_of("t/a") is rotated._budget_of("t/a")
    assert one._budget_of("t/a") is not one._budget_of("t/b")
    elsewhere = connector({"type": "azure"}, ACCOUNT, SECRET)
    assert elsewhere._budget_of("t/a") is not one._budget_of("t/a")
    another_api = connector({**PRIVATE, "audience": "https://other.example"}, ACCOUNT, SECRET)
    assert another_api._budget_of("t/a") is not one._budget_of("t/a"), "that one is throttled is not the other's matter"
    place = ("https://version2.example", "https://other.example")
    mine, same = (connector.courier(PRIVATE, ACCOUNT, SECRET, place) for _ in range(2))
    other = connector.courier(PRIVATE, replace(ACCOUNT, name="another"), SECRET, place)
    assert mine._budget_of("t/a") is same._budget_of("t/a")
    assert mine._budget_of("t/a") is not other._budget_of("t/a"), "elsewhere one account's throttle is not the other's"
    one._budget_of("t/a").answered("PUT", 429, 60.0, None)
    assert connector.budget_left() == {"read": 10.0, "write": 0.0, "delete": 10.0}
    assert connector.budgets_closed() == {"read": 0, "write": 1, "delete": 0}
    elsewhere._budget_of("t/a").answered("GET", 503, 60.0, None)
    assert connector.budgets_closed() == {"read": 1, "write": 2, "delete": 1}


async def test_an_old_secret_is_forgotten_with_its_last_user(connector: Connector) -> None:
    backend = connector(PRIVATE, ACCOUNT, SECRET)
    assert len(connector._tokens) == 1
    del backend
    gc.collect()
    assert len(connector._tokens) == 0
