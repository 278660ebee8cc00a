"""LIST nominates: page by page, holding no lock, each item compared with what is declared. Writes nothing itself."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from dataclasses import dataclass, field

from ams_operator.api.durations import parse_interval
from ams_operator.api.reasons import Reason
from ams_operator.domain import report as reports
from ams_operator.domain.answers import KubeDown, KubeRefused, Lane, NoAnswer, NotSent, Resource
from ams_operator.domain.model import JSON, Observed
from ams_operator.engine import accounts, claims, connections, identity, outcome, places, references
from ams_operator.engine.accounts import Account
from ams_operator.engine.context import load
from ams_operator.engine.reconcile import blind, plan
from ams_operator.engine.state import Engine, InvalidSpec, children_of, parse_spec
from ams_operator.engine.store import ACCOUNT

log = logging.getLogger(__name__)
INTERVAL = 60.0
LOOK_AFTER = 10.0
"""seconds between looks at a Secret that was missing or wrong"""
OF_SECRETS = frozenset(
    {
        Reason.CREDENTIAL_REJECTED,
        Reason.SECRET_NOT_FOUND,
        Reason.KEY_NOT_FOUND,
        Reason.SERVICE_ACCOUNT_NOT_FOUND,
    }
)
"""troubles that another Secret ends"""
OF_ONE_LIST = frozenset({Reason.BAD_ANSWER, Reason.FORBIDDEN})
"""troubles that say nothing of the account's other LISTs"""
MAX_PAGES = 10_000


