"""What is kept of a set: counts, what its entities become, and a few names. Its size doesn't grow with the account."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import sources
from ams_operator.migration.model import Fate, Judgement, Verdict

SAMPLES: Final = 10
"""names for each verdict, gap and blocker"""
IDS: Final = 5
"""ids for each target"""
MOST_TARGETS: Final = 1000
"""different things that the entities of a set become; more of them are only counted"""
MOST_MARKS: Final = 100
"""entities of a group that are known one by one"""
UNDATED: Final = "~"
"""sorts behind each date"""
COUNTING: Final = (Fate.MAPS, Fate.VISIBLE, Fate.GAP)
"""of what counts: what version 3 made, or is over, does not"""
LONGEST_NOTE: Final = 500
"""characters; what comes together under one name may differ in more than can be said"""


@dataclass(slots=True)
class Group:
    """Entities that share something: how many, and the first few names."""

    count: int = 0
    samples: list[str] = field(default_factory=list)
    digest: int = 0
    """of all their ids in any order: tells whether it is still the same evidence"""
    last: str = ""
    """when the newest of them was made or used, as `verdicts.when` says; empty: nothing says when"""
    marks: tuple[int, ...] | None = None
    """who they are, of few; None: they are too many, or nobody asks"""

    def add(self, label: str, mark: int, when: str = "") -> None:
        self.count += 1
        if self.marks is not None:
            self.marks = (*self.marks, mark) if len(self.marks) < MOST_MARKS else None
        if when > self.last:
            self.last = when
        self.digest ^= mark
        if len(self.samples) < SAMPLES and label not in self.samples:
            self.samples.append(label)

    def sample(self, labels: Sequence[str]) -> None:
        """Take as many of these as there is room for."""
        if len(self.samples) < SAMPLES:
            self.samples = list(dict.fromkeys([*self.samples, *labels[: 2 * SAMPLES]]))[:SAMPLES]

    def merge(self, other: Group) -> None:
        """Add what another set shows of the same."""
        self.count += other.count
        self.digest ^= other.digest
        self.last = max(self.last, other.last)
        both = (*self.marks, *other.marks) if self.marks is not None and other.marks is not None else None
        self.marks = both if both is not None and len(both) <= MOST_MARKS else None
        self.samples = list(dict.fromkeys([*self.samples, *other.samples]))[:SAMPLES]

    def add_many(self, count: int, labels: Sequence[str], digest: int, when: str = "") -> None:
        self.count += count
        self.last, self.marks = max(self.last, when), None
        self.digest ^= digest
        self.sample(labels)

    @property
    def evidence(self) -> str:
        """What an acknowledgement of exactly this has to say (`evidenceHash`)."""
        return f"{self.count}-{self.digest:016x}"

    def dump(self) -> dict[str, Any]:
        found = {"count": self.count, "samples": self.samples, "digest": f"{self.digest:016x}", "last": self.last}
        return found if self.marks is None else {**found, "marks": marked(self.marks)}

    @classmethod
    def load(cls, given: Mapping[str, Any]) -> Group:
        samples = [str(one) for one in given["samples"]]
        marks = unmarked(given["marks"]) if "marks" in given else None
        return cls(int(given["count"]), samples, int(given["digest"], 16), str(given["last"]), marks)

    @classmethod
    def marking(cls) -> Group:
        """One that remembers who they are, as evidence does: acknowledgements speak of them."""
        return cls(marks=())


def marked(marks: Sequence[int]) -> str:
    """As a text."""
    return base64.b64encode(b"".join(one.to_bytes(8) for one in marks)).decode("ascii")


def unmarked(text: str) -> tuple[int, ...]:
    """Raises ValueError."""
    raw = base64.b64decode(text, validate=True)
    return tuple(int.from_bytes(raw[place : place + 8]) for place in range(0, len(raw), 8))


@dataclass(slots=True)
class Tally:
    """One set. Dumps and loads as JSON."""

    fates: dict[str, Group] = field(default_factory=dict)
    """`fate|kind or gap|why` to who has it"""
    inferred: set[str] = field(default_factory=set)
    """those of `fates` that rest on an inference"""
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    """`kind/name` to `{kind, name, fields, note, give, beside, count, ids, last}`: ids of the first few, and when one
    of them was made or used last, as `Group.last`; while there is room, the `source` of the first of them; and the
    `secrets` of what has some, as digests"""
    more_targets: int = 0
    """entities whose target was not kept any more"""
    more_last: str = ""
    """when the newest of them was made or used, as `Group.last`; UNDATED where one does not say, empty where nobody
    knows"""
    evidence: dict[str, Group] = field(default_factory=dict)
    blockers: dict[str, Group] = field(default_factory=dict)
    rows: int = 0
    strangers: int = 0
    settled: bool = True
    absent: bool = False
    """the service has no such set"""
    _last: tuple[Verdict | None, Group] = field(default_factory=lambda: (None, Group()), repr=False)
    """the verdict before this one: most of a large set have the same"""
    _room: int = field(default=sources.ALL, repr=False)

    def add(self, label: str, mark: int, found: Judgement, when: str = "", key: str = "") -> None:
        """One entity. `mark` is 64 bits of its id's digest, `key` the id itself."""
        verdict = found.verdict
        self.rows += 1
        if verdict is not self._last[0]:
            self._last = (verdict, self._group(verdict))
        self._last[1].add(label, mark, when)
        if verdict.kind:
            self._target(verdict, 1, when, key)
        for identifier in dict.fromkeys(one for one, _ in found.evidence):
            # Once, however it shows it: marks that come twice cancel each other out.
            shown, *others = (what for one, what in found.evidence if one == identifier)
            group = self.evidence.setdefault(identifier, Group.marking())
            group.add(shown, mark, when)
            group.sample(others)
        for identifier in found.blockers:
            self.blockers.setdefault(identifier, Group()).add(label, mark, when)

    def keep(self, verdict: Verdict, shown: Callable[[], JSON | None]) -> None:
        """Keep the fields of the first entity that becomes this, while there is room."""
        target = self.targets.get(f"{verdict.kind}/{verdict.name}")
        if target is not None and "source" not in target and self._room > 0:
            source = target["source"] = shown()
            self._room -= sources.size(source)

    def add_many(
        self, count: int, found: Judgement, labels: Sequence[str] = (), digest: int = 0, when: str = ""
    ) -> None:
        """Entities that all have this verdict; `digest` is all their marks together, `when` that of the newest."""
        if not count:
            return
        self.rows += count
        groups = [self._group(found.verdict)]
        groups += [self.evidence.setdefault(identifier, Group.marking()) for identifier, _ in found.evidence]
        for group in groups:
            group.add_many(count, labels, digest, when)
        if found.verdict.kind and found.verdict.name:
            self._target(found.verdict, count, when)

    def _group(self, verdict: Verdict) -> Group:
        key = f"{verdict.fate}|{verdict.kind or verdict.gap}|{verdict.why}"
        if verdict.inferred:
            self.inferred.add(key)
        # Who is over is asked for by `older`, as long as they are few.
        return self.fates.setdefault(key, Group.marking() if verdict.fate is Fate.NOT_NEEDED else Group())

    def newest(self) -> str:
        """When the newest entity was made or used that counts."""
        return self.of(*COUNTING).last

    def latest(self) -> str:
        """When the newest of all was made or used, whatever becomes of it."""
        return max((group.last for group in self.fates.values()), default="")

    def of(self, *fates: Fate) -> Group:
        """All that have one of these."""
        found = Group.marking()
        for key, group in self.fates.items():
            if key.partition("|")[0] in fates:
                found.merge(group)
        return found

    def _target(self, verdict: Verdict, count: int = 1, when: str = "", key: str = "") -> None:
        name = f"{verdict.kind}/{verdict.name}"
        known = self.targets.get(name)
        if known is not None:
            known["count"] += count
            known["last"] = max(known["last"], when)
            if key and len(known["ids"]) < IDS:
                known["ids"].append(key)
            if verdict.note and verdict.note not in known["note"] and len(known["note"]) < LONGEST_NOTE:
                known["note"] = f"{known['note']}; {verdict.note}".lstrip("; ")
            for member, values in verdict.beside.items():
                kept = known["beside"].setdefault(member, [])
                kept.extend([one for one in values if one not in kept][: SAMPLES - len(kept)])
        elif len(self.targets) < MOST_TARGETS:
            self.targets[name] = {
                "kind": verdict.kind,
                "name": verdict.name,
                "fields": dict(verdict.fields),
                "note": verdict.note,
                "give": list(verdict.give),
                "beside": {member: list(values) for member, values in verdict.beside.items()},
                "count": count,
                "ids": [key] if key else [],
                "last": when,
            }
            if verdict.secrets:
                self.targets[name]["secrets"] = verdict.secrets
        else:
            self.more_targets += count
            self.more_last = max(self.more_last, when or UNDATED)

    def by_fate(self) -> dict[str, int]:
        """Fate to number of entities."""
        found: dict[str, int] = {}
        for key, group in self.fates.items():
            fate = key.partition("|")[0]
            found[fate] = found.get(fate, 0) + group.count
        return found

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rows": self.rows,
            "strangers": self.strangers,
            "settled": self.settled,
            "absent": self.absent,
            "fates": {key: group.dump() for key, group in self.fates.items()},
            "inferred": sorted(self.inferred),
            "targets": list(self.targets.values()),
            "moreTargets": self.more_targets,
            "moreLast": self.more_last,
            "evidence": {key: group.dump() for key, group in self.evidence.items()},
            "blockers": {key: group.dump() for key, group in self.blockers.items()},
        }

    @classmethod
    def load(cls, given: Mapping[str, Any]) -> Tally:
        """Raises KeyError, TypeError and ValueError for what `dump` did not make."""
        return cls(
            {key: Group.load(one) for key, one in given["fates"].items()},
            set(given["inferred"]),
            {f"{one['kind']}/{one['name']}": one for one in given["targets"]},
            int(given["moreTargets"]),
            str(given["moreLast"]),
            {key: Group.load(one) for key, one in given["evidence"].items()},
            {key: Group.load(one) for key, one in given["blockers"].items()},
            int(given["rows"]),
            int(given["strangers"]),
            bool(given["settled"]),
            bool(given["absent"]),
        )


def made(name: str, tally: Tally) -> str:
    """When version 2 was given the newest of a set that says that it is still worked with. Of locators those are over
    that nobody can use; a delivery policy that blocks is as much work as another."""
    return tally.latest() if name == "AssetDeliveryPolicies" else tally.newest()
