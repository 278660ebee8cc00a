"""Version 2's JSON in all its spellings, and whatever else may come in its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ams_operator.migration import markup, odata

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["d", "value", "results", "__metadata", "__count", "odata.count", "error", "Id", "message"])
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
OBJECT = st.dictionaries(st.sampled_from(["d", "value", "odata.count", "error", "odata.error"]), ANYTHING)

ROW = {"Id": "nb:cid:UUID:8cb39104-122c-496e-9ac5-7f9e2c2547b8", "Options": 1, "Names": ["a", "b"]}
MINIMAL = {"odata.metadata": "https://host/api/$metadata#Assets", "odata.count": "1", "value": [ROW]}
VERBOSE = {
    "d": {
        "__count": "1",
        "results": [
            {
                "__metadata": {"id": "https://host/api/Assets('x')", "type": "Asset"},
                "Files": {"__deferred": {"uri": "https://host/api/Assets('x')/Files"}},
                **ROW,
                "Names": {"__metadata": {"type": "Collection(Edm.String)"}, "results": ["a", "b"]},
            }
        ],
    }
}


@pytest.mark.parametrize("body", [MINIMAL, VERBOSE])
def test_both_formats_are_one(body: dict[str, Any]) -> None:
    assert odata.rows(body) == odata.Rows((ROW,), count=1)


def test_empty_pages() -> None:
    assert odata.rows({"d": {"results": []}}) == odata.rows({"value": []}) == odata.Rows(())


@pytest.mark.parametrize("body", [None, {}, {"d": None}, {"d": "x"}, {"value": {}}, {"value": "x"}, {"d": {"Id": "x"}}])
def test_no_page(body: dict[str, Any] | None) -> None:
    assert odata.rows(body) is None


def test_a_link_says_only_that_there_is_more() -> None:
    assert odata.rows({"value": [], "odata.nextLink": "https://elsewhere/"}) == odata.Rows((), more=True)
    assert odata.rows({"d": {"results": [], "__next": "x"}}) == odata.Rows((), more=True)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [("0", 0), (" 12 ", 12), ("9223372036854775807", 2**63 - 1), (3, 3), (3.0, 3), (3.5, None), (True, None),
     ("1.5", None), ("", None), (None, None), ("\u0663", None), (float("inf"), None), ("9" * 40, None)],
)  # fmt: skip
def test_whole_numbers(given_: object, expected: int | None) -> None:
    assert odata.whole(given_) == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("2015-01-18T22:06:40.6010903Z", datetime(2015, 1, 18, 22, 6, 40, 601090, tzinfo=UTC)),
        ("2015-02-11T01:46:08.897", datetime(2015, 2, 11, 1, 46, 8, 897000, tzinfo=UTC)),
        ("2015-02-11T01:46:08", datetime(2015, 2, 11, 1, 46, 8, tzinfo=UTC)),
        ("2015-02-11T03:46:08+02:00", datetime(2015, 2, 11, 1, 46, 8, tzinfo=UTC)),
        ("/Date(1423619168897)/", datetime(2015, 2, 11, 1, 46, 8, 897000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+05:00", None),
        (None, None),
        ("yesterday", None),
        (12, None),
    ],
)
def test_moments(given_: object, expected: datetime | None) -> None:
    assert odata.moment(given_) == expected


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - zone is added
def test_every_moment_survives_its_spellings(when: datetime) -> None:
    here = when.replace(tzinfo=UTC)
    assert odata.moment(when.isoformat()) == odata.moment(when.isoformat() + "Z") == here


@pytest.mark.parametrize(
    ("given_", "expected"),
    [("PT1H", timedelta(hours=1)), ("P1DT2M3.5S", timedelta(days=1, minutes=2, seconds=3.5)),
     ("PT0S", timedelta()), ("-PT5S", timedelta(seconds=-5)), ("P", None), ("PT", None), ("1:00", None), (None, None)],
)  # fmt: skip
def test_durations(given_: object, expected: timedelta | None) -> None:
    assert odata.duration(given_) == expected


def test_guids_are_compared_without_case_and_prefix() -> None:
    assert odata.guid("nb:cid:UUID:8CB39104-122c-496e-9ac5-7f9e2c2547b8") == "8cb39104-122c-496e-9ac5-7f9e2c2547b8"
    assert odata.guid("nb:cid:UUID:8cb39104") is None
    assert odata.guid(None) is None


def test_rows_are_remembered_by_what_tells_them_apart() -> None:
    tail = "8cb39104-122c-496e-9ac5-7f9e2c2547b8"
    assert odata.mark(f"nb:cid:UUID:{tail}") == odata.mark(f"nb:cid:UUID:{tail.upper()}")
    one, two = (f"nb:cid:UUID:{first}{tail[1:]}__###__{tail}" for first in "12")
    assert odata.mark(one) != odata.mark(two)
    assert odata.mark("nb:cid:UUID:none") == "nb:cid:uuid:none"


def test_keys_cannot_leave_their_quotes() -> None:
    assert odata.key("o'b/../CancelJob?x=1") == "'o%27%27b%2F..%2FCancelJob%3Fx%3D1'"
    assert odata.key("00000000-0000-0000-0000-000000000001", is_guid=True).startswith("guid'")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"code": "c", "message": {"lang": "en-US", "value": "m"}}}, b""),
        ({"odata.error": {"code": "c", "message": {"lang": "en-US", "value": "m"}}}, b""),
        ({"error": {"code": "c", "message": "m"}}, b""),
        (None, b'<?xml version="1.0" encoding="utf-8"?><error xmlns="http://x/metadata"><code>c</code>'
               b'<message xml:lang="en-US">m</message></error>'),
    ],
)  # fmt: skip
def test_errors(body: dict[str, Any] | None, said: bytes) -> None:
    assert odata.error(body, said) == ("c", "m")


BOMB = b'<!DOCTYPE e [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><error><message>&b;</message></error>'


@pytest.mark.parametrize("said", [b"", b"not found", b"<html>", BOMB, b"<error>" * 100, b"<a/>", b"\xff<error/>"])
def test_no_errors(said: bytes) -> None:
    assert odata.error(None, said) == ("", "")


@pytest.mark.parametrize(
    "text",
    [BOMB, '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "<a>" * 70 + "</a>" * 70, "<a>" + "<b/>" * 20_001 + "</a>",
     "<a>" + " " * 200_001 + "</a>", "", "{}", "<a>&unknown;</a>", "\ud800", "<a>\x00</a>"],
)  # fmt: skip
def test_dangerous_xml_is_refused(text: str | bytes) -> None:
    with pytest.raises(markup.NotXml):
        markup.parse(text)


def test_xml_without_its_namespaces() -> None:
    node = markup.parse(
        '\ufeff<?xml version="1.0" encoding="utf-16"?><T xmlns="urn:a" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        '<K i:type="Symmetric"><V> abc </V><W i:nil="true"/></K></T>'
    )
    key = node.child("K")
    assert key is not None
    assert (node.name, key.attributes["type"], key.value("V"), key.value("W")) == ("T", "Symmetric", "abc", None)


@given(OBJECT, st.binary(max_size=60))
def test_whatever_comes_nothing_breaks(body: dict[str, Any], said: bytes) -> None:
    odata.rows(body)
    odata.error(body, said)
    for value in body.values():
        odata.whole(value), odata.moment(value), odata.duration(value), odata.guid(value), odata.embedded(value)


def test_deep_values_are_cut() -> None:
    deep: Any = 1
    for _ in range(60):
        deep = {"a": deep}
    assert odata.plain({"x": deep}) is not None
