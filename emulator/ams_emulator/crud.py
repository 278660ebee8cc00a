"""The verbs that most kinds share: synchronous PUT, GET, LIST, PATCH, DELETE of proxy resources."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

from dataclasses import replace
from typing import Any

from ams_emulator.call import Answer, Call, Principal
from ams_emulator.errors import ArmError, account_not_found, conflict, proxy_not_found
from ams_emulator.kinds.base import Kind, Target, new_id, parent_of
from ams_emulator.paging import page
from ams_emulator.schema import MapOf, Member, Object, Rules, Text
from ams_emulator.state import Resource, key_of
from ams_emulator.world import World

JSON = dict[str, Any]
NOT_FOUND = 404


def proxy_members() -> dict[str, Member]:
    """Top-level members of a proxy resource that clients may send back."""
    anything = Object()
    return {
        "id": Member(Text(), read_only=True),
        "name": Member(Text(), read_only=True),
        "type": Member(Text(), read_only=True),
        "systemData": Member(anything, read_only=True),
    }


def tracked_members() -> dict[str, Member]:
    return proxy_members() | {"location": Member(Text(), required=True), "tags": Member(MapOf(Text(max_length=256)))}


def get(world: World, call: Call, target: Target) -> Answer:
    return Answer(200, existing(world, target).json())


def list_all(world: World, call: Call, target: Target) -> Answer:
    require_parent(world, target)
    store = call.list_fault.store if call.list_fault and call.list_fault.store else world.store
    return page(world, call, store.collection(target.collection))


def put(world: World, call: Call, target: Target) -> Answer:
    """Create (201) or replace (200)."""
    parent = require_parent(world, target)
    check_name(target)
    stored = target.kind.schema.read(call.json(), "", world.rules(call.api_version, target.key))
    found = world.store.get(target.key)
    if found is None:
        check_limit(world, target, count(world, target))
        parent_id = parent.id if parent else target.parent_id
        resource = make(world, call, target.kind, parent_id, target.name, stored)
        world.store.put(resource)
        return Answer(201, resource.json())
    return Answer(200, store_changed(world, call, target.kind, found, stored).json())


def patch(world: World, call: Call, target: Target) -> Answer:
    """Merge into what is stored; the result must be what PUT would take."""
    found = existing(world, target)
    stored = patched(world, call, target.kind, target.kind.schema, found)
    return Answer(200, store_changed(world, call, target.kind, found, stored).json())


def delete(world: World, call: Call, target: Target) -> Answer:
    """200, or 204 when there was nothing."""
    if deletable(world, target) is None:
        return Answer(204)
    world.store.delete(target.key)
    return Answer(200)


# --- parts -----------------------------------------------------------------------------------------------------------


def deletable(world: World, target: Target) -> Resource | None:
    """What a DELETE is for; None when there is nothing, which is 204."""
    try:
        require_parent(world, target)
    except ArmError as error:
        if error.status == NOT_FOUND and world.variants.is_("parent.missing-delete", "204"):
            return None
        raise
    return world.store.get(target.key)


def existing(world: World, target: Target) -> Resource:
    require_parent(world, target)
    found = world.store.get(target.key)
    if found is None:
        raise proxy_not_found()
    return found


def require_parent(world: World, target: Target) -> Resource | None:
    """The parent of a child kind. Raises the 404 that a missing one gets, and 409 for writes while it is being made."""
    if len(target.kind.path) == 1:
        return None
    parent = parent_of(world, target)
    group = target.group.name if target.group else ""
    if parent is None:
        missing = "/".join(
            [
                "Microsoft.Media",
                *(f"{kind}/{name}" for kind, name in zip(target.kind.path[:-1], target.names, strict=False)),
            ]
        )
        if world.variants.is_("parent.missing", "ParentResourceNotFound"):
            raise ArmError(404, "ParentResourceNotFound", f"The parent resource '{missing}' was not found.")
        raise account_not_found(missing, group)
    creating = parent.hidden.get("creating", False)
    if creating and target.verb not in ("GET", "LIST") and world.variants.is_("parent.in-progress", "refuse"):
        raise conflict("ParentResourceNotReady", f"'{parent.id}' is still being created. Try again when it is.")
    return parent


def check_name(target: Target) -> None:
    target.kind.name.read(target.name, f"name of {target.kind.type}", Rules(""))


def check_limit(world: World, target: Target, count: int, limit: int | None = None) -> None:
    """Refuse one more when there are `count` already, of the kind's `limit` or this. How is variant `quota.status`."""
    limit = limit or target.kind.limit
    if limit is None or world.settings.quotas == "off" or count < limit:
        return
    status = int(world.variants.answer("quota.status"))
    message = f"The quota of {limit} {target.kind.segment} is used up."
    raise ArmError(status, "QuotaExceeded", message, general="Forbidden" if status == 403 else "Conflict")


def count(world: World, target: Target) -> int:
    """How many of the kind there are below the same parent; channels of version 2 may take live events' places."""
    found = len(world.store.collection(target.collection).items)
    parent = parent_of(world, target)
    if target.kind.label == "liveevents" and parent and world.variants.is_("v2.shared-live-quota", "shared"):
        found += world.v2.channels(parent.properties)
    return found


