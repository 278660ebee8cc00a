"""V2JobsDrained and EncodingMigrated."""

from __future__ import annotations

from collections import Counter
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.domain.transform import KIND as TRANSFORM
from ams_operator.migration.census import MOST_TRANSFORMS
from ams_operator.migration.conditions.finding import FALSE, TRUE, Finding, Score, Stop, Type, judged, unknown
from ams_operator.migration.conditions.known import (
    accepts,
    answering,
    day,
    doubts,
    has,
    jobs_missing,
    lists_missing,
    nothing_left,
    objects_missing,
    placed,
    readable,
    retired,
    sets_missing,
    uncompared,
    unmapped,
)
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.inputs import DAY, Inputs, JobPoll, JobSeen
from ams_operator.migration.mapping.encoding import STATES
from ams_operator.migration.reduce import spoken_in

APART: Final = 60.0
"""seconds between two polls that show the same"""
RECIPES: Final = ("Tasks", "TaskTemplates")
UNCOMPARED: Final = "uncompared-recipes"
"""the declaration that somebody looked after the recipes that are too many to be kept and compared"""
_QUEUED: Final = 0
_RECORDS: Final = 90 * DAY
"""after which records of jobs end"""


def drained(inputs: Inputs) -> Finding:
    """V2JobsDrained: two complete polls a minute apart show nothing in flight, and none was made after the freeze."""
    if jobs_missing(inputs):
        return unknown(Type.JOBS, jobs_missing(inputs))
    last = inputs.jobs.polls[-1]
    running = len(last.in_flight)
    if last.in_flight:
        score = Score(0, running, f"jobs in flight have ended ({_by_state(last)})")
        return judged(Type.JOBS, score, [_in_flight(inputs, last)], (), Why.NONE_IN_FLIGHT)
    if inputs.config.freeze is not None and last.after_freeze:
        following = "find who still makes them, or set spec.migration.freezeJobsAfter to a later time"
        stop = Stop(Why.NEW_JOBS_AFTER_FREEZE, (), following, last.after_freeze)
        score = Score(0, last.after_freeze, f"jobs made since {day(inputs.config.freeze)}Z are accounted for")
        return judged(Type.JOBS, score, [stop], (), Why.NONE_IN_FLIGHT)
    if not _twice(inputs):
        return unknown(Type.JOBS, ["a second look at jobs, a minute after the first"])
    if last.newest is None:
        said = "version 2 has no job; records of jobs end after 90 days"
        return Finding(Type.JOBS, TRUE, Why.NOT_USED, said)
    good = Why.NONE_IN_FLIGHT if inputs.config.freeze is None else Why.DRAINED_AND_FROZEN
    return Finding(Type.JOBS, TRUE, good, "no job is in flight")


def in_flight(inputs: Inputs) -> list[str]:
    """Names of the jobs that the last poll saw queued or running; none while it can't be judged by."""
    return [] if jobs_missing(inputs) else [one.name or one.id for one in inputs.jobs.polls[-1].in_flight]


def _twice(inputs: Inputs) -> bool:
    """Whether the polls of at least a minute agree that there is nothing."""
    last = inputs.jobs.polls[-1].at
    for poll in reversed(inputs.jobs.polls):
        if poll.in_flight or (inputs.config.freeze is not None and poll.after_freeze):
            return False
        if last - poll.at >= APART:
            return True
    return False


def _in_flight(inputs: Inputs, poll: JobPoll) -> Stop:
    stuck = [job for job in poll.in_flight if job.state == _QUEUED and _since(job) <= inputs.now - DAY]
    oldest = min((job.created for job in poll.in_flight if job.created is not None), default=None)
    if stuck:
        following = "give version 2 a reserved unit, reconnect its storage, or cancel them"
        return Stop(Why.STUCK, tuple(job.name for job in stuck), following, len(stuck))
    since = f"; the oldest is of {day(oldest)}Z" if oldest is not None else ""
    following = f"wait, or cancel them in version 2{since}"
    return Stop(Why.IN_FLIGHT, tuple(job.name for job in poll.in_flight), following, len(poll.in_flight))


def _since(job: JobSeen) -> float:
    """Since when it waits; one that says nothing has just come."""
    known = [at for at in (job.created, job.modified) if at is not None]
    return max(known, default=float("inf"))


def _by_state(poll: JobPoll) -> str:
    found = Counter(
        STATES[job.state] if isinstance(job.state, int) else f"in an unknown state ({job.state[:40]})"
        for job in poll.in_flight
    )
    return ", ".join(f"{count} {name}" for name, count in sorted(found.items()))


