"""Sweeps that break off show a part of what differs for another version: each may not have the limit for itself."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from tests.unit.engine_fakes import FakeService, settle
from tests.unit.rig import Rig
from tests.unit.test_mass_change import NAMES, begin, differ, reasons, stand, version

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NotSent, Page

PAGE = 10


async def test_what_differs_is_counted_on_where_sweeps_break_off(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = version("1", Rig())
    await stand(rig)
    differ(rig, *NAMES)
    second, whole, pages = begin(rig), FakeService.list, 1

    async def paged(self: FakeService, account: Any, kind: str, parents: Any, lane: Any, next: str | None) -> Page:
        page, number = await whole(self, account, kind, parents, lane, None), int(next or 0)
        if kind != "Transform":
            return page
        if number >= pages:
            raise NotSent(Reason.THROTTLED, "the service throttles", self.clock.now() + 5)
        start = number * PAGE
        more = str(number + 1) if start + PAGE < len(page.items) else None
        return Page(page.items[start : start + PAGE], page.at, more, date=page.date)

    monkeypatch.setattr(FakeService, "list", paged)
    async with second.running():
        await second.clock.advance(60)
        await settle()
        for _ in range(4):
            with contextlib.suppress(NotSent):
                await second.sweep()
            pages += 1
            await second.clock.advance(60)
            await settle()
        assert not second.service.writes()
        assert reasons(second, *NAMES) == {("False", "MassChange")}
