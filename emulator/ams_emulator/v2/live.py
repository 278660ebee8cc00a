"""What runs: channels, programs and streaming endpoints; their actions, in the order in which they are possible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ams_emulator import crud
from ams_emulator.call import Answer, Call
from ams_emulator.errors import ArmError
from ams_emulator.kinds.base import Target
from ams_emulator.kinds.streaming_endpoint import streaming_endpoint
from ams_emulator.operations import Failure
from ams_emulator.state import Resource, key_of
from ams_emulator.v2 import rules
from ams_emulator.v2.errors import V2Error, bad
from ams_emulator.v2.model import EntitySet, Row
from ams_emulator.v2.operations import accepted, begin, refused, require_idle
from ams_emulator.v2.place import Place
from ams_emulator.v2.protocol import read_body
from ams_emulator.v2.rows import blank
from ams_emulator.v2.sets import SETS
from ams_emulator.v2.shared_assets import AssetRows
from ams_emulator.v2.shared_endpoints import EndpointRows, id_of

_FROM: Mapping[str, str] = MappingProxyType({"Start": "Stopped"})  # every other action needs Running
_THROUGH: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"Start": ("Starting", "Running"), "Stop": ("Stopping", "Stopped"), "Reset": ("Stopping", "Running")}
)
CONFLICT = 409
MOST_RUNNING = 3  # programs of a channel
_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"ShowSlate": ("duration",), "StartAdvertisement": ("duration", "cueId")}
)


def act(call: Call, place: Place, entity_set: EntitySet, row: Row, action: str) -> Answer:
    """POST of an action: 202 and an operation. Raises V2Error."""
    body = read_body(call.headers, call.body)
    absent = [name for name in _NEEDED.get(action, ()) if name not in body]
    if absent:
        raise bad(f"{action} needs the parameter '{absent[0]}'.")
    if entity_set.name == "StreamingEndpoints":
        return _endpoint_action(call, place, row, action, body)
    require_idle(place, row["Id"])
    _check(place, entity_set, row, action)
    word = entity_set.name.lower()
    if action not in _THROUGH:  # slates and advertisements leave the state alone
        return begin(call, place, row["Id"], f"{word}.cue", lambda _: None)
    through, to = _THROUGH[action]
    _set_state(place, entity_set, row["Id"], through)

    def done(failure: Failure | None) -> None:
        _set_state(place, entity_set, row["Id"], row["State"] if failure else to)
        if failure is None and entity_set.name == "Programs" and action == "Start":
            _record(place, row)

    return begin(call, place, row["Id"], f"{word}.{action.lower()}", done)


def _check(place: Place, entity_set: EntitySet, row: Row, action: str) -> None:
    needed = _FROM.get(action, "Running")
    if row["State"] != needed:
        raise refused(place, f"{entity_set.type} '{row['Name']}' is {row['State']}; {action} needs it {needed}.")
    if entity_set.name == "Programs" and action == "Start":
        channel = place.rows("Channels").find(row["ChannelId"])
        if channel is None or channel["State"] != "Running":
            raise refused(place, f"The channel of program '{row['Name']}' is not Running.")
        programs = place.rows("Programs").where("ChannelId", row["ChannelId"])
        running = [item for item in programs if item["State"] != "Stopped"]
        rules.quota(place, "running programs of a channel", len(running), MOST_RUNNING)
    if entity_set.name == "Channels" and action in ("Stop", "Reset"):
        _require_programs_stopped(place, row, action)


def _record(place: Place, program: Row) -> None:
    """The manifests of what a program records are in its asset as soon as it runs."""
    known = {item["Name"] for item in place.rows("Files").where("ParentAssetId", program["AssetId"])}
    now, files = place.world.timestamp(), SETS["Files"]
    for kind in ("ism", "ismc"):
        name = f"{program['ManifestName']}.{kind}"
        if name in known:
            continue
        row = {**blank(files), "Id": place.new_id(files), "Name": name, "ParentAssetId": program["AssetId"]}
        place.rows("Files").put(row | {"IsPrimary": kind == "ism", "Created": now, "LastModified": now})
        asset = AssetRows(place.world, place.account).resource(program["AssetId"])
        if asset is not None:
            place.world.containers.of(asset).files.append(name)


def _require_programs_stopped(place: Place, channel: Row, action: str) -> None:
    programs = place.rows("Programs").where("ChannelId", channel["Id"])
    running = [item["Name"] for item in programs if item["State"] != "Stopped"]
    if running:
        raise refused(place, f"{action} needs all programs of the channel Stopped; '{running[0]}' is not.")


def created(call: Call, place: Place, row: Row) -> Answer:
    """A channel is there at once; its operation takes its time."""
    return begin(call, place, row["Id"], "channels.create", lambda _: None)


def update(call: Call, place: Place, entity_set: EntitySet, row: Row, changed: Row) -> Answer:
    """202 and an operation, at whose end the changes show."""
    require_idle(place, row["Id"])
    for name in ("Input", "Preview"):  # their URLs are the service's
        if entity_set.name == "Channels" and changed[name] is not None:
            changed[name] = {**changed[name], "Endpoints": (row[name] or {}).get("Endpoints", [])}

    def done(failure: Failure | None) -> None:
        now = place.rows(entity_set.name).find(row["Id"])
        if failure is None and now is not None:
            place.rows(entity_set.name).put({**changed, "State": now["State"]})

    return begin(call, place, row["Id"], f"{_word(entity_set)}.update", done)


def delete(call: Call, place: Place, entity_set: EntitySet, row: Row) -> Answer:
    """202 and an operation, at whose end it is gone. Raises V2Error."""
    require_idle(place, row["Id"])
    if row["State"] != "Stopped":
        raise refused(place, f"{entity_set.type} '{row['Name']}' is {row['State']}; stop it first.")
    if entity_set.name == "StreamingEndpoints":
        return _as_version_3(call, place, _resource(place, row), "DELETE", {})
    if place.rows("Programs").where("ChannelId", row["Id"]):
        raise refused(place, f"Channel '{row['Name']}' still has programs; delete them first.")
    _set_state(place, entity_set, row["Id"], "Deleting")

    def done(failure: Failure | None) -> None:
        if failure is None:
            place.rows(entity_set.name).remove(row["Id"])
        else:
            _set_state(place, entity_set, row["Id"], "Stopped")

    return begin(call, place, row["Id"], "channels.delete", done)


def create_endpoint(call: Call, place: Place, row: Row) -> Answer:
    """The endpoint that version 3 would make."""
    properties = {"description": row["Description"] or "", "scaleUnits": row["ScaleUnits"]}
    body = {"location": place.account.body["location"], "properties": properties}
    return _version_3(call, place, row["Name"], "PUT", body)


def _endpoint_action(call: Call, place: Place, row: Row, action: str, body: dict[str, Any]) -> Answer:
    needed = {"Start": ("Stopped",), "Stop": ("Running",)}.get(action, ("Stopped", "Running"))
    if row["State"] not in needed:
        raise refused(place, f"StreamingEndpoint '{row['Name']}' is {row['State']}; {action} is not possible.")
    given = {"scaleUnit": body.get("scaleUnits")} if action == "Scale" else {}
    return _as_version_3(call, place, _resource(place, row), action.lower(), given)


def _as_version_3(call: Call, place: Place, endpoint: Resource, verb: str, body: dict[str, Any]) -> Answer:
    if endpoint.name.lower() == "default" and verb == "DELETE":
        raise bad("The default streaming endpoint can't be deleted.")
    return _version_3(call, place, endpoint.name, verb, body)


def _version_3(call: Call, place: Place, name: str, verb: str, body: dict[str, Any]) -> Answer:
    """One object, two APIs: what happens is what version 3 does. Its refusals become version 2's."""
    kind = streaming_endpoint()
    parts = [part for part in place.account.id.split("/") if part]
    group = place.world.store.group(parts[1], parts[3])
    target = Target(kind, parts[1], group, (place.account.name, name), verb)
    asked = crud.nobodys_call("POST", json.dumps(body).encode())
    asked.operation_fault, asked.api_version = call.operation_fault, "2022-08-01"
    try:
        answer = kind.verbs[verb](place.world, asked, target)
    except ArmError as error:
        if error.status == CONFLICT:
            raise refused(place, error.message) from None
        raise V2Error(error.status, "", error.message) from None
    entity = place.world.store.get((*key_of(place.account.id), "streamingendpoints", name.lower()))
    link = answer.headers.get("Azure-AsyncOperation", "")
    operation_id = link.rpartition("/")[2].partition("?")[0]
    if not operation_id:
        return Answer(204)
    found = place.world.operations.find(parts[1], operation_id)
    return accepted(place, found, operation_id, id_of(entity) if entity else name)


def _resource(place: Place, row: Row) -> Resource:
    found = EndpointRows(place.world, place.account).resource(row["Id"])
    assert found is not None
    return found


def _set_state(place: Place, entity_set: EntitySet, entity: str, state: str) -> None:
    row = place.rows(entity_set.name).find(entity)
    if row is not None:
        place.rows(entity_set.name).put({**row, "State": state, "LastModified": place.world.timestamp()})


def _word(entity_set: EntitySet) -> str:
    return entity_set.name[0].lower() + entity_set.name[1:]
