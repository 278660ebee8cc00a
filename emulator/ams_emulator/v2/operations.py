"""Operations that take time: 202 with `operation-id`, and `Operations('id')` to ask how it stands."""

from __future__ import annotations

from collections.abc import Callable

from ams_emulator.call import Answer, Call
from ams_emulator.operations import Failure, Operation
from ams_emulator.v2.errors import V2Error
from ams_emulator.v2.model import entity_id
from ams_emulator.v2.place import Place

Done = Callable[[Failure | None], None]


def begin(call: Call, place: Place, target: str, action: str, done: Done) -> Answer:
    """Start an operation on a row. `action`, such as `channels.start`, says how long it takes."""
    kind, _, verb = action.partition(".")
    operation = place.world.operations.start(
        resource_id=lock_of(place, target),
        region="",
        subscription=place.account.id.split("/")[2],
        seconds=place.world.seconds(kind, verb),
        fault=call.operation_fault,
        done=lambda ended: done(ended.failure),
    )
    lost = call.operation_fault is not None and call.operation_fault.lose
    return accepted(place, None if lost else operation, operation.id, target)


def accepted(place: Place, operation: Operation | None, operation_id: str, target: str) -> Answer:
    """202 and the id of an operation; None for one whose document is lost."""
    entity = entity_id("opid", operation_id)
    if operation is not None:
        place.own.operations[entity.lower()] = (operation, target)
    return Answer(202, None, {"operation-id": entity})


def require_idle(place: Place, target: str) -> None:
    """One operation at a time. Raises V2Error."""
    if place.world.operations.running(lock_of(place, target)):
        raise refused(place, f"Another operation on '{target}' is still running.")


def refused(place: Place, message: str) -> V2Error:
    """What doesn't fit the state; the status is a variant."""
    return V2Error(int(place.world.variants.answer("v2.state-refused")), "InvalidState", message)


def lock_of(place: Place, target: str) -> str:
    return f"{place.account.id}#{target}"
