"""What inventories of one account have found, set by set, and what a later process takes up of it.

Each set keeps the result of its last complete reading, also while the next one is under way. All of it is kept as one
text of bounded size in the account's MigrationReport; for what does not fit there see `beside`. What is in neither is
read again after a restart, and nothing else is. The text is sealed: a later process believes nobody's but its own.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from ams_operator import jsons
from ams_operator.domain.ids import instant
from ams_operator.domain.model import JSON
from ams_operator.migration import checkpoint, older, packed, shrinking
from ams_operator.migration.absence import Absences
from ams_operator.migration.census import Census, again
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import SetRead
from ams_operator.migration.reduce import Digest
from ams_operator.migration.tally import Tally, marked, unmarked

LARGEST: Final = 96 << 10
"""characters of the text"""
LONGEST_INTERVAL: Final = 86_400.0
"""seconds, where nobody wants a longer one"""
_PATIENCE: Final = 3


@dataclass(slots=True)
class Kept:
    """The results of one account, and the `Store` of the inventory that is under way."""

    account: str
    """tells whose results these are: source and target"""
    seal: Digest
    """of a key that only the operator has"""
    sets: dict[str, SetRead] = field(default_factory=dict)
    begun: float | None = None
    """when the last inventory that found everything began"""
    took: float = 0.0
    """seconds that it took"""
    ran: float = 0.0
    """seconds that the one under way has taken so far"""
    stuck: bool = False
    """the one under way has tried everything, and lacks what can't be read"""
    saved: JSON | None = None
    """the checkpoint of the one under way, or the last of the one before"""
    whole: bool = False
    """`saved` is of an inventory that is over"""
    asked: bool | None = None
    """whether an asset that version 2 published shows its locator to whoever asks it in version 3"""
    lasting: JSON = field(default_factory=dict)
    """units, notes, and what could be compared: of the last reading, also while the next one is under way"""
    lacking: bool = False
    """`pack` had to leave something out"""
    version: int = 0
    """counts changes"""
    _told: set[str] = field(default_factory=set)
    """sets whose results are known and not in the checkpoint yet"""
    _parts: dict[str, tuple[Tally, str]] = field(default_factory=dict, repr=False)

    def load(self) -> JSON | None:
        """The inventory under way; None where the next one begins."""
        return None if self.whole else self.saved

    def save(self, value: JSON) -> None:
        """What an inventory has so far."""
        self.saved, self.whole, self.stuck = value, False, False
        self._told.clear()
        self.lasting["compared"] = {**self.tried, **(value.get("compared") or {})}
        if "EncodingReservedUnitTypes" in value["sets"]:
            self.lasting["units"] = str(value["known"].get("units") or "")
        self.version += 1

    def absences(self) -> Absences:
        """What the next reading goes by where a set is not given; what it learns is kept."""
        before = self.census().tallies | {name: Tally() for name in self.lasting.get("given", ())}
        return Absences(before, self.lasting.setdefault("missing", {}))

    def absent(self, name: str) -> bool:
        """Whether version 2 has no such set: it said so for long enough, and never gave it to anybody."""
        return (tally := self._tally(name)) is not None and tally.absent and name not in self.lasting.get("given", ())

    def given(self, name: str) -> None:
        """A poll was given a set: no 404 means any more that there is none, and where one did, it is read again."""
        self.lasting.get("missing", {}).pop(name, None)
        if name not in (before := self.lasting.get("given", ())):
            self.lasting["given"] = sorted({name, *before})
        if (tally := self._tally(name)) is not None and tally.absent:
            del self.sets[name]
            self._drop(frozenset({name}))
            self.whole = False
            self.version += 1

    def take(self, census: Census, now: float) -> bool:
        """The results of sets that were read since the last call, but where `older` ones stay. True where any came."""
        # One that is too old is begun anew, and what it had read then is old as well.
        old = self._current() if self.beginning == census.begun else frozenset[str]()
        self.ran = census.ran
        news = [name for name, tally in census.tallies.items() if name not in old and self._tally(name) is not tally]
        given = {name for name in news if not census.tallies[name].absent}
        stay = older.staying(self.lasting, census, self.census) if census.again else frozenset[str]()
        self.sets |= {name: replace(self.sets[name], failed="") for name in stay.intersection(news)}
        news = [name for name in news if name not in stay]
        self.sets |= {name: SetRead(now, tally=census.tallies[name]) for name in news}
        older.replaced(self.lasting, news, census.again)
        self._told.update(news)
        self.lasting["given"] = sorted(given.union(self.lasting.get("given", ())))  # also of those that find no room
        return bool(news)

    def end(self, census: Census, now: float) -> None:
        """An inventory is over; sets that could not be read keep what was known of them."""
        self.take(census, now)
        self._told.clear()
        for name, why in census.failed.items():
            before = self.sets.get(name, SetRead())
            self.sets[name] = replace(before, failed=why)
        self.lasting["notes"] = list(census.notes)
        self.stuck = not census.complete
        if census.complete:
            shown = shrinking.remembered(self.before(), self.census().merged("evidence"))
            self.lasting["before"] = {gap: marked(marks) for gap, marks in shown.items()}
            began = instant(census.begun)
            begun = began.timestamp() if began is not None else now
            if begun != self.begun:  # else this was only compared again
                self.begun, self.took = begun, census.ran
            self.whole = not census.again
            self._drop(census.again)
        self.version += 1

    def _drop(self, sets: frozenset[str]) -> None:
        """Have these read again by the inventory under way, as if they had not been; their last results stay."""
        if self.saved is not None and sets:
            self.saved = checkpoint.without(self.saved, sets)

    @property
    def uncompared(self) -> bool:
        """Whether everything was read, and some of it only waits for being compared with version 3."""
        began = instant(self.beginning)
        over = not self.whole and began is not None and began.timestamp() == self.begun
        return over and bool(self.again)

    @property
    def again(self) -> frozenset[str]:
        """Sets that wait for being compared with version 3."""
        return again(self.tried)

    @property
    def tried(self) -> dict[str, str]:
        """How the last comparisons went, as `Census.compared`; `census` has what results rest on."""
        return older.tried(self.lasting)

    @property
    def since(self) -> str:
        """When what was compared before was read, where it could not be now; else empty."""
        return older.since(self.lasting)

    def due(self, every: float, now: float, again: float = 0.0) -> float:
        """When there is something to read; at once where a wrong clock put the last one ahead. `again`: when what
        failed is tried again. What can't be read or compared waits until the next is due; no other waits for it."""
        began = instant(self.beginning)
        if began is not None and not self.whole and (self.stuck or self.uncompared):
            following = began.timestamp() + every
            if now < following:
                return max(now, min(again, following))
            self.whole = True
            return now
        return max(self.begun + every if self.whole and self.begun is not None and self.begun <= now else now, again)

    def before(self) -> dict[str, tuple[int, ...]]:
        """Who showed each gap, as of the last inventory that found everything (`shrinking`)."""
        return {gap: unmarked(text) for gap, text in self.lasting.get("before", {}).items()}

    def census(self) -> Census:
        """The last results of all sets; none is older than the inventory that began then."""
        begun = self.beginning if self.begun is None else f"{datetime.fromtimestamp(self.begun, UTC):%FT%TZ}"
        found = Census(self.account, min(begun, self.since or begun))
        found.tallies = {name: one.tally for name, one in self.sets.items() if one.tally is not None}
        found.failed = {name: one.failed for name, one in self.sets.items() if one.failed}
        found.notes = [*older.told(self.lasting), *self.lasting.get("notes", ())]
        found.units = str(self.lasting.get("units", ""))
        found.compared = older.compared(self.lasting)
        return found

    def interval(self, wanted: float) -> float:
        """Seconds from one inventory to the next, by which results grow stale, too: a large account is not read more
        than a third of the time. What the first one takes is only known when it is over; so far it is what it took."""
        took = self.ran if self.begun is None else self.took
        return max(wanted, min(_PATIENCE * took, LONGEST_INTERVAL))

    def read(self, every: float) -> dict[str, SetRead]:
        """The sets as they are judged: by the interval that holds now, and not by that of when they were read."""
        return {name: replace(one, every=every) for name, one in self.sets.items()}

    def _current(self) -> frozenset[str]:
        """Sets of the inventory under way that were read, and are in its checkpoint."""
        return frozenset() if self.whole or self.saved is None else frozenset(self.saved.get("sets", ()))

    def _tally(self, name: str) -> Tally | None:
        return self.sets[name].tally if name in self.sets else None

    def pack(self, largest: int = LARGEST) -> str:
        """Everything as one text. Sets with much to tell are left out, the largest first, until it fits."""
        self.lacking = False
        if self.saved is None:
            return ""
        text, self.lacking = self._packed(self.saved, largest, whole=self.whole)
        if self.whole and self.lacking:
            text, _ = self._packed(self.saved, largest, whole=False)
        return self.seal(text) + text if text else ""

    def _packed(self, saved: JSON, largest: int, *, whole: bool) -> tuple[str, bool]:
        """The text, and whether a set had to be left out. `whole`: nothing has to be read any more."""
        known, out = checkpoint.fitting(saved, largest // 2, needed=not whole)
        parts = {
            name: self._part(name, one.tally)
            for name, one in self.sets.items()
            if one.tally is not None and name not in self._told
        }
        head = {name: one for name, one in saved.items() if name != "sets"} | {
            "known": known,
            "complete": self.begun,
            "took": self.took,
            "asked": self.asked,
            "lasting": self.lasting,
            "times": {name: self.sets[name].at for name in parts},
            "failed": {name: one.failed for name, one in self.sets.items() if one.failed},
            "current": sorted(saved.get("sets", ())),
            "whole": whole,
        }
        left = largest - len(packed.pack(head)) - 100
        if left < 0:
            return "", True
        for name in sorted(parts, key=lambda name: len(parts[name])):
            left -= len(parts[name]) + len(name) + 6
            if left < 0:
                out |= {name, SETS[name].parent or name}  # what is below a set is read together with it
        kept = {name: part for name, part in parts.items() if name not in out}
        return jsons.dumps({"head": packed.pack(head), "sets": kept}).decode("ascii"), bool(out)

    def _part(self, name: str, tally: Tally) -> str:
        """A set's result never changes: it is packed once."""
        known = self._parts.get(name)
        if known is None or known[0] is not tally:
            known = self._parts[name] = (tally, packed.pack(tally.dump()))
        return known[1]

    @classmethod
    def newest(cls, account: str, seal: Digest, texts: Iterable[str]) -> Kept:
        """What is taken up of several texts: the latest inventory, as far as it came; nothing where none is of use."""
        found = [one for text in texts if text and (one := cls(account, seal)).unpack(text)]
        return max(found, key=lambda one: (one.beginning, one.whole, len(one.sets)), default=cls(account, seal))

    @property
    def beginning(self) -> str:
        """When the inventory of the checkpoint began."""
        return str((self.saved or {}).get("begun") or "")

    def unpack(self, text: str) -> bool:
        """Take up what an earlier process packed; False where it is of another account, was sealed with another key,
        or can't be read."""
        try:
            length = len(self.seal(""))
            seal, text = text[:length], text[length:]
            if not hmac.compare_digest(seal.encode(), self.seal(text).encode()):
                return False
            value = jsons.loads(text.encode("utf-8", "replace"))
            head, parts = packed.unpack(value["head"]), value["sets"]
            if head.get("version") != checkpoint.VERSION or head.get("account") != self.account:
                return False
            dumps = {name: packed.unpack(part) for name, part in parts.items() if name in SETS}
            tallies = {name: Tally.load(one) for name, one in dumps.items()}
            times = {name: float(head["times"][name]) for name in tallies}
            current = [name for name in head["current"] if name in dumps]
            complete = float(head["complete"]) if head["complete"] is not None else None
            took, ran = float(head["took"]), float(head.get("ran", 0.0))
            failed = {name: str(why) for name, why in head.get("failed", {}).items() if name in SETS}
        except (KeyError, TypeError, ValueError, AttributeError):
            return False
        self.sets = {
            name: SetRead(times.get(name), tally=tallies.get(name), failed=failed.get(name, ""))
            for name in SETS
            if name in tallies or name in failed
        }
        self.begun, self.took, self.ran = complete, took, ran
        self.whole, self.asked = bool(head["whole"]), head.get("asked")
        self.lasting = dict(head.get("lasting") or {})
        self.saved = {name: one for name, one in head.items() if name not in _OWN}
        self.saved["sets"] = {name: dumps[name] for name in current}
        return True


_OWN: Final = frozenset({"whole", "complete", "took", "asked", "lasting", "times", "failed", "current"})
