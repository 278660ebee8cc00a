"""Ten minutes in which every fault of the emulated service comes and goes, while people go on with their work.

A real API server, the emulated service over TLS and the real `ams-operator` as processes. One account is in the storm;
a second one, of another principal and the same operator, is not; a third one has an operator of its own and is lived in
as the second, so that the two can be compared. The service's clock goes as fast as ours: the operator waits by it.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ams_operator.domain.kinds import KINDS as DOMAIN
from bench.cluster import Failed
from bench.processes import OperatorProcess
from bench.reliability import storm_audit as audit
from bench.reliability.storm_faults import Spell, schedule
from bench.reliability.storm_found import DEED_EACH, PATIENCE, SOON, Storm
from bench.reliability.storm_people import EVENTS, WATCHED, Deed, Name, People, of_quiet, script
from bench.reliability.storm_scene import Ground, Place, laid
from bench.stage import staged

AFTERWARDS: Final = 75.0
"""seconds in which nothing may be written any more: longer than any request may come late"""
FAULT_OF_OURS: Final = '"exception": '
"""what a line of the operator's log has that tells of one"""


async def storm(seed: int, seconds: float, say: Callable[[str], None], keep: Path | None = None) -> Storm:
    """One storm. `keep`: a directory for the request log and the operator's."""
    found = Storm(seed, seconds)
    async with staged(say) as stage:
        ground = await laid(stage)
        try:
            for operator in ground.operators:
                await operator.start()
            await _Run(found, ground, say).all()
        finally:
            for operator in ground.operators:
                await operator.stop()
            if keep is not None:
                _keep(keep, ground)
    return found


def _keep(directory: Path, ground: Ground) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "requests.json").write_text(json.dumps(ground.stage.emulator.control.log(), indent=0))
    for operator in ground.operators:
        (directory / f"{operator.namespace}.log").write_text(_log_of(operator))


def _log_of(operator: OperatorProcess) -> str:
    return (operator.directory / f"{operator.namespace}.log").read_text(errors="replace")


