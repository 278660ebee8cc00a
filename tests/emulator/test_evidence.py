"""The emulator says of every operation how well it is known, and a guess has its switch."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures_emulator import TestAccount

from ams_emulator.evidence import OPERATIONS, evidence
from ams_emulator.evidence_v2 import V2
from ams_emulator.testing import Emulator
from ams_emulator.variants import GUESSES

ROOT = Path(__file__).parents[2]
SURFACE = ROOT.parent / "shared" / "specs" / "azure-mgmt-media-surface.json"
SOURCES = ROOT / "emulator" / "ams_emulator"


@pytest.fixture(scope="module")
def surface() -> dict[str, Any]:
    """Operations of the client library by `group.method`."""
    if not SURFACE.exists():
        pytest.skip("the surface of the client library (../shared/specs) is not here")
    found = {}
    for name, group in json.loads(SURFACE.read_text())["operation_groups"].items():
        plain = name.removesuffix("Operations") or name
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in plain).lstrip("_")
        for method, operation in group["operations"].items():
            found[f"{snake}.{method}"] = operation
    return found


def test_every_operation_is_accounted_for(surface: dict[str, Any]) -> None:
    assert len(surface) == 99
    for operation in surface:
        evidence(operation)
    assert set(OPERATIONS) <= set(surface)


def test_guessed_means_switchable() -> None:
    known = {guess.name for guess in GUESSES}
    for name, item in (*OPERATIONS.items(), *V2.items()):
        assert set(item.guesses) <= known, name
        assert item.source, name
        if item.level == "guessed":
            assert item.guesses, f"{name} is guessed: it needs a switch with two answers"
    assert {name for item in (*OPERATIONS.values(), *V2.values()) for name in item.guesses} == known


def test_every_switch_is_asked_for_in_the_code() -> None:
    registries = ("guess", "evidence")
    text = "".join(path.read_text() for path in SOURCES.rglob("*.py") if not path.name.startswith(registries))
    for guess in GUESSES:
        assert f'"{guess.name}"' in text, guess.name


def test_operations_answer_as_their_level_says(
    emulator: Emulator, account: TestAccount, surface: dict[str, Any]
) -> None:
    """What is known is served, the rest says that it is not: 501, not a 404 that looks like the service's."""
    values = {
        "subscriptionId": emulator.subscription_id,
        "resourceGroupName": account.resource_group,
        "accountName": account.name,
        "locationName": "westus2",
    }
    for name, operation in surface.items():
        path = operation["url"]
        for parameter in operation["path_params"]:
            path = path.replace("{" + parameter + "}", values.get(parameter, "nothing"))
        if operation["http_method"] in ("PUT", "PATCH", "DELETE"):
            path = path.replace(f"/{account.name}", f"/{account.name}no") if path.endswith(account.name) else path
        status, _, body = emulator.request(operation["http_method"], path, api_version=operation["api_version"])
        assert (status == 501) == (evidence(name).level == "later"), f"{name}: {status} {body}"
        assert status != 405, name


def test_the_handbook_names_all_of_it() -> None:
    text = (ROOT / "docs" / "emulator.md").read_text()
    for name, item in OPERATIONS.items():
        assert f"| `{name}` | {item.level} |" in text, f"docs/emulator.md lacks {name} as {item.level}"
    for name, item in V2.items():
        assert f"| {name} | {item.level} |" in text, f"docs/emulator.md lacks {name}"
    for guess in GUESSES:
        assert f"`{guess.name}`" in text, f"docs/emulator.md lacks {guess.name}"
