"""Nothing is made anew on an absence that nobody can explain: a sweep says how much else of its account is gone.

A LIST says how much to suspect, GETs decide. What a GET alone found gone waits for the next sweep, which comes at once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from ams_operator.api.reasons import Reason
from ams_operator.domain import suspicion
from ams_operator.domain.answers import KubeDown, Lane, NoAnswer, NotSent, Resource
from ams_operator.domain.holds import compared, suspected
from ams_operator.domain.model import Decision, Observed
from ams_operator.engine import outcome
from ams_operator.engine.accounts import OF_ONE, Account, is_shared
from ams_operator.engine.context import load
from ams_operator.engine.job import Job
from ams_operator.engine.reconcile import blind
from ams_operator.engine.state import Engine, InvalidSpec, about
from ams_operator.engine.store import ACCOUNT

log = logging.getLogger(__name__)
_UNMANAGED = ("Observe", "Pause")


@dataclass(slots=True)
class Tally:
    """What one sweep saw of an account."""

    complete: list[Mapping[str, list[Resource]]] = field(default_factory=list)
    """by name what was looked for in each LIST that was read to its end"""
    unlisted: list[Mapping[str, list[Resource]]] = field(default_factory=list)
    """the same of each LIST that was refused, or is unreadable, while others are not"""
    gone: dict[str, float] = field(default_factory=dict)
    """uid of what such a LIST did not show, to the time when it began"""
    seen: dict[str, Observed] = field(default_factory=dict)
    """uid of it to what a GET showed, where one was sent"""


async def judge(engine: Engine, owner: Resource, account: Account, tally: Tally) -> None:
    """Say of each absence whether it may be acted on. GETs are sent only where too much is gone. Raises NotSent."""
    known, objects = account.suspicion, engine.store.objects
    gone = [objects[uid] for uid in {**tally.gone, **dict.fromkeys(known.waiting)} if uid in objects]
    counted = {one.uid: one for one in gone if _counts(engine, account, one)}
    total = len(counted)
    if total >= suspicion.LEAST:  # else nobody has to know how many there are
        total = len(counted.keys() | _looked_for(engine, account, tally))
    many = suspicion.too_many_gone(len(counted), total)
    confirmed = await _confirmed(engine, account, counted, tally) if many else set()
    if suspicion.too_many_gone(len(counted), total):
        now = engine.clock.now()
        since = {uid: known.held.get(uid, now) for uid in confirmed}
        held = {uid: first for uid, first in since.items() if now - first < suspicion.APART}
        unknown = counted.keys() - confirmed
    else:
        held, unknown = {}, set()
    _tell(owner, known.held.keys(), held.keys(), total)
    there = {uid for uid, observed in tally.seen.items() if observed.raw is not None}
    waited = known.waiting - held.keys()
    known.explained |= {
        one.uid: one.own_record.get("identity")
        for one in gone
        if one.uid not in held and one.uid not in unknown and one.uid not in there
    }
    known.explained = {uid: lost for uid, lost in known.explained.items() if uid in objects and uid not in held}
    known.held, known.waiting = held, set()
    known.absence = suspicion.mass_absence(len(confirmed), total) if held else None
    for uid in held:
        tally.gone.pop(uid, None)
        engine.nominate(uid, Lane.SWEEP)
    for uid in waited:
        engine.nominate(uid, Lane.POLL)


async def _confirmed(engine: Engine, account: Account, counted: dict[str, Resource], tally: Tally) -> set[str]:
    """Those of `counted` that a GET finds gone; what one shows leaves them. Raises NotSent."""
    found: set[str] = set()
    for uid, resource in list(counted.items()):
        memory = engine.store.memory.get(uid)
        if memory is None:  # its object went while others were asked for
            del counted[uid]
            continue
        try:
            job = await load(engine, resource)
            if blind(job) or account.backend is None:
                del counted[uid]
                continue
            answer = await account.backend.get(job.desired.address, Lane.SWEEP)
            outcome.learn(engine, account, answer)
            observed = Observed(answer.at, outcome.read(answer))
        except InvalidSpec:
            del counted[uid]
            continue
        except (NoAnswer, NotSent) as error:
            if isinstance(error, NotSent) and (is_shared(error) or error.reason == Reason.THROTTLED):
                raise
            log.info("nobody knows whether it is gone: %s", error.message, extra=about(resource))
            continue
        tally.seen[uid] = observed
        if observed.raw is not None:
            del counted[uid]
            continue
        found.add(uid)
        memory.observed, memory.clean = observed, None
    return found


def _looked_for(engine: Engine, account: Account, tally: Tally) -> set[str]:
    """The uids of what counts, and was looked for."""
    everything = (one for wanted in tally.complete for group in wanted.values() for one in group)
    now = (engine.store.objects.get(one.uid) for one in everything)
    return {one.uid for one in now if one is not None and _counts(engine, account, one)}


def _counts(engine: Engine, account: Account, resource: Resource) -> bool:
    """Whether it is ours, and its absence would be news: it is not how it ends, and not judged or told already."""
    if resource.kind == ACCOUNT or resource.deleting:
        return False
    if account.suspicion.of(resource.uid, resource.own_record.get("identity")) is None:
        return False
    kind = engine.kinds[resource.kind]
    if not resource.own_record.get("how") or kind.ended is not None:
        return False
    if resource.spec.get("managementPolicy") in _UNMANAGED:
        return False
    return all(hold.get("reason") != kind.missing for hold in resource.status.get("holds", ()))


def counts(job: Job, decision: Decision, *, listed: bool) -> bool:
    """Note whether it differs as another version did not find it. True: it waits for the end of the sweep."""
    if job.account is None or job.scene.change is None:
        return False
    known, uid = job.account.suspicion, job.desired.uid
    if suspected(decision, job.scene):
        known.counting.add(uid)
        return uid not in known.changed
    if listed and compared(decision, job.desired, job.scene):
        job.account.trust(uid)
    return False


async def judge_changes(
    engine: Engine, owner: Resource, account: Account, tally: Tally, *, whole: bool, broken_off: bool = False
) -> None:
    """Say of what differs since the operator is another version whether it may be changed. `whole`: all was listed.
    What a LIST left out or did not show, or could not be compared for its trouble, may differ, too: it lets nothing go.
    `broken_off`: it may be listed at the next sweep, which counts on."""
    known = account.suspicion
    if not known.counting and not known.changed:
        return
    unlisted = _unlisted(engine, tally)
    missed = {uid for uid in tally.gone.keys() | _resting(engine, tally) | unlisted if _may_differ(engine, uid)}
    unseen = frozenset(missed - known.compared)
    for uid in unlisted & unseen - known.counting - known.changed:
        engine.nominate(uid, Lane.SWEEP)  # a look compares it, as its LIST may never do
    held = known.changed & unseen if whole else known.changed - known.compared
    found = frozenset(known.counting | held) & engine.store.objects.keys()
    total = found | _looked_for(engine, account, tally)
    known.let_go &= engine.store.objects.keys()
    before_them = len(known.let_go - found)
    if suspicion.too_many_differ(len(found) + before_them, len(total), engine.mass_change_limit):
        if not known.changed:
            log.warning(
                "%d of %d resources differ for this version: none is changed",
                len(found),
                len(total),
                extra=about(owner),
            )
        before = known.change
        if whole or before is None:  # else nobody knows of how many they are
            known.change = suspicion.mass_change(len(found), len(total), engine.mass_change_limit, before_them)
        # All of them say how many they are.
        news, known.changed = found - known.changed if known.change == before else found, found
    elif broken_off or await _perhaps_too_many(engine, found | known.let_go, unseen, len(total)):
        for uid in found & engine.store.objects.keys():
            if _ready(engine.store.objects[uid]):  # another sweep shows the rest; meanwhile that it differs is told
                engine.nominate(uid, Lane.SWEEP)
        return
    else:
        news, known.changed, known.change = found | known.changed, frozenset(), None
        known.compared |= news
        known.let_go |= found
    known.counting = (known.counting - found) & engine.store.objects.keys()  # what was found meanwhile is left
    for uid in news:
        engine.nominate(uid, Lane.SWEEP)


async def _perhaps_too_many(engine: Engine, found: Set[str], unseen: Set[str], of: int) -> bool:
    """Whether it would be too much if what is unseen differed, too. What nobody may look at now, as it is held for
    something else, can't be changed either, and to wait for it could be for ever."""
    count, rest = len(found), iter(unseen - found)
    while not suspicion.too_many_differ(count, of, engine.mass_change_limit):
        if (uid := next(rest, None)) is None:
            return False
        count += not await _shut(engine, uid)
    return True


