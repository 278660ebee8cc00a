"""Bodies are read member by member; a refusal names the member."""

from typing import Any

import pytest

from ams_emulator.errors import BadInputError
from ams_emulator.iso8601 import canonical_duration, parse_duration
from ams_emulator.schema import Duration, Enum, Flag, ListOf, MapOf, Member, Moment, Number, Object, Rules, Text, Union

RULES = Rules("2022-07-01")
SHAPE = Object(
    {
        "name": Member(Text("[a-z]+", "lower-case letters", max_length=5)),
        "size": Member(Number(whole=True, minimum=1, maximum=9)),
        "ratio": Member(Number()),
        "on": Member(Flag()),
        "mode": Member(Enum(("A", "B")), default="A"),
        "wait": Member(Duration(0.5, 20)),
        "at": Member(Moment()),
        "tags": Member(MapOf(Text())),
        "items": Member(
            ListOf(Union({"#x": Object({"n": Member(Number(), required=True)}), "#y": Object()}), minimum=1, maximum=2)
        ),
        "made": Member(Text(), read_only=True),
        "fresh": Member(Text(), since="2023-01-01"),
        "level": Member(Text(), filled="Auto"),
    }
)


@pytest.mark.parametrize(
    ("body", "path", "problem"),
    [
        ([], "", "expected an object, got a list"),
        ({"name": 5}, "name", "expected a string, got a number"),
        ({"name": "UP"}, "name", "is not lower-case letters"),
        ({"name": "abcdef"}, "name", "longer than 5"),
        ({"size": 1.5}, "size", "expected a whole number"),
        ({"size": True}, "size", "got a boolean"),
        ({"size": 10}, "size", "outside 1 to 9"),
        ({"ratio": "1"}, "ratio", "expected a number, got a string"),
        ({"on": "true"}, "on", "expected true or false"),
        ({"mode": "C"}, "mode", "is not one of A, B"),
        ({"wait": "1 hour"}, "wait", "is not an ISO 8601 duration"),
        ({"wait": "PT1M"}, "wait", "outside 0.5 to 20 seconds"),
        ({"wait": "-PT1S"}, "wait", "outside"),
        ({"at": "yesterday"}, "at", "is not a date and time"),
        ({"tags": {"a": 1}}, "tags.a", "expected a string"),
        ({"items": []}, "items", "needs at least 1 item"),
        ({"items": [{}]}, "items[0].@odata.type", "is required"),
        ({"items": [{"@odata.type": "#z"}]}, "items[0].@odata.type", "is not one of #x, #y"),
        ({"items": [{"@odata.type": "#y"}, {"@odata.type": "#x"}]}, "items[1].n", "is required"),
        ({"items": [{"@odata.type": "#y"}] * 3}, "items", "has 3 items"),
        ({"items": [{"@odata.type": "#y", "n": 1}]}, "items[0].n", "is not a member"),
        ({"odd": 1}, "odd", "is not a member that api-version 2022-07-01 knows"),
        ({"fresh": "x"}, "fresh", "is not a member"),
    ],
)
def test_refusals_name_the_member(body: Any, path: str, problem: str) -> None:
    with pytest.raises(BadInputError) as refused:
        SHAPE.read(body, "", RULES)
    assert refused.value.target == path
    assert problem in refused.value.message


def test_what_is_stored() -> None:
    body = {"name": "ab", "made": "mine", "on": False, "size": None, "items": [{"@odata.type": "#x", "n": 1.5}]}
    stored = SHAPE.read(body, "", RULES)
    items = [{"@odata.type": "#x", "n": 1.5}]
    assert stored == {"name": "ab", "on": False, "mode": "A", "items": items, "level": "Auto"}
    assert "level" not in SHAPE.read(body, "", Rules("2022-07-01", fill_defaults=False))
    assert SHAPE.read({"fresh": "x"}, "", Rules("2023-01-01"))["fresh"] == "x"


def test_unknown_members() -> None:
    body = {"odd": 1, "items": [{"@odata.type": "#y", "odd": 2}]}
    assert "odd" not in SHAPE.read(body, "", Rules("2022-07-01", "ignore"))
    kept = SHAPE.read(body, "", Rules("2022-07-01", "store"))
    assert (kept["odd"], kept["items"][0]["odd"]) == (1, 2)
    learned: set[str] = set()
    SHAPE.read(body, "", Rules("2022-07-01", "learn", learned))
    assert learned == {"odd", "items[].odd"}
    assert SHAPE.read(body, "", Rules("2022-07-01", "refuse", learned))["odd"] == 1


def test_partial_body_requires_nothing_and_keeps_null() -> None:
    assert SHAPE.read({"name": None}, "", Rules("2022-07-01", partial=True)) == {"name": None}


@pytest.mark.parametrize(
    ("text", "seconds", "canonical"),
    [
        ("PT90M", 5400, "PT1H30M"),
        ("PT0S", 0, "PT0S"),
        ("P1D", 86400, "P1D"),
        ("PT36H", 129600, "P1DT12H"),
        ("PT2.50S", 2.5, "PT2.5S"),
        ("-PT1M", -60, "-PT1M"),
    ],
)
def test_durations(text: str, seconds: float, canonical: str) -> None:
    assert parse_duration(text) == seconds
    assert canonical_duration(text) == canonical


@pytest.mark.parametrize("text", ["", "P", "PT", "PT1", "1H", "P1Y", "P1M", "PT1H2", "P1DT", "pt1s", "PT1.S"])
def test_no_durations(text: str) -> None:
    assert parse_duration(text) is None
