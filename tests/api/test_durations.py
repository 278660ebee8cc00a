"""Durations as people write them and as the service answers them."""

from datetime import timedelta
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from ams_operator.api.durations import Interval, Iso8601Duration, between, parse_interval, parse_iso8601

Bounded = Annotated[str, between("PT1S", "PT2H", "PT1M")]
GOOD = {
    "PT2S": timedelta(seconds=2),
    "PT02S": timedelta(seconds=2),
    "PT0.5S": timedelta(milliseconds=500),
    "PT1H30M": timedelta(minutes=90),
    "PT90M": timedelta(minutes=90),
    "P1DT1S": timedelta(days=1, seconds=1),
    "P2D": timedelta(days=2),
    "PT0S": timedelta(),
}
BAD = ("", "1 hour", "60s", "P", "PT", "P1DT", "-PT1S", "PT-1S", "PT1", "P1M", "P1Y", "P1W", "pt1s", "PT1S\n", "PT1M1H")


@pytest.mark.parametrize("text", GOOD)
def test_iso8601_is_read(text: str) -> None:
    assert TypeAdapter(Iso8601Duration).validate_python(text) == text
    assert parse_iso8601(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_what_is_not_iso8601_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="must be an ISO 8601 duration such as PT2S"):
        TypeAdapter(Iso8601Duration).validate_python(text)
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        parse_iso8601(text)


@pytest.mark.parametrize("text", ["PT2S", "PT0.5S", "PT1H30M", "PT90M", "PT1H1S", "PT000002S"])
def test_a_duration_within_bounds_is_hours_to_seconds(text: str) -> None:
    assert TypeAdapter(Bounded).validate_python(text) == text


@pytest.mark.parametrize("text", [*BAD, "P1D", "PT", "PT1S1H", "PT1H1H", "PT1234567S"])
def test_what_the_api_server_could_not_compute_with_is_refused(text: str) -> None:
    with pytest.raises(
        ValidationError, match="8601 duration in hours, minutes and seconds, from PT1S to PT2H such as PT1M"
    ):
        TypeAdapter(Bounded).validate_python(text)


def test_intervals_are_read() -> None:
    assert parse_interval("60s") == timedelta(seconds=60)
    assert parse_interval("1h30m") == timedelta(minutes=90)
    assert parse_interval("500ms") == timedelta(milliseconds=500)
    assert parse_interval("0s") == timedelta()


@pytest.mark.parametrize("text", ["", "60", "PT60S", "1d", "-5s", "1.5h", "5 m"])
def test_what_is_not_an_interval_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="must be a duration from 10s to 24h"):
        TypeAdapter(Interval).validate_python(text)
    with pytest.raises(ValueError, match="not a duration such as 60s"):
        parse_interval(text)
