"""What the conditions share: which inputs may be judged by, which gaps are accepted, and whether the target has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ams_operator.domain import compare
from ams_operator.domain.kind import Field
from ams_operator.domain.model import JSON
from ams_operator.migration import odata, shrinking
from ams_operator.migration.entities import SETS
from ams_operator.migration.gaps import GAPS, UNREAD
from ams_operator.migration.inputs import Inputs, Managed
from ams_operator.migration.model import Fate
from ams_operator.migration.tally import Group
from ams_operator.migration.trouble import PASSING, Access

MOST_COMPARED: Final = 20_000
"""pairs that are compared by their content; where there are more, names have to do"""
_TYPE: Final = "#Microsoft.Media."


def gone(inputs: Inputs) -> bool:
    """Whether version 2 refuses to be read, or nobody knows, so that nothing that it said before counts. What may pass
    leaves what was read to its own age."""
    found = inputs.access
    if found.reason is None or not found.fresh(inputs.now):
        return True
    return found.reason is not Access.REACHABLE and found.reason not in PASSING


def sets_missing(inputs: Inputs, *names: str) -> list[str]:
    """Those of these entity sets of which not everything is known: not read, or not all rows were seen for sure."""
    if gone(inputs):
        return ["version 2"]
    found = inputs.inventory
    return [
        f"inventory of {name}" for name in names if not (found.fresh(name, inputs.now) and found.tally(name).settled)
    ]


def readable(inputs: Inputs, name: str) -> bool:
    """Whether what was seen of an entity set may be judged by. It is not all of it where `sets_missing` says so."""
    return not gone(inputs) and inputs.inventory.fresh(name, inputs.now)


def channels_missing(inputs: Inputs) -> list[str]:
    return [] if inputs.channels.fresh(inputs.now) and not gone(inputs) else ["channels and programs"]


def jobs_missing(inputs: Inputs) -> list[str]:
    return [] if inputs.jobs.fresh(inputs.now) and not gone(inputs) else ["jobs"]


def objects_missing(inputs: Inputs) -> list[str]:
    return [] if inputs.objects.fresh(inputs.now) else ["objects of the target account"]


def lists_missing(inputs: Inputs, *kinds: str) -> list[str]:
    """Those of these LISTs of the target that can't be judged by."""
    return [f"version 3's list of {kind}" for kind in kinds if not inputs.target.fresh(kind, inputs.now)]


def evidence(inputs: Inputs) -> dict[str, Group]:
    """Gap to who shows it, of the sets that may be judged by."""
    found: dict[str, Group] = {}
    for name, one in inputs.inventory.sets.items():
        if one.tally is not None and readable(inputs, name):
            for identifier, group in one.tally.evidence.items():
                found.setdefault(identifier, Group.marking()).merge(group)
    return found


def covers(inputs: Inputs, gap: str, group: Group) -> bool:
    """Whether this gap's acknowledgement speaks of this evidence: it is the same, or known to be what is left of it.
    Else fewer may be others."""
    given = inputs.config.acknowledged.get(gap)
    if given is None or not (given.evidence and group.count):
        return given is not None
    count, _, digest = given.evidence.partition("-")
    same = group.evidence == f"{int(count)}-{digest}"
    return same or shrinking.speaks_of(int(count), digest, group, inputs.inventory.before.get(gap, ()))


def doubts(inputs: Inputs, *gaps: str, of: Iterable[str] = ()) -> list[str]:
    """Sets that may show the rest of what was acknowledged of these gaps, and of those `of` some sets: while less of it
    is seen and not all is read, nobody can tell whether it is the same evidence."""
    named = {key.split("|", 2)[1] for name in of for key in inputs.inventory.tally(name).fates}
    given = named.union(gaps) & inputs.config.acknowledged.keys()
    seen = evidence(inputs) if given else {}
    for gap in given & seen.keys():
        if seen[gap].count < int(inputs.config.acknowledged[gap].evidence.partition("-")[0] or 0):
            return sets_missing(inputs, *SETS)
    return []


