"""Everything that a look at one custom resource needs before the service is asked: parsed, referenced, permitted."""

from __future__ import annotations

from typing import Any

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.base import (
    REQUEST_PREFIX,
    ManagementPolicy,
    ResourceSpec,
    effective_adoption_policy,
    effective_disruption_policy,
    effective_management_policy,
)
from ams_operator.api.migration import V2_ID
from ams_operator.domain import compare, ids, owners
from ams_operator.domain.answers import Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import SERVICE_EFFECTS, AccountId, Desired, Hold, Policy, Record, Scene
from ams_operator.domain.noun import replace
from ams_operator.domain.record import load as load_record
from ams_operator.engine import access, changes, claims, connections, recordings, references
from ams_operator.engine.accounts import Account, hold_of
from ams_operator.engine.job import Job
from ams_operator.engine.state import QUIET, Engine, parse_spec
from ams_operator.engine.store import ACCOUNT, Memory, Parsed

NAMESPACE_PATIENCE = 900.0
"""seconds after which an object in a terminating namespace is released, whatever the service says"""


async def load(engine: Engine, resource: Resource) -> Job:
    """Raises InvalidSpec, and what the Kube port raises."""
    now = engine.clock.now()
    kind = engine.kinds[resource.kind]
    memory = engine.store.memory[resource.uid]
    spec = parse_spec(engine, resource)
    owner, holds = await access.admitted(engine, resource, spec)
    record = _record(resource, memory)
    first_sight = "observedGeneration" not in resource.status or _forgotten(resource, record)
    if owner is None:
        nothing = references.Given({}, references.parents(engine, resource, spec) or ("",), ())
        desired = _desired(engine, resource, spec, None, AccountId("", "", ""), nothing, memory).desired
        scene = Scene(now, engine.key, holds=holds, resource_id=record.resource_id, origin=record.origin)
        if resource.deleting:
            scene = await _release(engine, resource, scene, None, False)
        return Job(kind, resource, desired, record, _memories(scene, record, memory), memory, None)
    owner_spec = parse_spec(engine, owner)
    identifier = AccountId(owner_spec.subscription_id, owner_spec.resource_group, owner_spec.effective_name(owner.name))
    account = engine.accounts.get(owner.uid, identifier, claims.origin_of(engine, owner_spec))
    holds += await access.way(engine, owner, owner_spec, account, resource)
    barred = bool(holds)
    names = await references.given(engine, resource, spec, _location(engine, owner))
    holds += names.holds
    parsed = _desired(engine, resource, spec, owner_spec, identifier, names, memory)
    desired, target = parsed.desired, parsed.target
    if names.partial:
        desired = replace(desired, partial=True)
    if memory.place != (account.origin, target):  # what was seen elsewhere says nothing of here
        memory.place, memory.observed, memory.clean = (account.origin, target), None, None
    # Else names could be guessed in an account of somebody else, and whether there is that account.
    taken = claims.claimed(engine, resource) if account.usable or resource.kind == ACCOUNT else ()
    apart = bool(taken) and claims.unproved(engine, resource)
    untold = taken if apart else ()
    holds += () if untold else taken
    if not barred:  # else nothing is begun or stopped anyway
        holds += recordings.holds(engine, resource, spec)
    holds += _troubled(memory, now)
    if resource.deleting:
        holds += access.inhabited(engine, resource)
    change = _change(engine, account, resource, desired, record)
    scene = Scene(
        now,
        engine.key,
        resource_id=target,
        origin=account.origin,
        holds=holds,
        absence=_absence(account, resource, record),
        change=change,
        known=changes.known_to_differ(resource),
        shown=connections.shown(kind, resource, memory),
        first_sight=first_sight,
    )
    if resource.deleting:
        there = record.how is None or ids.same(scene, record)
        scene = await _release(engine, resource, scene, account, there)
    scene = _memories(scene, record, memory)
    if recordings.never_left(engine, resource, spec):
        scene = replace(scene, sent=False)
    paused = desired.policy.management == "Pause" and not desired.deleting
    if paused or any(hold.blocks >= SERVICE_EFFECTS for hold in holds):
        untold = ()  # it may not look anyway
    return Job(kind, resource, desired, record, scene, memory, account, untold=untold, apart=apart)


def _absence(account: Account, resource: Resource, record: Record) -> Hold | None:
    """What speaks against believing that it is gone, should it be."""
    if record.how is None or resource.kind == ACCOUNT:
        return None
    return account.suspicion.of(resource.uid, record.identity)


def _change(engine: Engine, account: Account, resource: Resource, desired: Desired, record: Record) -> Hold | None:
    """What speaks against believing a difference that came by itself."""
    if record.how is None or record.by == engine.version or desired.policy.management != "Manage":
        return None
    if resource.status.get("observedGeneration") != resource.generation:
        return None
    return account.suspicion.of_change(resource.uid)


def _record(resource: Resource, memory: Memory) -> Record:
    """The record of an object, read once for each status."""
    raw = resource.status.get("record")
    if memory.record is None or memory.record[0] is not raw:
        memory.record = (raw, load_record(raw, resource.uid))
    return memory.record[1]


