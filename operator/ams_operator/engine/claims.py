"""Who may act: of several objects that mean one resource, one. All namespaces count."""

from __future__ import annotations

from collections.abc import Iterable

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.backend import AZURE_ENDPOINT
from ams_operator.api.base import FINALIZER, ManagementPolicy, effective_management_policy
from ams_operator.api.reasons import Reason
from ams_operator.domain import ids
from ams_operator.domain.answers import Lane, Resource
from ams_operator.domain.model import SERVICE_EFFECTS, AccountId, Cure, Hold
from ams_operator.domain.record import load
from ams_operator.engine import recordings, references
from ams_operator.engine.accounts import OF_LENDER, PATIENCE
from ams_operator.engine.state import QUIET, Engine, InvalidSpec, account_of, parse_spec
from ams_operator.engine.store import ACCOUNT, BACKEND, owner_of

PAUSE = 30.0
"""seconds until it is seen whether somebody who was first, and has nothing yet, has a right to it"""
_NO_RIGHT = OF_LENDER | {Reason.BACKEND_NOT_AVAILABLE}


def origin_of(engine: Engine, spec: MediaServicesAccountSpec) -> str:
    """Where an account answers, by its MediaServicesBackend; empty while there is none."""
    backend = engine.store.find(BACKEND, "", spec.effective_backend())
    if backend is None:
        return ""
    endpoint = backend.spec.get("endpoint") or (AZURE_ENDPOINT if backend.spec.get("type") == "azure" else "")
    return str(endpoint).rstrip("/").lower()


def index(engine: Engine, resource: Resource, admitted: bool = False) -> None:
    """Enter what an object claims, before anything acts on it: of several that mean one resource, one may.

    A stranger from another namespace claims nothing before its account admitted it (`admit`): it would keep the
    account's own objects away by being older. Nor does who does nothing: he would never show whether he may. Those that
    it leaves behind, by observing from now on or by meaning something else, are looked at again.
    """
    index_all(engine, (resource,), admitted)


def index_all(engine: Engine, resources: Iterable[Resource], admitted: bool = False) -> None:
    """The same for several: who is left behind is looked at once, whoever of them leave."""
    store, left = engine.store, set()
    for resource in resources:
        before = store.claimed.get(resource.uid)
        _enter(engine, resource, admitted)
        if before is not None and store.claimed.get(resource.uid) != before:
            left.add(before)
    for uid in [uid for key in left for uid in store.claims.get(key, ())]:
        engine.nominate(uid, Lane.USER)


def _enter(engine: Engine, given: Resource, admitted: bool) -> None:
    """As it is now: a look may have begun with an older version, and it may be gone since."""
    resource = engine.store.objects.get(given.uid)
    if resource is None:
        return
    try:
        spec = parse_spec(engine, resource)
        references.index(engine, resource, spec)
        recordings.index(engine, resource, spec)
        owner = account_of(engine, resource, spec)
        owner_spec = parse_spec(engine, owner) if owner is not None else None
    except InvalidSpec:
        _remain(engine, resource)
        return
    if owner is None or owner_spec is None or not (admitted or may_claim(engine, resource, owner)):
        engine.store.unclaim(resource.uid)
        return
    kind = engine.kinds[resource.kind]
    identifier = AccountId(owner_spec.subscription_id, owner_spec.resource_group, owner_spec.effective_name(owner.name))
    names = references.parents(engine, resource, spec)
    if names is None:
        engine.store.unclaim(resource.uid)
        return
    address = kind.address(identifier, *names, spec.effective_name(resource.name))
    new = resource.uid not in engine.store.claimed
    policy = effective_management_policy(spec.management_policy, owner_spec.management_policy)
    engine.store.claim(resource.uid, ids.key(origin_of(engine, owner_spec), ids.resource_id(address, kind.collection)))
    if _idle(resource, policy, has_it=engine.store.keeps(resource.uid)):
        engine.store.unclaim(resource.uid)
    elif new and holder(engine, resource.uid) != resource.uid and unproved(engine, resource):
        engine.store.apart.add(resource.uid)  # from the first moment: who has it may be busy


def _idle(resource: Resource, policy: ManagementPolicy, *, has_it: bool) -> bool:
    """Whether it does nothing, and has nothing that others have to leave alone."""
    if resource.deleting and FINALIZER not in resource.finalizers:
        return True  # it is over; whatever keeps it there is not ours
    if policy is ManagementPolicy.PAUSE and not has_it:
        return not _acting(resource)
    return policy is ManagementPolicy.OBSERVE and not _acting(resource)


def _remain(engine: Engine, resource: Resource) -> None:
    """What can't be read means what it has: whoever means the same would else take it over, or overwrite it."""
    record = load(resource.own_record, resource.uid)
    lets_go = record.how is None or resource.spec.get("managementPolicy") == ManagementPolicy.OBSERVE
    if lets_go or resource.uid in engine.store.denied:
        engine.store.unclaim(resource.uid)
    else:
        engine.store.claim(resource.uid, ids.key(record.origin, record.resource_id))


