"""The send point, against a server of the test's own: what is asked again, what is masked, what is no resource."""

import gzip
import json

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.backends.urls import KEY_POLICY, SECRETS_OF
from ams_operator.domain.answers import Lane, NoAnswer, NotSent
from ams_operator.domain.model import Address

from .conftest import ACCOUNT, COLLECTION, TRANSFORM, Connection, Rig, Rude


def always(rude: Rude, body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(body, status, headers)

    rude.script = script


async def test_a_401_is_asked_again_once_with_a_new_token(rude: Rude, rig: Rig) -> None:
    async def script(connection: Connection) -> None:
        fresh = connection.headers["authorization"] == "Bearer t2"
        await connection.answer(b'{"name":"x"}', "200 OK" if fresh else "401 Unauthorized")

    rude.script = script
    answer = await rig.backend.put(TRANSFORM, {"a": 1}, Lane.USER)
    assert answer.status == 200
    assert rude.tokens == ["Bearer t1", "Bearer t2"]
    assert len(set(rude.requests)) == 1
    assert rig.counted == [("Transform", "put", 401), ("Transform", "put", 200)]


async def test_a_second_401_is_the_answer(rude: Rude, rig: Rig) -> None:
    always(rude, b'{"error":{"code":"InvalidAuthenticationToken","message":"no"}}', "401 Unauthorized")
    answer = await rig.backend.get(TRANSFORM, Lane.USER)
    assert (answer.status, answer.code, len(rude.requests)) == (401, "InvalidAuthenticationToken", 2)


async def test_nothing_else_is_asked_again(rude: Rude, rig: Rig) -> None:
    for status in ("408 Request Timeout", "409 Conflict", "500 Oops", "502 Bad Gateway", "504 Gateway Timeout"):
        always(rude, b"<html>", status, "Retry-After: 0\r\n")
        rude.requests.clear()
        answer = await rig.backend.delete(TRANSFORM, Lane.USER)
        assert str(answer.status) == status[:3]
        assert len(rude.requests) == 1


async def test_who_does_not_lead_may_look_and_do_nothing_else(rude: Rude, rig: Rig) -> None:
    always(rude, b'{"name":"x","options":[]}')
    rig.term.leading = False
    policy = Address(KEY_POLICY, ACCOUNT, ("gold",))
    shown = await rig.backend.action(policy, SECRETS_OF, None, Lane.SWEEP)
    assert (shown.body or {})["options"] == []
    assert (await rig.backend.get(TRANSFORM, Lane.USER)).status == 200
    assert len(rude.requests) == 2
    event, asset = Address("LiveEvent", ACCOUNT, ("x",)), Address("Asset", ACCOUNT, (SECRETS_OF,))
    for asked in (
        rig.backend.action(event, "start", None, Lane.USER),
        rig.backend.action(asset, "listStreamingLocators", None, Lane.USER),
        rig.backend.put(policy, {}, Lane.USER),
        rig.backend.patch(policy, {}, Lane.USER),
        rig.backend.delete(policy, Lane.USER),
    ):
        with pytest.raises(NotSent, match="another replica leads"):
            await asked
    assert len(rude.requests) == 2
    assert rig.counted[0] == (KEY_POLICY, SECRETS_OF, 200)


async def test_a_huge_error_page_is_still_an_answer(rude: Rude, rig: Rig) -> None:
    always(rude, b"x" * (1 << 20), "429 Too Many Requests", "Retry-After: 30\r\n")
    answer = await rig.backend.get(TRANSFORM, Lane.USER)
    assert (answer.status, answer.retry_after) == (429, 30.0)
    with pytest.raises(NotSent) as caught:
        await rig.backend.get(TRANSFORM, Lane.USER)
    assert caught.value.until == rig.now[0] + 30


async def test_what_the_service_says_is_masked_cleaned_and_cut(rude: Rude, rig: Rig) -> None:
    rig.redactor.register(["hush-hush-hush"])
    said = "\x1b[31mred\x1b[0m hush-hush-hush \u202eback " + "x" * 500
    always(rude, json.dumps({"error": {"code": "Bad\nRequest", "message": said}}).encode(), "400 Bad Request")
    answer = await rig.backend.put(TRANSFORM, {}, Lane.USER)
    assert answer.code == "Bad Request"
    assert answer.message.startswith("red *** ")
    assert len(answer.message) <= 200
    assert answer.body is None


@pytest.mark.parametrize("body", [b"", b"{}", b'{"name":7}', b'{"name":"x","properties":[]}', b'{"value":[]}'])
async def test_a_get_answers_with_a_resource(rude: Rude, rig: Rig, body: bytes) -> None:
    always(rude, body)
    with pytest.raises(NoAnswer) as caught:
        await rig.backend.get(TRANSFORM, Lane.USER)
    assert caught.value.reason == Reason.BAD_ANSWER
    assert "no Transform" in caught.value.message


async def test_packed_answers_are_read(rude: Rude, rig: Rig) -> None:
    always(rude, gzip.compress(b'{"name":"x"}'), headers="Content-Encoding: gzip\r\n")
    assert (await rig.backend.get(TRANSFORM, Lane.USER)).body == {"name": "x"}


async def test_an_answer_to_a_write_may_not_be_deep_either(rude: Rude, rig: Rig) -> None:
    always(rude, b'{"name":"x","a":' + b"[" * 100 + b"]" * 100 + b"}")
    with pytest.raises(NoAnswer) as caught:
        await rig.backend.put(TRANSFORM, {}, Lane.USER)
    assert caught.value.reason == Reason.UNANSWERED
    with pytest.raises(NoAnswer) as caught:
        await rig.backend.operation(type(TRANSFORM)("MediaServicesAccount", ACCOUNT), "w/7", Lane.POLL)
    assert caught.value.reason == Reason.BAD_ANSWER


async def test_an_answer_carries_time_and_operation(rude: Rude, rig: Rig) -> None:
    link = f"{rude.origin}/subscriptions/s/providers/Microsoft.Media/locations/w/mediaServicesOperationStatuses/7?v=1"
    always(rude, b"", "202 Accepted", f"Azure-AsyncOperation: {link}\r\nDate: Sat, 21 Nov 2026 05:00:00 GMT\r\n")
    answer = await rig.backend.patch(type(TRANSFORM)("MediaServicesAccount", ACCOUNT), {}, Lane.USER)
    assert (answer.operation, answer.date, answer.at) == ("w/7", "2026-11-21T05:00:00+00:00", 1000.0)


async def test_an_operation_elsewhere_is_ignored(rude: Rude, rig: Rig) -> None:
    link = "https://evil.example/subscriptions/s/providers/Microsoft.Media/locations/w/mediaServicesOperationStatuses/7"
    always(rude, b"", "202 Accepted", f"Azure-AsyncOperation: {link}\r\n")
    answer = await rig.backend.patch(type(TRANSFORM)("MediaServicesAccount", ACCOUNT), {}, Lane.USER)
    assert (answer.status, answer.operation) == (202, None)


async def test_a_poisoned_item_spoils_nothing_but_itself(rude: Rude, rig: Rig) -> None:
    deep: object = "x"
    for _ in range(100):
        deep = [deep]
    items = [None, {"name": "good"}, 7, {"name": "deep", "properties": {"a": deep}}, {"name": ["x"]}]
    always(rude, json.dumps({"value": items}).encode())
    page = await rig.backend.list(ACCOUNT, "Transform", (), Lane.SWEEP, None)
    assert [item["name"] for item in page.items] == ["good"]
    assert page.skipped == 4


@pytest.mark.parametrize(
    "body", [b"{}", b'{"value":{}}', b'{"value":null}', json.dumps({"value": [1] * 10_001}).encode()]
)
async def test_what_is_no_list(rude: Rude, rig: Rig, body: bytes) -> None:
    always(rude, body)
    with pytest.raises(NoAnswer) as caught:
        await rig.backend.list(ACCOUNT, "Transform", (), Lane.SWEEP, None)
    assert caught.value.reason == Reason.BAD_ANSWER


async def test_the_next_page_is_asked_for_word_for_word(rude: Rude, rig: Rig) -> None:
    query = "api-version=2022-07-01&$skiptoken=Asset%2B517{0}"
    always(rude, json.dumps({"value": [], "@odata.nextLink": f"{rude.origin}{COLLECTION}?{query}"}).encode())
    first = await rig.backend.list(ACCOUNT, "Transform", (), Lane.SWEEP, None)
    assert first.next is not None
    always(rude, b'{"value":[]}')
    assert (await rig.backend.list(ACCOUNT, "Transform", (), Lane.SWEEP, first.next)).next is None
    assert rude.requests[-1].split()[1].replace("%7B", "{").replace("%7D", "}") == f"{COLLECTION}?{query}"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        ("401 Unauthorized", NotSent, Reason.CREDENTIAL_REJECTED),
        ("403 Forbidden", NotSent, Reason.FORBIDDEN),
        ("404 Not Found", NotSent, Reason.WAITING_FOR_ACCOUNT),
        ("429 Too Many Requests", NotSent, Reason.THROTTLED),
        ("307 Temporary Redirect", NoAnswer, Reason.PROGRESSING),
        ("500 Oops", NoAnswer, Reason.PROGRESSING),
        ("204 No Content", NoAnswer, Reason.PROGRESSING),
    ],
)
async def test_a_list_that_is_answered_otherwise(
    rude: Rude, rig: Rig, status: str, kind: type[Exception], reason: Reason
) -> None:
    always(rude, b"", status, "Location: https://evil.example/\r\nRetry-After: 9\r\n")
    with pytest.raises(kind) as caught:
        await rig.backend.list(ACCOUNT, "Transform", (), Lane.SWEEP, None)
    assert caught.value.reason == reason  # type: ignore[attr-defined]  # both kinds are port errors
