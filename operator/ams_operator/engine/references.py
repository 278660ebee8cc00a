"""What a manifest names besides itself: what it lies in, other resources of its account, Secrets. Each name becomes a
value, or a hold that says what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from ams_operator.api import references as api
from ams_operator.api.base import ResourceSpec
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Lane, Resource
from ams_operator.domain.model import SERVICE_EFFECTS, SHAPING, Cure, Hold
from ams_operator.domain.noun import noun
from ams_operator.engine import consent
from ams_operator.engine.state import Engine, InvalidSpec, parse_spec
from ams_operator.engine.store import ACCOUNT, Uses

PAUSE = 10.0
"""seconds until a Secret that was not there is looked for again: nothing tells that it came"""


@noun(frozen=True, slots=True)
class Given:
    """What the names came to. `values` may hold secrets, so that its repr shows none."""

    values: Mapping[str, str] = field(repr=False)
    """by the JSON pointer of the member that takes it"""
    parents: tuple[str, ...]
    """names in the service of what it lies in, outermost first"""
    holds: tuple[Hold, ...]
    partial: bool = False
    """a Secret's value is missing"""


def used(engine: Engine, resource: Resource, spec: ResourceSpec) -> Uses:
    """What a manifest names; looked for once in each."""
    memory = engine.store.memory[resource.uid]
    if memory.uses is None or memory.uses.spec is not spec:
        uses = Uses(spec, api.references(spec), api.secrets(spec))
        if memory.uses is not None and memory.uses.secrets != uses.secrets:
            memory.secrets.clear()  # of each Secret only the keys are known that were used
        memory.uses = uses
    return memory.uses


async def given(engine: Engine, resource: Resource, spec: ResourceSpec, location: str | None) -> Given:
    """All that a manifest names. What is deleted needs none of it any more. Raises what the Kube port raises."""
    values: dict[str, str] = {}
    holds: list[Hold] = []
    if location and "location" in spec.top_level:
        values["/location"] = location
    uses = used(engine, resource, spec)
    for reference in uses.references:
        name, hold = _named(engine, resource, reference)
        holds += [hold] if hold is not None and _needed(engine, resource, reference) else []
        if name is not None and reference.pointer:
            values[reference.pointer] = name
    partial = False
    for use in uses.secrets:
        value, hold = await _secret(engine, resource, use)
        if hold is not None:
            partial = True
            holds.append(hold)
        if value is not None:
            values[use.pointer] = value
    within = parents(engine, resource, spec) or ("",)
    return Given(values, within, ()) if resource.deleting else Given(values, within, tuple(holds), partial)


def _needed(engine: Engine, resource: Resource, reference: api.Reference) -> bool:
    """Whether what a reference means has to be there. What something lies in has to be there only until it is made: its
    place is in the record then. And what has ended, which is for good, needs nothing any more."""
    kind = engine.kinds[resource.kind]
    if not resource.own_record.get("how"):
        return True
    conditions = resource.status.get("conditions", ())
    ready = next((one.get("reason") for one in conditions if one.get("type") == "Ready"), None)
    return not (reference.kind == kind.parent and not reference.pointer) and (
        kind.ended is None or ready != kind.ended[0]
    )


def parents(engine: Engine, resource: Resource, spec: ResourceSpec) -> tuple[str, ...] | None:
    """Names in the service of what it lies in; None where nobody knows. Where the object that says them is gone, the
    record still does."""
    kind = engine.kinds[resource.kind]
    if not kind.parent:
        return ()
    for reference in used(engine, resource, spec).references:
        if reference.kind == kind.parent and not reference.pointer:
            name, _ = _named(engine, resource, reference)
            if name is not None:
                return (name,)
    segments = str(resource.record.get("resourceId") or "").split("/")
    return (segments[-3],) if len(segments) > 3 else None


def names(engine: Engine, resource: Resource, spec: ResourceSpec) -> dict[str, str]:
    """What a manifest's references come to in the service, by their fields, as far as that is known."""
    named = {one.field: _named(engine, resource, one)[0] for one in used(engine, resource, spec).references}
    return {field: name for field, name in named.items() if name is not None}


def index(engine: Engine, resource: Resource, spec: ResourceSpec) -> None:
    """Enter which objects of its namespace a manifest names, so that they find it when they change."""
    uses = used(engine, resource, spec).references
    named = frozenset((use.kind, resource.namespace, use.name) for use in uses if use.name is not None)
    engine.store.refer(resource.uid, named)


