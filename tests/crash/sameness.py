"""When two histories have come to the same point, they go on in the same way: the rest is looked at once.

The same point is: equal in all that is durable, in the process's memory and in its queues. Dates count by their order,
moments by how long ago they were, and only as far as something depends on them; numbers of calls and of versions don't
count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.crash.world import Thing, World

from ams_operator.domain.answers import Resource
from ams_operator.domain.turns import Turns
from ams_operator.engine.accounts import Account, Suspicion
from ams_operator.engine.store import Memory

if TYPE_CHECKING:
    from tests.crash.drive import Driver

# Each begins with a fixed text and looks back from there, which makes a search thirty times as fast.
DATES = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+(?:Z|[+]00:00)")
MOMENTS = re.compile(r"18(?<!\w18)\d{8}(?:[.]\d+)?\b")
CHANGED = re.compile(r"'lastTransitionTime': '[^']*'")
NUMBERS = re.compile(r"'op-\d+'")
SERIALS = re.compile(r"-(?:(?<=\bid-)|(?<=\basset-)|(?<=\bhost-)|(?<=\btape-))(\d+)")


def durable(world: World, outside: bool) -> int:
    """What a crash leaves. `outside`: whether somebody else's start or stop excuses what is found in the end."""
    return hash((outside, _spelled(_world(world), world)))


def everything(driver: Driver, outside: bool) -> int:
    """Also what the process knows, and what it will do next."""
    engine, schedule, world = driver.engine, driver.schedule, driver.world
    store = engine.store
    due = sorted((uid, round(when - world.now, 1)) for uid, when in schedule.due.items())
    mind = (
        [(uid, _memory(driver, uid, one)) for uid, one in sorted(store.memory.items())],
        [(uid, _account(one)) for uid, one in sorted(engine.accounts.known.items())],
        due,
        _turns(schedule.lineup.turns),
        sorted(schedule.arriving),
        sorted(store.claimed.items()),
        sorted(store.denied),
        bool(due) and round(world.now - driver.swept),
        sorted(uid for uid, one in store.objects.items() if uid not in world.objects or world.objects[uid] is not one),
    )
    return hash((outside, _spelled((_world(world), mind), world)))


def _turns(turns: Turns[str]) -> object:
    """What waits, in its order, and which class is how far behind."""
    rings = [
        [(account, [list(one) for one in inside.values()]) for account, inside in ring.items()] for ring in turns._rings
    ]
    return rings, [max(start - turns._now, 0) for start in turns._starts]


def _memory(driver: Driver, uid: str, memory: Memory) -> tuple[Any, ...]:
    """What was seen, and the rest as far as there is an act that it is about."""
    resource = driver.engine.store.objects[uid]
    seen = memory.observed and (memory.observed.raw, memory.observed.children, memory.observed.at >= memory.wrote)
    clean = memory.clean and (memory.clean[0] == resource.version, memory.clean[1])
    act = (memory.noted, memory.sent, memory.answered, memory.made) if _act(resource) else ()
    refused = memory.refused_with is not None
    return seen, memory.place, act, memory.doubt, memory.trouble, refused, memory.differed, clean, memory.published


def _act(resource: Resource) -> bool:
    return bool((resource.status.get("record") or {}).get("act"))


def _account(account: Account) -> tuple[Any, ...]:
    return (
        account.id,
        account.backend,
        account.stale,
        account.origin,
        account.usable,
        account.gone,
        account.missing is None,
        account.lost,
        account.trouble,
        account.clock is None,
        account.secret_version,
        account.waits,
        account.sweep_soon,
        _suspicion(account.suspicion),
    )


def _suspicion(known: Suspicion) -> tuple[Any, ...]:
    """What its sweeps said of what is gone, and of what differs for another version."""
    return (
        sorted(known.explained.items()),
        sorted(known.held.items()),
        sorted(known.waiting),
        known.absence is None,
        sorted(known.compared),
        sorted(known.counting),
        sorted(known.changed),
    )


def _world(world: World) -> tuple[Any, ...]:
    return (
        [
            (uid, one.generation, one.deleting, one.finalizers, one.annotations, one.spec, one.status)
            for uid, one in sorted(world.objects.items())
        ],
        [(key, *_thing(thing, world)) for key, thing in sorted(world.things.items())],
        [
            (round(late.due - world.now), late.request and (late.request.verb, late.request.uid, late.request.orphaned))
            for late in world.late
        ],
        world.secret,
        world.behind() and world.stale is not None and round(world.stale[0] - world.now),
        sorted(world.published.items()),
        sorted(world.terminating),
        sorted(world.doubts.together),
        sorted(world.doubts.strange),
        round(max(world.doubts.denied - world.now, 0.0)),
        [specs for uid, specs in sorted(world.specs.items())],
    )


def _thing(thing: Thing, world: World) -> tuple[Any, ...]:
    becomes = [(round(max(when - world.now, 0.0)), state) for when, state in thing.becomes]
    busy = thing.busy and round(max(thing.busy - world.now, 0.0))
    return (
        thing.raw,
        thing.maker,
        thing.owner,
        thing.arrived > 0,
        thing.versions[-1:],
        thing.tapes,
        thing.undone,
        becomes,
        busy,
    )


def _spelled(state: tuple[Any, ...], world: World) -> str:
    text = NUMBERS.sub("op", CHANGED.sub("", repr(state)))
    ranks = {date: f"d{rank}" for rank, date in enumerate(sorted(set(DATES.findall(text))))}
    text = DATES.sub(lambda found: ranks[found[0]], text)
    order = {number: rank for rank, number in enumerate(sorted({int(found) for found in SERIALS.findall(text)}))}
    text = SERIALS.sub(lambda found: f"s{order[int(found[1])]}", text)
    return MOMENTS.sub(lambda found: str(round(world.now - float(found[0]))), text)