def _acting(resource: Resource) -> bool:
    """Whether a request of its own may still be under way: whoever took over now would be hit by it."""
    return bool(resource.own_record.get("act"))


def may_claim(engine: Engine, resource: Resource, owner: Resource) -> bool:
    """Whether an object is one of the account's: of another namespace only once it was admitted."""
    if resource.namespace == owner.namespace or resource.uid in engine.store.claimed:
        return resource.uid not in engine.store.denied
    admitted = bool(resource.own_record.get("how"))  # one that has one was admitted before
    return resource.uid not in engine.store.denied and admitted


def admit(engine: Engine, resource: Resource, admitted: bool) -> None:
    """What the account says of an object of another namespace; whoever it kept waiting is looked at again."""
    store = engine.store
    if resource.uid not in store.objects:
        return  # it went while its account was asked
    if admitted:
        store.denied.discard(resource.uid)
        store.let_in[resource.uid] = owner_of(resource)[0]
        if resource.uid not in store.claimed:
            index(engine, resource, admitted=True)
        return
    store.denied.add(resource.uid)
    store.let_in.pop(resource.uid, None)
    for rival in store.rivals(resource.uid):
        engine.nominate(rival, Lane.USER)
    store.unclaim(resource.uid)


def claimed(engine: Engine, resource: Resource) -> tuple[Hold, ...]:
    """The hold on an object that means what another one manages."""
    first = holder(engine, resource.uid)
    if first == resource.uid:
        return ()
    other = engine.store.objects[first]
    named = f"{other.kind} {other.name}" if other.namespace == resource.namespace else "an object of another namespace"
    message = f"{named} manages the same resource already, and this object touches nothing: delete one of the two"
    again = None if engine.store.keeps(first) else engine.clock.now() + PAUSE  # it may turn out to have no right
    return (Hold(Reason.CLAIMED.value, SERVICE_EFFECTS, Cure.FIX, message, again),)


def unproved(engine: Engine, resource: Resource) -> bool:
    """Whether it is an account that an object of another namespace manages, and nobody has seen that its own credential
    may read it: it is told what it would be told if there were no other. Who has it by its record knows already."""
    if resource.kind != ACCOUNT or engine.store.keeps(resource.uid):
        return False
    memory = engine.store.memory[resource.uid]
    seen = memory.observed is not None and engine.store.claimed.get(resource.uid) == ids.key(*memory.place)
    return not seen and engine.store.objects[holder(engine, resource.uid)].namespace != resource.namespace


def holder(engine: Engine, uid: str) -> str:
    """Who may act on what an object means. Being older counts for nothing without a credential that is good for it."""
    known: dict[object, bool] = {}

    def last(resource: Resource) -> bool:
        if resource.uid in engine.store.claims[engine.store.claimed[resource.uid]].acting:
            return True  # it counts no more, or it would have come first
        place = resource.uid if resource.kind == ACCOUNT else owner_of(resource)
        if place not in known:
            known[place] = _without_right(engine, resource)
        return known[place]

    return engine.store.holder(uid, last, lambda resource: _may_act(engine, resource))


def holds(engine: Engine, uid: str) -> bool:
    """Whether it is this object that may act."""
    return holder(engine, uid) == uid


def _may_act(engine: Engine, resource: Resource) -> bool:
    """Whether a noted act may still be under way, or can be settled: one of an account that may not be used, long after
    it was sent, keeps nobody away. It may be of another place, from where the manifest moved on."""
    memory = engine.store.memory[resource.uid]
    if memory.sent is None and memory.noted is None:
        return True  # nobody has looked at it since it was sent
    if memory.sent is not None and engine.clock.now() < memory.sent + QUIET:
        return True
    owner = engine.store.find(ACCOUNT, *owner_of(resource))
    account = engine.accounts.known.get(owner.uid) if owner is not None else None
    return account is not None and account.usable


def _without_right(engine: Engine, resource: Resource) -> bool:
    """Whether trying has shown that its account's credential is none, or not good for this account; what lies in an
    account that nobody has seen to be usable has none either: it may never be tried, being Claimed itself."""
    try:
        owner = account_of(engine, resource, parse_spec(engine, resource))
    except InvalidSpec:
        return False
    known = engine.accounts.known.get(owner.uid) if owner is not None else None
    if known is not None and known.usable and (known.trouble is None or resource.kind != ACCOUNT):
        return False
    if resource.kind != ACCOUNT or known is None:
        return resource.kind != ACCOUNT
    trouble = known.trouble or engine.store.memory[resource.uid].trouble
    # An outage proves nothing, but who causes one for himself must not stay first by it for good.
    long = trouble is not None and engine.clock.now() - trouble.since >= PATIENCE
    return known.gone or long or (trouble is not None and trouble.reason in _NO_RIGHT)
