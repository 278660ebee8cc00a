"""Control of version 2: rows behind every client's back, and what is wrong with an account."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ams_emulator import crud, outofband
from ams_emulator.control_json import read_json, text
from ams_emulator.errors import ArmError
from ams_emulator.pipeline import Pipeline
from ams_emulator.v2 import account as v2_account
from ams_emulator.v2 import jobs, live, write
from ams_emulator.v2.errors import V2Error
from ams_emulator.v2.model import EntitySet, Row
from ams_emulator.v2.place import Place
from ams_emulator.v2.rows import blank
from ams_emulator.v2.sets import SETS

JSON = dict[str, Any]
_OTHERS = ("StorageAccounts", "Operations")


class V2Control:
    """Routes under /v2."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._world = pipeline.world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v2/rows", self.rows),
            web.put("/v2/rows", self.put_row),
            web.patch("/v2/rows", self.patch_row),
            web.delete("/v2/rows", self.delete_row),
            web.post("/v2/links", self.link),
            web.post("/v2/act", self.act),
            web.post("/v2/accounts", self.account),
        ]

    async def rows(self, request: web.Request) -> web.Response:
        """The first 1,000 rows of a set, as they are stored; members of our own begin with an underscore."""
        place, entity_set = self._place(request.query.get("accountId", "")), _set(request.query.get("set", ""))
        rows = place.rows(entity_set.name)
        return web.json_response({"rows": [rows.row(key) for key in rows.keys()[:1000]]})

    async def put_row(self, request: web.Request) -> web.Response:
        """A row with these members; what isn't given is a default, the id is new."""
        body = await read_json(request, "accountId", "set", "row")
        place, entity_set = self._place(text(body, "accountId")), _set(text(body, "set"))
        now = self._world.timestamp()
        row = {**blank(entity_set), "_Created": now}
        row |= {name: now for name in ("Created", "LastModified") if name in row}
        row |= _members(entity_set, body.get("row"))
        if entity_set.name in _OTHERS:
            raise ValueError(f"set: {entity_set.name} are not rows of their own")
        if entity_set.key == "Id" and entity_set.prefix and not row["Id"]:
            row["Id"] = place.new_id(entity_set)
        place.rows(entity_set.name).put(row)
        return web.json_response(row, status=201)

    async def patch_row(self, request: web.Request) -> web.Response:
        """Change members; `LastModified` moves."""
        body = await read_json(request, "accountId", "set", "id", "patch")
        place, entity_set = self._place(text(body, "accountId")), _set(text(body, "set"))
        row = _find(place, entity_set, text(body, "id"))
        if "LastModified" in row:
            row["LastModified"] = self._world.timestamp()
        changed = {**row, **_members(entity_set, body.get("patch"))}
        place.rows(entity_set.name).put(changed)
        if entity_set.name == "Jobs" and "State" in (body.get("patch") or {}):
            for task in place.rows("Tasks").where("_JobId", row["Id"]):
                place.rows("Tasks").put({**task, "State": changed["State"]})
        return web.json_response(changed)

    async def delete_row(self, request: web.Request) -> web.Response:
        place, entity_set = self._place(request.query.get("accountId", "")), _set(request.query.get("set", ""))
        row = _find(place, entity_set, request.query.get("id", ""))
        place.rows(entity_set.name).remove(row[entity_set.key])
        return web.Response(status=204)

    async def link(self, request: web.Request) -> web.Response:
        """A link from one row to another, such as from an asset to a key."""
        body = await read_json(request, "accountId", "set", "id", "navigation", "target")
        place, entity_set = self._place(text(body, "accountId")), _set(text(body, "set"))
        way = entity_set.navigation(text(body, "navigation"))
        if way is None or not way.linked:
            raise ValueError(f"navigation: {entity_set.name} has no such links")
        row, target = _find(place, entity_set, text(body, "id")), _find(place, SETS[way.target], text(body, "target"))
        place.own.links.add(entity_set.name, way.name, row[entity_set.key], target[SETS[way.target].key])
        return web.Response(status=204)

    async def act(self, request: web.Request) -> web.Response:
        """What somebody else does, by the rules: `Start`, `Stop`, `Delete`, `Cancel` of a job."""
        body = await read_json(request, "accountId", "set", "id", "action")
        place, entity_set = self._place(text(body, "accountId")), _set(text(body, "set"))
        row, action = _find(place, entity_set, text(body, "id")), text(body, "action")
        call = crud.nobodys_call("POST")
        try:
            if action == "Cancel" and entity_set.name == "Jobs":
                jobs.cancel(place, row["Id"])
            elif action == "Delete":
                write.delete(call, place, entity_set, row[entity_set.key])
            elif action in entity_set.actions:
                live.act(call, place, entity_set, row, action)
            else:
                raise ValueError(f"action: {entity_set.name} have no {action!r}")
        except V2Error as error:
            raise ArmError(error.status, "", error.message) from None
        return web.Response(status=204)

    async def account(self, request: web.Request) -> web.Response:
        """Give an account version 2, disable it (403), lose its storage (500), retire it, or let its jobs run."""
        body = await read_json(request, "accountId", "enabled", "disabled", "storageLost", "retired", "runJobs")
        account = outofband.find(self._world, text(body, "accountId"))
        if body.get("enabled"):
            account = v2_account.enable(self._world, account)
        elif "enabled" in body:
            account = account.with_body(account.body, v2=False)
            self._world.store.put(account)
        own = self._world.v2.of(account.properties)
        own.disabled = bool(body.get("disabled", own.disabled))
        own.retired = bool(body.get("retired", own.retired))
        own.storage_lost = bool(body.get("storageLost", own.storage_lost))
        if body.get("runJobs"):
            place = Place(self._world, account)
            rows = place.rows("Jobs")
            for row in [rows.row(key) for key in rows.keys()]:  # noqa: SIM118 - not a mapping
                if row["State"] in (jobs.QUEUED, jobs.SCHEDULED, jobs.PROCESSING):
                    jobs.run(place, row["Id"], self._world.seconds("jobs", "queue"), self._world.seconds("jobs", "run"))
        state = {"enabled": bool(account.hidden.get("v2")), "disabled": own.disabled, "storageLost": own.storage_lost}
        state["retired"] = own.retired
        return web.json_response(state)

    def _place(self, account_id: str) -> Place:
        account = outofband.find(self._world, account_id)
        if account.kind != "mediaservices":
            raise ValueError("accountId: expected the id of an account")
        return Place(self._world, account)


def _set(name: str) -> EntitySet:
    if name not in SETS:
        raise ValueError(f"set: {name!r} is unknown; choose one of {', '.join(SETS)}")
    return SETS[name]


def _find(place: Place, entity_set: EntitySet, entity: str) -> Row:
    found = place.rows(entity_set.name).find(entity)
    if found is None:
        raise ValueError(f"id: {entity_set.name} has no row {entity!r}")
    return dict(found)


def _members(entity_set: EntitySet, given: object) -> Row:
    if not isinstance(given, dict):
        raise ValueError("row, patch: expected an object")
    strangers = [name for name in given if name not in entity_set.by_name and not name.startswith("_")]
    if strangers:
        raise ValueError(f"{strangers[0]}: {entity_set.name} have no such member")
    return dict(given)
