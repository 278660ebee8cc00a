"""What live events and streaming endpoints have in common: they have a run state, and every write is an operation."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ams_emulator import crud, streaming_operations
from ams_emulator.call import Answer, Call
from ams_emulator.errors import ArmError, BadInputError, account_not_found, conflict
from ams_emulator.kinds.base import Kind, Target, new_id
from ams_emulator.locations import known_region
from ams_emulator.operations import Failure
from ams_emulator.regions import REGIONS, region_name
from ams_emulator.state import Resource
from ams_emulator.world import World

JSON = dict[str, Any]
YEAR_1 = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Behaviour:
    """What a kind adds.

    `complete` fills in what the service chooses and refuses what doesn't fit together; its third argument is what is
    stored already, None for a new one. `shown` is a resource in another run state. `allow` refuses changes (paths below
    properties) that the state forbids. `unset` are properties that the first answer to PATCH shows as null.
    """

    complete: Callable[[World, Target, Resource | None, JSON], None]
    shown: Callable[[World, Resource, str], Resource]
    allow: Callable[[World, Resource, set[str]], None]
    unset: tuple[str, ...] = ()


# --- verbs -----------------------------------------------------------------------------------------------------------


def get(world: World, call: Call, target: Target) -> Answer:
    return Answer(200, find(world, target).json())


def put(world: World, call: Call, target: Target, behaviour: Behaviour) -> Answer:
    """Create: 201 and an operation, which also starts it with `autoStart=true`."""
    parent = crud.require_parent(world, target)
    assert parent is not None
    crud.check_name(target)
    start = auto_start(call)
    stored = target.kind.schema.read(call.json(), "", world.rules(call.api_version, target.key))
    stored["location"] = REGIONS[known_region(stored["location"])]
    found = world.store.get(target.key)
    if found is not None:
        return _put_existing(world, call, target, found, stored, behaviour)
    behaviour.complete(world, target, None, stored)
    crud.check_limit(world, target, crud.count(world, target))
    made = make(world, call, target.kind, parent.id, target.name, stored)
    busy = provisioning(behaviour.shown(world, made, "Starting" if start else "Stopped"), "InProgress")
    world.store.put(busy)

    def done(now: Resource, failure: Failure | None) -> None:
        state = "Running" if start and failure is None else "Stopped"
        world.store.put(settled(behaviour.shown(world, now, state), failure))

    seconds = world.seconds(target.kind.words, "create") + (world.seconds(target.kind.words, "start") if start else 0)
    headers = streaming_operations.begin(world, call, target.kind, busy, done, seconds=seconds)
    return Answer(201, busy.json(), headers)


def patch(world: World, call: Call, target: Target, behaviour: Behaviour) -> Answer:
    """202 and an operation; the first answer has no state and no dates, as recorded."""
    found = find(world, target)
    require_idle(world, found)
    _check_location(world, call, found)
    stored = crud.patched(world, call, target.kind, target.kind.schema, found)
    return _update(world, call, target, found, stored, behaviour)


def run(
    world: World,
    call: Call,
    target: Target,
    behaviour: Behaviour,
    action: str,
    *,
    out_of: tuple[str, ...],
    through: str,
    to: str,
    failed: str = "",
    done: Callable[[], None] = lambda: None,
) -> Answer:
    """One step between run states: 202 and an operation. After a failure the state is `failed`, or what it was."""
    found = find(world, target)
    require_idle(world, found)
    state = found.properties["resourceState"]
    if state == to:
        return already_there(world, found, action)
    if state not in out_of:
        raise wrong_state(world, found, action)
    between = behaviour.shown(world, found, through)
    world.store.put(between)

    def end(now: Resource, failure: Failure | None) -> None:
        if failure is None:
            done()
        world.store.put(behaviour.shown(world, now, to if failure is None else failed or state))

    seconds = world.seconds(target.kind.words, action)
    return Answer(202, None, streaming_operations.begin(world, call, target.kind, between, end, seconds=seconds))


def remove(world: World, call: Call, target: Target, behaviour: Behaviour, found: Resource) -> Answer:
    """202 and an operation at whose end nothing is left."""
    state = found.properties["resourceState"]
    between = behaviour.shown(world, found, "Deleting")
    world.store.put(between)

    def done(now: Resource, failure: Failure | None) -> None:
        if failure is None:
            world.store.delete(target.key)
        else:
            world.store.put(behaviour.shown(world, now, state))

    seconds = world.seconds(target.kind.words, "delete")
    return Answer(202, None, streaming_operations.begin(world, call, target.kind, between, done, seconds=seconds))


# --- parts -----------------------------------------------------------------------------------------------------------


def find(world: World, target: Target) -> Resource:
    crud.require_parent(world, target)
    found = world.store.get(target.key)
    if found is None:
        account, name = target.names
        group = target.group.name if target.group else ""
        raise account_not_found(f"Microsoft.Media/mediaservices/{account}/{target.kind.words}/{name}", group)
    return found


def make(world: World, call: Call, kind: Kind, parent_id: str, name: str, stored: JSON) -> Resource:
    now = world.timestamp()
    body: JSON = {"name": name, "id": new_id(parent_id, kind, name), "type": kind.type}
    body |= {"location": stored["location"], "tags": stored.get("tags") or {}}
    body["properties"] = {**stored["properties"], "provisioningState": "Succeeded", "resourceState": "Stopped"}
    body["properties"] |= {"created": now, "lastModified": now}
    body["systemData"] = crud.system_data(call, now)
    hidden = {"created": now, "incarnation": world.new_id()}
    return Resource(body["id"], kind.label, body | crud.unknown(kind, stored), hidden)


def with_properties(resource: Resource, **properties: Any) -> Resource:
    return resource.with_body({**resource.body, "properties": {**resource.properties, **properties}})


def provisioning(resource: Resource, state: str) -> Resource:
    return with_properties(resource, provisioningState=state)


def settled(resource: Resource, failure: Failure | None) -> Resource:
    return provisioning(resource, "Succeeded" if failure is None else "Failed")


def require_idle(world: World, resource: Resource) -> None:
    """One operation at a time."""
    if world.operations.running(resource.id):
        message = f"Another operation on '{resource.id}' is still running. Try again when it has ended."
        raise refused(world, "AnotherOperationInProgress", message)


def wrong_state(world: World, resource: Resource, action: str, because: str = "") -> ArmError:
    state = resource.properties["resourceState"]
    return refused(world, "InvalidState", f"'{resource.id}' is {state}: {action} is not possible{because}.")


def refused(world: World, code: str, message: str, target: str | None = None) -> ArmError:
    """A request that doesn't fit the state; the status is a variant."""
    status = int(world.variants.answer("state.refused"))
    return ArmError(status, code, message, target=target, general="Conflict" if status == 409 else "BadRequest")


