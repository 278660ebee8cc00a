"""What the tests of the demo share; nothing here needs a network or a cluster."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from demo.children import SIGNALS
from demo.service import Place
from demo.show import Screen


@pytest.fixture
def place(tmp_path: Path) -> Place:
    ca = tmp_path / "ca.pem"
    ca.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    return Place.of(
        {
            "url": "https://127.0.0.1:4443",
            "caFile": str(ca),
            "controlUrl": "http://127.0.0.1:4444",
            "controlToken": "control",
            "tenantId": "11111111-1111-1111-1111-111111111111",
            "clientId": "22222222-2222-2222-2222-222222222222",
            "clientSecret": "a-secret",
            "subscriptionId": "33333333-3333-3333-3333-333333333333",
            "resourceGroup": "media",
        }
    )


@pytest.fixture
def output() -> StringIO:
    return StringIO()


@pytest.fixture
def screen(output: StringIO) -> Screen:
    """A screen without a terminal."""
    return Screen(output, terminal=False)


@pytest.fixture
def own_handlers() -> Iterator[None]:
    """The signal handlers of the test process stay its own."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
