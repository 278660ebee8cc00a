"""Live outputs: a recording of a live event into an asset. Nothing of one can be changed; deleting it ends it."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

from typing import Any

from ams_emulator import crud, streaming_operations
from ams_emulator.call import Answer, Call
from ams_emulator.errors import ArmError, BadInputError, conflict, proxy_not_found
from ams_emulator.iso8601 import parse_duration
from ams_emulator.kinds import tracked
from ams_emulator.kinds.base import Kind, Target
from ams_emulator.operations import Failure
from ams_emulator.paging import page
from ams_emulator.schema import Duration, Member, Moment, Number, Object, Text
from ams_emulator.state import Collection, Resource, key_of
from ams_emulator.world import World

JSON = dict[str, Any]
_HOUR = 3600
_LIMIT, _LIMIT_BASIC = 3, 1


def live_output() -> Kind:
    """Limits: 3 per live event, 1 for PassthroughBasic (documented)."""
    whole = Number(whole=True, minimum=0, maximum=2**31 - 1)
    properties = Object(
        {
            "description": Member(Text(), shown_null=True),
            "assetName": Member(Text(), required=True),
            "archiveWindowLength": Member(Duration(60, 25 * _HOUR), required=True),
            "rewindWindowLength": Member(Duration(60, 25 * _HOUR)),
            "manifestName": Member(Text()),
            "hls": Member(Object({"fragmentsPerTsSegment": Member(whole, shown_null=True)}), shown_null=True),
            "outputSnapTime": Member(whole, default=0),
            "created": Member(Moment(), read_only=True),
            "lastModified": Member(Moment(), read_only=True),
            "provisioningState": Member(Text(), read_only=True),
            "resourceState": Member(Text(), read_only=True),
        }
    )
    return Kind(
        path=("mediaservices", "liveevents", "liveoutputs"),
        type="Microsoft.Media/mediaservices/liveevents/liveoutputs",
        segment="liveoutputs",
        schema=Object(crud.proxy_members() | {"properties": Member(properties, required=True)}),
        name=Text(r"[a-zA-Z0-9]+(-*[a-zA-Z0-9])*", "letters, digits and inner hyphens", max_length=256),
        verbs={"PUT": put, "GET": get, "LIST": list_all, "DELETE": delete},
        limit=_LIMIT,
        words="liveOutputs",
        operations="liveoutputoperations",
    )


def get(world: World, call: Call, target: Target) -> Answer:
    return Answer(200, moving(world, crud.existing(world, target)).json())


def list_all(world: World, call: Call, target: Target) -> Answer:
    crud.require_parent(world, target)
    store = call.list_fault.store if call.list_fault and call.list_fault.store else world.store
    found = store.collection(target.collection).items
    return page(world, call, Collection({name: moving(world, output) for name, output in found.items()}))


def put(world: World, call: Call, target: Target) -> Answer:
    """Create only: 201 and an operation of the live event. The recording begins with it."""
    event = crud.require_parent(world, target)
    assert event is not None
    crud.check_name(target)
    stored = target.kind.schema.read(call.json(), "", world.rules(call.api_version, target.key))
    found = world.store.get(target.key)
    if found is not None:
        return _put_existing(world, call, target, found, stored["properties"])
    _check_windows(stored["properties"], event)
    tracked.require_idle(world, event)
    if event.properties["resourceState"] not in ("Stopped", "StandBy", "Running"):
        raise tracked.wrong_state(world, event, "adding a live output")
    basic = event.properties["encoding"]["encodingType"] == "PassthroughBasic"
    crud.check_limit(world, target, crud.count(world, target), _LIMIT_BASIC if basic else _LIMIT)
    asset = _asset(world, target, stored["properties"]["assetName"])
    manifest = stored["properties"].setdefault("manifestName", _manifest_name(world, target.name))
    held = world.containers.of(asset).holder_of(manifest)
    if held is not None and world.variants.is_("live-output.asset-reused", "refuse"):
        message = f"properties.assetName: '{asset.name}' already has a recording '{manifest}'. Use another asset."
        raise conflict("AssetAlreadyRecorded", message)
    output = crud.make(world, call, target.kind, event.id, target.name, stored)
    output = output.with_body(output.body, incarnation=world.new_id())
    output = tracked.with_properties(output, provisioningState="InProgress", resourceState="Creating")
    world.store.put(output)
    if world.containers.record(asset, output.id, manifest) is not None:
        world.meters.add("recordingsOverwritten", asset.id, 1)

    def done(now: Resource, failure: Failure | None) -> None:
        state = "Running" if failure is None else "Creating"
        world.store.put(tracked.settled(tracked.with_properties(now, resourceState=state), failure))

    return Answer(201, output.json(), _begin(world, call, target, output, event, "create", done))


def delete(world: World, call: Call, target: Target) -> Answer:
    """202 and an operation of the live event; the asset stays. 204 when there was nothing."""
    found = crud.deletable(world, target)
    if found is None:
        return Answer(204)
    event = world.store.get(target.collection[:-1])
    assert event is not None
    tracked.require_idle(world, event)
    before = found.properties["resourceState"]
    deleting = tracked.with_properties(found, resourceState="Deleting")
    world.store.put(deleting)

    def done(now: Resource, failure: Failure | None) -> None:
        if failure is None:
            world.store.delete(target.key)
        else:
            world.store.put(tracked.with_properties(now, resourceState=before))

    return Answer(202, None, _begin(world, call, target, deleting, event, "delete", done))


# --- parts -----------------------------------------------------------------------------------------------------------


def moving(world: World, output: Resource) -> Resource:
    """`created` of a running output was reported to move on each read."""
    if output.properties["resourceState"] != "Running" or world.variants.is_("live-output.created", "stays"):
        return output
    return tracked.with_properties(output, created=world.timestamp())


def _begin(
    world: World,
    call: Call,
    target: Target,
    output: Resource,
    event: Resource,
    action: str,
    done: streaming_operations.Done,
) -> dict[str, str]:
    seconds = world.seconds(target.kind.words, action)
    return streaming_operations.begin(world, call, target.kind, output, done, seconds=seconds, lock=event.id)


def _put_existing(world: World, call: Call, target: Target, found: Resource, properties: JSON) -> Answer:
    if world.variants.is_("create.existing", "409"):
        raise conflict("ResourceAlreadyExists", f"'{found.id}' exists already, and a live output can't be changed.")
    for name, value in properties.items():
        if value != found.properties.get(name):
            raise BadInputError(f"properties.{name}", "can't be changed: a live output stays as it was created")
    return Answer(200, moving(world, found).json())


def _asset(world: World, target: Target, name: str) -> Resource:
    found = world.store.get((*key_of(target.parent_id)[:8], "assets", name.lower()))
    if found is not None:
        return found
    if world.variants.is_("live-output.asset-missing", "404"):
        raise proxy_not_found()
    raise ArmError(400, "AssetNotFound", f"properties.assetName: there is no asset '{name}'.", general="BadRequest")


def _manifest_name(world: World, name: str) -> str:
    return name if world.variants.is_("live-output.manifest-name", "fixed") else world.new_id().replace("-", "")


def _check_windows(properties: JSON, event: Resource) -> None:
    """Documented: 8 h for PassthroughBasic, 6 h with LowLatencyV2, and nobody rewinds further than the archive."""
    archive = parse_duration(properties["archiveWindowLength"]) or 0
    rewind = parse_duration(properties.get("rewindWindowLength") or "PT0S") or 0
    if event.properties["encoding"]["encodingType"] == "PassthroughBasic" and archive > 8 * _HOUR:
        raise BadInputError(
            "properties.archiveWindowLength", "is more than PT8H, the limit of a PassthroughBasic event"
        )
    if "LowLatencyV2" in event.properties["streamOptions"] and archive > 6 * _HOUR:
        raise BadInputError("properties.archiveWindowLength", "is more than PT6H, the limit with LowLatencyV2")
    if rewind > archive:
        raise BadInputError("properties.rewindWindowLength", "is longer than archiveWindowLength")
