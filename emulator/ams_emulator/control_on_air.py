"""Control of people: encoders, viewers, what is in containers, and the meters; and what somebody else does."""

# All handlers have one signature.
# ruff: noqa: ARG002
from __future__ import annotations

import ipaddress
import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from ams_emulator import outofband
from ams_emulator.control_json import camel, read_json, text
from ams_emulator.errors import ArmError
from ams_emulator.kinds.asset import find_asset
from ams_emulator.onair import ADDRESS
from ams_emulator.pipeline import Pipeline
from ams_emulator.state import key_of


class OnAirControl:
    """Routes under /encoders, /viewers, /meters, /containers, and /resources/act."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._world = pipeline.world
        self._on_air = pipeline.world.on_air

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/encoders", self.list_encoders),
            web.post("/encoders", self.attach_encoder),
            web.delete("/encoders/{id}", self.detach),
            web.get("/viewers", self.list_viewers),
            web.post("/viewers", self.attach_viewer),
            web.delete("/viewers/{id}", self.detach),
            web.delete("/people", self.detach_all),
            web.get("/meters", self.meters),
            web.delete("/meters", self.reset_meters),
            web.get("/containers", self.container),
            web.post("/containers", self.upload),
            web.post("/resources/act", self.act),
        ]

    # --- encoders and viewers ----------------------------------------------------------------------------------------

    async def list_encoders(self, request: web.Request) -> web.Response:
        self._on_air.settle()
        return web.json_response({"encoders": [camel(asdict(item)) for item in self._on_air.encoders.values()]})

    async def attach_encoder(self, request: web.Request) -> web.Response:
        """`url` is one of the event's ingest URLs; without it the first that the event has now, or will have."""
        body = await read_json(request, "eventId", "url", "address", "follow")
        event_id = self._stored_id(text(body, "eventId"), "eventId", "liveevents", may_be_missing="url" in body)
        url = text(body, "url", "")
        if not url:
            endpoints = self._world.store.get(key_of(event_id))
            known = endpoints.properties["input"]["endpoints"] if endpoints else []
            url = known[0]["url"] if known else ""
        follow = body.get("follow", False)
        if not isinstance(follow, bool):
            raise ValueError("follow: expected true or false")
        encoder = self._on_air.attach_encoder(event_id, url, _address(body), follow=follow)
        self._world.auto_stop.encoders_changed({event_id})
        return web.json_response(camel(asdict(encoder)), status=201)

    async def list_viewers(self, request: web.Request) -> web.Response:
        self._on_air.settle()
        return web.json_response({"viewers": [camel(asdict(item)) for item in self._on_air.viewers.values()]})

    async def attach_viewer(self, request: web.Request) -> web.Response:
        """One who watches a live output or an asset through a streaming endpoint."""
        body = await read_json(request, "endpointId", "outputId", "assetId", "address")
        if ("outputId" in body) == ("assetId" in body):
            raise ValueError("outputId: expected either this or assetId")
        name, kind = ("outputId", "liveoutputs") if "outputId" in body else ("assetId", "assets")
        content = self._stored_id(text(body, name), name, kind)
        endpoint = self._stored_id(text(body, "endpointId"), "endpointId", "streamingendpoints")
        viewer = self._on_air.attach_viewer(endpoint, content, _address(body))
        return web.json_response(camel(asdict(viewer)), status=201)

    async def detach(self, request: web.Request) -> web.Response:
        events = {item.event_id for item in self._on_air.encoders.values()}
        self._on_air.detach(one=request.match_info["id"])
        self._world.auto_stop.encoders_changed(events)
        return web.Response(status=204)

    async def detach_all(self, request: web.Request) -> web.Response:
        """All encoders and viewers, or those of what is below an id."""
        events = {item.event_id for item in self._on_air.encoders.values()}
        self._on_air.detach(key_of(request.query.get("below", "")))
        self._world.auto_stop.encoders_changed(events)
        return web.Response(status=204)

    # --- meters, containers ------------------------------------------------------------------------------------------

    async def meters(self, request: web.Request) -> web.Response:
        return web.json_response(self._world.meters.read(key_of(request.query.get("below", ""))))

    async def reset_meters(self, request: web.Request) -> web.Response:
        self._world.meters.reset(key_of(request.query.get("below", "")))
        return web.Response(status=204)

    async def container(self, request: web.Request) -> web.Response:
        """What is in the container of an asset."""
        self._on_air.settle()
        container = self._world.containers.of(find_asset(self._world, request.query.get("assetId", "")))
        recordings = [camel(asdict(item)) for item in container.recordings]
        shown = {"storageAccountName": container.storage, "container": container.name}
        return web.json_response({**shown, "recordings": recordings, "files": container.files})

    async def upload(self, request: web.Request) -> web.Response:
        """Put files into the container of an asset: only their names matter."""
        body = await read_json(request, "assetId", "files")
        asset = find_asset(self._world, text(body, "assetId"))
        files = body.get("files")
        if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
            raise ValueError("files: expected a list of names")
        container = self._world.containers.of(asset)
        container.files = sorted({*container.files, *files})
        self._on_air.changed(asset.id)
        return web.json_response({"files": container.files}, status=201)

    async def act(self, request: web.Request) -> web.Response:
        """What somebody does in the portal: stop, start, delete and so on, by the service's rules and in its time."""
        body = await read_json(request, "id", "action", "body")
        given = body.get("body", {})
        if not isinstance(given, dict):
            raise ValueError("body: expected an object")
        kinds = self._pipeline.router.kinds
        answer = outofband.act(self._world, kinds, text(body, "id"), text(body, "action"), given)
        shown: Any = json.loads(answer.body) if answer.body else None
        return web.json_response({"status": answer.status, "body": shown})

    def _stored_id(self, resource_id: str, name: str, kind: str, *, may_be_missing: bool = False) -> str:
        key = key_of(resource_id)
        found = self._world.store.get(key)
        if (len(key) < 2 or key[-2] != kind) or (found is None and not may_be_missing):
            raise ArmError(404, "NotFound", f"{name}: none of the {kind} is stored at {resource_id!r}")
        return found.id if found else resource_id


def _address(body: dict[str, Any]) -> str:
    """An IP address; ValueError says that it isn't one."""
    return str(ipaddress.ip_address(text(body, "address", ADDRESS)))
