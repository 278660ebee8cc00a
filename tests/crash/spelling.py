"""How the service spells what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SPELLED = {"PT2.0S": "PT2S", "PT4.0S": "PT4S", "PT60M": "PT1H", "High": "high"}
"""values that come back in another spelling than they were sent in"""


def spelled(value: Any) -> Any:
    """A value as the service will answer it."""
    if isinstance(value, Mapping):
        return {name: spelled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [spelled(inner) for inner in value]
    return SPELLED.get(value, value) if isinstance(value, str) else value
