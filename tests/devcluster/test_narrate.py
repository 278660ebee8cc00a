"""Nobody is left in silence, and nothing is left running."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console
from tests.devcluster.conftest import executable
from tests.fixtures_cluster import wait_for

from ams_devcluster import narrated
from ams_devcluster.cache import BEAT
from ams_devcluster.narrate import elapsed, run_narrated
from ams_devcluster.process import runs_in


def test_a_line_at_every_beat_until_the_command_ends(tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    command = executable(tmp_path / "slow", f"echo first; while [ ! -e {go_on} ]; do sleep 0.01; done; exit 7")
    said: list[str] = []

    def progress(text: str) -> None:
        said.append(text)
        if len(said) == 5:
            go_on.touch()

    code = run_narrated(
        [str(command)], tmp_path / "log", lambda lines: "/".join(lines), progress, env=dict(os.environ), beat=0.02
    )
    assert code == 7
    assert len(said) >= 5
    assert said[-1].startswith("first [0:")


def test_an_interruption_ends_the_command_and_its_children(tmp_path: Path) -> None:
    child = tmp_path / "child"
    # The grandchild's command line names the directory, so that it can be told from any other process.
    sleeper = f'sh -c "while :; do sleep 0.05; done" {tmp_path}'
    script = f"{sleeper} & echo $! > {child}.part; mv {child}.part {child}; wait"
    command = executable(tmp_path / "slow", script)

    def interrupted(text: str) -> None:
        if child.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_narrated([str(command)], tmp_path / "log", lambda _: "", interrupted, env=dict(os.environ), beat=0.02)
    wait_for(lambda: not runs_in(int(child.read_text()), tmp_path), "the child is gone")


def test_a_beat_is_well_under_what_a_person_bears() -> None:
    assert BEAT < 10
    assert elapsed(125.9) == "2:05"


def test_plain_lines_where_there_is_no_terminal() -> None:
    output = io.StringIO()
    with narrated(Console(file=output)) as progress:
        progress("one [bold]")
        progress("two")
    assert output.getvalue() == "one [bold]\ntwo\n"
