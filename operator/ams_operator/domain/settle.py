"""Did the noted act happen? And whose is what we found? Both answers rest on the record and a GET, never on hope."""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.domain import compare, ids, values
from ams_operator.domain.kind import Kind, Reset
from ams_operator.domain.model import (
    JSON,
    Act,
    How,
    Observed,
    Record,
    Refusal,
    Repeat,
    Scene,
)
from ams_operator.domain.noun import replace
from ams_operator.domain.remembered import mark

HOUR = 3600.0
"""seconds within which failures and repetitions of an act are counted"""

LIMIT = 3
"""how often within an hour an act of ours may fail or be undone before it is more than a matter of time"""
GONE = "gone"
"""marks a creation whose effect vanished, among what is remembered (`Act.touched`)"""
_REFUSALS = 4
"""how many refused requests are remembered: one resource may have several, and each forgets no other"""
_REPEATS = 8
"""how many acts are remembered that failed or whose effect did not stay: as many updates, and the steps"""


def owned(kind: Kind, record: Record, raw: JSON, scene: Scene) -> bool:
    """Ours are: the same custom resource (uid, judged when the record was read), and the same thing (identity).

    The id may differ where the same identity answers at another place: then it was moved.
    """
    return record.how is not None and record.identity is not None and record.identity == kind.identity(raw)


def lasting(before: Record, after: Record) -> bool:
    """Whether it says anew whose the thing is, or that an order was carried out. A LIST does not tell: no later look
    takes that back."""
    return (before.how, before.identity, before.run_state, before.requests) != (
        after.how,
        after.identity,
        after.run_state,
        after.requests,
    )


def at_home(record: Record, scene: Scene) -> Record:
    """The same resource answers at another place: it was moved, and the record follows."""
    if (record.resource_id, record.origin) == (scene.resource_id, scene.origin):
        return record
    return replace(record, resource_id=scene.resource_id, origin=scene.origin)


def settle(kind: Kind, record: Record, observed: Observed | None, scene: Scene) -> Record:
    """The record after what this observation shows about the noted act."""
    act = record.act
    if act is None:
        return record
    if not scene.sent:
        return replace(record, act=None)
    if observed is None:
        return record
    if act.operation is not None:
        scene = replace(scene, answered=True)  # an operation's id is only ever learned from an answer
    if observed.raw is not None and kind.state(observed.raw).provisioning == "InProgress" and scene.answered:
        return _owned_already(kind, record, act, observed.raw, scene)
    if scene.failure is not None and not _passing(kind, act):
        record = replace(refused(kind, record, act, *scene.failure, scene.now), act=act)
    match act.name:
        case "create":
            return _doubted(kind, act, _created(kind, record, act, observed, scene))
        case "delete":
            return _deleted(kind, record, act, observed, scene)
        case name if name == "update" or name in kind.asks:
            return _updated(kind, record, act, observed, scene)
    return _carried_out(kind, record, act, observed, scene)


def _created(kind: Kind, record: Record, act: Act, observed: Observed, scene: Scene) -> Record:
    raw, here = observed.raw, ids.place(scene.origin, scene.resource_id)
    if raw is None or act.place not in ("", here):  # elsewhere, where its manifest moved on to, another one made it
        return _given_up(record, act, observed, scene)
    made = scene.made or record.identity
    if made is not None and kind.identity(raw) != made:
        # what we made is gone already, and something else has its name
        return replace(record, act=None, identity=record.identity if record.how is not None else None)
    told = made is not None or (scene.answered and act.operation is None)
    if not _newer(kind, raw, act, scene) or not (told or _shows(kind, raw, act, scene)):
        return _given_up(record, act, observed, scene)
    return replace(
        record,
        resource_id=scene.resource_id,
        origin=scene.origin,
        how=How.CREATED,
        identity=kind.identity(raw),
        fields=act.fields,
        act=None,
        repeats={name: one for name, one in record.repeats.items() if name.endswith(f" {GONE}")},
        refusals=record.refusals if scene.failure else (),
    )


