"""Control of what goes wrong: faults, barriers, variants, and who may do what."""

# All handlers have one signature.
# ruff: noqa: ARG002
from __future__ import annotations

import asyncio

from aiohttp import web

from ams_emulator.access import Denial
from ams_emulator.barriers import OUTCOMES, Barrier
from ams_emulator.call import Answer
from ams_emulator.control_json import number, read_json, text, wait_seconds
from ams_emulator.faults import Fault, parse_action, parse_match
from ams_emulator.pipeline import Pipeline

_RIGHTS = ("read", "write", "delete", "action")


class FaultControl:
    """Routes under /faults, /barriers, /variants, /denials."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/faults", self.list_faults),
            web.post("/faults", self.add_fault),
            web.delete("/faults", self.clear_faults),
            web.delete("/faults/{id}", self.remove_fault),
            web.post("/faults/{id}/apply", self.apply_late),
            web.get("/barriers", self.list_barriers),
            web.post("/barriers", self.add_barrier),
            web.delete("/barriers", self.clear_barriers),
            web.get("/barriers/{id}/wait", self.wait_barrier),
            web.post("/barriers/{id}/release", self.release_barrier),
            web.get("/variants", self.list_variants),
            web.post("/variants", self.choose_variants),
            web.get("/denials", self.list_denials),
            web.post("/denials", self.add_denial),
            web.delete("/denials", self.clear_denials),
        ]

    # --- faults ------------------------------------------------------------------------------------------------------

    async def list_faults(self, request: web.Request) -> web.Response:
        return web.json_response({"faults": self._pipeline.faults.describe()})

    async def add_fault(self, request: web.Request) -> web.Response:
        body = await read_json(request, "match", "action")
        match, action = parse_match(body.get("match", {})), parse_action(body.get("action", {}))
        if action["type"] == "throttle" and "match" not in body:
            # Without a request to wait for, the window opens now.
            self._pipeline.throttle(action)
            return web.json_response({"id": "window"}, status=201)
        snapshot = self._pipeline.world.store.snapshot() if action.get("stale") else None
        fault = self._pipeline.faults.add(match, action, snapshot)
        return web.json_response(fault.describe(), status=201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._pipeline.faults.remove()
        self._pipeline.limits.open()
        return web.Response(status=204)

    async def remove_fault(self, request: web.Request) -> web.Response:
        self._fault(request)
        self._pipeline.faults.remove(request.match_info["id"])
        return web.Response(status=204)

    async def apply_late(self, request: web.Request) -> web.Response:
        """Let the effects that this fault held back happen now; how each ended."""
        fault = self._fault(request)
        effects, fault.late = fault.late, []
        return web.json_response({"statuses": [effect().status for effect in effects]})

    def _fault(self, request: web.Request) -> Fault:
        fault = self._pipeline.faults.get(request.match_info["id"])
        if fault is None:
            raise ValueError(f"no such fault: {request.match_info['id']}")
        return fault

    # --- barriers ----------------------------------------------------------------------------------------------------

    async def list_barriers(self, request: web.Request) -> web.Response:
        return web.json_response({"barriers": self._pipeline.barriers.describe()})

    async def add_barrier(self, request: web.Request) -> web.Response:
        body = await read_json(request, "match", "stage")
        stage = text(body, "stage", "before")
        if stage not in ("before", "after"):
            raise ValueError("stage: choose before (the effect) or after")
        barrier = self._pipeline.barriers.add(parse_match(body.get("match", {})), stage)
        return web.json_response(barrier.describe(), status=201)

    async def clear_barriers(self, request: web.Request) -> web.Response:
        self._pipeline.barriers.remove()
        return web.Response(status=204)

    async def wait_barrier(self, request: web.Request) -> web.Response:
        """Answer as soon as a request is held, or when the time is over (state says which)."""
        barrier = self._barrier(request)
        try:
            async with asyncio.timeout(wait_seconds(request)):
                await barrier.held.wait()
        except TimeoutError:
            pass
        return web.json_response(barrier.describe())

    async def release_barrier(self, request: web.Request) -> web.Response:
        """Let the request go on, and wait until what it does is done."""
        body = await read_json(request, "outcome", "status", "headers", "body")
        barrier, outcome = self._barrier(request), text(body, "outcome", "apply")
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome: {outcome!r} is not one of {', '.join(OUTCOMES)}")
        answer = None
        if outcome == "answer":
            payload = body.get("body")
            raw = payload.encode() if isinstance(payload, str) else None
            answer = Answer(int(number(body, "status", 503)), raw, dict(body.get("headers") or {}))
            if payload is not None and raw is None:
                answer = Answer.of(answer.status, payload, answer.headers)
        was_held = barrier.held.is_set()
        self._pipeline.barriers.release(barrier, outcome, answer)
        if was_held:
            await barrier.finished.wait()
        return web.json_response(barrier.describe())

    def _barrier(self, request: web.Request) -> Barrier:
        barrier = self._pipeline.barriers.get(request.match_info["id"])
        if barrier is None:
            raise ValueError(f"no such barrier: {request.match_info['id']}")
        return barrier

    # --- variants and rights -----------------------------------------------------------------------------------------

    async def list_variants(self, request: web.Request) -> web.Response:
        variants = self._pipeline.world.variants
        return web.json_response({"profile": variants.profile, "variants": variants.describe()})

    async def choose_variants(self, request: web.Request) -> web.Response:
        """`{"name": "answer", ...}`; `strict` and `lenient` are answers too."""
        variants = self._pipeline.world.variants
        for name, answer in (await read_json(request, *variants.guesses)).items():
            variants.choose(name, str(answer))
        return await self.list_variants(request)

    async def list_denials(self, request: web.Request) -> web.Response:
        denials = self._pipeline.access.denials
        value = [{"clientId": item.client_id, "scope": item.scope, "rights": sorted(item.rights)} for item in denials]
        return web.json_response({"denials": value})

    async def add_denial(self, request: web.Request) -> web.Response:
        """Take rights (default: all) at a scope (default: everywhere) from a client (default: all)."""
        body = await read_json(request, "clientId", "scope", "rights")
        if not body:  # all rights of everybody are taken by saying so, and not by a forgotten body
            raise ValueError(
                f"say what is denied: clientId, scope or rights (of {', '.join(_RIGHTS)}); an absent one means all"
            )
        rights = frozenset(body.get("rights") or ())
        if not rights <= set(_RIGHTS):
            raise ValueError(f"rights: choose of {', '.join(_RIGHTS)}")
        self._pipeline.access.denials.append(Denial(text(body, "clientId", ""), text(body, "scope", ""), rights))
        return await self.list_denials(request)

    async def clear_denials(self, request: web.Request) -> web.Response:
        self._pipeline.access.denials.clear()
        return web.Response(status=204)
