"""What users need to connect, in a Secret beside the manifest: URLs that hold tokens stand nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Conflict, KubeRefused, Resource
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Cure, Decision, Hold
from ams_operator.domain.noun import replace
from ams_operator.engine.job import Job
from ams_operator.engine.state import Engine, parse_spec
from ams_operator.engine.store import Memory

MEMBER = "connectionSecret"
"""the member of status that names the Secret"""


async def publish(engine: Engine, job: Job, decision: Decision) -> Decision:
    """Write what the last look showed, where that is news. What a stopped event no longer shows stays as it was: with a
    static host name it is right again at the next start, and otherwise nobody can connect anyway.

    Raises what the Kube port raises, but for a Secret of that name that is somebody else's or can't be written: that
    becomes a hold, and everything else is told all the same.
    """
    observed, kind = job.memory.observed, job.kind
    if kind.connection is None or not _acts(job) or decision.plan.record.how is None:
        return decision
    name = parse_spec(engine, job.resource).effective_connection_secret(job.resource.name)
    data = kind.connection(observed.raw) if observed is not None and observed.raw is not None else {}
    if data and job.memory.published != (name, data):
        try:
            await engine.kube.publish(job.resource, name, data)
        except Conflict:
            message = (
                f"there is a Secret {name} already that is not this object's: remove it, or name another one in "
                "spec.connectionSecret"
            )
            return _held(engine, decision, Reason.SECRET_NOT_OWNED, message)
        except KubeRefused as error:
            message = (
                f"the API server refuses the Secret {name} that the URLs should go into ({error}): have it taken, or "
                "name another one in spec.connectionSecret"
            )
            return _held(engine, decision, Reason.SECRET_REFUSED, message)
        job.memory.published = (name, data)
    job.scene = replace(job.scene, shown=shown(job.kind, job.resource, job.memory))
    return decision


def _held(engine: Engine, decision: Decision, reason: Reason, message: str) -> Decision:
    hold = Hold(reason.value, frozenset(), Cure.FIX, message, engine.clock.now() + 60)
    return replace(decision, holds=(*decision.holds, hold), due=min(decision.due or 1e12, hold.until or 1e12))


def shown(kind: Kind, resource: Resource, memory: Memory) -> Mapping[str, str]:
    """What status says of the Secret: its name, once there is one."""
    if kind.connection is None:
        return {}
    name = memory.published[0] if memory.published is not None else resource.status.get(MEMBER)
    return {MEMBER: name} if isinstance(name, str) else {}


def unproved(job: Job) -> bool:
    """Whether what was seen would go into the Secret now: a LIST may have shown it, and be of an earlier run."""
    kind, memory = job.kind, job.memory
    if kind.connection is None or not _acts(job) or memory.observed is None:
        return False
    data = kind.connection(memory.observed.raw or {})
    return bool(data) and (memory.published is None or memory.published[1] != data)


def _acts(job: Job) -> bool:
    return job.desired.policy.management in ("Manage", "Plan") and not job.desired.deleting


async def stale(engine: Engine, job: Job, item: JSON) -> bool:
    """Whether the Secret lacks URLs that are good now: who starts an event again between two sweeps changes nothing
    else. A new process reads the Secret once, where its status says that it is ours: a manifest may name anybody's.
    Raises what the Kube port raises."""
    kind, memory = job.kind, job.memory
    if kind.connection is None or not _acts(job) or job.record.how is None or not (data := kind.connection(item)):
        return False
    name = parse_spec(engine, job.resource).effective_connection_secret(job.resource.name)
    if memory.published is None and job.resource.status.get(MEMBER) == name:
        found = await engine.kube.secret(job.resource.namespace, name, data)
        memory.published = (name, found.data) if found is not None else None
    return memory.published != (name, data)


async def lost(engine: Engine, resource: Resource) -> bool:
    """Whether the Secret was removed since it was written; then it is written again at the next look."""
    name = resource.status.get(MEMBER)
    if engine.kinds[resource.kind].connection is None or not isinstance(name, str):
        return False
    gone = await engine.kube.secret_version(resource.namespace, name) is None
    if gone:
        engine.store.memory[resource.uid].published = None
    return gone
