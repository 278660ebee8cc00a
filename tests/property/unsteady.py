"""A service that fails in each way that it can. It knows the truth: what is there, what may still be made, and of what
it last said when that it is not there."""

from __future__ import annotations

import asyncio
import copy
import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.property.weather import AS_EVER, LISTING, READING, UNSENT, WRITING, Jumping, Weather
from tests.unit.engine_fakes import FakeService, moment
from tests.unit.scenes import patched

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NoAnswer, NotSent, Page
from ams_operator.domain.model import JSON, AccountId, Address
from ams_operator.engine.store import ACCOUNT

LATEST = 40
"""seconds after which a request that nobody heard of any more may still have its effect"""
NEVER = "0001-01-01T00:00:00Z"
"""what answers to a PATCH show as the time of creation"""
STEPS = {"start": ("Stopped", "Starting", "Running"), "stop": ("Running", "Stopping", "Stopped")}
"""from, through and to which run state an action leads"""
Key = tuple[str, str]
Reply = tuple[int, JSON | None, str | None]
"""status, body, operation"""


@dataclass(kw_only=True)
class Unsteady(FakeService):
    """Transforms, and live events with their long operations."""

    clock: Jumping
    weather: Weather
    coming: list[tuple[float, int, Key, bool, Callable[[float], object]]] = field(default_factory=list)
    """effects that are still to come: when, a number, on what, whether it may be made by that, and the effect"""
    busy: dict[Key, float] = field(default_factory=dict)
    """until when an operation is under way"""
    operations: dict[str, tuple[float, bool]] = field(default_factory=dict)
    """when each is over, and whether it fails"""
    made: dict[Key, float] = field(default_factory=dict)
    """when it was made last"""
    missed: dict[Key, float] = field(default_factory=dict)
    """when a GET that was answered with 404 last looked"""
    earlier: dict[tuple[str, ...], JSON] = field(default_factory=dict)
    """what a LIST shows that is not of now"""

    def _later(self, when: float, key: Key, effect: Callable[[float], object], *, makes: bool = False) -> None:
        self.ticks += 1
        heapq.heappush(self.coming, (when, self.ticks, key, makes, effect))

    def catch_up(self) -> None:
        """What was to happen by now has happened, each at its time."""
        while self.coming and self.coming[0][0] <= self.clock.time:
            when, _, _, _, effect = heapq.heappop(self.coming)
            effect(when)

    def may_be_made(self, key: Key) -> bool:
        """Whether a request to make it is under way."""
        return any(makes and of == key for _, _, of, makes, _ in self.coming)

    # --- what requests do: (status, body, operation) -----------------------------------------------------------------

    def _operate(self, key: Key, at: float, end: Callable[[JSON], object], *, fails: bool = False) -> str:
        """An operation on this very thing; what comes after it under its name is not concerned."""
        thing, self.ticks = self.stored[key], self.ticks + 1
        name, over = f"operation-{self.ticks}", at + self.weather.random.choice((0, 1, 5, 5, 15))
        self.busy[key], self.operations[name] = over, (over, fails)
        self._later(over, key, lambda _: end(thing) if self.stored.get(key) is thing else None)
        return name

    def _in_the_way(self, key: Key, at: float) -> Reply | None:
        if key not in self.stored:
            return 404, None, None
        return (409, None, None) if self.busy.get(key, 0) > at else None

    def _put(self, key: Key, body: JSON, at: float) -> Reply:
        found = self.stored.get(key)
        if found is not None:
            found |= {**copy.deepcopy(body), "properties": {**found["properties"], **copy.deepcopy(body["properties"])}}
            return 200, found, None
        self.made[key], self.ticks = at, self.ticks + 1
        properties = {**copy.deepcopy(body["properties"]), "created": moment(at + self.ticks / 1000)}
        self.stored[key] = thing = {**copy.deepcopy(body), "name": key[1], "properties": properties}
        if key[0] == "Transform":
            return 201, thing, None
        properties |= {"provisioningState": "InProgress", "resourceState": "Stopped"}
        return 201, thing, self._operate(key, at, lambda it: it["properties"].update(provisioningState="Succeeded"))

    def _patch(self, key: Key, body: JSON, at: float) -> Reply:
        if (refused := self._in_the_way(key, at)) is not None:
            return refused
        thing = self.stored[key]
        thing |= patched(thing, body, deep=True)
        if key[0] == "Transform":
            return 200, {**thing, "properties": {**thing["properties"], "created": NEVER}}, None
        thing["properties"]["provisioningState"] = "InProgress"
        return 202, None, self._operate(key, at, lambda it: it["properties"].update(provisioningState="Succeeded"))

    def _delete(self, key: Key, at: float) -> Reply:
        if (refused := self._in_the_way(key, at)) is not None:
            return (204, None, None) if refused[0] == 404 else refused
        if key[0] == "Transform":
            del self.stored[key]
            return 200, None, None
        return self._step(key, at, ("Stopped", "Deleting", ""))

    def _step(self, key: Key, at: float, way: tuple[str, str, str]) -> Reply:
        """From one run state through another to a third (empty: gone), or back where it fails."""
        if (refused := self._in_the_way(key, at)) is not None:
            return refused
        state, (begin, through, to) = self.stored[key]["properties"], way
        if state["resourceState"] != begin:
            return (200 if state["resourceState"] == to else 409), None, None
        state["resourceState"], fails = through, self.weather.service > 0 and self.weather.strikes(0.2)

        def end(thing: JSON) -> None:
            thing["properties"]["resourceState"] = begin if fails else to
            if not thing["properties"]["resourceState"]:
                del self.stored[key]

        return 202, None, self._operate(key, at, end, fails=fails)

    # --- what becomes of requests ------------------------------------------------------------------------------------

    async def _pace(self) -> None:
        """It waits for its turn, or travels."""
        for _ in range(self.weather.random.choice((0, 0, 1, 3))):
            await asyncio.sleep(0)
        self.clock.jump()
        if self.weather.service and self.weather.strikes(0.1):
            await self.clock.sleep(self.weather.random.uniform(0.1, 6))

    async def _write(self, verb: str, address: Address, lane: Lane, act: Callable[[Key, float], Reply]) -> Answer:
        key, at, random = self._key(address), self.clock.now(), self.weather.random
        fault = random.choice(WRITING) if self.weather.strikes(self.weather.service) else AS_EVER
        if fault is UNSENT:
            raise NotSent(Reason.ENDPOINT_UNREACHABLE, "no connection")
        self.calls.append((verb, key[1], lane))
        found: Reply = (200, None, None)
        arrived = False

        def delayed() -> None:
            when = self.clock.now() + random.uniform(0, LATEST)
            self._later(when, key, lambda moment: act(key, moment), makes=verb == "PUT")

        try:
            await self._pace()
            self.catch_up()
            if fault.arrives:
                found = copy.deepcopy(act(key, self.clock.now()))
            elif fault.arrives is None:
                delayed()
            arrived = True
            if fault.slow:
                await self.clock.sleep(random.uniform(1, 29))
            await self._pace()
        except asyncio.CancelledError:
            if not arrived and random.random() < 0.5:
                delayed()
            raise
        if fault.told is None:
            raise NoAnswer(Reason.UNANSWERED, "its answer was lost")
        status, body, operation = found if fault.told == 0 else (fault.told, None, None)
        again = random.choice((3.0, 20.0)) if status == 429 else None
        date, known = moment(int(self.clock.now())), operation if random.random() < 0.7 else None
        return Answer(status, body, at, date, known, again, code="Conflict" if status >= 400 else "")

    async def _read(self, verb: str, name: str, lane: Lane) -> str | int | None:
        """What is wrong with the answer. It stands for what there is when this returns."""
        fault = self.weather.random.choice(READING) if self.weather.strikes(self.weather.service) else None
        self.calls.append((verb, name, lane))
        await self._pace()
        if fault == "unsent":
            raise NotSent(Reason.ENDPOINT_UNREACHABLE, "no connection")
        if fault in ("unanswered", "unreadable"):
            raise NoAnswer(Reason.BAD_ANSWER if fault == "unreadable" else Reason.ENDPOINT_UNREACHABLE, "no answer")
        self.catch_up()
        return fault

    def _bare(self, found: JSON) -> JSON:
        """Without what tells it from another one of its name."""
        properties = {name: value for name, value in found["properties"].items() if name != "created"}
        never = {**properties, "created": NEVER}
        whole = {**found, "properties": self.weather.random.choice((properties, never))}
        return self.weather.random.choice(({"name": found["name"]}, whole))

    async def get(self, address: Address, lane: Lane) -> Answer:
        key, at = self._key(address), self.clock.now()
        fault = await self._read("GET", key[1], lane)
        seen, date = self.clock.now(), moment(int(self.clock.now()))
        if isinstance(fault, int):
            return Answer(fault, None, at, date, code="Trouble")
        found = copy.deepcopy(self.stored.get(key))
        if fault == "bare" and found is not None and key[0] != ACCOUNT:
            found = self._bare(found)
        if fault == "slow":
            await self.clock.sleep(self.weather.random.uniform(1, 29))
        await self._pace()
        if found is None:
            self.missed[key] = seen
        return Answer(404 if found is None else 200, found, at, date)

    async def put(self, address: Address, body: JSON, lane: Lane, query: Mapping[str, str] | None = None) -> Answer:
        return await self._write("PUT", address, lane, lambda key, at: self._put(key, body, at))

    async def patch(self, address: Address, body: JSON, lane: Lane) -> Answer:
        return await self._write("PATCH", address, lane, lambda key, at: self._patch(key, body, at))

    async def delete(self, address: Address, lane: Lane) -> Answer:
        return await self._write("DELETE", address, lane, self._delete)

    async def action(self, address: Address, verb: str, body: JSON | None, lane: Lane) -> Answer:
        return await self._write(verb, address, lane, lambda key, at: self._step(key, at, STEPS[verb]))

    async def operation(self, address: Address, operation: str, lane: Lane) -> Answer:
        at, fault = self.clock.now(), await self._read("operation", operation, lane)
        date, (over, fails) = moment(self.clock.now()), self.operations[operation]
        if isinstance(fault, int) or fault == "bare":
            return Answer(fault if isinstance(fault, int) else 404, None, at, date, code="Trouble")
        status = "InProgress" if self.clock.now() < over else "Failed" if fails else "Succeeded"
        return Answer(200, {"status": status}, at, date)

    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None) -> Page:
        at, fault = self.clock.now(), await self._read("LIST", kind, lane)
        if fault in (401, 403):
            raise NotSent(Reason.CREDENTIAL_REJECTED if fault == 401 else Reason.FORBIDDEN, "no right to list")
        if isinstance(fault, int):
            raise NoAnswer(Reason.PROGRESSING, "the service has trouble")
        date, lie = moment(int(self.clock.now())), "as it is"
        if self.weather.lists_lie:
            lie = self.weather.random.choice(LISTING)
        shown = self.earlier if lie == "stale" else self.stored
        items: list[JSON] = [copy.deepcopy(thing) for key, thing in shown.items() if key[0] == kind]
        if lie in ("without items", "some items"):
            items = [one for one in items if lie == "some items" and self.weather.random.random() < 0.5]
        for item in items if kind != ACCOUNT else ():
            if lie == "without properties":
                del item["properties"]
            elif lie == "without members":
                del item["properties"]["created"]
        if self.weather.random.random() < 0.2:
            self.earlier = copy.deepcopy(self.stored)
        await self._pace()
        return Page(tuple(items), at, None, date=date)

    def recall(self, address: Address, lane: Lane) -> None:
        """Nothing waits here that could still be called back."""