def tell(engine: Engine, before: Resource | None, resource: Resource) -> None:
    """Have those looked at that name this object, where it came into being or into another state: they may wait for it.

    Both for what a watch brings and for the answers to our own writes, whose echo is no news. What is seen first may
    merely be new to this process: who has what he waited for is left to the sweep, so that a restart rewrites nothing.
    """
    if before is not None and _standing(before) == _standing(resource):
        return
    for other in engine.store.users(resource):
        if before is not None or _standing(other)[0] is None:
            engine.nominate(other.uid, Lane.USER)
    if before is not None and before.status.get("resourceState") and not resource.status.get("resourceState"):
        left(engine, engine.store.uses.get(resource.uid, frozenset()))  # it is over: whoever spared it may go on


def left(engine: Engine, named: Iterable[tuple[str, str, str]]) -> None:
    """Have those looked at that something named which is gone, and who waited for it."""
    store = engine.store
    for account in store.of_kind(ACCOUNT):
        if account.deleting:
            engine.nominate(account.uid, Lane.USER)
    for holder in [one for one in (store.find(*name) for name in named) if one is not None]:
        if holder.status.get("holds"):  # perhaps for its sake, as a stop that would have ended a recording
            engine.nominate(holder.uid, Lane.POLL)
        elif holder.deleting:
            engine.nominate(holder.uid, Lane.USER)
        for other in store.users(holder):
            if not other.record.get("how"):  # it may have waited for its turn
                engine.nominate(other.uid, Lane.USER)


def _standing(resource: Resource) -> tuple[object, ...]:
    record = resource.record
    return record.get("how"), resource.status.get("resourceState"), resource.deleting is None, "act" not in record


async def rotated(engine: Engine, resource: Resource) -> bool:
    """Whether a Secret that the manifest uses is another one than in memory, where it is forgotten then."""
    memory = engine.store.memory[resource.uid]
    changed = False
    for name, secret in list(memory.secrets.items()):
        if await engine.kube.secret_version(resource.namespace, name) != secret.version:
            memory.secrets.pop(name, None)
            changed = True
    return changed


def _named(engine: Engine, resource: Resource, reference: api.Reference) -> tuple[str | None, Hold | None]:
    """The name in the service of what a reference means, and why it can't be used yet."""
    if reference.azure_name is not None:
        return reference.azure_name, None
    target = engine.store.find(reference.kind, resource.namespace, reference.name or "")
    if target is None:
        message = (
            f"{reference.field}: there is no {reference.kind} {reference.name} in this namespace: create it, or "
            "correct the reference"
        )
        return None, _wait(Reason.REFERENCE_NOT_READY, message)
    try:
        spec: ResourceSpec = parse_spec(engine, target)
    except InvalidSpec:
        return None, _wait(Reason.REFERENCE_NOT_READY, f"{reference.field}: see the status of that {reference.kind}")
    name = spec.effective_name(target.name)
    if not target.own_record.get("how"):
        message = f"{reference.field}: {reference.kind} {reference.name} is not in the service yet"
        return name, _wait(Reason.REFERENCE_NOT_READY, message)
    return name, None


async def _secret(engine: Engine, resource: Resource, use: api.SecretUse) -> tuple[str | None, Hold | None]:
    """The value of one key: read once, and again when a sweep finds another version."""
    memory = engine.store.memory[resource.uid]
    again = engine.clock.now() + PAUSE
    refused = consent.missing(use.field, resource.namespace, use.name, use.use)
    unlabelled = Hold(Reason.SECRET_NOT_LABELLED.value, SHAPING, Cure.TIME, refused, again)
    if use.name not in memory.secrets:
        permit = await consent.asked(engine, resource.namespace, use.name, use.use)
        if permit is not None and not permit.given:
            return None, unlabelled
        uses = memory.uses.secrets if memory.uses is not None else ()
        keys = [one.key for one in uses if one.name == use.name]
        found = await engine.kube.secret(resource.namespace, use.name, keys)
        if found is None:
            message = f"{use.field}: there is no Secret {use.name} in this namespace: create it"
            return None, Hold(Reason.SECRET_NOT_FOUND.value, SHAPING, Cure.TIME, message, again)
        memory.secrets[use.name] = found
    secret = memory.secrets[use.name]
    if not consent.covers(engine, secret, use.use):
        del memory.secrets[use.name]
        return None, unlabelled
    if use.key not in secret.data:
        del memory.secrets[use.name]
        place = f"Secret {resource.namespace}/{use.name}"
        message = f"{use.field}: {place} has no key {use.key} of at most 4096 bytes: add it, or correct the reference"
        return None, Hold(Reason.KEY_NOT_FOUND.value, SHAPING, Cure.TIME, message, again)
    return secret.data[use.key], None


def _wait(reason: Reason, message: str) -> Hold:
    """Nobody knows yet what it lies in, or what it is made of: nothing is asked of the service."""
    return Hold(reason.value, SERVICE_EFFECTS, Cure.TIME, message)
