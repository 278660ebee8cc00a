"""Control of the service itself: its clock, settings, clients, request log, and what it stores."""

# All handlers have one signature.
# ruff: noqa: ARG002
from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from ams_emulator import outofband
from ams_emulator.clock import timestamp
from ams_emulator.control_json import camel, number, read_json, text, wait_seconds
from ams_emulator.federation import AUDIENCE, federation
from ams_emulator.pipeline import Pipeline
from ams_emulator.regions import region_name
from ams_emulator.resource_manager import group_body
from ams_emulator.state import Group, key_of

_LOG_FIELDS = {
    "method": "method",
    "path": "path",
    "kind": "kind",
    "clientId": "client_id",
    "userAgent": "user_agent",
    "status": "status",
    "api": "api",
    "access": "access",
}


class StateControl:
    """Routes under /clock, /settings, /clients, /log, /resources, /groups, /accounts."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._world = pipeline.world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/clock", self.clock),
            web.post("/clock/advance", self.advance),
            web.get("/settings", self.settings),
            web.post("/settings", self.set_settings),
            web.post("/clients", self.add_client),
            web.post("/clients/federate", self.federate),
            web.post("/tokens", self.issue_token),
            web.post("/tokens/revoke", self.revoke_tokens),
            web.get("/log", self.log),
            web.get("/log/counts", self.counts),
            web.get("/log/wait", self.wait_log),
            web.delete("/log", self.reset_log),
            web.get("/resources", self.get_resource),
            web.get("/resources/ids", self.list_ids),
            web.put("/resources", self.put_resource),
            web.patch("/resources", self.patch_resource),
            web.delete("/resources", self.delete_resource),
            web.post("/groups", self.add_group),
            web.post("/accounts", self.add_account),
        ]

    # --- clock, settings, clients ------------------------------------------------------------------------------------

    async def clock(self, request: web.Request) -> web.Response:
        clock = self._world.clock
        return web.json_response({"mode": clock.mode, "time": clock.time(), "now": timestamp(clock.now())})

    async def advance(self, request: web.Request) -> web.Response:
        self._world.clock.advance(number(await read_json(request, "seconds"), "seconds"))
        return await self.clock(request)

    async def settings(self, request: web.Request) -> web.Response:
        return web.json_response(camel(asdict(self._world.settings)))

    async def set_settings(self, request: web.Request) -> web.Response:
        names = {spelled: name for name in asdict(self._world.settings) for spelled in camel({name: None})}
        for spelled, value in (await read_json(request, *names)).items():
            name = names[spelled]
            try:
                setattr(self._world.settings, name, self._world.settings.checked(name, value))
            except ValueError as error:
                raise ValueError(f"{spelled}: {error}") from None
        return await self.settings(request)

    async def add_client(self, request: web.Request) -> web.Response:
        """Another application, or another secret for a known one."""
        body = await read_json(request, "clientId", "clientSecret")
        client = self._pipeline.tokens.add_client(body.get("clientId"), body.get("clientSecret"))
        return web.json_response({"clientId": client.client_id, "clientSecret": client.secret}, status=201)

    async def federate(self, request: web.Request) -> web.Response:
        """Have an application believe an issuer's tokens for one subject, verified with the keys given here."""
        body = await read_json(request, "clientId", "issuer", "subject", "audience", "jwks")
        client = text(body, "clientId", self._world.config.identity.client_id)
        if client.lower() not in self._pipeline.tokens.clients:
            raise ValueError("clientId: unknown; POST /clients makes one")
        found = federation(
            client, text(body, "issuer"), text(body, "subject"), text(body, "audience", AUDIENCE), _object(body, "jwks")
        )
        self._pipeline.tokens.federations.append(found)
        return web.Response(status=204)

    async def issue_token(self, request: web.Request) -> web.Response:
        """A token without asking the token endpoint; a negative `seconds` makes an expired one."""
        body = await read_json(request, "clientId", "audience", "seconds")
        identity = self._world.config.identity
        issuer = f"https://emulator/{identity.tenant_id}/"
        client, audience = (
            text(body, "clientId", identity.client_id),
            text(body, "audience", "https://management.azure.com"),
        )
        if client.lower() not in self._pipeline.tokens.clients:
            raise ValueError("clientId: unknown; POST /clients makes one")
        token, _ = self._pipeline.tokens.issue(
            client, audience, issuer, version="1.0", lifetime=number(body, "seconds", 3600)
        )
        return web.json_response({"token": token})

    async def revoke_tokens(self, request: web.Request) -> web.Response:
        body = await read_json(request, "clientId")
        self._pipeline.tokens.revoke(body.get("clientId"))
        return web.Response(status=204)

    # --- log ---------------------------------------------------------------------------------------------------------

    def _filter(self, request: web.Request) -> dict[str, str]:
        return {field: request.query[name] for name, field in _LOG_FIELDS.items() if name in request.query}

    async def log(self, request: web.Request) -> web.Response:
        since = int(request.query.get("since", "0"))
        found = self._pipeline.log.entries(since, **self._filter(request))
        return web.json_response({"requests": [camel(entry) for entry in found]})

    async def counts(self, request: web.Request) -> web.Response:
        return web.json_response(self._pipeline.log.counts())

    async def wait_log(self, request: web.Request) -> web.Response:
        """Answer as soon as `count` matching requests have ended, or when the time is over."""
        count, since = int(request.query.get("count", "1")), int(request.query.get("since", "0"))
        found = await self._pipeline.log.wait(count, wait_seconds(request), since, **self._filter(request))
        return web.json_response({"requests": [camel(entry) for entry in found]})

    async def reset_log(self, request: web.Request) -> web.Response:
        self._pipeline.log.reset()
        return web.Response(status=204)

    # --- what is stored ----------------------------------------------------------------------------------------------

    async def get_resource(self, request: web.Request) -> web.Response:
        """What is stored, without a request to the service."""
        return web.json_response(json.loads(outofband.find(self._world, request.query.get("id", "")).json()))

    async def list_ids(self, request: web.Request) -> web.Response:
        """Ids of everything stored below an id, in order."""
        below = key_of(request.query.get("below", ""))
        found = {item.id for item in self._world.store.children(below)}
        return web.json_response({"ids": sorted(found)})

    async def put_resource(self, request: web.Request) -> web.Response:
        body = await read_json(request, "id", "body")
        found = outofband.put(self._world, self._pipeline.router.kinds, text(body, "id"), _object(body, "body"))
        return web.json_response(json.loads(found.json()), status=201)

    async def patch_resource(self, request: web.Request) -> web.Response:
        body = await read_json(request, "id", "patch")
        found = outofband.patch(self._world, self._pipeline.router.kinds, text(body, "id"), _object(body, "patch"))
        return web.json_response(json.loads(found.json()))

    async def delete_resource(self, request: web.Request) -> web.Response:
        outofband.delete(self._world, request.query.get("id", ""))
        return web.Response(status=204)

    async def add_group(self, request: web.Request) -> web.Response:
        """A resource group, in a new subscription if need be."""
        body = await read_json(request, "name", "location", "subscriptionId")
        identity = self._world.config.identity
        subscription = text(body, "subscriptionId", identity.subscription_id)
        self._world.store.subscriptions.setdefault(subscription.lower(), "Emulated subscription")
        group = Group(subscription, text(body, "name"), region_name(text(body, "location", identity.region)))
        self._world.store.add_group(group)
        return web.json_response(group_body(group), status=201)

    async def add_account(self, request: web.Request) -> web.Response:
        """A finished account with one made-up storage account; with a `scenario`, one that has version 2 and a past."""
        body = await read_json(request, "name", "resourceGroup", "location", "subscriptionId", "scenario")
        identity = self._world.config.identity
        account = outofband.seed_account(
            self._world,
            self._pipeline.router.kinds,
            text(body, "name"),
            subscription=text(body, "subscriptionId", identity.subscription_id),
            group=text(body, "resourceGroup", identity.resource_group),
            region=text(body, "location", identity.region),
            scenario=text(body, "scenario", ""),
        )
        return web.json_response(json.loads(account.json()), status=201)


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"{name}: expected an object")
    return value
