"""Evidence of which some is gone, and none came: what was acknowledged of it still stands.

An acknowledgement names a digest, which does not say who they were. So it is remembered, of gaps with few entities, who
showed them: those that do come first, then those that went, the last one first. What stood before some went
is then a beginning of that list; and whichever beginning an acknowledgement's digest is of, it holds all that is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import xor

from ams_operator.migration.tally import MOST_MARKS, Group


def after(before: Sequence[int], now: Sequence[int]) -> tuple[int, ...]:
    """What is remembered of a gap, of what was and of who shows it now."""
    gone = Counter(before)
    gone.subtract(now)
    rest = []
    for one in before:
        if gone[one] > 0:
            gone[one] -= 1
            rest.append(one)
    return (*now, *rest)[:MOST_MARKS]


def remembered(before: Mapping[str, Sequence[int]], evidence: Mapping[str, Group]) -> dict[str, tuple[int, ...]]:
    """The same of all gaps."""
    return {gap: after(before.get(gap, ()), group.marks) for gap, group in evidence.items() if group.marks is not None}


def speaks_of(count: int, digest: str, group: Group, before: Sequence[int]) -> bool:
    """Whether an acknowledgement of that many, by their digest, holds for all that is left of them."""
    if group.marks is None or count <= group.count:
        return False
    known = after(before, group.marks)
    return count <= len(known) and f"{reduce(xor, known[:count], 0):016x}" == digest
