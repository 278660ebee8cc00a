"""The whole way, over TLS and with real tokens, against the emulator's process."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.fixtures_emulator import TestAccount, credentials_of, policy_of

from ams_emulator.testing import Emulator
from ams_operator.api.reasons import Reason
from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.connect import Connector
from ams_operator.domain.answers import Lane, NoAnswer, NotSent, Page
from ams_operator.domain.model import AccountId, Address
from ams_operator.logs import Redactor

from .conftest import FakeTerm

BODY = {"properties": {"outputs": [{"preset": {"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset",
        "presetName": "AdaptiveStreaming"}}]}}  # fmt: skip


@dataclass
class Service:
    """A connector, and an account that it reaches."""

    emulator: Emulator
    account: AccountId
    connector: Connector
    redactor: Redactor
    counted: list[tuple[str, str, int | None]] = field(default_factory=list)

    def policy(self, **changes: Any) -> dict[str, Any]:
        return policy_of(self.emulator, **changes)

    def secret(self, **changes: str) -> dict[str, str]:
        return credentials_of(self.emulator, **changes)

    def connect(self, **changes: Any) -> ArmBackend:
        return self.connector(self.policy(**changes), self.account, self.secret())

    def transform(self, name: str) -> Address:
        return Address("Transform", self.account, (name,))


@pytest.fixture
async def service(emulator: Emulator, account: TestAccount) -> AsyncIterator[Service]:
    counted: list[tuple[str, str, int | None]] = []
    redactor = Redactor()
    connector = Connector(
        now=time.time,
        term=FakeTerm(),
        on_request=lambda kind, verb, status: counted.append((kind, verb, status)),
        redactor=redactor,
        agent=lambda: "ams-operator/test",
        paced=False,
    )
    where = AccountId(account.subscription_id, account.resource_group, account.name)
    yield Service(emulator, where, connector, redactor, counted)
    await connector.close()


async def whole_list(backend: ArmBackend, service: Service, kind: str = "Transform") -> list[Page]:
    pages: list[Page] = []
    token: str | None = None
    while True:
        pages.append(await backend.list(service.account, kind, (), Lane.SWEEP, token))
        if (token := pages[-1].next) is None:
            return pages


async def test_transforms_come_and_go(service: Service) -> None:
    backend, address = service.connect(), service.transform("adaptive")
    missing = await backend.get(address, Lane.USER)
    assert (missing.status, missing.code) == (404, "NotFound")
    made = await backend.put(address, BODY, Lane.USER)
    assert made.status == 201
    assert made.date is not None
    assert made.body is not None
    assert made.body["name"] == "adaptive"
    patched = await backend.patch(address, {"properties": {"description": "new"}}, Lane.USER)
    assert patched.status == 200
    found = await backend.get(address, Lane.USER)
    assert found.body is not None
    assert found.body["properties"]["description"] == "new"
    assert (await backend.delete(address, Lane.USER)).status == 200
    assert (await backend.get(address, Lane.USER)).status == 404
    refused = await backend.put(address, {"properties": {"outputs": "none"}}, Lane.USER)
    assert refused.status == 400
    assert refused.body is None
    assert refused.code == "BadRequest"
    assert refused.message


async def test_an_account_is_made_by_a_long_operation(service: Service, storage_id: str) -> None:
    account = AccountId(service.account.subscription, service.account.resource_group, service.account.name + "n")
    backend = service.connector(service.policy(), account, service.secret())
    address = Address("MediaServicesAccount", account)
    body = {"location": "westeurope", "properties": {"storageAccounts": [{"id": storage_id, "type": "Primary"}]}}
    made = await backend.put(address, body, Lane.USER)
    assert made.status in (200, 201)
    assert made.operation is not None
    assert "/" in made.operation
    assert "http" not in made.operation
    operation = await backend.operation(address, made.operation, Lane.POLL)
    assert operation.body is not None
    assert operation.body["status"] == "Succeeded"
    pages = await whole_list(service.connect(), service, "MediaServicesAccount")
    assert {item["name"] for page in pages for item in page.items} == {service.account.name, account.name}
    patched = await backend.patch(address, {"tags": {"a": "b"}}, Lane.USER)
    assert patched.status == 202
    assert (await backend.action(address, "syncStorageKeys", {"id": storage_id}, Lane.USER)).status == 200
    assert (await backend.delete(address, Lane.USER)).status in (200, 204)


async def test_lists_are_read_page_by_page(service: Service) -> None:
    backend = service.connect()
    service.emulator.control.settings(page_size=7)
    names = [f"t{number:02}" for number in range(20)]
    for name in names:
        await backend.put(service.transform(name), BODY, Lane.USER)
    pages = await whole_list(backend, service)
    assert [len(page.items) for page in pages] == [7, 7, 6]
    assert sorted(item["name"] for page in pages for item in page.items) == names


async def test_a_list_that_runs_in_a_circle_ends(service: Service) -> None:
    backend = service.connect()
    service.emulator.control.settings(page_size=1)
    for name in ("a", "b", "c"):
        await backend.put(service.transform(name), BODY, Lane.USER)
    service.emulator.control.fault("list", {"kind": "LIST transforms", "count": 0}, repeatLink=True)
    with pytest.raises(NoAnswer) as caught:
        await whole_list(backend, service)
    assert caught.value.reason == Reason.BAD_ANSWER
    assert "earlier page" in caught.value.message


async def test_null_items_are_skipped_and_counted(service: Service) -> None:
    backend = service.connect()
    for name in ("a", "b"):
        await backend.put(service.transform(name), BODY, Lane.USER)
    service.emulator.control.fault("list", {"kind": "LIST transforms"}, null=["a"])
    page = await backend.list(service.account, "Transform", (), Lane.SWEEP, None)
    assert ([item["name"] for item in page.items], page.skipped) == (["b"], 1)


async def test_a_link_to_another_place_gets_no_token(service: Service) -> None:
    backend = service.connect()
    service.emulator.control.settings(page_size=1)
    for name in ("a", "b"):
        await backend.put(service.transform(name), BODY, Lane.USER)
    service.emulator.control.fault("foreign-links", {"kind": "LIST transforms"}, origin="https://evil.example")
    with pytest.raises(NoAnswer) as caught:
        await backend.list(service.account, "Transform", (), Lane.SWEEP, None)
    assert "another place" in caught.value.message


async def test_a_closed_window_is_left_alone_and_the_others_go_on(service: Service) -> None:
    backend, address = service.connect(), service.transform("a")
    await backend.put(address, BODY, Lane.USER)
    service.emulator.control.fault("throttle", bucket="reads", retryAfter=600)
    throttled = await backend.get(address, Lane.USER)
    assert throttled.status == 429
    sent = len(service.counted)
    for _ in range(3):
        with pytest.raises(NotSent) as caught:
            await backend.get(address, Lane.USER)
        assert caught.value.reason == Reason.THROTTLED
        assert caught.value.until is not None
        assert caught.value.until > time.time() + 500
    assert len(service.counted) == sent
    assert (await backend.patch(address, {"properties": {"description": "x"}}, Lane.USER)).status == 200
    assert (await backend.delete(address, Lane.USER)).status == 200


async def test_sent_is_counted_is_received(service: Service) -> None:
    backend = service.connect()
    service.emulator.control.reset_log()
    service.counted.clear()
    control = service.emulator.control
    await asyncio.gather(*(backend.put(service.transform(f"t{n}"), BODY, Lane.USER) for n in range(10)))
    control.fault("drop", {"method": "PATCH"}, how="reset", effect="applied")
    control.fault("answer", {"method": "DELETE"}, status=503, headers={"Retry-After": "1"})
    control.fault("hostile", {"method": "GET"}, what="html")
    outcomes = await asyncio.gather(
        backend.patch(service.transform("t0"), {"properties": {}}, Lane.USER),
        backend.delete(service.transform("t1"), Lane.USER),
        backend.get(service.transform("t2"), Lane.USER),
        return_exceptions=True,
    )
    assert any(isinstance(outcome, NoAnswer) for outcome in outcomes)
    logged = service.emulator.control.log()
    assert len(logged) == len(service.counted) == 13
    received = Counter(entry["method"].lower() for entry in logged)
    assert received == Counter(verb for _, verb, _ in service.counted)


@pytest.mark.parametrize("what", ["html", "huge", "gzip-bomb", "deep-json", "wrong-type", "not-json", "truncated"])
@pytest.mark.parametrize("verb", ["get", "list", "patch"])
async def test_hostile_bodies(service: Service, what: str, verb: str) -> None:
    backend, address = service.connect(), service.transform("a")
    await backend.put(address, BODY, Lane.USER)
    service.emulator.control.fault("hostile", {"path": "/transforms"}, what=what)
    calls: dict[str, Callable[[], Any]] = {
        "get": lambda: backend.get(address, Lane.USER),
        "list": lambda: backend.list(service.account, "Transform", (), Lane.SWEEP, None),
        "patch": lambda: backend.patch(address, {"properties": {}}, Lane.USER),
    }
    if (what, verb) == ("wrong-type", "patch"):
        assert (await calls[verb]()).status == 200  # nothing of a write's body is used without a look
        return
    with pytest.raises(NoAnswer) as caught:
        await calls[verb]()
    if verb == "patch":
        assert caught.value.reason == Reason.UNANSWERED
    elif what != "truncated":
        assert caught.value.reason == Reason.BAD_ANSWER
    assert (await backend.get(address, Lane.USER)).status == 200


async def test_redirects_are_not_followed(service: Service) -> None:
    backend, address = service.connect(), service.transform("a")
    service.emulator.control.fault("redirect", {"method": "PUT"}, status=307, location="https://evil.example/x")
    answer = await backend.put(address, BODY, Lane.USER)
    assert answer.status == 307
    assert "redirects are not followed" in answer.message
    assert len(service.counted) == 1


async def test_a_revoked_token_is_replaced_once_by_one_request(service: Service) -> None:
    backend, address = service.connect(), service.transform("a")
    await backend.put(address, BODY, Lane.USER)
    service.emulator.control.reset_log()
    service.emulator.control.revoke_tokens()
    answers = await asyncio.gather(*(backend.get(address, Lane.USER) for _ in range(8)))
    assert {answer.status for answer in answers} == {200}
    assert service.emulator.control.counts()["authority"] == 1


async def test_a_missing_right_is_an_answer(service: Service) -> None:
    service.emulator.control.deny(rights=["write"])
    answer = await service.connect().put(service.transform("a"), BODY, Lane.USER)
    assert answer.status == 403
    assert answer.code == "AuthorizationFailed"


async def test_certificates_nobody_trusts(service: Service) -> None:
    with pytest.raises(NotSent) as caught:
        await service.connect(caBundle=None).get(service.transform("a"), Lane.USER)
    assert caught.value.reason == Reason.ENDPOINT_UNREACHABLE
    # Mended by the administrator: nothing of the first try may linger.
    assert (await service.connect().get(service.transform("a"), Lane.USER)).status == 404


async def test_a_bundle_may_carry_remarks(service: Service) -> None:
    bundle = f"# F\u0151tan\u00fas\u00edtv\u00e1ny\n{service.policy()['caBundle']}\n# the end"
    assert (await service.connect(caBundle=bundle).get(service.transform("a"), Lane.USER)).status == 404


async def test_the_wrong_authority_is_not_a_wrong_credential(service: Service) -> None:
    service.emulator.control.fault("answer", {"kind": "authority", "count": 0}, status=503, body='{"error":"busy"}')
    with pytest.raises(NotSent) as caught:
        await service.connect().get(service.transform("a"), Lane.USER)
    assert caught.value.reason == Reason.ENDPOINT_UNREACHABLE
    assert "authority of the MediaServicesBackend" in caught.value.message
    assert service.counted == []


@pytest.mark.parametrize("what", ["html", "not-json", "empty", "wrong-type", "truncated"])
async def test_an_authority_that_talks_nonsense(service: Service, what: str) -> None:
    service.emulator.control.fault("hostile", {"kind": "authority", "count": 0}, what=what)
    with pytest.raises(NotSent) as caught:
        await service.connect().get(service.transform("a"), Lane.USER)
    assert service.emulator.client_secret not in caught.value.message
    assert service.counted == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"AZURE_CLIENT_SECRET": "wrong-secret-value"}, "AZURE_CLIENT_SECRET is wrong"),
        ({"AZURE_CLIENT_ID": "00000000-0000-0000-0000-00000000dead"}, "AZURE_CLIENT_ID is no application"),
        ({"AZURE_TENANT_ID": "00000000-0000-0000-0000-00000000dead"}, "no tenant AZURE_TENANT_ID"),
        ({"AZURE_TENANT_ID": "../../x?y"}, "its AZURE_TENANT_ID is no tenant"),
    ],
)
async def test_a_rejected_credential_names_the_key(service: Service, changes: dict[str, str], words: str) -> None:
    async def ask() -> None:
        backend = service.connector(service.policy(), service.account, service.secret(**changes))
        await backend.get(service.transform("a"), Lane.USER)

    with pytest.raises(NotSent) as caught:
        await ask()
    assert caught.value.reason == Reason.CREDENTIAL_REJECTED
    assert words in caught.value.message
    assert changes.get("AZURE_CLIENT_SECRET", "no secret") not in caught.value.message


async def test_tokens_and_secrets_are_masked_in_what_the_service_says(service: Service) -> None:
    backend = service.connect()
    service.redactor.register([service.emulator.client_secret])
    token = (await backend._tokens.get()).value  # what the service would quote
    said = f"bad token {token} of {service.emulator.client_secret}"
    service.emulator.control.fault("answer", {"method": "GET"}, status=400, code="Bad", message=said)
    answer = await backend.get(service.transform("a"), Lane.USER)
    assert token[:40] not in answer.message
    assert service.emulator.client_secret not in answer.message
