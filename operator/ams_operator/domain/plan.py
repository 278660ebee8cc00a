"""From (desired, observed, record, scene) to a plan. Pure, total, and silent about everything that holds decide.

The comparison is three-way: what is declared, what is observed, and what we set earlier (`record.fields`). Reading
order: `make_plan`, then the case it falls into.
"""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.api.reasons import Reason
from ams_operator.domain import compare, consents, findings, ids, owners, steps, unknown, values, writes
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    JSON,
    Action,
    Chain,
    Change,
    Desired,
    Effect,
    How,
    Observed,
    Plan,
    Record,
    Scene,
    State,
)
from ams_operator.domain.noun import replace
from ams_operator.domain.settle import at_home, owned, settle, vanished


def make_plan(kind: Kind, desired: Desired, observed: Observed | None, record: Record, scene: Scene) -> Plan:
    """What would have to happen next. `observed` None: nobody has looked yet."""
    before = record.requests
    record = consents.used(desired, record, unknown.kept(desired, record, settle(kind, record, observed, scene)), scene)
    if scene.first_sight:
        before = {**desired.requests, **before}
        record = replace(record, requests={**desired.requests, **record.requests})
    declared, desired = desired, owners.tagged(desired, record.how)
    if desired.deleting:
        return _deletion(kind, desired, observed, record, scene)
    if observed is None:
        if record.act is None and record.how is not None:
            record = steps.newest(kind, desired, record, None)
        first = record.how is None and record.act is None
        chains = ((writes.create(kind, desired, scene),),) if first and desired.creatable else ()
        return Plan(chains=chains, record=record, finalizer=_finalizer(kind, desired))
    if observed.raw is None:
        plan = _absent(kind, declared, record, scene)
    elif owned(kind, record, observed.raw, scene):
        plan = _present(kind, desired, observed, at_home(record, scene), scene, before)
    else:
        plan = _unowned(kind, desired, observed, record, scene)
    return plan if plan.looked else replace(plan, looked=True, finalizer=_finalizer(kind, desired))


def _finalizer(kind: Kind, desired: Desired) -> bool:
    """Only where deletion might have something to do; an account also keeps it, to outlive what lies in it."""
    acts = desired.policy.management in ("Manage", "Plan")
    return acts and (kind.name == "MediaServicesAccount" or desired.policy.deletion != "Retain")


def _absent(kind: Kind, desired: Desired, record: Record, scene: Scene) -> Plan:
    if record.how is None:
        if desired.creatable:
            return Plan(chains=((writes.create(kind, desired, scene),),), record=record)
        message = (
            f"there is no {findings.end(scene.resource_id)}: correct azureName, subscriptionId or resourceGroup, "
            "or declare storageAccounts and location to have it created"
        )
        return Plan(record=record, stuck=(findings.stuck(Reason.RESOURCE_NOT_FOUND, message),))
    if not ids.same(scene, record):
        return Plan(record=record, stuck=(findings.relocated(record, scene),))
    if kind.ended is not None:
        return Plan(record=replace(record, act=None), good=kind.ended, ended=True)
    consent = consents.recreation(record)
    anew = kind.recreate and not _permanent(kind, desired)
    consented = desired.requests.get("recreate") == consent
    if desired.creatable and (anew or consented):
        create = writes.create(kind, desired, scene)
        if scene.absence is not None and not consented:
            return Plan(chains=((create,),), record=record, stuck=(scene.absence,))
        repeats = vanished(record, create.digest, scene.now) if anew else record.repeats
        stay = steps.anew(desired, record)
        forgotten = replace(record, how=None, identity=None, fields=(), stay=stay, repeats=repeats)
        return Plan(chains=((create,),), record=forgotten)
    message = (
        f"{findings.end(record.resource_id)} existed and is gone. It is not made anew, since that would hide the loss. "
    )
    if not desired.creatable:
        message += "Restore it, or declare spec.location and spec.storageAccounts first, then: "
    else:
        message += "To create it empty: "
    message += findings.command(desired, "recreate", consent)
    return Plan(record=record, stuck=(findings.stuck(Reason(kind.missing), message),))


def _permanent(kind: Kind, desired: Desired) -> bool:
    return any(name.lower() in kind.permanent for name in desired.address.names[-1:])


