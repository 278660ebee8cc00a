"""How many new objects version 3 needs: of all that is known, and not of what a report has room for. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

PARTS: Final = frozenset({"ContentKeys", "ContentKeyAuthorizationPolicyOptions", "JobTemplates"})
"""sets whose targets are parts of what other sets become"""
GROUPED: Final = "Combinations"
"""the set whose targets are what delivery policies become together"""
_GROUPED_PARTS: Final = frozenset({"AssetDeliveryPolicies"})
_THERE: Final = "Predefined_"
"""names of streaming policies that every account has"""


def counted(targets: Iterable[tuple[str, str, str]], *, grouped: bool = True) -> dict[str, int]:
    """Kind to how many new objects there are of it, of targets as (set, kind, name): entities that share a recipe or a
    policy become one, and what every account has already is not new. `grouped`: there is that set."""
    parts = PARTS | (_GROUPED_PARTS if grouped else frozenset())
    whole = {(kind, name) for of, kind, name in targets if of not in parts and not name.startswith(_THERE)}
    return dict(Counter(kind for kind, _ in sorted(whole)).most_common())


def lacks(more: Iterable[tuple[str, int]]) -> bool:
    """Whether there may be more than are counted: entities of a set (with their number) whose targets were not kept."""
    return any(count and of not in PARTS | _GROUPED_PARTS for of, count in more)
