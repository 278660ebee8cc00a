"""`ams-operator migrate inventory` as people run it: the real program, over TLS, without a cluster."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from ams_operator.cli import migrate_show
from ams_operator.cli.migrate_read import FIRST, reached
from ams_operator.migration.entities import SETS, EntitySet
from ams_operator.migration.model import Progress
from ams_operator.migration.odata import Rows
from ams_operator.migration.paging import Ask
from ams_operator.migration.trouble import Access, NotReadable

from .conftest import Source


def words_and_settings(
    source: Source, cache: Path, *options: str, command: str, **environment: str
) -> tuple[list[str], dict[str, str]]:
    words = [sys.executable, "-c", "from ams_operator.cli import main; main()", "migrate", command, *options]
    return words, {
        **{key: value for key, value in os.environ.items() if not key.startswith(("AZURE_", "AMS_"))},
        **source.credentials(),
        "AMS_ACCOUNT": source.account.name,
        "AZURE_RESOURCE_GROUP": source.account.resource_group,
        "AZURE_SUBSCRIPTION_ID": source.account.subscription,
        "AMS_ENDPOINT": source.emulator.url,
        "AZURE_AUTHORITY_HOST": source.emulator.url,
        "AMS_CA_BUNDLE": source.emulator.ca_file or "",
        "XDG_CACHE_HOME": str(cache),
        "COLUMNS": "160",
        **environment,
    }


def run(
    source: Source, cache: Path, *options: str, command: str = "inventory", **environment: str
) -> subprocess.CompletedProcess[str]:
    words, settings = words_and_settings(source, cache, *options, command=command, **environment)
    return subprocess.run(words, env=settings, capture_output=True, text=True, timeout=120, check=False)


def test_the_table_and_the_json_say_the_same(source: Source, tmp_path: Path) -> None:
    table = run(source, tmp_path)
    assert table.returncode == 0, table.stderr
    for words in ("becomes LiveEvent", "V2JobsDrained", "Channels are not stopped: 2", "No API shows these", "[i]"):
        assert words in table.stdout
    assert "Assets: 13" in table.stderr
    assert "version 3: Asset: 13" in table.stderr
    as_json = run(source, tmp_path, "-o", "json")
    report = json.loads(as_json.stdout)
    assert report["complete"]
    assert [one["name"] for one in report["sets"]] == list(SETS)
    assert not list(tmp_path.rglob("*.json")), "a complete inventory leaves no checkpoint"


def test_outside_of_a_terminal_a_set_that_takes_long_says_so() -> None:
    out = io.StringIO()
    with migrate_show.Bars(Console(file=out)) as bars:
        bars.tell(Progress("Assets", 0))
        bars.tell(Progress("Assets", 1000, 3000))
        bars.beat()
        assert not out.getvalue()
        bars.beat()
        bars.tell(Progress("Assets", 3000, 3000, done=True))
        bars.beat()
    assert out.getvalue().splitlines() == ["  Assets: 1000 of 3000 so far", "Assets: 3000"]


def test_what_keeps_it_from_being_read_is_said_while_it_is_tried_again(source: Source, tmp_path: Path) -> None:
    words, settings = words_and_settings(
        source, tmp_path, command="inventory", AZURE_AUTHORITY_HOST="https://127.0.0.1:1"
    )
    with subprocess.Popen(words, env=settings, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        process.terminate()
    assert "not readable now, tried again: https://127.0.0.1:1 gives no token (connection refused): check" in said


def test_trouble_is_told_once_and_ends_with_an_answer() -> None:
    out = io.StringIO()
    with migrate_show.Bars(Console(file=out)) as bars:
        bars.tell(Progress("Assets", 1000, 3000))
        bars.trouble("nobody answers")
        bars.trouble("nobody answers")
        for _ in range(2):
            bars.beat()
        bars.trouble("")
        bars.beat()
    assert out.getvalue().splitlines() == [
        "  not readable now, tried again: nobody answers",
        "  still not readable, tried again",
        "  Assets: 1000 of 3000 so far",
    ]


def test_an_interrupted_one_goes_on_and_its_file_is_its_owners(source: Source, tmp_path: Path) -> None:
    source.emulator.control.fault("answer", {"path": "/api/Programs", "count": 0}, status=403)
    broken = run(source, tmp_path)
    assert broken.returncode == 3
    assert "refuses this set" in broken.stdout
    (left,) = tmp_path.rglob("*.json")
    assert left.stat().st_mode & 0o077 == 0
    source.emulator.control.clear_faults()
    source.emulator.control.reset_log()
    assert run(source, tmp_path).returncode == 0
    kinds = {entry["kind"] for entry in source.log()}
    assert "LIST v2/Programs" in kinds
    assert "LIST v2/Assets" not in kinds


def test_ctrl_c_ends_it_and_the_same_command_goes_on(source: Source, tmp_path: Path) -> None:
    control = source.emulator.control
    held = control.barrier("before", method="GET", path=".*/api/Programs.*")
    words, settings = words_and_settings(source, tmp_path, command="inventory")
    with subprocess.Popen(words, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        held.wait()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    held.release("drop")
    assert process.returncode == 130
    assert "the same command goes on where it was" in said
    assert "Traceback" not in said
    control.reset_log()
    assert run(source, tmp_path).returncode == 0
    assert "LIST v2/Assets" not in {entry["kind"] for entry in source.log()}


def test_what_is_missing_is_named(source: Source, tmp_path: Path) -> None:
    found = run(source, tmp_path, AZURE_CLIENT_SECRET="")
    assert found.returncode == 2
    assert "AZURE_CLIENT_SECRET" in found.stderr
    found = run(source, tmp_path, AZURE_AUTHORITY_HOST="")
    assert found.returncode == 2
    assert "--authority" in found.stderr


@pytest.mark.parametrize("text", ["my notes\n", "[1]", '{"version": 6}'])
@pytest.mark.parametrize("options", [[], ["--fresh"]], ids=["go on", "fresh"])
def test_a_file_that_is_no_checkpoint_is_left_as_it_is(
    tmp_path: Path, source: Source, text: str, options: list[str]
) -> None:
    notes = tmp_path / "notes"
    notes.write_text(text)
    found = run(source, tmp_path, "--checkpoint", str(notes), *options)
    assert (found.returncode, found.stdout, notes.read_text()) == (2, "", text)
    assert "is no checkpoint of an inventory" in found.stderr


def test_an_empty_file_becomes_a_checkpoint_and_goes(source: Source, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.touch()
    assert run(source, tmp_path, "--checkpoint", str(made)).returncode == 0
    assert not made.exists()


def test_certificates_that_can_not_be_used_are_named_as_the_option_is(source: Source, tmp_path: Path) -> None:
    absent, junk = tmp_path / "absent.pem", tmp_path / "junk.pem"
    junk.write_text("no certificate")
    found = run(source, tmp_path, "--ca-bundle", str(absent))
    assert (found.returncode, "Traceback" in found.stderr) == (2, False)
    assert "--ca-bundle" in found.stderr
    found = run(source, tmp_path, "--ca-bundle", str(junk))
    assert found.returncode == 1
    assert "Here --endpoint, --authority and --ca-bundle say" in found.stderr


@pytest.mark.parametrize(("status", "reason"), [(403, "AccountDisabled"), (404, "NoV2Endpoint"), (410, "NoV2Endpoint")])
def test_an_account_that_does_not_answer_any_more_is_no_empty_one(
    source: Source, tmp_path: Path, status: int, reason: str
) -> None:
    source.emulator.control.fault("answer", {"path": "/api/", "count": 0}, status=status)
    found = run(source, tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert reason in found.stderr


def test_no_secret_is_said_when_it_is_wrong(source: Source, tmp_path: Path) -> None:
    found = run(source, tmp_path, AZURE_CLIENT_SECRET="not-the-right-secret")
    assert found.returncode == 1
    assert "SignInRejected" in found.stderr
    assert "not-the-right-secret" not in found.stderr + found.stdout

    assert "AZURE_CLIENT_SECRET of the environment: correct them" in found.stderr


class Reluctant:
    """A version 2 that can't be reached; a try takes as long as the authority asks to wait."""

    def __init__(self, reason: Access, pause: float = 10.0) -> None:
        self.reason, self.pause, self.tries, self.time = reason, pause, 0, 1000.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds

    async def probe(self) -> None:
        self.tries += 1
        raise NotReadable(self.reason, "no token", self.time + self.pause)

    async def page(self, entities: EntitySet, ask: Ask, *, parent: str | None = None, top: int = 1) -> Rows:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("reason", "pause", "tries"),
    [(Access.UNREACHABLE, 10.0, 4), (Access.UNREACHABLE, 600.0, 1), (Access.SIGN_IN_REJECTED, 10.0, 1)],
)
async def test_where_nothing_answered_yet_it_ends_soon(reason: Access, pause: float, tries: int) -> None:
    reader = Reluctant(reason, pause)
    with pytest.raises(NotReadable):
        await reached(reader, reader.now, reader.sleep)
    assert (reader.tries, reader.time <= 1000.0 + FIRST) == (tries, True)


