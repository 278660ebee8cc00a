"""What an inventory has found: a tally for each set, and what follows from all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import becoming
from ams_operator.migration.entities import SETS
from ams_operator.migration.gaps import BENEFITS, BLOCKERS, GAPS, Gap
from ams_operator.migration.tally import Group, Tally

_AGAIN: Final[Mapping[tuple[str, str], frozenset[str]]] = MappingProxyType({
    ("Assets", "Failed"): frozenset({"Assets", "Locators", "AssetDeliveryPolicies", "Combinations", "AssetFilters"}),
    ("Locators", "Failed"): frozenset({"Locators", "AssetDeliveryPolicies", "Combinations", "AssetFilters"}),
    ("Locators", "Unjoined"): frozenset({"Locators"}),
})  # fmt: skip
"""what failed to the sets whose verdicts rest on it, and what these are judged by and is forgotten meanwhile"""
MOST_TRANSFORMS: Final = 100
"""transforms of an account"""


@dataclass(slots=True)
class Census:
    """The state of an inventory. `failed`: sets that could not be read, and why."""

    account: str
    begun: str
    tallies: dict[str, Tally] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    units: str = ""
    ran: float = 0.0
    """seconds for which it has been read so far, without those between processes and between tries"""
    compared: dict[str, str] = field(default_factory=dict)
    """`Assets` and `Locators`, joined with version 3's LISTs: `Listed`; `Unlisted` where the LIST shows none of version
    2's; `Failed` where there was no LIST, and `Unjoined` where there was none of the target. Absent: not yet."""

    @property
    def again(self) -> frozenset[str]:
        """Sets that have to be read again, since what they are compared with could not be listed."""
        return again(self.compared)

    @property
    def complete(self) -> bool:
        """Whether every set was read."""
        return not self.failed and set(self.tallies) == set(SETS)

    def merged(self, part: str) -> dict[str, Group]:
        """`evidence` or `blockers` of all sets: id to who shows it."""
        found: dict[str, Group] = {}
        for tally in self.tallies.values():
            groups: dict[str, Group] = getattr(tally, part)
            for identifier, group in groups.items():
                found.setdefault(identifier, Group.marking()).merge(group)
        return found

    def transforms(self) -> int:
        """How many different transforms the recipes of tasks and templates become."""
        names = {
            name for one in ("Tasks", "TaskTemplates") if one in self.tallies for name in self.tallies[one].targets
        }
        return len(names)


def again(compared: Mapping[str, str]) -> frozenset[str]:
    """Sets that have to be read again, where comparisons came to this (`Census.compared`)."""
    return frozenset[str]().union(*(_AGAIN.get(one, ()) for one in compared.items()))


def view(census: Census) -> JSON:
    """Everything for people and programs, as JSON; the same for every inventory of the same account."""
    evidence = census.merged("evidence")
    return {
        "account": census.account,
        "begun": census.begun,
        "complete": census.complete,
        "sets": [_set(name, census) for name in SETS],
        "targets": [
            {"set": name, **{member: one for member, one in target.items() if member != "secrets"}}
            for name, tally in census.tallies.items()
            for target in tally.targets.values()
        ],
        "becomes": becoming.counted(
            (name, str(one["kind"]), str(one["name"]))
            for name, tally in census.tallies.items()
            for one in tally.targets.values()
        ),
        "gaps": [
            {"id": one.id, "title": one.title, "todo": one.todo, "inferred": one.inferred, **_group(group)}
            for one in GAPS.values()
            if (group := evidence.get(one.id)) is not None
        ],
        "toDeclare": [
            {"id": one.id, "title": one.title}
            for one in GAPS.values()
            if one.declare and one.id not in evidence and _arises(one, census)
        ],
        "blockers": blockers(census),
        "benefits": [
            {"id": one.id, "title": one.title}
            for one in BENEFITS
            if any(census.tallies[name].rows for name in one.sets if name in census.tallies)
        ],
        "reservedUnits": census.units,
        "notes": [*_absent(census), *_uncounted(census), *census.notes],
    }


def _absent(census: Census) -> list[str]:
    names = ", ".join(name for name in SETS if name in census.tallies and census.tallies[name].absent)
    return [f"version 2 has no {names}: it says 404, and nothing else"] if names else []


def _uncounted(census: Census) -> list[str]:
    """What of the entities is known by its number alone (`tally.MOST_TARGETS`)."""
    return [
        f"what {tally.more_targets} more of {name} become was not kept: that is not among the new objects"
        for name, tally in census.tallies.items()
        if tally.more_targets
    ]


def _arises(gap: Gap, census: Census) -> bool:
    """Whether the account has what could use the feature."""
    return not gap.sets or any(census.tallies[name].rows for name in gap.sets if name in census.tallies)


def blockers(census: Census) -> list[JSON]:
    """What has to be done before the switch, in the order of the conditions."""
    found: dict[str, Group] = census.merged("blockers")
    listed = [
        {"id": one.id, "condition": one.condition, "title": one.title, "todo": one.todo, **_group(found[one.id])}
        for one in BLOCKERS.values()
        if one.id in found
    ]
    listed += [
        {"id": f"gap:{identifier}", "condition": "FeatureGapsResolved", "title": GAPS[identifier].title,
         "todo": f"{GAPS[identifier].todo}; then acknowledge the gap {identifier}", **_group(group)}
        for identifier, group in census.merged("evidence").items()
    ]  # fmt: skip
    if (count := census.transforms()) > MOST_TRANSFORMS:
        todo = f"Keep the {MOST_TRANSFORMS} that are used, and retire the others"
        title = f"{count} different recipes, and an account takes {MOST_TRANSFORMS} transforms"
        listed.append({"id": "transform-limit", "condition": "EncodingMigrated", "title": title, "todo": todo,
                       "count": count, "samples": []})  # fmt: skip
    listed += [
        {"id": f"set:{name}", "condition": "V2InventoryReady", "title": f"{name} could not be read", "todo": why,
         "count": 0, "samples": []}
        for name, why in census.failed.items()
    ]  # fmt: skip
    return listed


def _set(name: str, census: Census) -> JSON:
    tally = census.tallies.get(name)
    if tally is None:
        return {"name": name, "state": "Failed" if name in census.failed else "NotRead", "rows": 0, "verdicts": []}
    verdicts = []
    for key, group in sorted(tally.fates.items(), key=lambda item: -item[1].count):
        fate, about, why = key.split("|", 2)
        verdicts.append({"fate": fate, "about": about, "why": why, "inferred": key in tally.inferred, **_group(group)})
    return {
        "name": name,
        "state": "Absent" if tally.absent else "Read" if tally.settled else "Unsettled",
        "rows": tally.rows,
        "strangers": tally.strangers,
        "verdicts": verdicts,
        "moreTargets": tally.more_targets,
    }


def _group(group: Group) -> dict[str, Any]:
    return {"count": group.count, "samples": group.samples, "evidence": group.evidence}
