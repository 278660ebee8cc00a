"""The last lines of the tour: harm to people fails it, and what somebody else did is told apart."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace
from typing import cast

import pytest

from demo.ending import show_meters
from demo.errors import DemoError
from demo.show import Screen
from demo.tour import Tour

NONE = {"recordingsOverwritten": 0, "feedsLost": 0, "viewerGapSeconds": 0.0, "billedSeconds": 90.4}


def tour(screen: Screen, asked: float = 0.0, **meters: float) -> Tour:
    service = SimpleNamespace(meters=lambda _: NONE | meters)
    place = SimpleNamespace(service=service)
    return cast("Tour", SimpleNamespace(screen=screen, stage=place, place=lambda path: path, asked_gap=asked))


def test_gaps_are_told_apart(screen: Screen, output: StringIO) -> None:
    show_meters(tour(screen, 7.25, viewerGapSeconds=7.25))
    lines = [line.strip() for line in output.getvalue().splitlines()]
    values = {line[:46].rstrip(): line[46:].split()[0] for line in lines[1:]}
    assert values == {
        "Recordings overwritten": "0",
        "Feeds of encoders lost": "0",
        "Viewers' gap seconds that nobody asked for": "0",
        "Viewers' gap seconds, endpoint stopped by hand": "7",
        "Billed seconds": "90",
    }


@pytest.mark.parametrize("meter", ["recordingsOverwritten", "feedsLost", "viewerGapSeconds"])
def test_harm_fails_the_tour(screen: Screen, meter: str) -> None:
    with pytest.raises(DemoError, match=r"people were harmed: .*: 3\.0"):
        show_meters(tour(screen, 4.0, **{meter: 7.0 if meter == "viewerGapSeconds" else 3}))