def _forgotten(resource: Resource, record: Record) -> bool:
    """Whether its status speaks of another object, or of what this program can't read: a restored backup, a downgrade.
    Nobody knows then which requests were carried out."""
    own = resource.own_record
    return not own or (bool(own.get("how")) and record.how is None)


def _memories(scene: Scene, record: Record, memory: Memory) -> Scene:
    """What this process knows of the noted act: an act of a former process counts as sent when it is first seen."""
    act = record.act
    if act is None:
        return scene
    if memory.noted == (act.name, act.at):
        return replace(scene, sent=False)
    if memory.sent is None:
        memory.sent = scene.now
    answered = memory.answered == (act.name, act.at)
    made = memory.made if answered else None
    return replace(scene, quiet_until=memory.sent + QUIET, answered=answered, made=made)


def _desired(
    engine: Engine,
    resource: Resource,
    spec: ResourceSpec,
    owner: Any,
    account: AccountId,
    names: references.Given,
    memory: Memory,
) -> Parsed:
    """What should be; made once for each version of the manifest and of its account's."""
    rest = (account, resource.generation, resource.annotations, resource.deleting is not None, names)
    known = memory.desired
    if known is not None and known.spec is spec and known.owner is owner and known.rest == rest:
        return known
    kind = engine.kinds[resource.kind]
    desired = owners.tagged(_parsed(engine, kind, resource, spec, owner, account, names), None)
    if memory.record is None or memory.record[1].how is None:  # it will be compared with what a create would send
        digest = compare.digest(engine.key, kind.table, desired.body, desired.fields, {})
        desired = replace(desired, digest=digest)
    memory.desired = Parsed(spec, owner, rest, desired, ids.resource_id(desired.address, kind.collection))
    return memory.desired


def _parsed(
    engine: Engine,
    kind: Kind,
    resource: Resource,
    spec: ResourceSpec,
    owner: Any,
    account: AccountId,
    names: references.Given,
) -> Desired:
    own = spec.management_policy
    ceiling: ManagementPolicy | None = owner.management_policy if owner is not None else None
    policy = Policy(
        management=effective_management_policy(own, ceiling).value,
        adoption=effective_adoption_policy(spec.adoption_policy).value,
        deletion=spec.deletion_policy.value if spec.deletion_policy else None,
        disruption=effective_disruption_policy(getattr(spec, "disruption_policy", None)).value,
    )
    prefix = len(REQUEST_PREFIX)
    body = kind.body(spec, names.values)
    return Desired(
        kind=kind.name,
        uid=resource.uid,
        name=resource.name,
        namespace=resource.namespace,
        generation=resource.generation,
        address=kind.address(account, *(names.parents if kind.parent else ()), spec.effective_name(resource.name)),
        body=body,
        fields=compare.fields(body),
        policy=policy,
        model=type(spec),
        requests={
            name[prefix:]: value for name, value in resource.annotations.items() if name.startswith(REQUEST_PREFIX)
        },
        run_state=getattr(spec, "run_state", None),
        restart=_restart(spec),
        deleting=resource.deleting is not None,
        creatable=not isinstance(spec, MediaServicesAccountSpec) or spec.storage_accounts is not None,
        owner=owners.mark(engine.owner_id, kind, resource.namespace, resource.name, body),
        stands_for=resource.annotations.get(V2_ID, ""),
    )


def _restart(spec: ResourceSpec) -> str | None:
    """What applies where the manifest says nothing is the kind's own."""
    effective = getattr(spec, "effective_restart_policy", None)
    return effective().value if effective is not None else getattr(spec, "restart_policy", None)


def _location(engine: Engine, owner: Resource) -> str | None:
    """The account's region, in which everything lies that has one."""
    observed = engine.store.memory[owner.uid].observed
    found = (observed.raw or {}).get("location") if observed is not None else owner.status.get("location")
    return found if isinstance(found, str) else None


def _troubled(memory: Memory, now: float) -> tuple[Hold, ...]:
    if memory.trouble is not None and now < memory.trouble.until:
        return (hold_of(memory.trouble, now),)
    return ()


async def _release(engine: Engine, resource: Resource, scene: Scene, account: Account | None, there: bool) -> Scene:
    """The scene with the reason why a deletion has nothing to do in the service, where there is one. `there`: whether
    the account that the manifest means now is the one in which the record left the resource."""
    crd, namespace = await engine.kube.terminating(resource.kind, resource.namespace)
    if crd:
        return replace(scene, release="its CustomResourceDefinition is being deleted")
    if account is not None and account.lost and there and resource.kind != ACCOUNT:
        return replace(scene, release="its account is gone")
    if namespace:
        since = ids.instant(resource.deleting)
        if since is not None and engine.clock.now() - since.timestamp() >= NAMESPACE_PATIENCE:
            return replace(scene, release="its namespace has been terminating for 15 minutes", holds=())
    return scene
