"""LIST nominates: page by page, holding no lock, each item compared with what is declared. Writes nothing itself."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from ams_operator.api.durations import parse_interval
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Lane, NoAnswer, NotSent, Resource, Vanished
from ams_operator.domain.model import JSON
from ams_operator.engine import access, accounts, claims, connections, identity, places, references, suspicion
from ams_operator.engine.accounts import OF_LENDER, OF_ONE, Account
from ams_operator.engine.comparing import compare
from ams_operator.engine.state import Engine, InvalidSpec, about, children_of, parse_spec
from ams_operator.engine.store import ACCOUNT
from ams_operator.engine.suspicion import Tally

log = logging.getLogger(__name__)
INTERVAL = 60.0
LOOK_AFTER = 10.0
"""seconds between looks at a credential that was missing or wrong"""
MAX_PAGES = 10_000


@dataclass(slots=True)
class Sweeps:
    """Sweeps every usable account once in its driftInterval."""

    engine: Engine
    jitter: random.Random = field(default_factory=random.Random)
    running: set[str] = field(default_factory=set)
    """uids of the accounts that are swept, or whose credential is looked at again"""

    async def run(self) -> None:
        """Sweep until cancelled. Accounts sweep side by side, each one by one kind after the other."""
        async with asyncio.TaskGroup() as group:
            while True:
                for whose, work in ((self.turned_away, self._asked_again), (self.due, self._one)):
                    for owner in whose():
                        self.running.add(owner.uid)
                        group.create_task(work(owner))
                for owner in self.lent():  # beside a sweep, too: how long one takes is chosen by him as well
                    group.create_task(self._asked(owner))
                await self.engine.clock.sleep(0.1)

    def _known(self) -> Iterator[tuple[Resource, Account]]:
        """The accounts that were looked at, and what is known of them."""
        owners, known = self.engine.store.of_kind(ACCOUNT), self.engine.accounts.known
        return ((owner, known[owner.uid]) for owner in owners if owner.uid in known)

    def due(self) -> list[Resource]:
        """The accounts whose sweep is due now. One in trouble is asked by its own probe alone, and swept as soon as
        that was answered."""
        now, found = self.engine.clock.now(), []
        for owner, account in self._known():
            rounds = account.rounds
            ready = account.usable and account.backend is not None and account.trouble is None and not account.withdrawn
            soon = account.sweep_soon or rounds.paced != owner.spec.get("driftInterval") or now >= rounds.next
            if ready and soon and owner.uid not in self.running:
                found.append(owner)
        return found

    def turned_away(self) -> list[Resource]:
        """The accounts whose credential is missing or wrong, and that are looked after now: nothing else tells that it
        is corrected."""
        now, found = self.engine.clock.now(), []
        for owner, account in self._known():
            turned_away = account.trouble is not None and account.trouble.reason in OF_LENDER
            if turned_away and owner.uid not in self.running and now >= account.rounds.next:
                found.append(owner)
        return found

    def lent(self) -> list[Resource]:
        """The accounts whose credential may have been taken back since it was looked at. Sweeps find that, too, but how
        often there are any is chosen by him to whom it was lent."""
        now, found = self.engine.clock.now(), []
        for owner, account in self._known():
            if account.backend is not None and identity.lent(self.engine, owner):
                account.rounds.asked = account.rounds.asked or now
                found += [owner] if now - account.rounds.asked >= INTERVAL else []
        return found

    async def _asked_again(self, owner: Resource) -> None:
        try:
            if (account := self.engine.accounts.known.get(owner.uid)) is not None:
                account.rounds.next = self.engine.clock.now() + LOOK_AFTER
            await self._asked(owner)
        finally:
            self.running.discard(owner.uid)

    async def _asked(self, owner: Resource) -> None:
        if (account := self.engine.accounts.known.get(owner.uid)) is None:
            return  # it went in this very turn of the loop
        try:
            await self._credentials(owner, account)
        except (KubeDown, KubeRefused, InvalidSpec) as error:
            log.info("a credential can't be looked at: %s", error)
        except Exception:
            log.exception("a credential can't be looked at")

    def oldest(self) -> float | None:
        """Seconds since the account that waits longest was swept completely; None where there is none."""
        now = self.engine.clock.now()
        ages = [now - (account.swept or now) for account in self.engine.accounts.known.values() if account.usable]
        return max(ages, default=None)

    async def _one(self, owner: Resource) -> None:
        if (account := self.engine.accounts.known.get(owner.uid)) is None:
            return self.running.discard(owner.uid)  # it went in this very turn of the loop
        account.sweep_soon = False
        interval, rounds = _interval(owner), account.rounds
        rounds.paced = owner.spec.get("driftInterval")
        # Jitter only shortens: a change behind our back is found within the interval that was promised.
        pace = interval * self.jitter.uniform(0.9, 1.0) if interval else 1e12
        rounds.next = self.engine.clock.now() + pace
        try:
            await self.sweep(owner, account)
        except (NotSent, NoAnswer) as error:
            if accounts.is_shared(error) and isinstance(error, NotSent):
                self.engine.accounts.fail(account, error, self.engine.clock.now())
                self.engine.nominate(owner.uid, Lane.RETRY)
            else:
                log.info("a sweep ended early: %s", error.message, extra=about(owner))
                self.engine.nominate(owner.uid, Lane.POLL)
            # Who may not list this or that may not in ten seconds either.
            pause = min(interval or INTERVAL, INTERVAL if error.reason == Reason.FORBIDDEN else 10.0)
            rounds.next = max(error.until or 0.0, self.engine.clock.now() + pause)
        except (KubeDown, KubeRefused, InvalidSpec) as error:
            log.info("a sweep ended early: %s", error, extra=about(owner))
        except Exception:
            log.exception("a sweep failed", extra=about(owner))
        finally:
            self.running.discard(owner.uid)
            if account.suspicion.held:  # what is held waits for another sweep, however seldom they are
                rounds.next = min(rounds.next, self.engine.clock.now() + INTERVAL)

    async def sweep(self, owner: Resource, account: Account) -> None:
        """One account, all its kinds. Raises NotSent and NoAnswer."""
        await self._credentials(owner, account)
        if account.backend is None:
            return
        lists: dict[tuple[str, tuple[str, ...]], dict[str, list[Resource]]] = {
            (ACCOUNT, ()): {account.id.name.lower(): [owner]}
        }
        for child in children_of(self.engine, owner):
            admitted = child.namespace == owner.namespace
            if self._there(child):
                try:
                    admitted = admitted or await access.admits(self.engine, child)
                    if (admitted and self._there(child)) and (
                        await references.rotated(self.engine, child) or await connections.lost(self.engine, child)
                    ):
                        self.engine.nominate(child.uid, Lane.POLL)
                except Exception as error:
                    self._apart(child, error)
            parents = self._parents(child) if admitted and self._there(child) else None  # else nothing is asked for him
            if parents is not None:
                name = str(child.spec.get("azureName") or child.name).lower()
                # Several may mean one resource: one of them manages it, any number observe it.
                lists.setdefault((child.kind, parents), {}).setdefault(name, []).append(child)
        failed: NoAnswer | NotSent | None = None
        tally = Tally()
        for (kind, parents), wanted in lists.items():
            try:
                await self._kind(owner, account, kind, parents, wanted, tally)
            except (NoAnswer, NotSent) as error:
                if accounts.is_shared(error) and isinstance(error, NotSent):
                    raise
                failed = error if failed is None or failed.reason in OF_ONE else failed
                if error.reason not in OF_ONE:
                    break
                tally.unlisted.append(wanted)
        await self._absent(owner, account, tally)  # of the kinds that were listed
        broken_off = failed is not None and failed.reason not in OF_ONE
        await suspicion.judge_changes(self.engine, owner, account, tally, whole=failed is None, broken_off=broken_off)
        if failed is not None:
            raise failed
        account.swept = self.engine.clock.now()

    async def _absent(self, owner: Resource, account: Account, tally: Tally) -> None:
        """What is gone is worked on only once it is known how much is. Raises NotSent."""
        if tally.gone or account.suspicion.held or account.suspicion.waiting:
            await suspicion.judge(self.engine, owner, account, tally)
        for uid, began in tally.gone.items():
            resource, seen = self.engine.store.objects.get(uid), tally.seen.get(uid)
            if resource is not None:
                await self._compare(resource, seen.raw if seen else None, seen.at if seen else began)

    def _there(self, child: Resource) -> bool:
        """Whether it still is: its object may go while a sweep waits for an answer about another one."""
        return child.uid in self.engine.store.objects

    def _parents(self, child: Resource) -> tuple[str, ...] | None:
        """What it lies in; None where that is not known, or nothing of it was ever seen in the service: nobody lists
        what is inside of something that may not exist."""
        if not self.engine.kinds[child.kind].parent:
            return ()
        try:
            spec = parse_spec(self.engine, child)
        except InvalidSpec:
            self.engine.nominate(child.uid, Lane.SWEEP)
            return None
        there = child.status.get("resourceId")
        return references.parents(self.engine, child, spec) if there else None

    async def _credentials(self, owner: Resource, account: Account) -> None:
        """A rotated credential is found by its version alone; the old way stays until the new one is made."""
        account.rounds.asked = self.engine.clock.now()
        spec = parse_spec(self.engine, owner)
        if await identity.changed(self.engine, owner, spec, account):
            account.stale, account.trouble = True, None
            self.engine.nominate(owner.uid, Lane.POLL)

    async def _kind(
        self,
        owner: Resource,
        account: Account,
        kind: str,
        parents: tuple[str, ...],
        wanted: dict[str, list[Resource]],
        tally: Tally,
    ) -> None:
        backend = account.backend
        if backend is None:
            return
        began, place = self.engine.clock.now(), (account.id, account.origin)
        missing, count = dict(wanted), 0
        token: str | None = None
        for _ in range(MAX_PAGES):
            try:
                page = await backend.list(account.id, kind, parents, Lane.SWEEP, token)
            except NotSent as error:
                if parents and error.reason == Reason.WAITING_FOR_ACCOUNT:
                    break  # what it lies in is gone: none of it is listed, and the rest of the sweep goes on
                raise
            account.learn(page.date, self.engine.clock.now())
            if (account.id, account.origin) != place:
                return  # the manifest means another account now
            count += len(page.items)
            self._skipped(owner, account, kind, page.skipped)
            for item in page.items:
                for resource in missing.pop(str(item.get("name", "")).lower(), ()):
                    account.suspicion.explained.pop(resource.uid, None)
                    await self._compare(resource, item, page.at)
            if (token := page.next) is None:
                places.listed(self.engine, owner, kind, parents, count)
                break
        tally.complete.append(wanted)
        for resource in itertools.chain.from_iterable(missing.values()):
            if kind == ACCOUNT:
                await self._compare(resource, None, began)
            elif (
                self.engine.store.news(resource.uid, began) and claims.holder(self.engine, resource.uid) == resource.uid
            ):
                tally.gone[resource.uid] = began

    async def _compare(self, resource: Resource, item: JSON | None, at: float) -> None:
        """Compare, apart from all others."""
        try:
            await compare(self.engine, resource, item, at)
        except Exception as error:
            self._apart(resource, error)

    def _apart(self, resource: Resource, error: Exception) -> None:
        """A fault that one object or item brings about ends nothing but its own comparison; others are raised."""
        if isinstance(error, (NotSent, NoAnswer, KubeDown)):
            raise error
        if isinstance(error, (Conflict, InvalidSpec, Vanished)):
            self.engine.nominate(resource.uid, Lane.SWEEP)
            return
        if not self._there(resource):
            return  # it went in the middle of it, with all that is known of it
        fault = error if not isinstance(error, KubeRefused) else None
        log.error("a sweep leaves it out: %s", type(error).__name__, exc_info=fault, extra=about(resource))
        self.engine.poison(resource.kind)
        self.engine.nominate(resource.uid, Lane.SWEEP)

    def _skipped(self, owner: Resource, account: Account, kind: str, number: int) -> None:
        """Items that are no resources: counted each time, said once."""
        for _ in range(number):
            self.engine.poison(kind)
        if number and kind not in account.rounds.strange:
            account.rounds.strange.add(kind)
            log.warning("%d listed items of kind %s are none and are left out", number, kind, extra=about(owner))


def _interval(owner: Resource) -> float:
    """The time between sweeps; a text that is none is told on the account, by others."""
    text = owner.spec.get("driftInterval")
    try:
        return parse_interval(text).total_seconds() if text is not None else INTERVAL
    except (TypeError, ValueError):
        return INTERVAL
