"""Changes behind every client's back: no validation, operation or quota; dates move as if the service had done it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ams_emulator import crud
from ams_emulator.call import Answer, Call
from ams_emulator.errors import ArmError
from ams_emulator.kinds import account as accounts
from ams_emulator.kinds.base import Kind, Target
from ams_emulator.resource_manager import find_group
from ams_emulator.state import Resource, key_of
from ams_emulator.v2 import account as v2_account
from ams_emulator.v2 import scenarios
from ams_emulator.world import World

Kinds = Mapping[tuple[str, ...], Kind]


def find(world: World, resource_id: str) -> Resource:
    """Raises ArmError 404."""
    found = world.store.get(key_of(resource_id))
    if found is None:
        raise ArmError(404, "NotFound", f"id: nothing is stored at {resource_id!r}")
    return found


def put(world: World, kinds: Kinds, resource_id: str, body: dict[str, Any]) -> Resource:
    """Store `properties` (and other members) as they are, in place of what was there, or anew.

    Members that no model knows are taken from clients for this resource from now on: the service evidently knows them.
    """
    kind = kind_of(kinds, resource_id)
    _learn(world, kind, resource_id, body)
    found = world.store.get(key_of(resource_id))
    if found is None:
        found = _blank(world, kind, resource_id)
        if kind.blank is not None:
            body = crud.merged(found.body, body, deep=True)
    return _store(world, kind, found, {**body, "properties": body.get("properties", {})})


def patch(world: World, kinds: Kinds, resource_id: str, change: dict[str, Any]) -> Resource:
    """Merge deeply into what is stored; null removes."""
    kind = kind_of(kinds, resource_id)
    _learn(world, kind, resource_id, change)
    found = find(world, resource_id)
    return _store(world, kind, found, crud.merged(found.body, change, deep=True))


def delete(world: World, resource_id: str) -> None:
    """Raises ArmError 404."""
    find(world, resource_id)
    world.store.delete(key_of(resource_id))


def act(world: World, kinds: Kinds, resource_id: str, action: str, body: dict[str, Any]) -> Answer:
    """What somebody else does: DELETE or a POST action such as stop, by the service's rules. Raises its ArmError."""
    kind = kind_of(kinds, resource_id)
    found = find(world, resource_id)
    verb = "DELETE" if action.upper() == "DELETE" else action.lower()
    if verb not in kind.verbs or verb in ("PUT", "GET", "LIST", "PATCH"):
        known = sorted({"delete", *(name for name in kind.verbs if name.islower())})
        raise ValueError(f"action: {action!r} is unknown; choose of {', '.join(known)}")
    parts = [part for part in found.id.split("/") if part]
    target = Target(kind, parts[1], find_group(world, parts[1], parts[3]), tuple(parts[7::2]), verb)
    return kind.verbs[verb](world, crud.nobodys_call("POST", json.dumps(body).encode()), target)


def seed_account(
    world: World, kinds: Kinds, name: str, *, subscription: str, group: str, region: str, scenario: str = ""
) -> Resource:
    """A finished account; with a scenario one that has version 2, and what the scenario puts into it.

    Raises BadInputError, and ValueError for an unknown scenario.
    """
    play = scenarios.scenario(scenario) if scenario else None
    account = accounts.seed(world, kinds[("mediaservices",)], find_group(world, subscription, group), name, region)
    if play is not None:
        play(world, v2_account.enable(world, account))
    return account


def kind_of(kinds: Kinds, resource_id: str) -> Kind:
    """Raises ValueError for an id that is none of a known kind's resources."""
    parts = key_of(resource_id)
    path = tuple(parts[6::2])
    if len(parts) < 8 or len(parts) % 2 or path not in kinds:
        raise ValueError(f"id: {resource_id!r} is not the resource id of a known kind")
    return kinds[path]


def _store(world: World, kind: Kind, found: Resource, body: dict[str, Any]) -> Resource:
    now = world.timestamp()
    owned = {key: found.body[key] for key in ("name", "id", "type")}
    properties = {**_server_owned(kind, found), **body["properties"]}
    if "lastModified" in found.properties:
        properties["lastModified"] = now
    changed = found.with_body({**found.body, **body, **owned, "properties": properties})
    world.store.put(changed)
    return changed


def _server_owned(kind: Kind, found: Resource) -> dict[str, Any]:
    if "properties" not in kind.schema.members:
        return found.properties
    owned = crud.read_only(crud.properties_of(kind))
    return {key: value for key, value in found.properties.items() if key in owned}


def _blank(world: World, kind: Kind, resource_id: str) -> Resource:
    segments = [part for part in resource_id.split("/") if part]
    group = find_group(world, segments[1], segments[3])
    name = segments[-1]
    if kind.path == ("mediaservices",):
        return accounts.seed(world, kind, group, name, group.location)
    parent = world.store.get(key_of(resource_id)[:-2])
    if parent is None:
        raise ArmError(404, "NotFound", f"id: the parent of {resource_id!r} is not stored")
    make = kind.blank or _plain
    return make(world, crud.nobodys_call(), kind, parent, name)


def _plain(world: World, call: Call, kind: Kind, parent: Resource, name: str) -> Resource:
    return crud.make(world, call, kind, parent.id, name, {})


def _learn(world: World, kind: Kind, resource_id: str, body: dict[str, Any]) -> None:
    learned = world.learned.setdefault(key_of(resource_id), set())
    rules = replace(world.rules("9999"), unknown_members="learn", learned=learned, partial=True)
    try:
        kind.schema.read(body, "", rules)
    except ArmError:
        return  # ill-typed on purpose: what was learned until there stays