def make(world: World, call: Call, kind: Kind, parent_id: str, name: str, stored: JSON) -> Resource:
    """A new proxy resource around the members in `stored`."""
    now = world.timestamp()
    body: JSON = {"name": name, "id": new_id(parent_id, kind, name), "type": kind.type}
    body["properties"] = {"created": now, **stored.get("properties", {}), "lastModified": now}
    if kind.system_data == "present" or world.variants.is_(kind.system_data, "present"):
        body["systemData"] = system_data(call, now)
    return Resource(body["id"], kind.label, body | unknown(kind, stored), {"created": now})


def nobodys_call(method: str = "PUT", body: bytes = b"") -> Call:
    """A request that no client sent: the service's own work, and changes behind every client's back."""
    return Call(method, "", "", {}, {}, body, "", Principal("out-of-band", "out-of-band"), "")


def system_data(call: Call, now: str, before: JSON | None = None) -> JSON:
    who = call.principal.client_id
    created = {key: (before or {}).get(key) for key in ("createdBy", "createdByType", "createdAt")}
    if not before:
        created = {"createdBy": who, "createdByType": "Application", "createdAt": now}
    return created | {"lastModifiedBy": who, "lastModifiedByType": "Application", "lastModifiedAt": now}


def store_changed(world: World, call: Call, kind: Kind, found: Resource, stored: JSON) -> Resource:
    """Replace what the client may set; dates and identity stay the service's."""
    server_owned = {key: found.properties[key] for key in read_only(properties_of(kind)) if key in found.properties}
    properties = server_owned | stored.get("properties", {})
    if world.variants.is_("transform.put-unchanged", "stays") and properties == found.properties:
        return found
    now = world.timestamp()
    if "lastModified" in properties:
        properties["lastModified"] = now
    body = {key: found.body[key] for key in ("name", "id", "type")} | unknown(kind, stored)
    body["properties"] = properties
    if "systemData" in found.body:
        body["systemData"] = system_data(call, now, found.body["systemData"])
    changed = found.with_body(body)
    world.store.put(changed)
    return changed


def patched(world: World, call: Call, kind: Kind, schema: Object, found: Resource) -> JSON:
    """What is to be stored when `call` patches `found`; null removes a member. `schema` is what the body may hold.

    How deep objects merge is the variant `patch.depth`. What is stored already is not refused, known or not.
    """
    rules = world.rules(call.api_version, key_of(found.id))
    change = schema.read(call.json(), "", replace(rules, partial=True))
    deep = world.variants.is_("patch.depth", "merge")
    before = {key: value for key, value in found.body.items() if key not in read_only(kind.schema)}
    # Resource Manager's own members: tags are always replaced whole, the members of an identity are always merged.
    result = merged(before, {name: value for name, value in change.items() if name != "identity"}, deep=False)
    result = merged(result, {name: value for name, value in change.items() if name == "identity"}, deep=True)
    result["properties"] = merged(writable(kind, found), change.get("properties") or {}, deep=deep)
    return kind.schema.read(result, "", replace(rules, unknown_members="store"))


def merged(before: JSON, change: JSON, *, deep: bool) -> JSON:
    """`before` with the members of `change`; null removes one, at any depth, and objects merge only when `deep`."""
    result = dict(before)
    for name, value in change.items():
        old = result.get(name)
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = merged(old if deep and isinstance(old, dict) else {}, value, deep=deep)
        else:
            result[name] = value
    return result


def keep_immutable(world: World, kind: Kind, found: Resource, given: JSON, stored: JSON) -> None:
    """Carry over the properties that were settled at creation; refuse those of `given` that want another value."""
    answer = world.variants.answer("immutable.change")
    for path in kind.immutable:
        *above, last = path.split(".")
        old, wanted, into = found.properties, given.get("properties") or {}, stored["properties"]
        for part in above:
            old, wanted, into = old.get(part) or {}, wanted.get(part) or {}, into.setdefault(part, {})
        value = wanted.get(last)
        if value is not None and value != old.get(last) and answer != "ignore":
            message = f"properties.{path}: is settled at creation and can't be changed."
            general = "BadRequest" if answer == "400" else "Conflict"
            raise ArmError(
                int(answer), "PropertyCannotBeChanged", message, target=f"properties.{path}", general=general
            )
        if last in old:
            into[last] = old[last]


def writable(kind: Kind, resource: Resource) -> JSON:
    """The properties that clients may set, and those that no model knows."""
    owned = read_only(properties_of(kind))
    return {key: value for key, value in resource.properties.items() if key not in owned}


def properties_of(kind: Kind) -> Object:
    shape = kind.schema.members["properties"].shape
    assert isinstance(shape, Object)
    return shape


def read_only(shape: Object) -> frozenset[str]:
    return frozenset(name for name, member in shape.members.items() if member.read_only)


def unknown(kind: Kind, stored: JSON) -> JSON:
    """Top-level members that no model knows."""
    return {key: value for key, value in stored.items() if key not in kind.schema.members}