async def test_one_that_asks_for_patience_is_there() -> None:
    reader = Reluctant(Access.THROTTLED)
    await reached(reader, reader.now, reader.sleep)
    assert reader.tries == 1


def test_an_account_without_version_2(source_factory: Callable[..., Source], tmp_path: Path) -> None:
    found = run(source_factory(""), tmp_path)
    assert found.returncode == 1
    assert "NoV2Endpoint" in found.stderr


@pytest.mark.parametrize("status", [404, 410])
def test_a_version_2_that_is_gone_is_no_empty_account(source: Source, tmp_path: Path, status: int) -> None:
    source.emulator.control.fault("answer", {"path": "/api/", "count": 0}, status=status)
    found = run(source, tmp_path)
    assert found.returncode == 1
    assert "not where Resource Manager says any more" in " ".join(found.stderr.split())
    assert not found.stdout


@pytest.mark.parametrize("name", ["[red]news[/red]", "\x1b]0;owned\x07news", "[link=file:///etc/passwd]news[/link]"])
def test_hostile_names_are_only_text(name: str) -> None:
    group = {"count": 1, "samples": [name], "evidence": ""}
    blocker = {"id": "x", "condition": "V2JobsDrained", "title": "Jobs", "todo": "Wait", **group}
    report = {"account": name, "sets": [], "blockers": [blocker], "toDeclare": [], "benefits": [], "notes": [name]}
    out = io.StringIO()
    migrate_show.show(report, Console(file=out, force_terminal=True, width=200, color_system=None))
    assert "owned\x07" not in out.getvalue()
    assert "\x1b]" not in out.getvalue()
    assert ("[red]" in out.getvalue()) is name.startswith("[red]")
    assert "news" in out.getvalue()
