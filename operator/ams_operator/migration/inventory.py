"""Reads an account of version 2, set by set and page by page, into tallies. Memory stays bounded; a kill loses one set.

Order matters: what a verdict needs from another set was read before. What is below a row (options, task templates) is
read together with its set.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol

from ams_operator.domain.answers import PortError
from ams_operator.domain.ids import instant
from ams_operator.domain.model import JSON
from ams_operator.migration import checkpoint, joins, odata, reduce, sources, verdicts
from ams_operator.migration.absence import Absences
from ams_operator.migration.below import Below, Reader
from ams_operator.migration.census import Census
from ams_operator.migration.entities import JUDGED_BY, SETS, EntitySet, How
from ams_operator.migration.links import Combinations, count_files
from ams_operator.migration.mapping import encoding, plain
from ams_operator.migration.model import Deliveries, Known, Progress, Tell
from ams_operator.migration.paging import PAGE, Ask, EndlessSet, NotTaken, Walk, counted
from ams_operator.migration.patience import Patience
from ams_operator.migration.tally import SAMPLES, Tally
from ams_operator.migration.together import together
from ams_operator.migration.trouble import REFUSALS, NotReadable
from ams_operator.migration.turns import Alone, Turn
from ams_operator.migration.version3 import Listed
from ams_operator.texts import steady

log = logging.getLogger(__name__)
AT_ONCE: Final = 8
"""requests for what is below rows"""
OLDEST: Final = timedelta(hours=24)
"""age of a checkpoint that is still taken up"""
_64_BITS: Final = (1 << 64) - 1


class Target(joins.Target, Protocol):
    """What shows version 3: a `Version3`."""

    async def assets(self, tell: Tell, patience: Patience) -> dict[str, str]: ...
    async def locators(self, named: frozenset[str], since: str, tell: Tell, patience: Patience) -> Listed: ...


class Inventory:
    """One inventory of one account. `now` in seconds since the epoch."""

    def __init__(
        self,
        account: str,
        reader: Reader,
        target: Target | None,
        store: checkpoint.Store,
        known: Known,
        *,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        turn: Turn | None = None,
        tell: Tell = lambda _: None,
        absences: Absences | None = None,
        rests: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`account` tells checkpoints apart; `target` None: nothing is asked of version 3; `turn`: where it shares with
        others, in place of `sleep`; `absences` None: what the checkpoint says of them; `rests`: sets that are not asked
        for this time, and why they could not be read."""
        self._reader, self._target, self._store, self._known = reader, target, store, known
        self._now, self._hear = now, tell
        self._turn = turn or Alone(sleep)
        self._patience = Patience(now, self._turn.sleep, self._turn.next, self._turn.wanted, long=self._turn.long)
        self._patiently = self._patience.read
        self._below_of = Below(reader, self._patiently).of
        self._absences, self._rests = absences or Absences(), rests
        self.in_vain: list[str] = []
        """sets that were asked for and could not be read"""
        self._given = set[str]()
        """sets of which this inventory was given a page"""
        self._began = now()
        """when it had begun, if nothing had interrupted it"""
        self.census = Census(account, f"{known.now:%FT%TZ}")

    async def run(self) -> Census:
        """Read what is not read yet. Raises NotReadable where nothing can be read at all, and OSError."""
        self._resume()
        self._began = self._now() - self.census.ran
        self._known.since = odata.sorting(self._known.now - self._known.quiet)
        for entities in SETS.values():
            if entities.name in self.census.tallies or entities.how is How.BELOW:
                continue
            if entities.name in self._rests:
                self.census.failed[entities.name] = self._rests[entities.name]
                continue
            if lacking := [one for one in JUDGED_BY.get(entities.name, ()) if one not in self.census.tallies]:
                self.census.failed[entities.name] = f"it is judged by {lacking[0]}, which could not be read"
                continue
            await self._read(entities)
            self._forget(entities.name)
            self._save()
        self.census.tallies = {name: self.census.tallies[name] for name in SETS if name in self.census.tallies}
        self.census.units = self._known.units
        return self.census

    def _tell(self, progress: Progress) -> None:
        self.census.ran = self._now() - self._began
        if not progress.done:  # of a set that is read, or a list, and not only counted
            self._turn.rows = max(self._turn.rows, progress.rows)
        self._hear(progress)

    async def _read(self, entities: EntitySet) -> None:
        below = [one for one in SETS.values() if one.how is How.BELOW and one.parent == entities.name]
        tallies = {one.name: Tally() for one in (entities, *below)}
        failed = compared = ""
        checkpoint.begin(entities.name, self._known)
        try:
            compared = await self._prepare(entities.name)
            self._tell(Progress(entities.name, 0))  # the first page may be long in coming
            if entities.how is How.LINKS:
                await self._links(entities.name, tallies[entities.name])
            elif entities.how is How.COUNT:
                await self._count(entities, tallies[entities.name])
            else:
                await self._rows(entities, below, tallies)
            self._absences.answered(entities.name)
        except NotReadable as error:
            failed = await self._failure(entities.name, error)
            for tally in tallies.values():
                tally.absent = not failed
        except (NotTaken, EndlessSet) as error:
            failed = f"version 2 does not give it: {error}"
        if failed:
            self.census.failed[entities.name] = failed
            self.in_vain.append(entities.name)
            return
        judges = (self.census.tallies[one] for one in JUDGED_BY.get(entities.name, ()))
        tallies[entities.name].settled &= all(one.settled for one in judges)
        if entities.name == "Locators" and not (compared == "Failed" and self._known.same_account):
            compared = await self._join(tallies[entities.name]) or compared
        self.census.failed.pop(entities.name, None)
        # Together and at last: others judge by these at once, and what stood before was compared as was said of it.
        self.census.compared |= {entities.name: compared} if compared else {}
        self.census.tallies.update(tallies)
        self._tell(Progress(entities.name, tallies[entities.name].rows, tallies[entities.name].rows, done=True))

    async def _failure(self, name: str, error: NotReadable) -> str:
        """What keeps a set from being read; empty where there is no such set. Raises where it is the whole account."""
        if not error.missing:
            if self._absences.answered(name):
                self._save()  # this may be the end, and who goes on would know of the 404s alone
            if not error.passing and error.status not in REFUSALS:
                raise error
        await self._patiently(self._reader.probe)
        if error.missing:
            return self._absences.doubt(name, self._now(), given=name in self._given)
        return f"version 2 answers, and refuses this set ({error.said})" if error.status in REFUSALS else error.message

    async def _page(self, entities: EntitySet, ask: Ask, top: int = PAGE) -> odata.Rows:
        """Of the set that is read now."""
        page = await self._patiently(
            lambda: self._reader.page(entities, ask, top=top), there=entities.name in self._given
        )
        self._given.add(entities.name)
        return page

    async def _links(self, name: str, tally: Tally) -> None:
        await Combinations(
            self._below_of, self._known, tally, lambda done, total: self._tell(Progress(name, done, total))
        ).read()

    async def _count(self, entities: EntitySet, tally: Tally) -> None:
        """Ask how many there are, and where the service does not say, which is the last."""
        page = await self._page(entities, Ask(count=True), 1)
        count = page.count if page.count is not None else None if page.rows else 0
        if count is None:
            count = await counted(lambda ask: self._page(entities, ask, 1))
        tally.add_many(count, verdicts.judge(entities.name, {}, self._known))

    async def _rows(self, entities: EntitySet, below: list[EntitySet], tallies: dict[str, Tally]) -> None:
        walk = Walk(
            partial(self._page, entities), entities.key, entities.dated, datetime.fromtimestamp(self._now(), UTC)
        )
        tally = tallies[entities.name]
        async for rows in walk.pages():
            if entities.name == "Assets":
                await count_files(rows, self._below_of, self._known)
            if below:
                parents = [str(row[entities.key]) for row in rows if not encoding.is_the_services(entities.name, row)]
                for inner in below:
                    await self._below(inner, parents, tallies[inner.name])
            self._judge(entities, rows, tally)
            self._known.options = {}  # those of this page
            self._tell(Progress(entities.name, walk.passage.rows, walk.passage.total))
            del rows  # before the next page comes: two of them at once cost more than memory
        tally.strangers, tally.settled = walk.passage.strangers, walk.passage.settled

    async def _below(self, entities: EntitySet, parents: list[str], tally: Tally) -> None:
        for start in range(0, len(parents), AT_ONCE):
            some = parents[start : start + AT_ONCE]
            for parent, rows in zip(some, await together(self._below_of(entities, one) for one in some), strict=True):
                verdicts.learn(entities.name, parent, rows or [], self._known)
                for row in rows or ():
                    self._add(entities, row, tally)

    def _judge(self, entities: EntitySet, rows: list[JSON], tally: Tally) -> None:
        """A page: what most rows have in common at once, the others one by one."""
        alike, others = plain.split(entities.name, rows, self._known)
        if alike is not None:
            labels = [verdicts.label(entities.name, row) for row in alike.rows[: 2 * SAMPLES]]
            newest = verdicts.newest(entities.name, alike.rows, alike.guids, self._known)
            tally.add_many(len(alike.rows), alike.judgement, labels, alike.digest & _64_BITS, newest)
        for row in others:
            self._add(entities, row, tally)

    def _add(self, entities: EntitySet, row: JSON, tally: Tally) -> None:
        if isinstance(mark := odata.mark(str(row[entities.key])), str):
            mark = int.from_bytes(hashlib.blake2b(mark.encode("utf-8", "replace"), digest_size=8).digest())
        name, key = entities.name, reduce.spoken(str(row[entities.key]))  # which may be what people call it
        row = row if key == row[entities.key] else row | {entities.key: key}
        found = verdicts.judge(name, row, self._known)
        when = verdicts.when(name, row, self._known)
        tally.add(verdicts.label(name, row), mark & _64_BITS, found, when, key)
        if found.verdict.kind:
            tally.keep(found.verdict, lambda: sources.source(name, row, found.verdict, self._known))

    async def _prepare(self, name: str) -> str:
        """Ask version 3 for what the verdicts of a set need, and say how that went, as `Census.compared`. Without an
        answer they rest on what is documented."""
        if self._target is None or name not in ("Assets", "Locators"):
            return ""
        patience = self._patience.of_lists()
        try:
            if name == "Assets":
                self._known.v3_assets = await self._target.assets(self._tell, patience)
                return "Listed"
            named, since = self._known.managed_names, self._known.since
            listed = await self._target.locators(named, since, self._tell, patience)
            self._known.v3_locators, self._known.v3_created = listed.policies, listed.created
            self._known.managed |= listed.chosen
            walk = Walk(partial(self._page, SETS[name]), "Id", None, datetime.fromtimestamp(self._now(), UTC))
            self._known.v3_lists_old = await joins.lists_old(self._known.v3_locators, walk.pages())
            return "Listed" if self._known.v3_lists_old else "Unlisted"
        except PortError as error:
            self.census.notes.append(f"version 3 does not list what {name} are compared with: {steady(error.message)}")
            return "Failed"

    async def _join(self, locators: Tally) -> str:
        """Compare them with what is published anew, where that is the way; say how that went."""
        if self._target is None or (self._known.same_account and not self._known.republish):
            return ""
        try:
            patience = self._patience.of_lists()
            await joins.join(self._known, self._target, locators.blockers, self._tell, patience)
        except PortError as error:
            self.census.notes.append(f"version 3 does not list what was published anew: {steady(error.message)}")
            return joins.UNJOINED
        return "Listed"

    def _forget(self, name: str) -> None:
        if name == "Assets":
            self._known.v3_assets = None
        if name == "Locators":
            self._known.v3_locators, self._known.v3_created, self._known.by_locator = None, {}, {}
        # What a checkpoint leaves out nobody knows later: it lasts for as long as anything is judged by it.
        if "Combinations" in self.census.tallies:
            self._known.deliveries = Deliveries()
            if "AssetFilters" in self.census.tallies:
                self._known.forget_published()

    def _save(self) -> None:
        self._store.save(checkpoint.dump(self.census, self._absences.since, self._known))

    def _resume(self) -> None:
        saved = self._store.load()
        if saved is None or saved.get("account") != self.census.account:
            return
        begun = instant(str(saved.get("begun")))
        if begun is None or not timedelta() <= self._known.now - begun <= OLDEST:
            return
        try:
            tallies = {name: Tally.load(one) for name, one in saved["sets"].items() if name in SETS}
            checkpoint.load_known(saved["known"], self._known)
            missing = {str(name): float(at) for name, at in saved.get("missing", {}).items() if name in SETS}
            ran = float(saved.get("ran", 0.0))
            compared = {str(name): str(how) for name, how in saved["compared"].items()}
        except (LookupError, TypeError, ValueError, AttributeError):
            log.warning("the checkpoint can't be read: everything is read again")
            return
        self.census.tallies, self.census.begun, self.census.compared = tallies, str(saved["begun"]), compared
        self.census.notes = [str(one) for one in saved.get("notes", ())]
        self._absences.since.update(missing)
        self.census.ran = ran
        read = (tally.rows for name, tally in tallies.items() if SETS[name].how is How.ROWS)
        self._turn.rows = max(read, default=0)
