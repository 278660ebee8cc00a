"""What is printed: readable in a pipe, and a table that always shows what matters."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.console import Console

from demo.errors import DemoError
from demo.rows import Row
from demo.show import Screen, _table

WAITING = Row("Transform", "content-aware", "False", "WaitingForAccount", "-", "the account is not ready " * 20)
READY = Row("Transform", "content-aware", "True", "InSync", "exists", "the service is as declared")


def everything(screen: Screen) -> None:
    rows = iter([[WAITING], [WAITING], [READY]])
    answers = iter([None, None, "done"])
    screen.chapter("A title", "An explanation [with brackets] that is not markup")
    screen.command("kubectl get ams")
    screen.proof("service", "it is there")
    screen.counts("Requests", {"GET transforms": 2})
    with screen.working("Something long"):
        pass
    with screen.progress() as progress:
        progress("half way [1/2]")
    screen.wait("waiting until it is there", lambda: next(answers), lambda: next(rows))


@pytest.mark.parametrize("forced", ["FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE"])
def test_no_control_character_reaches_a_pipe(monkeypatch: pytest.MonkeyPatch, forced: str) -> None:
    monkeypatch.setenv(forced, "1")
    stream = StringIO()
    everything(Screen(stream))
    assert [character for character in stream.getvalue() if ord(character) < 32 and character != "\n"] == []
    assert "An explanation [with brackets] that is not markup" in stream.getvalue()


def test_a_terminal_gets_colours_and_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = StringIO()
    everything(Screen(stream, terminal=True))
    assert "\x1b[" in stream.getvalue()
    assert "OBJECT" in stream.getvalue()


def test_a_terminal_that_can_do_nothing_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = StringIO()
    everything(Screen(stream, terminal=True))
    assert "\x1b" not in stream.getvalue()
    assert "transform/content-aware: Ready=True" in stream.getvalue()


def test_in_a_pipe_a_row_is_printed_when_it_changes_and_only_then(screen: Screen, output: StringIO) -> None:
    everything(screen)
    lines = [line.strip() for line in output.getvalue().splitlines() if "transform/content-aware" in line]
    assert [line.split(" (")[0] for line in lines] == [
        "transform/content-aware: Ready=False WaitingForAccount, in Azure: -",
        "transform/content-aware: Ready=True InSync, in Azure: exists",
    ]


def test_a_pipe_hears_that_waiting_goes_on(output: StringIO) -> None:
    answers = iter([None, None, "done"])
    Screen(output, terminal=False, beat=0.0).wait("waiting until it is there", lambda: next(answers))
    assert output.getvalue().count("waiting until it is there") > 2


def test_what_is_done_says_what_it_took_itself_however_long_the_demo_was_left_running(
    screen: Screen, output: StringIO
) -> None:
    screen._began -= 3600
    with screen.working("Cleaning up"):
        pass
    assert re.fullmatch(r"Cleaning up \.\.\.\nCleaning up: done \[\d{1,3} s\]\n", output.getvalue())


def test_waiting_returns_what_it_waited_for(screen: Screen) -> None:
    assert screen.wait("something", lambda: "it") == "it"


def test_waiting_ends_when_time_is_up(screen: Screen) -> None:
    with pytest.raises(DemoError, match="not within 0 s: something"):
        screen.wait("something", lambda: None, patience=0)


def test_waiting_ends_when_a_program_is_gone(screen: Screen) -> None:
    def gone() -> None:
        raise DemoError("the operator ended")

    screen.alive = gone
    with pytest.raises(DemoError, match="the operator ended"):
        screen.wait("something", lambda: None)


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_long_message_takes_no_place_from_the_state(width: int) -> None:
    stream = StringIO()
    Console(file=stream, width=width).print(_table([WAITING, READY], width))
    lines = stream.getvalue().splitlines()
    assert lines[0].split() == ["OBJECT", "READY", "REASON", "IN", "AZURE", "MESSAGE"]
    assert lines[1].split()[:4] == ["transform/content-aware", "False", "WaitingForAccount", "-"]
    assert len(lines) == 3
    assert max(len(line) for line in lines) <= width