async def _shut(engine: Engine, uid: str) -> bool:
    """Whether it can't be looked at for another reason than that it rests."""
    resource, memory = engine.store.objects.get(uid), engine.store.memory.get(uid)
    if resource is None or memory is None:
        return True  # it went meanwhile
    if memory.trouble is not None:
        return False
    try:
        return blind(await load(engine, resource))
    except KubeDown:
        raise
    except Exception:  # a manifest or a Secret that can't be read, or a fault of ours: told where it is looked at
        return True


def _resting(engine: Engine, tally: Tally) -> set[str]:
    """The uids of what was looked for and rests, after a look or an act that came to nothing."""
    now, memory = engine.clock.now(), engine.store.memory
    wanted = {one.uid for lists in tally.complete for group in lists.values() for one in group}
    troubles = {uid: memory[uid].trouble for uid in wanted & memory.keys()}
    return {uid for uid, trouble in troubles.items() if trouble is not None and now < trouble.until}


def _unlisted(engine: Engine, tally: Tally) -> set[str]:
    """The uids of what a LIST that was refused would have shown, without those to which a GET is refused, too: nobody
    can change these, and to wait for them could be for ever."""
    wanted = {one.uid for lists in tally.unlisted for group in lists.values() for one in group}
    found = {uid: memory for uid in wanted if (memory := engine.store.memory.get(uid)) is not None}
    return {uid for uid, memory in found.items() if memory.trouble is None or memory.trouble.reason not in OF_ONE}


def _may_differ(engine: Engine, uid: str) -> bool:
    """Whether what was not compared may differ as another version did not find it. It may not where it is known to be
    gone and not merely left out, where nothing is done about it anyway, and where an edit is an order. That its status
    tells of a difference excuses it only once it was compared and differs in nothing else: then it is `compared`, also
    where the service forbids the change and it waits for ever."""
    resource, memory = engine.store.objects.get(uid), engine.store.memory.get(uid)
    if resource is None or memory is None or resource.spec.get("managementPolicy") in _UNMANAGED:
        return False
    if memory.observed is not None and memory.observed.raw is None:
        return False
    edited = resource.status.get("observedGeneration") != resource.generation
    return resource.own_record.get("by") != engine.version and not edited


def _ready(resource: Resource) -> bool:
    conditions = resource.status.get("conditions", ())
    return any((one.get("type"), one.get("status")) == ("Ready", "True") for one in conditions)


def _tell(owner: Resource, before: Set[str], now: Set[str], of: int) -> None:
    """One line for an account, however much is gone."""
    if now and not before:
        log.warning("%d of %d resources are gone at once: nothing is made anew yet", len(now), of, extra=about(owner))
    elif before and not now:
        log.warning("no longer too much is gone to be believed: it is worked on", extra=about(owner))