def already_there(world: World, resource: Resource, action: str) -> Answer:
    if world.variants.is_("action.already-there", "refuse"):
        raise wrong_state(world, resource, action)
    return Answer(200)


def auto_start(call: Call) -> bool:
    text = call.query.get("autostart", "false").lower()
    if text not in ("true", "false"):
        raise BadInputError("autoStart", "expected true or false")
    return text == "true"


def json_or_nothing(call: Call) -> JSON:
    return call.json() if call.body.strip() else {}


def changed_paths(before: JSON, after: JSON) -> set[str]:
    """Paths of what differs between two sets of properties, one level into objects."""
    paths = set()
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            paths |= {f"{name}.{member}" for member in old.keys() | new.keys() if old.get(member) != new.get(member)}
        else:
            paths.add(name)
    return paths


def _put_existing(
    world: World, call: Call, target: Target, found: Resource, stored: JSON, behaviour: Behaviour
) -> Answer:
    if world.variants.is_("create.existing", "409"):
        raise conflict("ResourceAlreadyExists", f"'{found.id}' exists already. Use PATCH to change it.")
    require_idle(world, found)
    if stored["location"] != found.body["location"]:
        raise _moved(world)
    answer = _update(world, call, target, found, stored, behaviour)
    now = world.store.get(target.key)
    return Answer(200, now.json() if now else answer.body, answer.headers)


def _update(world: World, call: Call, target: Target, found: Resource, stored: JSON, behaviour: Behaviour) -> Answer:
    kind = target.kind
    crud.keep_immutable(world, kind, found, call.json(), stored)
    behaviour.complete(world, target, found, stored)
    read_only = crud.read_only(crud.properties_of(kind))
    owned = {name: value for name, value in found.properties.items() if name in read_only}
    properties = {**stored["properties"], **owned}
    behaviour.allow(world, found, changed_paths(found.properties, properties))
    now = world.timestamp()
    body = {name: found.body[name] for name in ("name", "id", "type", "location")} | crud.unknown(kind, stored)
    body |= {"tags": stored.get("tags") or {}, "properties": {**properties, "lastModified": now}}
    body["systemData"] = crud.system_data(call, now, found.body["systemData"])
    state = found.properties["resourceState"]
    after = behaviour.shown(world, found.with_body({**found.body, **body}), state)
    at_once = world.variants.is_("streaming.patch-visible", "at-once")
    world.store.put(provisioning(after if at_once else found, "InProgress"))

    def done(now: Resource, failure: Failure | None) -> None:
        world.store.put(provisioning(found, "Failed") if failure else provisioning(after, "Succeeded"))

    first = with_properties(after, provisioningState="InProgress", resourceState=None, created=YEAR_1)
    first = with_properties(first, lastModified=YEAR_1, **dict.fromkeys(behaviour.unset))
    seconds = world.seconds(kind.words, "update")
    return Answer(202, first.json(), streaming_operations.begin(world, call, kind, found, done, seconds=seconds))


def _check_location(world: World, call: Call, found: Resource) -> None:
    location = call.json().get("location")
    if location is None:
        if world.variants.is_("patch.location-missing", "refuse"):
            raise BadInputError("location", "is required")
    elif not isinstance(location, str):
        raise BadInputError("location", "expected a string")
    elif region_name(location) != region_name(found.body["location"]):
        raise _moved(world)


def _moved(world: World) -> ArmError:
    status = int(world.variants.answer("account.put-location"))
    message = "location: the location of a resource can't be changed."
    general = "Conflict" if status == 409 else "BadRequest"
    return ArmError(status, "InvalidResourceLocation", message, target="location", general=general)