@dataclass
class _Run:
    found: Storm
    ground: Ground
    say: Callable[[str], None]
    people: People = field(init=False)
    quiet: dict[Name, Mapping[str, Any]] = field(default_factory=of_quiet)
    began: float = 0.0

    def __post_init__(self) -> None:
        self.people = People(random.Random(self.found.seed))

    async def all(self) -> None:
        """From the first manifest to the last deletion."""
        ground, found = self.ground, self.found
        await ground.declare(ground.storm, self.people.manifests)
        for place in (ground.quiet, ground.calm):
            await ground.declare(place, self.quiet)
        await self._until(self._unsettled, 300.0, "everything is made")
        await ground.go_on_air(ground.storm, EVENTS, WATCHED, "take-0")
        for place in (ground.quiet, ground.calm):
            await ground.go_on_air(place, ("calm",), "calm", "calm")
        await ground.forget()
        self.say(f"storm: {len(self.people.manifests)} objects, {found.seconds:.0f} s, seed {found.seed}")
        self.began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for one in (self._weather(), self._work(), self._quiet_work()):
                group.create_task(one)
        await ground.clear()
        ended = time.monotonic()
        found.population = Counter(kind for kind, _ in self.people.manifests)
        left = await self._until(self._unsettled, SOON, "")
        found.late = left
        self.say(f"storm: over; after {time.monotonic() - ended:.0f} s {len(left)} things are not as declared")
        left = await self._until(self._unsettled, PATIENCE - SOON, "") if left else left
        found.converged = None if left else time.monotonic() - ended
        await self._judge(await self._afterwards())
        await self._end()

    async def _until(self, ask: Callable[[], Awaitable[list[str]]], patience: float, what: str) -> list[str]:
        """Wait until nothing is left; what is, when patience ends. Raises Failed where `what` has to happen."""
        end = time.monotonic() + patience
        while left := await ask():
            if time.monotonic() > end:
                if what:
                    raise Failed(f"not within {patience:.0f} s: {what}: {left}")
                return left
            await asyncio.sleep(0.25)
        return []

    # -- the storm

    async def _at(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, self.began + seconds - time.monotonic()))

    async def _weather(self) -> None:
        """Each fault at its time."""
        names = [name for _, name in self.people.manifests]
        failing = [f"liveEvents/spare-{number}" for number in range(4)] + [
            f"streamingEndpoints/edge-{n}" for n in range(4)
        ]
        spells = schedule(self.found.seed, self.found.seconds, self.ground.storm.client, names, failing)
        async with asyncio.TaskGroup() as group:
            for spell in spells:
                await self._at(spell.at)
                group.create_task(self._spell(spell))
        await self._at(self.found.seconds)

    async def _spell(self, spell: Spell) -> None:
        self.found.set[spell.name] += 1
        lift = await self.ground.fault(spell)
        await self._at(spell.end)
        self.found.hits[spell.name] += await lift()

    async def _work(self) -> None:
        """People in the account that is in the storm."""
        chance = random.Random(self.found.seed + 1)
        at = 0.0
        while (at := at + chance.expovariate(1 / DEED_EACH)) < self.found.seconds:
            await self._at(at)
            for deed in self.people.next():
                await self.ground.do(self.ground.storm, deed)
        self.found.deeds = self.people.done

    async def _quiet_work(self) -> None:
        """The same people in the two others."""
        for part, deed in script():
            await self._at(part * self.found.seconds)
            await asyncio.gather(*(self.ground.do(place, deed) for place in (self.ground.quiet, self.ground.calm)))
            self._note(deed)

    def _note(self, deed: Deed) -> None:
        if deed.verb == "apply":
            self.quiet[deed.kind, deed.name] = deed.spec
        elif deed.verb == "delete":
            self.quiet.pop((deed.kind, deed.name))

    # -- what became of it

    async def _unsettled(self) -> list[str]:
        """What is not as declared, in all three accounts."""
        ground, left = self.ground, list[str]()
        for place, manifests in self._places():
            objects = await ground.objects(place)
            waits = await self._waits(place, objects)
            found = audit.unsettled(manifests, objects, waits)
            rest = {name: spec for name, spec in manifests.items() if name not in waits}
            left += [f"{place.account}: {one}" for one in found or await self._in_service(place, rest)]
        return left

    async def _waits(self, place: Place, objects: Mapping[Name, Any]) -> set[Name]:
        """What only a person can decide, as it has to be."""

        def ids(*reasons: str) -> dict[Name, str]:
            return {name: place.id_of(*name, objects[name]["spec"]) for name in audit.told(objects, *reasons)}

        refused, outside = ids(audit.REFUSED), ids(*audit.OUTSIDE)
        log = await self.ground.log() if refused or outside else []
        windows = {name for name, one in refused.items() if audit.unknowable(one, log, self._changed(one))}
        lies = {name for name, one in outside.items() if audit.lied_to(one, log)}
        return {*audit.told(objects, audit.ASKS), *windows, *lies}

    def _changed(self, one: str) -> list[float]:
        return self.ground.changed.get(one.lower(), [])

    def _places(self) -> list[tuple[Place, Mapping[Name, Mapping[str, Any]]]]:
        ground = self.ground
        return [(ground.storm, self.people.manifests), (ground.quiet, self.quiet), (ground.calm, self.quiet)]

    async def _in_service(self, place: Place, manifests: Mapping[Name, Mapping[str, Any]]) -> list[str]:
        """What the service has otherwise, asked behind everybody's back; what belongs to nobody is counted later."""
        ids = {name: place.id_of(*name, spec) for name, spec in manifests.items()}
        stored = await self.ground.stored(place)
        left = [f"{one} is not in the service" for one in audit.missing(stored, ids.values())]
        if left:
            return left
        for name, one in ids.items():
            told = audit.differs(manifests[name], await self.ground.found(one))
            left += [f"{name[0]} {name[1]}: {what}" for what in told]
        return left

    async def _afterwards(self) -> list[str]:
        """What is written once all is as declared."""
        before = len(await self.ground.log())
        await asyncio.sleep(AFTERWARDS)
        log = (await self.ground.log())[before:]
        again = await self._unsettled() if self.found.converged is not None else []
        return [f"{entry['method']} {entry['path']}" for entry in log if entry["method"] != "GET"] + again

    async def _judge(self, written: list[str]) -> None:
        found, ground = self.found, self.ground
        log = await ground.log()
        mine = [entry for entry in log if ground.storm.subscription in entry["path"]]
        found.requests, found.closings = len(mine), audit.closings(mine)
        found.hits += audit.of_no_fault(mine)
        found.statuses = Counter(str(entry["status"] or "no answer") for entry in mine)
        replaced = {
            kind.collection.rpartition("/")[2].lower()
            for kind in DOMAIN.values()
            if not kind.patch and not kind.records_into
        }
        objects = await ground.objects(ground.storm)
        found.asks = [" ".join(name) for name in audit.told(objects, audit.ASKS)]
        refused = [ground.storm.id_of(*name, objects[name]["spec"]) for name in audit.told(objects, audit.REFUSED)]
        outside = audit.told(objects, *audit.OUTSIDE)
        found.lies = [one for one in outside if audit.lied_to(ground.storm.id_of(*one, objects[one]["spec"]), mine)]
        stored = await ground.stored(ground.storm)
        ids = [ground.storm.id_of(*name, spec) for name, spec in self.people.manifests.items()]
        left = audit.orphans(stored, ids, ground.storm.given)
        found.windows = [one for one in (*left, *refused) if audit.unknowable(one, mine, self._changed(one))]
        found.harm = {
            "orphans": [one for one in left if one not in found.windows],
            "created twice": _lines(audit.made_twice(mine, replaced)),
            "requests inside a closed window": _lines(audit.inside(mine)),
            "written when all was as declared": written if found.converged is not None else [],
            "faults of the operator's own": [
                line for line in _log_of(ground.operators[0]).splitlines() if FAULT_OF_OURS in line
            ],
        }
        told = [await ground.told(place) for place, _ in self._places()]
        text = "\n".join((*told, *map(_log_of, ground.operators)))
        found.harm["secrets that are told"] = [f"one of {len(ground.secrets)}" for one in ground.secrets if one in text]
        for one_left in found.harm["orphans"]:
            for line in audit.story(one_left, mine, _log_of(ground.operators[0]).splitlines()):
                self.say(line)
        await self._meters()
        one, other = (audit.trace(log, place.account) for place in (ground.quiet, ground.calm))
        found.harm["differences of the quiet account's trace"] = audit.differing(one, other)
        reads = [audit.reads(log, place.account) for place in (ground.quiet, ground.calm)]
        found.quiet = {
            "writes": (sum(map(len, one.values())), sum(map(len, other.values()))),
            "GETs": (_of(reads[0], "GET"), _of(reads[1], "GET")),
            "LISTs": (_of(reads[0], "LIST"), _of(reads[1], "LIST")),
        }

    async def _meters(self) -> None:
        """What people on both ends noticed. Only what nobody asked to stop has any."""
        for place in (self.ground.storm, self.ground.quiet):
            meters = await self.ground.meters(place)
            for meter in ("offAirSeconds", "feedLostSeconds", "viewerGapSeconds"):
                self.found.seconds_off[meter] = self.found.seconds_off.get(meter, 0.0) + meters[meter]
            self.found.harm.setdefault("overwritten recordings", []).extend(["one"] * meters["recordingsOverwritten"])

    async def _end(self) -> None:
        """Delete everything; nothing may stay behind."""
        await self.ground.leave(self.ground.storm)
        for name in list(self.people.manifests):
            await self.ground.do(self.ground.storm, Deed("delete", *name))
        self.people.manifests.clear()

        async def there() -> list[str]:
            objects = await self.ground.objects(self.ground.storm)
            return audit.unsettled({}, objects)

        stays = await self._until(there, 300.0, "")
        given = (*self.ground.storm.given, *self.found.windows)
        stays += audit.orphans(await self.ground.stored(self.ground.storm), (), given)
        self.found.harm["left after all was deleted"] = stays


def _lines(entries: list[audit.Entry]) -> list[str]:
    return [f"{entry['method']} {entry['path']}: {entry['status']}" for entry in entries]


def _of(reads: Counter[str], method: str) -> int:
    return sum(count for what, count in reads.items() if what.startswith(method))
