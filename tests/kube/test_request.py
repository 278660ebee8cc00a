"""`ams-operator request`: what it writes, and what it says when it writes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from aiohttp import web
from tests.kube.fake_api import FakeApi, path, status
from typer.testing import CliRunner

from ams_operator.cli.request import request

Run = Callable[..., Any]


@pytest.fixture
def run(fake: FakeApi, tmp_path: Path) -> Run:
    """Runs the command as a person would, in a thread of its own: it brings its own loop."""
    app = typer.Typer()
    app.command()(request)
    kubeconfig = fake.kubeconfig(tmp_path)

    async def invoke(*arguments: str) -> Any:
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, [*arguments, "--kubeconfig", kubeconfig]))

    return invoke


def transform(fake: FakeApi, name: str = "adaptive", **content: Any) -> dict[str, Any]:
    return fake.put("Transform", name, status={"observedGeneration": 1, **content})


def asset(fake: FakeApi, **content: Any) -> dict[str, Any]:
    return fake.put("Asset", "tape", status={"observedGeneration": 1, **content})


def written(fake: FakeApi, kind: str = "Transform") -> dict[str, str]:
    [raw] = fake.objects[kind].values()
    found: dict[str, str] = raw["metadata"].get("annotations") or {}
    return found


@pytest.mark.parametrize(
    "word", ["transform", "Transform", "transforms", "amstransform", "transforms.ams-operator.dev"]
)
async def test_approve_takes_the_hash_that_status_shows(fake: FakeApi, run: Run, word: str) -> None:
    transform(fake, plan={"hash": "abc123", "actions": []})
    result = await run("approve", f"{word}/adaptive")
    assert result.exit_code == 0, result.output
    assert "approve abc123 requested" in result.stdout
    assert written(fake) == {"request.ams-operator.dev/approve": "abc123"}
    assert fake.last is not None
    assert fake.last.query["fieldManager"] == "ams-operator-request"
    assert set(json.loads(fake.last_body)) == {"metadata"}, "nothing but the annotation"


async def test_the_printed_command_works_as_printed(fake: FakeApi, run: Run) -> None:
    transform(fake, plan={"hash": "abc123", "actions": []})
    assert (await run("approve", "Transform/adaptive", "abc123")).exit_code == 0
    assert written(fake) == {"request.ams-operator.dev/approve": "abc123"}


async def test_a_plan_that_changed_meanwhile_is_not_approved(fake: FakeApi, run: Run) -> None:
    transform(fake, plan={"hash": "new", "actions": []})
    result = await run("approve", "transform/adaptive", "old")
    assert result.exit_code == 1
    assert "offers new" in result.stderr
    assert written(fake) == {}


async def test_an_edit_that_was_not_looked_at_yet_is_not_approved(fake: FakeApi, run: Run) -> None:
    raw = transform(fake, plan={"hash": "old", "actions": []})
    fake.put("Transform", "adaptive", metadata={**raw["metadata"], "generation": 2})
    result = await run("approve", "transform/adaptive")
    assert result.exit_code == 1
    assert "try again in a moment" in result.stderr


async def test_recreate_takes_what_the_status_of_what_is_gone_asks_for(fake: FakeApi, run: Run) -> None:
    message = "It is gone. To create it empty: ams-operator request recreate Asset/tape 2024-01-01 -n team"
    asset(fake, record={"identity": "'; reboot"}, holds=[{"reason": "DataLost", "message": message}])
    assert (await run("recreate", "asset/tape")).exit_code == 0
    assert written(fake, "Asset") == {"request.ams-operator.dev/recreate": "2024-01-01"}


async def test_recreate_is_for_what_is_gone(fake: FakeApi, run: Run) -> None:
    asset(fake, record={"identity": "2024-01-01"})
    result = await run("recreate", "asset/tape")
    assert result.exit_code == 1
    assert "nothing is gone" in result.stderr
    assert written(fake, "Asset") == {}


@pytest.mark.parametrize("rest", [" -n media", ""], ids=["pasted", "of an earlier version"])
async def test_what_may_be_overwritten_is_named_by_what_the_status_prints(fake: FakeApi, run: Run, rest: str) -> None:
    message = f"one would be overwritten. Or: ams-operator request recreate LiveOutput/match 0a1b{rest}"
    hold = {"reason": "RecordingExists", "message": message}
    fake.put("LiveOutput", "match", status={"observedGeneration": 1, "holds": [hold]})
    assert (await run("recreate", "liveoutput/match", "0a1c")).exit_code == 1
    assert (await run("recreate", "liveoutput/match")).exit_code == 0
    assert written(fake, "LiveOutput") == {"request.ams-operator.dev/recreate": "0a1b"}


@pytest.mark.parametrize("verb", ["start", "stop", "standby", "reset"])
async def test_what_is_done_once_takes_the_time_or_what_is_given(fake: FakeApi, run: Run, verb: str) -> None:
    raw = fake.put("LiveEvent", "studio", status={"observedGeneration": 1})
    fake.put("LiveEvent", "studio", metadata={**raw["metadata"], "generation": 2})
    assert (await run(verb, "liveevent/studio")).exit_code == 0, (
        "an edit that was not looked at yet is no reason to wait"
    )
    value = written(fake, "LiveEvent")[f"request.ams-operator.dev/{verb}"]
    assert datetime.fromisoformat(value).tzinfo is not None
    assert (await run(verb, "liveevent/studio", "CHG-4711")).exit_code == 0
    assert written(fake, "LiveEvent") == {f"request.ams-operator.dev/{verb}": "CHG-4711"}


async def test_abandon_takes_the_uid(fake: FakeApi, run: Run) -> None:
    uid = transform(fake)["metadata"]["uid"]
    result = await run("abandon", "transform/adaptive")
    assert result.exit_code == 0
    assert "takes effect when the object is deleted" in result.stdout
    assert written(fake) == {"request.ams-operator.dev/abandon": uid}


async def test_a_dry_run_writes_nothing(fake: FakeApi, run: Run) -> None:
    transform(fake, plan={"hash": "abc123", "actions": []})
    result = await run("approve", "transform/adaptive", "--dry-run")
    assert result.exit_code == 0
    assert "nothing was written" in result.stdout
    assert fake.last is not None
    assert fake.last.query["dryRun"] == "All"
    assert written(fake) == {}


async def test_the_namespace_is_that_of_the_context_or_the_one_given(fake: FakeApi, run: Run) -> None:
    transform(fake, plan={"hash": "abc123", "actions": []})
    await run("approve", "transform/adaptive")
    await run("approve", "transform/adaptive", "-n", "archive")
    assert fake.requests[f"PATCH {path('Transform', 'adaptive', 'studio')}"] == 1
    assert fake.requests[f"PATCH {path('Transform', 'adaptive', 'archive')}"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("aprove", "transform/adaptive"), "there is no request 'aprove'; Transform takes approve, abandon"),
        (("start", "transform/adaptive"), "there is nothing to start in Transform; it takes approve, abandon"),
        (("recreate", "transform/adaptive"), "there is nothing to recreate in Transform"),
        (
            ("recreate", "liveevent/studio"),
            "there is nothing to recreate in LiveEvent; it takes approve, abandon, start",
        ),
        (("standby", "streamingendpoint/default"), "it takes approve, recreate, abandon, start, stop"),
        (("inventory", "mediaservicesaccount/default"), "there is nothing to inventory in MediaServicesAccount"),
        (("approve", "adaptive"), "must be KIND/NAME"),
        (("approve", "transform/"), "must be KIND/NAME"),
        (("approve", "pod/adaptive"), "'pod' takes no requests"),
        (("approve", "mediaservicesbackend/default"), "takes no requests"),
        (("approve", "transform/absent"), "there is no Transform studio/absent"),
        (("approve", "transform/adaptive"), "nothing to approve"),
    ],
)
async def test_what_makes_no_sense_says_what_would(
    fake: FakeApi, run: Run, arguments: tuple[str, ...], says: str
) -> None:
    transform(fake)
    result = await run(*arguments)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.output
    assert written(fake) == {}


async def test_a_right_that_is_missing_is_told_in_the_api_servers_words(fake: FakeApi, run: Run) -> None:
    transform(fake, plan={"hash": "abc123", "actions": []})

    def forbid(asked: web.Request) -> web.StreamResponse | None:
        return status(403, "needs the RBAC verb 'approve' on this object") if asked.method == "PATCH" else None

    fake.rude = forbid
    result = await run("approve", "transform/adaptive")
    assert result.exit_code == 1
    assert "needs the RBAC verb 'approve'" in result.stderr


async def test_no_cluster_is_no_traceback(fake: FakeApi, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(request)
    arguments = ["approve", "transform/adaptive", "--kubeconfig", str(tmp_path / "none")]
    result = await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments))
    assert result.exit_code == 1
    assert "there is no kubeconfig file" in result.stderr