def accepted(inputs: Inputs, gap: str) -> bool:
    """Whether somebody does without a feature, as far as it is seen. Where `doubts` has any, that is no proof."""
    if gap not in inputs.config.acknowledged:
        return False
    return covers(inputs, gap, evidence(inputs).get(gap, Group())) or bool(doubts(inputs, gap))


def unread(inputs: Inputs, gap: str) -> int:
    """How many entities nobody looked at (`gap` says which), if nobody accepted that."""
    seen = evidence(inputs).get(gap)
    return seen.count if seen is not None and not accepted(inputs, gap) else 0


def uncompared(inputs: Inputs, answer: str, *names: str, since: str = "") -> list[str]:
    """What of these sets is known by its number alone (`tally.MOST_TARGETS`) and was used since then, if nobody gave
    this answer: a declaration that somebody looked after it."""
    if answer in inputs.config.declared:
        return []
    tallies = {name: inputs.inventory.tally(name) for name in names if readable(inputs, name)}
    return [
        f"counterparts of {one.more_targets} more of {name}"
        for name, one in tallies.items()
        if one.more_targets and not (one.more_last and one.more_last < since)
    ]


def answering(answer: str) -> str:
    """What whoever looked after them does next."""
    return (
        f"see that each has its counterpart, then say so in spec.migration.declarations: "
        f"{{id: {answer}, answer: Confirmed, reason: ...}}"
    )


def unmapped(inputs: Inputs, name: str, since: str = "") -> tuple[list[str], int]:
    """Entities of a set that become nothing, and nobody accepted it: what they are, and how many. What nobody looked at
    proves nothing."""
    whys: list[str] = []
    count = 0
    for key, group in inputs.inventory.tally(name).fates.items():
        fate, about, why = key.split("|", 2)
        if fate != Fate.GAP or about == UNREAD or accepted(inputs, about):
            continue
        if not group.last or group.last >= since:
            whys.append(f"{why} ({about})" if about in GAPS else why)
            count += group.count
    return whys, count


def day(epoch: float) -> str:
    """Seconds since the epoch as tallies spell times."""
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%dT%H:%M:%S}"


def retired(inputs: Inputs, *names: str) -> bool:
    """Whether somebody said that one of these will not be moved."""
    return any(name.lower() in inputs.config.retired for name in names)


def nothing_left(told: str, what: str, wishes: Mapping[str, bool]) -> str:
    """What is said where nothing is to be moved: `told` where there is nothing of the kind, else which of these members
    of spec.migration want it so."""
    named = " and ".join(f"spec.migration.{name}" for name, counts in wishes.items() if counts)
    return f"no {what} is left to move, by {named}" if named else told


def accepts(inputs: Inputs, *names: str) -> bool:
    """Whether something of these sets becomes nothing, and somebody does without."""
    keys = (key.split("|", 2) for name in names for key in inputs.inventory.tally(name).fates)
    return any(fate == Fate.GAP and accepted(inputs, about) for fate, about, _ in keys)


def placed(inputs: Inputs, kind: str, names: Iterable[str]) -> list[Managed]:
    """The objects of a kind that say that they take the place of one of these."""
    wanted = {_plain(name) for name in names}
    return [one for one in inputs.objects.items if one.kind == kind and _plain(one.v2_id) in wanted]


def _plain(identifier: str) -> str:
    """Ids are compared by their GUID, where they have one."""
    return odata.guid(identifier) or identifier.lower()


def has(table: Mapping[str, Field], wanted: JSON, found: JSON) -> bool:
    """Whether everything that is wanted reads the same in what was found."""
    if _differs(wanted, found):
        return False
    differ, stuck = compare.changes(table, wanted, found, ())
    return not differ and not stuck


def _differs(wanted: Any, found: Any) -> bool:
    """Whether two things differ at a glance, in a number or a type: most that are compared do, and comparing in full
    takes fifty times as long."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and any(
            _differs(value, found[name]) for name, value in wanted.items() if name in found
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and (
            len(wanted) != len(found) or any(_differs(*both) for both in zip(wanted, found, strict=True))
        )
    if isinstance(wanted, str):
        return wanted.startswith(_TYPE) and isinstance(found, str) and wanted.lower() != found.lower()
    return isinstance(wanted, int) and isinstance(found, int) and wanted != found