def _unowned(kind: Kind, desired: Desired, observed: Observed, record: Record, scene: Scene) -> Plan:
    """It exists and is not ours: adopt it if that changes nothing, or if the user says so."""
    raw = observed.raw or {}
    differ, _ = compare.changes(kind.table, desired.body, raw, ())
    _, differ = owners.apart(differ, desired)  # nobody else set it, so that nothing is overwritten by it
    if desired.policy.management == "Observe":  # nobody has to own what is only looked at
        return Plan(record=record, state=kind.state(raw), differs=differ)
    if desired.partial:
        return Plan(record=record, state=kind.state(raw))
    if record.how is not None and not ids.same(scene, record):
        return Plan(record=record, differs=differ, stuck=(findings.relocated(record, scene),))
    if record.act is not None and scene.sent:  # it may still be under way, to what was here before or to this
        return Plan(record=record, differs=differ)
    if (claimed := owners.claimed(desired, raw, scene)) is not None:
        return Plan(record=record, differs=differ, stuck=(claimed,))
    pristine = kind.pristine is not None and kind.pristine(raw)
    if differ and not pristine and desired.policy.adoption != "Always":
        message = (
            f"{findings.end(scene.resource_id)} exists already and differs in {findings.names(differ, desired, raw)}. "
            "Nothing was changed. Make the manifest equal, choose another azureName, or set adoptionPolicy: Always to "
            "overwrite it"
        )
        return Plan(record=record, differs=differ, stuck=(findings.stuck(Reason.ADOPTION_REFUSED, message),))
    how = How.CREATED if pristine or owners.made(desired, raw) else How.ADOPTED
    desired = owners.tagged(desired, how)
    adopted = replace(
        record,
        resource_id=scene.resource_id,
        origin=scene.origin,
        how=how,
        identity=kind.identity(raw),
        fields=desired.fields if not differ else (),
        run_state=None if pristine else desired.run_state,  # nobody can have carried it out yet
        stay=None if pristine else steps.as_found(desired, kind.state(raw)),
        act=None,
        refusals=(),
        repeats={},
    )
    return _present(kind, desired, observed, adopted, scene, adopted.requests)


def _present(
    kind: Kind, desired: Desired, observed: Observed, record: Record, scene: Scene, before: Mapping[str, str]
) -> Plan:
    """It exists and is ours: close what differs. `before`: the requests that were handled earlier."""
    raw = observed.raw or {}
    state = kind.state(raw)
    odd = unknown.fields(desired, record)
    differ, cannot = _changes(kind, desired, raw, unknown.without(record, odd))
    if desired.policy.management != "Observe" and (claimed := owners.claimed(desired, raw, scene)) is not None:
        return Plan(record=record, state=state, differs=differ, stuck=(claimed,))
    tag, rest = owners.apart(differ, desired)
    fixed = tuple(change for change in rest if _when(kind, change) == frozenset()) if rest else ()
    open_ = tuple(change for change in rest if change not in fixed) if rest else ()
    stuck = findings.cannot_change(fixed, desired, raw) + findings.cannot_unset(cannot, desired, raw)
    stuck += unknown.holds(desired, odd, raw) if odd else ()
    if state.provisioning == "Failed":
        stuck += (findings.failed(record, scene),)
    if (aired := steps.aired(kind, record, raw, scene)) is not record.aired:
        record = replace(record, aired=aired)
    if record.act is None:
        asked = record.asked
        record = consents.unneeded(kind, desired, steps.newest(kind, desired, record, state.heading))
        record = _satisfied(kind, desired, record, state)
        stay = steps.staying(kind, desired, before, asked, record, state)
        record = replace(record, stay=stay) if stay != record.stay else record
        if (repeats := steps.lasting(kind, desired, record, state, differ)) != record.repeats:
            record = replace(record, repeats=repeats)
        record = steps.placed(record, state)
    if not differ and record.act is None and not desired.partial:
        kept = (*(change.path for change in cannot), *unknown.shown(odd, raw)) if cannot or odd else ()
        refusals = record.refusals if state.provisioning == "Failed" else ()  # why it failed
        fields = tuple(sorted({*desired.fields, *kept})) if kept else desired.fields
        if (record.fields, record.refusals) != (fields, refusals):
            record = replace(record, fields=fields, refusals=refusals)
    waiting = _waiting(state) or steps.working(kind, record, scene)
    lean = unknown.without(record, odd)
    marking = writes.update(kind, desired, raw, tag, lean.fields, scene, rest) if tag else None
    waived = marking is not None and owners.waived(marking, record, state, scene)
    chains: tuple[Chain, ...] = ()
    if waiting is None:
        first = ((marking,),) if marking is not None and not waived else ()
        chains = first + _chains(kind, desired, observed, lean, scene, state, open_, fixed + tag)
        stuck += steps.failures(desired, record, chains)
    good = _good(kind, desired, raw, owners.REMARK if waived else None)
    finalizer, differs = _finalizer(kind, desired), rest if waived else differ
    # Nearly all that is compared ends here: it is said at once, and not by a second plan.
    return Plan(chains, record, state, finalizer, looked=True, waiting=waiting, stuck=stuck, differs=differs, good=good)


def _changes(kind: Kind, desired: Desired, raw: JSON, record: Record) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """What differs, and what can't be taken back. Of half a manifest nobody knows."""
    if desired.partial:
        return (), ()
    differ, cannot = compare.changes(kind.table, desired.body, raw, record.fields, desired.fields)
    return owners.apart(differ, desired)[1] if desired.policy.management == "Observe" else differ, cannot