def _doubted(kind: Kind, act: Act, after: Record) -> Record:
    """A recording whose beginning nobody saw may have been, and be over: the next one would overwrite it."""
    lost = bool(kind.records_into) and after.act is None and after.how is None
    return replace(after, unseen=act.at) if lost else after


def _owned_already(kind: Kind, record: Record, act: Act, raw: JSON, scene: Scene) -> Record:
    """The service is still at it. What it is creating is ours from now on; the act stays for its operation's id."""
    if act.name == "create" and record.how is None:
        return replace(_created(kind, record, act, Observed(scene.now, raw), scene), act=act)
    return record


def _newer(kind: Kind, raw: JSON, act: Act, scene: Scene) -> bool:
    """Made after the note, on the service's own clock. Without a creation time only an answer of our own tells."""
    made, noted = ids.instant(kind.created(raw)), ids.instant(act.at)
    if made is None or noted is None:
        return scene.answered
    return made > noted


def _updated(kind: Kind, record: Record, act: Act, observed: Observed, scene: Scene) -> Record:
    if observed.raw is None or record.identity != kind.identity(observed.raw):
        return _given_up(record, act, observed, scene)
    shown = _shows(kind, observed.raw, act, scene, _left_out(kind, act) if scene.answered else frozenset())
    if not scene.answered and not shown:
        return _given_up(record, act, observed, scene)
    fields = {*act.fields, *compare.lasting(kind.table, record.fields)}
    if not shown:
        fields |= set(act.unset)  # what was to be reset and was not is still what we set
    settled = replace(record, fields=tuple(sorted(fields)), act=None)
    settled = replace(settled, repeats=_again(record, act, scene.now, shown=shown))
    if not shown:
        return settled
    # What it brought may be just what another one was refused for.
    return settled if scene.failure else replace(settled, refusals=())


def _deleted(kind: Kind, record: Record, act: Act, observed: Observed, scene: Scene) -> Record:
    if observed.raw is None or record.identity != kind.identity(observed.raw):
        return replace(record, act=None, how=None, identity=None, fields=())
    if scene.failure is not None:
        return _failed(record, act, *scene.failure, scene.now)
    return _given_up(record, act, observed, scene)


def _carried_out(kind: Kind, record: Record, act: Act, observed: Observed, scene: Scene) -> Record:
    """Start, stop and the like: done once the service heads where the act wanted to go; with a long operation, once it
    is there, or somewhere else with that operation over. What it shows may lag behind its answer, and is given time."""
    if observed.raw is None or record.identity != kind.identity(observed.raw):
        return _given_up(record, act, observed, scene)
    state = kind.state(observed.raw)
    if not scene.answered and state.heading != kind.leads_to.get(act.name):
        given_up = _given_up(record, act, observed, scene)
        if given_up.act is None and act.name not in kind.leads_to:
            return replace(given_up, requests=_requests(record, act))  # nothing shows it: at most once
        return given_up
    if scene.failure is not None:
        return _failed(record, act, *scene.failure, scene.now)
    end = end_of(kind, act.name)
    under_way = act.operation is not None and state.now != end and not scene.over
    behind = state.heading != end and observed.at < scene.quiet_until
    if end is not None and (under_way or behind):
        return record
    run_state = None if act.then == "" else act.then if act.then is not None else record.run_state
    if act.request is None and act.then and act.then == record.run_state:  # it had been carried out, and was undone
        repeats = _again(record, act, scene.now, undone=True)
    else:
        repeats = {name: repeat for name, repeat in record.repeats.items() if name != mark(act.name, act.digest)}
    return replace(record, act=None, run_state=run_state, requests=_requests(record, act), repeats=repeats)


