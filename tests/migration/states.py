"""Scenes of accounts in the emulator begin with a migration that is done, and come back to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

from tests.patience import PATIENCE

from ams_operator.migration.conditions import Type
from ams_operator.migration.inputs import Config

from .conftest import Source
from .looks import Eyes
from .reached import Seen

HOUR = 3600.0
"""the quiet period: a match was published two hours ago"""

ANSWERS: Final[Mapping[str, str]] = MappingProxyType(
    {"v2.locators-in-v3-list": "listed", "v2.filters-in-v3": "hidden", "v2.retired": "403"}
)
"""what scenes rest on, of what nobody could verify of the service"""


async def complete(source: Source, seen: Seen) -> Eyes:
    """An account whose migration is done."""
    source.emulator.control.variants(**ANSWERS)
    eyes = Eyes(source, Config(quiet=HOUR), history=seen.history())
    eyes.finish()
    await eyes.read()
    eyes.provide()
    eyes.accept()
    source.emulator.control.reset_log()
    found = await eyes.look()
    assert {kind: one.message for kind, one in found.items() if one.status != "True"} == {}
    return eyes


async def expect(eyes: Eyes, **reasons: str) -> None:
    """The conditions that are not True, by their names in `Type`, and why."""
    found = await eyes.look()
    wrong = {Type(kind).name: str(one.reason) for kind, one in found.items() if one.status != "True"}
    wrong.pop("COMPLETE", None)
    assert wrong == reasons, {kind: one.message for kind, one in found.items() if one.status != "True"}
    assert (found[Type.COMPLETE].status == "True") == (not reasons)


async def says(eyes: Eyes, **said: str) -> None:
    """Some of the conditions, by their names in `Type`: the status and the reason."""
    found = await eyes.look()
    told = {name: f"{found[Type[name]].status} {found[Type[name]].reason}" for name in said}
    assert told == said, {name: found[Type[name]].message for name in said}


async def again(eyes: Eyes) -> None:
    """All is as before as soon as the patience that the service asked for is over."""
    async with asyncio.timeout(PATIENCE):
        while (await eyes.look())[Type.ACCESS].status != "True":  # noqa: ASYNC110 - nobody tells when it is over
            await asyncio.sleep(0.1)
    await expect(eyes)


@asynccontextmanager
async def undone(eyes: Eyes) -> AsyncIterator[None]:
    """Whatever happens inside, afterwards all is as before."""
    config, objects, switched = eyes.config, eyes.objects, eyes.switched
    yield
    eyes.config, eyes.objects, eyes.switched = config, objects, switched
    eyes.control.reset_log()
    await expect(eyes)
