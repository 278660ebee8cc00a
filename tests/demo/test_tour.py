"""The whole tour, as a newcomer starts it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ams_devcluster import Binaries

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    """Built before the tour starts, so that its own patience is not used up by a compiler."""
    from ams_devcluster import find_or_build

    return find_or_build(print)


def test_the_tour_ends_well(binaries: Binaries) -> None:
    ended = subprocess.run([sys.executable, "-m", "demo"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    for act in (
        "1. ",
        "2. An edit",
        "3. A field is removed",
        "4. An adoption that is refused",
        "5. Deletion",
        "6. On air",
        "7. Two changes while on air",
        "8. Two stops behind the operator's back",
        "9. Deletion on air",
        "10. The end of the broadcast",
        "11. The move from version 2",
        "Summary",
    ):
        assert act in ended.stdout
    for proof in (
        r"status   Ready=False WouldEndRecording: ",
        r"status   Ready=False StoppedOutside: ",
        r"refused  it is on air",
        r"True +V2InventoryReady Complete: ",
        r"False +LiveStreamingMigrated NotPrepared: ",
        r"report +\d+ entities in 26 sets",
        r"requests +writes to version 2: 0",
    ):
        assert re.search(proof, ended.stdout), proof
    for meter, value in (
        ("Recordings overwritten", "0"),
        ("Feeds of encoders lost", "0"),
        ("Viewers' gap seconds that nobody asked for", "0"),
        ("Viewers' gap seconds, endpoint stopped by hand", "[1-9][0-9]*"),
        ("Billed seconds", "[1-9][0-9]*"),
    ):
        assert re.search(rf"{meter} +{value}\b", ended.stdout), meter
