"""Which results stay although their sets were read again: those that had been compared with version 3, where the new
ones could not be. As a set that can't be read does, they grow stale; what is told by them says of when they are.

Only a comparison is kept from before, and nothing of version 2: results stay where the new reading shows the same rows,
and nothing that those did not show. Where it does not, it counts by itself, as one that was never compared.

It is noted in `lasting`, beside how the last comparisons went: under `older`, of `Assets` and `Locators`, what the
comparison had come to and when the inventory of it had begun; under `alone`, which sets count without one. Pure but for
that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration.census import Census, again
from ams_operator.migration.gaps import UNREAD
from ams_operator.migration.mapping.publishing import UNPUBLISHED
from ams_operator.migration.model import Fate
from ams_operator.migration.tally import COUNTING, Tally, made

_NOTED: Final = "older"
_ALONE: Final = "alone"
_MERGED: Final = frozenset({"AssetDeliveryPolicies", "Combinations"})
"""whose rows become one thing if they say the same, so that a new one says something new"""


def tried(lasting: JSON) -> dict[str, str]:
    """How the last comparisons went, as `Census.compared`."""
    return dict(lasting.get("compared", {}))


def compared(lasting: JSON) -> dict[str, str]:
    """What the results that are there were compared with."""
    return tried(lasting) | {name: how for name, (how, _) in lasting.get(_NOTED, {}).items()}


def since(lasting: JSON) -> str:
    """When the oldest inventory began of which results stay; empty where none do."""
    return min((begun for _, begun in lasting.get(_NOTED, {}).values()), default="")


def alone(lasting: JSON) -> frozenset[str]:
    """Sets whose results nobody compared, although those of another reading may have been."""
    return frozenset(lasting.get(_ALONE, ()))


def told(lasting: JSON) -> list[str]:
    """What a report says of this."""
    newer = ", ".join(sorted(alone(lasting)))
    but = f", but for {newer}, which nobody compared" if newer else ""
    return [f"what is compared with version 3 is told as of {then}{but}"] if (then := since(lasting)) else []


def staying(lasting: JSON, now: Census, known: Callable[[], Census]) -> frozenset[str]:
    """Sets whose results stay, although `now` there are others. `known`: what was known so far. Of those that nobody
    compared the new ones are as good, and newer."""
    before, there = compared(lasting), known()
    worse = {name: how for name, how in now.compared.items() if name in before and not again({name: before[name]})}
    stay = again(worse).intersection(there.tallies) - alone(lasting)
    read = stay & now.tallies.keys()
    stay -= {name for name in read if not covers(name, there.tallies[name], now.tallies[name])}
    noted = lasting.setdefault(_NOTED, {})
    for name in (stay & before.keys()) - noted.keys():
        noted[name] = [before[name], there.begun]
    if stay:
        lasting["notes"] = list(now.notes)
    return stay


def replaced(lasting: JSON, names: Iterable[str], waiting: frozenset[str]) -> None:
    """These have new results, of which those that are `waiting` could not be compared."""
    news = frozenset(names)
    for name in news:
        lasting.get(_NOTED, {}).pop(name, None)
    lasting[_ALONE] = sorted((alone(lasting) - news) | (news & waiting))


def covers(name: str, old: Tally, new: Tally) -> bool:
    """Whether results of a set that were compared speak of a new reading, too: nothing counts there that did not,
    nothing is shown that was not, and no other list proves anything that was not known. Without the comparison fewer
    rows are told to be version 3's: what that alone makes of them counts for nothing here."""
    if old.absent != new.absent or (old.settled and not new.settled) or made(name, new) > old.latest():
        return False
    shown = {gap: group.evidence for gap, group in new.evidence.items() if gap != UNREAD}
    if any(gap not in old.evidence or old.evidence[gap].evidence != text for gap, text in shown.items()):
        return False
    if not new.blockers.keys() <= old.blockers.keys():
        return False  # as what was published anew and is no more: that list was given
    if name in _MERGED and not new.targets.keys() <= old.targets.keys():
        return False
    common = new.targets.keys() & old.targets.keys()
    if any(new.targets[one]["fields"] != old.targets[one]["fields"] for one in common):
        return False
    if name == "AssetFilters" and not _published(new) <= _published(old):
        return False  # one that did not count, or was taken for version 3's
    return _by_what_they_show(name, new) or _same(old, new)


def _published(filters: Tally) -> set[str]:
    """Those whose assets are published."""
    return {name for name, one in filters.targets.items() if one["note"] != UNPUBLISHED}


def _by_what_they_show(name: str, new: Tally) -> bool:
    """Whether it does not matter who the rows are, but for the evidence and the targets that they show: an asset counts
    by its locators and keys, and assets that are protected alike count once."""
    return name == "Assets" or (name == "Combinations" and not new.more_targets and UNREAD not in new.evidence)


def _same(old: Tally, new: Tally) -> bool:
    """Whether all that count did so before, or may have: version 3's and those of unknown origin are told apart from
    them by the comparison alone. That some are over since then is no matter, as long as those that were over then still
    are; of few that is known."""
    before, over = old.of(Fate.NOT_NEEDED).marks, new.of(Fate.NOT_NEEDED).marks
    still_over = before is not None and over is not None and set(before) <= set(over)
    for fates in (COUNTING, (*COUNTING, Fate.ORIGIN_V3, Fate.UNKNOWN)):
        if _who(old, *fates) == _who(new, *fates):
            return True
        if still_over and _who(old, *fates, Fate.NOT_NEEDED) == _who(new, *fates, Fate.NOT_NEEDED):
            return True
    return False


def _who(tally: Tally, *fates: Fate) -> tuple[int, int]:
    """How many have these, and the digest of all their ids in any order."""
    group = tally.of(*fates)
    return group.count, group.digest
