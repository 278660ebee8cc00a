"""How long one inventory is left to wait for version 2 while others wait for its place."""

from __future__ import annotations

from ams_operator.migration.patience import LONG, Overtaken, Patience, Resting
from ams_operator.migration.trouble import Access, NotReadable

from .telling_world import Clock


async def test_who_comes_to_nothing_makes_room_ever_later() -> None:
    """Else who is asked for patience twice in a large set would begin that again and again."""
    clock, resting, overtaken = Clock(), Resting(lambda: 0.0, 60.0, 600.0), 0

    async def page() -> None:
        if clock.at < began + 200.0:
            raise NotReadable(Access.THROTTLED, "busy", until=began + 200.0)

    async def sleep(seconds: float) -> None:
        clock.at += seconds

    for _ in range(9):
        began = clock.at
        try:
            await Patience(clock.now, sleep, wanted=lambda: True, long=resting.long).read(page)
            resting.over(well=True)
            break
        except Overtaken:
            overtaken += 1
            resting.over(well=False)
    assert 0 < overtaken < 9
    assert resting.long == LONG, "and who came to something is as all others are"
