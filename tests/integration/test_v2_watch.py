"""An annotated account says how far its migration is, and nobody else notices: the operator, the API server and the
emulator as they are, over TLS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.integration.rig import Rig
from tests.integration.v2_source import Sources, sources


@pytest.fixture
def make(rig: Rig, account_names: Iterator[str]) -> Sources:
    return sources(rig, account_names)


def test_an_annotated_account_says_what_it_has(rig: Rig, make: Sources) -> None:
    source = make("broadcaster")
    with rig.running():
        source.says("V2AccessReady", "Reachable")
        source.says("V2InventoryReady", "Complete")
        source.polls(3)
        before = source.versions()
        source.polls(10)
        assert source.versions() == before
