"""A wrong annotation or an unreadable spec.migration takes nothing away that nobody could find out again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ams_operator.api.migration import MigrationStatus
from ams_operator.migration.conditions import Type

from .telling_world import NOW, World, look, sees


@pytest.mark.parametrize("wrong", ["annotation", "spec"])
@pytest.mark.parametrize("retired", [False, True])
async def test_what_version_2_was_found_to_be_outlives_what_somebody_mistyped(wrong: str, retired: bool) -> None:
    """Of a retired account nobody could find it out again."""
    world = World()
    watch = world.watch()
    sees(watch, NOW)
    await world.teller(watch).tell()
    if retired:
        await look(world, "retired")
    said, spec = world.cluster.says(Type.ACCESS), world.cluster.held.spec
    steps = world.cluster.held.status["migration"]["steps"]
    for times in range(2):
        unreadable = {**spec, "migration": {"lookback": f"P99999{times}D"}} if wrong == "spec" else spec
        world.cluster.held = replace(world.cluster.held, spec=unreadable, generation=times + 2)
        await look(world, f"retird{times}" if wrong == "annotation" else "retired")
        assert world.cluster.says(Type.ACCESS)[1].endswith("Unreadable")
        MigrationStatus.model_validate(world.cluster.held.status["migration"])
    world.cluster.held = replace(world.cluster.held, spec=spec, generation=9)
    await look(world, "retired")
    assert world.cluster.says(Type.ACCESS) == ("True", "V2Retired", said[2])
    shown = world.cluster.held.status["migration"]
    assert (shown["steps"], "access" in shown) == (steps, False)