def _chains(
    kind: Kind,
    desired: Desired,
    observed: Observed,
    record: Record,
    scene: Scene,
    state: State,
    open_: tuple[Change, ...],
    fixed: tuple[Change, ...],
) -> tuple[Chain, ...]:
    """What may change in this state and what has to wait for another one are two requests. `fixed`: what neither
    sends."""
    raw = observed.raw or {}
    asked, open_ = writes.asked(kind, desired, raw, record, scene, open_, fixed)
    later = tuple(change for change in open_ if state.now not in (_when(kind, change) or {state.now}))
    early = tuple(change for change in open_ if change not in later) if later else ()
    first = ((writes.update(kind, desired, raw, early, record.fields, scene, later + fixed),),) if early else ()
    rest = later or open_
    update = writes.update(kind, desired, raw, rest, record.fields, scene, fixed) if rest else None
    return asked + first + kind.actions(desired, observed, record, update)


def _good(kind: Kind, desired: Desired, raw: JSON, also: str | None) -> tuple[str, str] | None:
    if kind.remark is None and also is None:
        return kind.good
    said = (kind.remark(desired, raw) if kind.remark is not None else None, also)
    remark = "; and ".join(one for one in said if one)
    return (Reason.IN_SYNC.value, f"the service is as declared; but {remark}") if remark else kind.good


def _when(kind: Kind, change: Change) -> frozenset[str] | None:
    return values.row(kind.table, values.parse(change.path)).when


def _waiting(state: State) -> str | None:
    """What the service is doing on its own account just now; nothing is asked of it meanwhile."""
    if state.provisioning == "InProgress":
        return "the service is working on the last change"
    return f"it is {state.now}" if state.heading not in (None, state.now) else None


def _satisfied(kind: Kind, desired: Desired, record: Record, state: State) -> Record:
    """The record without the wishes that are fulfilled as it is: nothing has to be done for them any more.

    A run state that is not managed is forgotten, so that declaring it again is an order and not drift.
    """
    moot = {
        verb: value
        for verb, value in desired.requests.items()
        if verb in kind.leads_to and kind.leads_to[verb] == state.heading
    }
    run_state = record.run_state
    if desired.run_state is None or desired.run_state == state.heading:
        run_state = desired.run_state
    if run_state == record.run_state and not moot:
        return record
    return replace(record, run_state=run_state, requests={**record.requests, **moot})


def _deletion(kind: Kind, desired: Desired, observed: Observed | None, record: Record, scene: Scene) -> Plan:
    """What the service still has to lose before the finalizer may go."""
    plan = Plan(record=record, finalizer=True, looked=observed is not None)
    done = replace(plan, done=True)
    let_go = scene.release is not None or desired.policy.management in ("Observe", "Pause")
    if let_go or desired.requests.get("abandon") == desired.uid or _permanent(kind, desired):
        return done
    if observed is not None and observed.raw is not None and _perhaps_begun(desired, record):
        record = _unowned(kind, desired, observed, record, scene).record
        plan, done = replace(plan, record=record), replace(done, record=record)
    maybe = record.act is not None and record.act.name == writes.CREATE and scene.sent
    if record.how is None and not maybe:
        return plan if observed is None and _perhaps_begun(desired, record) else done
    if desired.policy.deletion == "Retain" or (desired.policy.deletion is None and _retained(kind, record, maybe)):
        return done
    if observed is None:
        return plan
    ours = observed.raw is not None and owned(kind, record, observed.raw, scene)
    if record.how is not None and not ours and not ids.same(scene, record):
        return replace(plan, stuck=(findings.relocated(record, scene),))  # what is not here says nothing of there
    if observed.raw is None or owners.claimed(desired, observed.raw, scene) is not None:
        return done
    if not ours:
        return done if not maybe or scene.now >= scene.quiet_until else plan
    state = kind.state(observed.raw)
    if state.on_air and desired.policy.deletion is None:
        return replace(done, state=state)
    if (waiting := _waiting(state) or steps.working(kind, record, scene)) is not None:
        return replace(plan, state=state, waiting=waiting)
    effects = frozenset({Effect.DELETE, Effect.INTERRUPT} if state.on_air else {Effect.DELETE})
    action = Action(writes.DELETE, "DELETE", effects)
    return replace(plan, chains=kind.actions(desired, observed, record, action), state=state)


def _perhaps_begun(desired: Desired, record: Record) -> bool:
    """A recording whose beginning nobody saw, and that is to be deleted. Found as declared it would have been adopted a
    moment later: it does not go on for good because its object went first."""
    return record.how is None and bool(record.unseen) and desired.policy.deletion == "Delete"


def _retained(kind: Kind, record: Record, maybe: bool) -> bool:
    return kind.keep or (record.how is not How.CREATED and not maybe)
