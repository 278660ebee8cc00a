"""Comparing answers with real HTTP exchanges of 2020 to 2022."""

import json
import re
from pathlib import Path
from typing import Any

from tests.fixtures_emulator import TestAccount

from ams_emulator.testing import Emulator

SAMPLES = Path(__file__).parents[3] / "shared" / "specs" / "ams-v3-wire-samples.json"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def find(samples: dict[str, Any], title: str) -> Any:
    return next(sample for name, sample in samples.items() if name.startswith(title))


def fill(value: Any, **names: str) -> Any:
    """A recorded value with its placeholders filled in."""
    text = json.dumps(value)
    for name, replacement in names.items():
        text = text.replace("{" + name + "}", replacement)
    return json.loads(text)


def _pattern(recorded: str) -> str:
    """A text with placeholders such as <guid> as a regular expression."""
    parts = re.split(r"(<[^>]*>)", recorded)
    return "".join(r"[0-9a-zA-Z-]+" if part.startswith("<") else re.escape(part) for part in parts)


def assert_like(actual: Any, recorded: Any, path: str = "$") -> None:
    """Same members, same values; ids and times by their form."""
    if isinstance(recorded, dict):
        assert isinstance(actual, dict), path
        assert sorted(actual) == sorted(recorded), path
        for key in recorded:
            assert_like(actual[key], recorded[key], f"{path}.{key}")
    elif isinstance(recorded, list):
        assert len(actual) == len(recorded), path
        for index, item in enumerate(recorded):
            assert_like(actual[index], item, f"{path}[{index}]")
    elif recorded == "<guid>":
        assert GUID.fullmatch(actual), path
    elif recorded == "<32 hex>":
        assert re.fullmatch("[0-9a-f]{32}", actual), path
    elif recorded == "...":
        assert isinstance(actual, str), path
    elif isinstance(recorded, str) and "<" in recorded:
        assert re.fullmatch(_pattern(recorded), actual), f"{path}: {actual}"
    elif isinstance(recorded, str) and TIME.fullmatch(recorded) and not recorded.startswith("0001"):
        assert TIME.fullmatch(actual), path
    else:
        assert actual == recorded, path


def names(emulator: Emulator, account: TestAccount) -> dict[str, str]:
    return {"sub": emulator.subscription_id, "rg": account.resource_group, "acc": account.name}
