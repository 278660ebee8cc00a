"""The clock: what is due runs at its own moment, in order."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from ams_emulator.clock import Clock, http_date, seconds_text, timestamp
from ams_emulator.testing import Emulator


def test_manual_time_stands_still() -> None:
    clock = Clock("manual")
    assert clock.time() == clock.time()
    before = clock.time()
    clock.advance(90)
    assert clock.time() == before + 90


def test_timers_run_in_order_at_their_own_moments() -> None:
    clock, seen = Clock("manual"), list[tuple[str, float]]()
    start = clock.time()

    def note(name: str) -> None:
        seen.append((name, round(clock.time() - start, 3)))

    def first() -> None:
        note("first")
        clock.call_later(1, lambda: note("inner"))

    clock.call_later(5, lambda: note("last"))
    clock.call_later(2, first)
    clock.call_later(0, lambda: note("now"))
    clock.advance(10)
    assert seen == [("now", 0), ("first", 2), ("inner", 3), ("last", 5)]


def test_only_forward() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        Clock("manual").advance(-1)


def test_formats() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)
    assert timestamp(moment) == "2026-01-02T03:04:05.6789000Z"
    assert http_date(moment) == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert [seconds_text(value) for value in (0, 0.1, 1, 29.5, -3)] == ["0", "1", "1", "30", "0"]


def test_answers_follow_the_clock() -> None:
    with Emulator("--http", "--clock", "manual", "--account", "contoso") as emulator:
        account = emulator.account_id("contoso")
        _, first, _ = emulator.request("GET", account)
        emulator.control.advance(86400)
        _, second, _ = emulator.request("GET", account)
        days = [parsedate_to_datetime(headers["date"]).toordinal() for headers in (first, second)]
        assert days[1] - days[0] == 1
        body = {"properties": {"outputs": [{"preset": {"@odata.type": "#Microsoft.Media.AudioAnalyzerPreset"}}]}}
        _, _, made = emulator.request("PUT", f"{account}/transforms/t", body)
        assert made["properties"]["created"] == emulator.control.clock()["now"]
        status, headers, _ = emulator.request("PATCH", account, {"tags": {"a": "b"}})
        operation = headers["azure-asyncoperation"].removeprefix(emulator.url)
        assert status == 202
        assert emulator.request("GET", operation)[2]["status"] == "InProgress"
        emulator.control.advance(0.5)
        assert emulator.request("GET", operation)[2]["status"] == "Succeeded"