def encoding(inputs: Inputs) -> Finding:
    """EncodingMigrated: every recipe in use has a transform in the target, and version 2 gets no more jobs."""
    wanted, lost, count = recipes(inputs), *_lost(inputs)
    compared = not (lists_missing(inputs, "Transform") or objects_missing(inputs))
    compared = compared and len(wanted) <= MOST_TRANSFORMS
    made = [[spoken_in(one) for one in _outputs(found)] for found in inputs.target.items("Transform").values()]
    lacking = [one["name"] for one in wanted if compared and not _there(inputs, one, made)]
    stops = _unused(inputs, bool(wanted or count)) if "encoding" in inputs.config.not_used else []
    if count:
        following = "once it is done elsewhere, acknowledge the gap in brackets (spec.migration.acknowledgedGaps)"
        stops.append(Stop(Why.PRESET_UNMAPPED, tuple(lost), following, count))
    if len(wanted) > MOST_TRANSFORMS:
        following = f"retire all but {MOST_TRANSFORMS} in spec.migration.retired, or shorten spec.migration.lookback"
        stops.append(Stop(Why.TRANSFORM_LIMIT, tuple(one["name"] for one in wanted), following))
    if lacking:
        following = f"apply a Transform with the annotation ams-operator.dev/v2-id: {min(lacking)}"
        stops.append(Stop(Why.TRANSFORM_MISSING, tuple(lacking), following))
    stops += _still(inputs)
    missing = [*sets_missing(inputs, "JobTemplates", *RECIPES), *doubts(inputs, of=RECIPES)]
    missing += [*jobs_missing(inputs), *_undrained(inputs)]
    if wanted:
        missing += [*lists_missing(inputs, "Transform"), *objects_missing(inputs)]
    score = Score(
        len(wanted) - len(lacking) if compared else 0, len(wanted), "recipes with a counterpart have a transform"
    )
    if not stops and not missing and (more := _uncompared(inputs)):
        return unknown(Type.ENCODING, more, Why.NOT_LOOKED_AT, answering(UNCOMPARED), score)
    if not wanted:
        return judged(Type.ENCODING, score, stops, missing, Why.NOT_USED, _unneeded(inputs))
    return judged(Type.ENCODING, score, stops, missing, Why.TRANSFORMS_READY)


def recipes(inputs: Inputs) -> list[JSON]:
    """Different recipes of tasks within the lookback, and of templates, but those that are retired."""
    found: dict[str, JSON] = {}
    for name, one in _all_recipes(inputs):
        if not _old(inputs, name, one) and not retired(inputs, one["name"], *one["ids"]):
            ids = [*found.get(one["name"], one)["ids"], *one["ids"]]
            found[one["name"]] = {**one, "ids": list(dict.fromkeys(ids))}
    return list(found.values())


def _all_recipes(inputs: Inputs) -> list[tuple[str, JSON]]:
    """With the set of each."""
    sets = {name: inputs.inventory.tally(name).targets.values() for name in RECIPES if readable(inputs, name)}
    return [(name, one) for name, found in sets.items() for one in found if one["kind"] == "Transform"]


def _old(inputs: Inputs, name: str, one: JSON) -> bool:
    return name == "Tasks" and bool(one["last"]) and one["last"] < day(inputs.now - inputs.config.lookback)


def _unneeded(inputs: Inputs) -> str:
    """Why there is no recipe to move."""
    old = [_old(inputs, *one) for one in _all_recipes(inputs)]
    wishes = {
        "lookback": any(old) and inputs.config.lookback < _RECORDS,
        "retired": not all(old),
        "acknowledgedGaps": accepts(inputs, *RECIPES),
    }
    return nothing_left("version 2 encoded nothing in the last 90 days, after which records end", "recipe", wishes)


def _uncompared(inputs: Inputs) -> list[str]:
    since = day(inputs.now - inputs.config.lookback)
    return [*uncompared(inputs, UNCOMPARED, "Tasks", since=since), *uncompared(inputs, UNCOMPARED, "TaskTemplates")]


def _lost(inputs: Inputs) -> tuple[list[str], int]:
    """Tasks and templates that become no transform, and whose gap nobody accepted."""
    since = day(inputs.now - inputs.config.lookback)
    found = [unmapped(inputs, name, since) for name in RECIPES if readable(inputs, name)]
    return [why for whys, _ in found for why in whys], sum(count for _, count in found)


def _there(inputs: Inputs, wanted: JSON, made: list[list[JSON]]) -> bool:
    """Whether the target has a transform for it: an object that says so and is Ready, or one with an equal output.
    `made`: the outputs of each, as `reduce.spoken` leaves those of version 2."""
    named = placed(inputs, "Transform", (wanted["name"], *wanted["ids"]))
    if any(one.ready == TRUE for one in named):
        return True
    outputs = wanted["fields"].get("outputs") or []
    return bool(outputs) and any(
        all(any(_same(output, found) for found in there) for output in outputs) for there in made
    )


def _outputs(properties: JSON) -> list[JSON]:
    found = properties.get("outputs")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _same(wanted: JSON, found: JSON) -> bool:
    return has(TRANSFORM.table, {"properties": {"outputs": [wanted]}}, {"properties": {"outputs": [found]}})


def _still(inputs: Inputs) -> list[Stop]:
    """What says that version 2 is still given work."""
    if jobs_missing(inputs):
        return []
    newest, found = inputs.jobs.polls[-1].newest, []
    if newest is not None and newest >= inputs.now - inputs.config.quiet:
        following = "find who still makes jobs in version 2, then wait for spec.migration.quietPeriod"
        found.append(Stop(Why.V2_JOBS_STILL_CREATED, (f"a job of {day(newest)}Z",), following))
    if drained(inputs).status == FALSE:
        found.append(Stop(Why.JOBS_IN_FLIGHT, (Type.JOBS,), f"see {Type.JOBS}"))
    return found


def _undrained(inputs: Inputs) -> list[str]:
    return [] if drained(inputs).status == TRUE or jobs_missing(inputs) else [str(Type.JOBS)]


def _unused(inputs: Inputs, seen: bool) -> list[Stop]:
    """Declared unused, against what is seen."""
    if not (seen or _still(inputs)):
        return []
    following = "take encoding out of spec.migration.scenarios"
    names = tuple(one["name"] for one in recipes(inputs)) or (str(Type.JOBS),)
    return [Stop(Why.DECLARED_UNUSED_BUT_SEEN, names, following)]
