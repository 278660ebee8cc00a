"""`ams-operator migrate report`: as people run it over TLS, and from files in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from ams_operator.cli import migrate
from ams_operator.cli.app import app
from ams_operator.migration.census import view

from . import hostile
from .conftest import Source
from .secrets_of import SECRETS
from .test_command import run

NOTHING = {"AMS_ACCOUNT": "", "AZURE_RESOURCE_GROUP": "", "AZURE_SUBSCRIPTION_ID": "", "COLUMNS": "400"}


def report(*options: str, given: bytes = b"") -> Result:
    """From a file, and without any credentials."""
    return CliRunner(env=NOTHING).invoke(app, ["migrate", "report", *options], input=given)


def test_every_form_from_the_account_and_from_its_inventory(
    source_factory: Callable[..., Source], tmp_path: Path
) -> None:
    source = source_factory("legacy")
    inventory = run(source, tmp_path / "cache", "-o", "json")
    fresh = run(source, tmp_path / "cache", "-o", "json", command="report")
    assert fresh.returncode == 0, fresh.stderr
    stored = tmp_path / "inventory.json"
    stored.write_text(inventory.stdout)
    made = {"fresh": fresh.stdout, "inventory": inventory.stdout}
    for form in ("terminal", "json", "md", "html"):
        target = tmp_path / f"report.{form}"
        found = report("--from", str(stored), "-o", form, "--file", str(target))
        assert found.exit_code == 0, found.output
        assert found.stdout == ""
        made[form] = target.read_text(encoding="utf-8")
    one, two = json.loads(made["fresh"]), json.loads(made["json"])
    assert {**one, "begun": ""} == {**two, "begun": ""}
    for form in ("terminal", "md", "html"):
        for words in ("LiveStreamingMigrated", "Media Encoder Premium Workflow", "not judged", "StreamingLocator"):
            assert words in made[form], form
    secrets = SECRETS(source) | {source.emulator.client_secret}
    assert {(form, one) for one in secrets for form, text in made.items() if one in text} == set()


async def test_fields_of_both_versions_come_from_the_account(source: Source, tmp_path: Path) -> None:
    named = "</td><script>alert(1)</script> ](javascript:alert(1)) | \u202etxt"
    asset = f"{source.resource_id}/assets/hostile"
    assert source.emulator.request("PUT", asset, {"properties": {"description": named}})[0] == 201
    source.emulator.control.reset_log()
    stored = tmp_path / "inventory.json"
    stored.write_text(json.dumps(view(await source.inventory().run())))
    page = report("--from", str(stored), "-o", "html").stdout
    assert "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt; ](javascript:alert(1)) | \\u202etxt" in page
    found = report("--from", str(stored), "-o", "json")
    targets = {(one["kind"], one["name"]): one for one in json.loads(found.stdout)["targets"]}
    rows = {(row["v2"], row["v3"]): row for row in targets["LiveEvent", "sport"]["rows"]}
    assert rows["EncodingType", "encoding.encodingType"]["was"] == "Standard"
    assert rows["Input.StreamingProtocol", "input.streamingProtocol"]["is"] == "RTMP"
    recipe = targets["Transform", "v2-h264-multiple-bitrate-1080p"]
    assert recipe["source"]["Configuration"] == "H264 Multiple Bitrate 1080p"
    assert recipe["source"]["MediaProcessor"] == "Media Encoder Standard"
    # What several entities become together has no fields of one of them.
    assert {kind for (kind, _), one in targets.items() if not one["source"]} == {"StreamingPolicy"}


@pytest.mark.parametrize("form", ["terminal", "json", "md", "html"])
def test_hostile_names_from_a_file(form: str, tmp_path: Path) -> None:
    stored = tmp_path / "inventory.json"
    stored.write_text(json.dumps(hostile.inventory()))
    found = report("--from", str(stored), "-o", form)
    assert found.exit_code == 3, "the inventory says that it is not complete"
    assert b"\x1b" not in found.stdout_bytes
    assert found.stdout_bytes.decode("utf-8")


def test_from_standard_input() -> None:
    found = report("--from", "-", given=json.dumps(hostile.inventory(("news",))).encode())
    assert found.exit_code == 3
    assert "news" in found.stdout


def test_what_is_wrong_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    broken, target, good = (tmp_path / name for name in ("broken.json", "report.html", "good.json"))
    broken.write_text('{"account": "a"}')
    target.write_text("the one before")
    good.write_text(json.dumps(hostile.inventory(("news",))))
    for options, code, words in (
        (("--from", str(broken), "-o", "html", "--file", str(target)), 2, "begun: Field required"),
        (("--from", str(tmp_path / "missing.json")), 2, "No such file"),
        ((), 2, "--account"),
        (("--from", str(good), "--file", str(tmp_path / "no" / "such.md")), 1, "can't write"),
    ):
        found = report(*options)
        assert found.exit_code == code, found.output
        assert words in " ".join(found.stderr.split())
    assert target.read_text() == "the one before"
    assert {path.name for path in tmp_path.iterdir()} == {"broken.json", "good.json", "report.html"}


def test_a_report_takes_the_place_of_the_one_before_with_its_rights(tmp_path: Path) -> None:
    good, target = tmp_path / "good.json", tmp_path / "report.md"
    good.write_text(json.dumps(hostile.inventory(("news",))))
    target.write_text("the one before")
    target.chmod(0o640)
    assert report("--from", str(good), "-o", "md", "--file", str(target)).exit_code == 3
    assert target.read_text().startswith("# news")
    assert target.stat().st_mode & 0o777 == 0o640


def test_it_reaches_the_account_as_an_inventory_does() -> None:
    group: Any = get_command(migrate.app)
    inventory, made = (
        {one.name: (one.opts, one.envvar) for one in group.commands[name].params if one.name != "output"}
        for name in ("inventory", "report")
    )
    assert {name: made.get(name) for name in inventory} == inventory
