"""What verdicts say takes an entity's place is taken by version 3: every kind that the emulator's version 3 creates."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ams_emulator.testing import Emulator
from ams_operator.migration.census import view

from .conftest import Source

COLLECTIONS = {"Transform": "transforms", "LiveEvent": "liveEvents"}


@pytest.mark.parametrize("scenario", ["small", "broadcaster", "legacy"])
async def test_version_3_takes_what_takes_an_entitys_place(
    source_factory: Callable[..., Source], scenario: str, emulator: Emulator
) -> None:
    source = source_factory(scenario)
    report = view(await source.inventory().run())
    written = [entry for entry in source.log() if entry["access"] != "read"]
    targets = [one for one in report["targets"] if one["kind"] in COLLECTIONS and one["set"] != "JobTemplates"]
    answers = {one["name"]: put(source, one) for one in targets}
    emulator.control.reset_log()
    assert not written
    assert targets
    assert {name: said for name, said in answers.items() if said} == {}


def put(source: Source, target: dict[str, Any]) -> str:
    """Empty where version 3 takes it, else what it says."""
    place = f"{source.resource_id}/{COLLECTIONS[target['kind']]}/{target['name']}"
    assert re.fullmatch(r"[A-Za-z0-9-]+", target["name"]), target["name"]
    location = {"location": "westeurope"} if target["kind"] == "LiveEvent" else {}
    status, _, body = source.emulator.request("PUT", place, {**location, "properties": target["fields"]})
    return "" if status < 300 else str(body)