def refused(kind: Kind, record: Record, act: Act, code: str, message: str, now: float) -> Record:
    """The service took a look at the request and wants none of it. What a manifest can correct waits for that; a step
    or a deletion may be possible later, and is tried again with pauses."""
    if _passing(kind, act):
        return _failed(record, act, code, message, now)
    others = tuple(one for one in record.refusals if (one.name, one.digest) != (act.name, act.digest))
    refusal = Refusal(act.name, act.digest, code, message)
    return replace(record, act=None, refusals=(*others[-(_REFUSALS - 1) :], refusal))


def end_of(kind: Kind, act: str) -> str | None:
    """The state in which a step ends; None for every other act."""
    return kind.leads_to.get(act) or kind.returns_to.get(act)


def _passing(kind: Kind, act: Act) -> bool:
    """Whether what stands against it usually ends by itself: a state, a job in flight, what still lies in it."""
    return act.name == "delete" or end_of(kind, act.name) is not None


def _failed(record: Record, act: Act, code: str, message: str, now: float) -> Record:
    """What the service took and could not do, or does not want now: it is counted, and a request for it is answered."""
    repeats = _again(record, act, now, f"{code}: {message}")
    return replace(record, act=None, requests=_requests(record, act), repeats=repeats)


def vanished(record: Record, digest: str, now: float) -> Mapping[str, Repeat]:
    """What is remembered, where what this creation made is gone once more and is to be made anew."""
    return _again(record, Act("create", "", digest=digest, touched=GONE), now, shown=True)


def _again(
    record: Record, act: Act, now: float, why: str = "", *, shown: bool = False, undone: bool = False
) -> Mapping[str, Repeat]:
    """What is remembered, with this act once more. Another manifest is another matter, and so is what was long ago."""
    name = mark(act.name, act.digest, act.touched if shown else "")
    before = record.repeats.get(name)
    count = before.count + 1 if before is not None and _lately(before, now) else 1
    times = tuple(time for time in before.times if now - time < HOUR) if before is not None else ()
    times += (round(now),) * undone
    # The same leaves set otherwise, by us: the manifest moved, so that nobody undid what it said before.
    ours = f" {act.touched}" if shown and act.name != "create" and act.touched else None
    kept = {
        key: one
        for key, one in record.repeats.items()
        if not one.shown or (_lately(one, now) and not (ours and key.endswith(ours)))
    }
    found = {**kept, name: Repeat(act.digest, count, round(now), why, shown=shown, times=times)}
    latest = sorted(found.items(), key=lambda item: (not item[1].shown, item[1].at))  # what worked is forgotten first
    return dict(latest[-_REPEATS:])


def _lately(repeat: Repeat, now: float) -> bool:
    """Whether it still counts. What was held for it may have waited for an hour, and has to show first that it stays:
    otherwise people on air would be disturbed as often in each hour as in the first."""
    return now - repeat.at < (HOUR if repeat.count < LIMIT else 2 * HOUR)


def _requests(record: Record, act: Act) -> Mapping[str, str]:
    return {**record.requests, act.request[0]: act.request[1]} if act.request else record.requests


def _left_out(kind: Kind, act: Act) -> frozenset[str]:
    """What was left out of lists, which are replaced whole: what an answered update shows there is a default."""
    paths = {name: values.parse(name) for name in act.unset}
    return frozenset(
        name
        for name, path in paths.items()
        if values.row(kind.table, path).reset is Reset.DROP and any(isinstance(part, int) for part in path)
    )


def _shows(kind: Kind, raw: JSON, act: Act, scene: Scene, left_out: frozenset[str] = frozenset()) -> bool:
    unset = {name: None if name in left_out else values.at(raw, values.parse(name)) for name in act.unset}
    clean = {name: None if value is values.MISSING else value for name, value in unset.items()}
    return compare.digest(scene.key, kind.table, raw, act.fields, clean) == act.digest


def _given_up(record: Record, act: Act, observed: Observed, scene: Scene) -> Record:
    """No effect to be seen: forgotten once it was looked for after the last moment at which it could still come."""
    return replace(record, act=None) if observed.at >= scene.quiet_until else record
