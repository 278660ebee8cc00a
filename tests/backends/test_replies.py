"""Header values, error texts and shapes, each of which may be anything."""

from typing import Any

import pytest

from ams_operator.backends import replies

DATE = "Sat, 21 Nov 2026 05:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "Sat, 21 Nov 2026 05:01:00 GMT", "Date": DATE}, 60.0),
        ({"Retry-After": "Sat, 21 Nov 2026 04:00:00 GMT", "Date": DATE}, 0.0),
        ({"Retry-After": "Sat, 21 Nov 2026 05:01:00 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert replies.retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        (DATE, "2026-11-21T05:00:00+00:00"),
        ("Sat, 21 Nov 2026 07:00:00 +0200", "2026-11-21T05:00:00+00:00"),
        ("Sat, 21 Nov 2026 05:00:00 -0000", "2026-11-21T05:00:00+00:00"),
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(text: str | None, iso: str | None) -> None:
    found = replies.date(text)
    assert (found.isoformat() if found else None) == iso


@pytest.mark.parametrize(
    ("method", "name"),
    [("GET", "reads"), ("PUT", "writes"), ("POST", "writes"), ("PATCH", "writes"), ("DELETE", "deletes")],
)
def test_what_is_left_is_read_for_the_method(method: str, name: str) -> None:
    headers = {f"x-ms-ratelimit-remaining-subscription-{kind}": "1" for kind in ("reads", "writes", "deletes")}
    assert replies.remaining({**headers, f"x-ms-ratelimit-remaining-subscription-{name}": "7"}, method) == 7


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"error": {"code": "Conflict", "message": "busy"}}, ("Conflict", "busy")),
        ({"error": "invalid_token", "error_description": "old"}, ("invalid_token", "old")),
        ({"code": "A", "message": "b"}, ("A", "b")),
        ({"Code": "A", "Message": "b"}, ("A", "b")),
        ({"error": {"code": 7, "message": ["x"]}}, ("", "")),
        ({"error": ["x"]}, ("", "")),
        ({"error": None}, ("", "")),
        ({}, ("", "")),
        (None, ("", "")),
    ],
)
def test_errors(body: Any, found: tuple[str, str]) -> None:
    assert replies.error_of(400, body) == found


@pytest.mark.parametrize(
    "item", [None, 1, "x", [], {}, {"name": 7}, {"name": None}, {"name": "x", "properties": []}, {"properties": {}}]
)
def test_what_is_no_resource(item: Any) -> None:
    assert not replies.is_resource(item)


@pytest.mark.parametrize("item", [{"name": "x"}, {"name": "x", "properties": {}}, {"name": "x", "other": [1]}])
def test_what_is_a_resource(item: Any) -> None:
    assert replies.is_resource(item)