@dataclass(slots=True)
class Sweeps:
    """Sweeps every usable account once in its driftInterval."""

    engine: Engine
    jitter: random.Random = field(default_factory=random.Random)
    next: dict[str, float] = field(default_factory=dict)
    """account uid to the time of its next sweep"""
    paced: dict[str, object] = field(default_factory=dict)
    """account uid to the driftInterval, as it is written, that `next` rests on"""
    running: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Sweep until cancelled. Accounts sweep side by side, each one by one kind after the other."""
        async with asyncio.TaskGroup() as group:
            while True:
                for owner in self.turned_away():
                    self.running.add(owner.uid)
                    group.create_task(self._asked_again(owner))
                for owner in self.due():
                    self.running.add(owner.uid)
                    group.create_task(self._one(owner))
                await self.engine.clock.sleep(0.1)

    def due(self) -> list[Resource]:
        """The accounts whose sweep is due now."""
        now = self.engine.clock.now()
        found = []
        for owner in self.engine.store.of_kind(ACCOUNT):
            account = self.engine.accounts.known.get(owner.uid)
            if account is None or not account.usable or account.backend is None or owner.uid in self.running:
                continue
            changed = self.paced.get(owner.uid) != owner.spec.get("driftInterval")
            if account.sweep_soon or changed or now >= self.next.get(owner.uid, 0.0):
                found.append(owner)
        return found

    def turned_away(self) -> list[Resource]:
        """The accounts whose Secret is missing or wrong, and that are looked after now: nothing tells that it was
        corrected, and the pauses between tries grow long."""
        now = self.engine.clock.now()
        found = []
        for owner in self.engine.store.of_kind(ACCOUNT):
            account = self.engine.accounts.known.get(owner.uid)
            trouble = account.trouble if account is not None else None
            if trouble is not None and trouble.reason in OF_SECRETS and owner.uid not in self.running:
                found += [owner] if now >= self.next.get(owner.uid, 0.0) else []
        return found

    async def _asked_again(self, owner: Resource) -> None:
        self.next[owner.uid] = self.engine.clock.now() + LOOK_AFTER
        try:
            await self._credentials(owner, self.engine.accounts.known[owner.uid])
        except (KubeDown, KubeRefused, InvalidSpec) as error:
            log.info("a Secret can't be looked at: %s", error)
        finally:
            self.running.discard(owner.uid)

    def oldest(self) -> float | None:
        """Seconds since the account that waits longest was swept completely; None where there is none."""
        now = self.engine.clock.now()
        ages = [now - (account.swept or now) for account in self.engine.accounts.known.values() if account.usable]
        return max(ages, default=None)

    async def _one(self, owner: Resource) -> None:
        account = self.engine.accounts.known[owner.uid]
        account.sweep_soon = False
        self.paced[owner.uid] = owner.spec.get("driftInterval")
        interval = self._interval(owner)
        # Jitter only shortens: a change behind our back is found within the interval that was promised.
        self.next[owner.uid] = self.engine.clock.now() + (
            interval * self.jitter.uniform(0.9, 1.0) if interval else 1e12
        )
        try:
            await self.sweep(owner, account)
        except (NotSent, NoAnswer) as error:
            if accounts.is_shared(error) and isinstance(error, NotSent):
                self.engine.accounts.fail(account, error, self.engine.clock.now())
                self.engine.nominate(owner.uid, Lane.RETRY)
            else:
                log.info(
                    "a sweep ended early: %s",
                    error.message,
                    extra={"about": {"kind": ACCOUNT, "namespace": owner.namespace, "name": owner.name}},
                )
                self.engine.nominate(owner.uid, Lane.POLL)
            self.next[owner.uid] = max(error.until or 0.0, self.engine.clock.now() + min(interval or INTERVAL, 10.0))
        except (KubeDown, KubeRefused) as error:
            log.info(
                "a sweep ended early: %s",
                error,
                extra={"about": {"kind": ACCOUNT, "namespace": owner.namespace, "name": owner.name}},
            )
        except Exception:
            log.exception(
                "a sweep failed", extra={"about": {"kind": ACCOUNT, "namespace": owner.namespace, "name": owner.name}}
            )
        finally:
            self.running.discard(owner.uid)

    def _interval(self, owner: Resource) -> float:
        text = owner.spec.get("driftInterval")
        return parse_interval(text).total_seconds() if text is not None else INTERVAL

    async def sweep(self, owner: Resource, account: Account) -> None:
        """One account, all its kinds. Raises NotSent and NoAnswer."""
        await self._credentials(owner, account)
        lists: dict[tuple[str, tuple[str, ...]], dict[str, list[Resource]]] = {
            (ACCOUNT, ()): {account.id.name.lower(): [owner]}
        }
        for child in children_of(self.engine, owner):
            if await references.rotated(self.engine, child) or await connections.lost(self.engine, child):
                self.engine.nominate(child.uid, Lane.POLL)
            parents = self._parents(child)
            if parents is not None:
                name = str(child.spec.get("azureName") or child.name).lower()
                # Several may mean one resource: one of them manages it, any number observe it.
                lists.setdefault((child.kind, parents), {}).setdefault(name, []).append(child)
        failed: NoAnswer | NotSent | None = None
        for (kind, parents), wanted in lists.items():
            try:
                await self._kind(owner, account, kind, parents, wanted)
            except (NoAnswer, NotSent) as error:
                if error.reason not in OF_ONE_LIST:
                    raise
                failed = failed or error  # the other kinds are compared all the same
        if failed is not None:
            raise failed
        account.swept = self.engine.clock.now()

    def _parents(self, child: Resource) -> tuple[str, ...] | None:
        """What it lies in; None where that is not known, or nothing of it was ever seen in the service: nobody lists
        what is inside of something that may not exist."""
        if not self.engine.kinds[child.kind].parent:
            return ()
        try:
            spec = parse_spec(self.engine, child)
        except InvalidSpec:
            return None
        there = child.status.get("resourceId")
        return references.parents(self.engine, child, spec) if there else None

    async def _credentials(self, owner: Resource, account: Account) -> None:
        """A rotated credential is found by its version alone; the old way stays until the new one is made."""
        spec = parse_spec(self.engine, owner)
        if await identity.changed(self.engine, owner, spec.credentials, account):
            account.stale, account.trouble = True, None
            self.engine.nominate(owner.uid, Lane.POLL)

    async def _kind(
        self, owner: Resource, account: Account, kind: str, parents: tuple[str, ...], wanted: dict[str, list[Resource]]
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
            for item in page.items:
                for resource in missing.pop(str(item.get("name", "")).lower(), ()):
                    await self._compare(resource, item, page.at)
            if (token := page.next) is None:
                places.listed(self.engine, owner, kind, parents, count)
                break
        for resource in itertools.chain.from_iterable(missing.values()):
            await self._compare(resource, None, began)

    async def _compare(self, resource: Resource, item: JSON | None, at: float) -> None:
        """Nominate what differs from its manifest, or whose status would read differently. `item` None: not listed."""
        memory = self.engine.store.memory.get(resource.uid)
        current = self.engine.store.objects.get(resource.uid)
        if memory is None or current is None or at < memory.wrote:
            return
        if memory.trouble is not None and at < memory.trouble.until:
            return  # it is tried again then; later it is swept, though nothing but a look may have ended the trouble
        if "observedGeneration" not in current.status or (memory.observed is not None and at < memory.observed.at):
            return
        if item is None and claims.holder(self.engine, current.uid) != current.uid:
            return
        known = (current.version, item)
        if memory.clean == known and memory.observed is not None:
            memory.observed = Observed(at, memory.observed.raw, memory.observed.children)
            return
        try:
            job = await load(self.engine, current)
        except InvalidSpec:
            return
        if blind(job):
            return
        observed = Observed(at, item)
        decision = plan(job, observed)
        same = decision.plan.record == job.record and not decision.plan.differs and decision.plan.waiting is None
        calm = same and decision.next is None and not decision.holds
        stale = item is not None and await connections.stale(self.engine, job, item)
        calm = calm and not stale and item is not None
        told = (current.version, job.desired, job.kind.facts(item or {}), decision.plan.good) if calm else None
        if told is not None and not decision.release and memory.told == told:
            memory.clean, memory.observed = known, observed  # its status says all that already
            return
        body = reports.report(
            job.kind, job.desired, decision, observed, decision.plan.record, current.status, job.scene
        )
        more = decision.next is not None or decision.release or stale or outcome.shallow(job.kind, decision, observed)
        if not more and reports.equal(job.kind, body, current.status):
            # what time may change has to be compared again
            memory.clean, memory.observed, memory.told = known if decision.due is None else None, observed, told
            return
        # A LIST may be stale or shallow. What it shows as equal is, and what differs may be noted while a GET follows;
        # but who owns what, whether an act happened and that something is gone, only a GET can tell.
        healthy = decision.next is None and not decision.holds and not decision.plan.differs
        tells = item is not None and (healthy or decision.next is not None) and decision.plan.record == job.record
        tells = tells and memory.differed != item and not stale
        memory.clean, memory.differed = None, item
        memory.observed = observed if tells else None
        self.engine.nominate(resource.uid, Lane.SWEEP)
