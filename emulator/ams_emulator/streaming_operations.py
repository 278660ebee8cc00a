"""Asynchronous operations of live events, live outputs and streaming endpoints, and their two kinds of documents."""

from __future__ import annotations

from collections.abc import Callable

from ams_emulator.call import Answer, Call
from ams_emulator.clock import seconds_text
from ams_emulator.errors import ArmError, proxy_not_found
from ams_emulator.kinds.base import Kind
from ams_emulator.operations import Failure, Operation
from ams_emulator.state import Resource, key_of
from ams_emulator.world import World

RECORDED_RETRY_AFTER = 2.0
OPERATION_LOCATIONS = "operationlocations"
Done = Callable[[Resource, Failure | None], None]


def begin(
    world: World,
    call: Call,
    kind: Kind,
    resource: Resource,
    done: Done,
    *,
    seconds: float,
    lock: str = "",
) -> dict[str, str]:
    """Start an operation on a stored resource; the headers that lead to its documents.

    `done` is told what is stored when it ends, and the failure if there is one; it isn't when the resource is gone or
    another one of its name by then.
    """
    key = key_of(resource.id)

    def end(operation: Operation) -> None:
        now = world.store.get(key)
        if now is not None and now.hidden.get("incarnation") == resource.hidden.get("incarnation"):
            done(now, operation.failure)

    operation = world.operations.start(
        resource_id=resource.id,
        region="",
        subscription=resource.id.split("/")[2],
        seconds=seconds,
        fault=call.operation_fault,
        lock=lock,
        done=end,
    )
    parts = resource.id.replace("/resourceGroups/", "/resourcegroups/").split("/")
    account, query = "/".join(parts[:9]), f"?api-version={call.api_version}"
    return {
        "Azure-AsyncOperation": f"{call.origin}{account}/{kind.operations}/{operation.id}{query}",
        "Location": f"{call.origin}{'/'.join(parts)}/{OPERATION_LOCATIONS}/{operation.id}{query}",
        "Retry-After": retry_after(world),
    }


def status(world: World, call: Call, kind: Kind, parts: list[str]) -> Answer:
    """`.../mediaservices/ACCOUNT/KINDoperations/ID`: always 200, how it stands is in the body."""
    operation = _find(world, parts, parts[:8])
    if key_of(operation.resource_id)[-2] != kind.label:
        raise proxy_not_found()
    link = f"{call.origin}{call.raw_path}?api-version={call.api_version}"
    headers = {"Azure-AsyncOperation": link, "Retry-After": retry_after(world)}
    return Answer.of(200, operation.streaming_document(), headers)


def location(world: World, call: Call, parts: list[str]) -> Answer:
    """`.../NAME/operationlocations/ID`: 202 while it runs, then the resource under the document's id, as recorded."""
    operation = _find(world, parts, parts[:-2])
    if operation.running:
        link = f"{call.origin}{call.raw_path}?api-version={call.api_version}"
        return Answer(202, None, {"Location": link, "Retry-After": retry_after(world)})
    if operation.failure is not None:
        raise ArmError(409, operation.failure.code, operation.failure.message)
    found = world.store.get(key_of(operation.resource_id))
    if found is None:
        if world.variants.is_("operation-location.deleted", "204"):
            return Answer(204)
        raise proxy_not_found()
    return Answer.of(200, found.body | {"id": f"{found.id}/{OPERATION_LOCATIONS}/{operation.id}"})


def retry_after(world: World) -> str:
    return seconds_text(RECORDED_RETRY_AFTER if world.settings.retry_after is None else world.settings.retry_after)


def _find(world: World, parts: list[str], below: list[str]) -> Operation:
    """The operation that a path ends with, if it belongs to what the path begins with."""
    found = world.operations.find(parts[1], parts[-1])
    path = tuple(part.lower() for part in below)
    if found is None or key_of(found.resource_id)[: len(path)] != path:
        raise proxy_not_found()
    return found
