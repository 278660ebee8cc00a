"""A quota's places: who was refused for want of one is tried again as soon as one frees, and not only when his pause
is over.

Of several that wait in one collection the oldest is tried, so that a place costs one request and not one for each.
"""

from __future__ import annotations

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, Lane, NotSent, PortError, Resource
from ams_operator.domain.model import Address
from ams_operator.domain.noun import replace
from ams_operator.engine import outcome
from ams_operator.engine.job import Job
from ams_operator.engine.state import Engine, InvalidSpec, account_of, parse_spec
from ams_operator.engine.store import ACCOUNT, BACKEND, Trouble, owner_of

_WANTING = frozenset({Reason.QUOTA_EXCEEDED, Reason.FORBIDDEN, Reason.PROGRESSING})
"""how a used up quota reads: not every code names it"""

_UNNAMED = frozenset({403, 409})
"""statuses of a used up quota whose code may as well mean something else"""


async def wanting(engine: Engine, job: Job, answer: Answer, lane: Lane) -> NotSent | None:
    """The refusal of a create as a used up quota, where its code does not name one: there are as many already as the
    service documents, so that one LIST tells what the answer leaves open. None: it is something else."""
    if answer.status not in _UNNAMED or answer.code in outcome.QUOTA_CODES or job.kind.quota is None:
        return None
    assert job.account is not None
    try:
        items = await outcome.list_all(engine, job.account, _collection(job), job.kind.name, lane)
    except PortError:
        return None  # who may not even list lacks a permission
    names = sorted({str(item.get("name", "")) for item in items})  # a page may repeat what another one showed
    own = job.desired.address.names[-1].lower()
    if len(names) < job.kind.quota or own in (name.lower() for name in names):
        return None
    there = ", ".join(names[:5]) + (f" (+{len(names) - 5})" if len(names) > 5 else "")
    if owner_of(job.resource)[0] != job.resource.namespace:
        there = "yours, or ask the account's owner"  # what others have there is no matter of a guest
    detail = f"{answer.status} {answer.code}: {answer.message}".rstrip(": ")
    message = (
        f"there is no place left for it ({detail}): there are {len(names)} already, and the service allows "
        f"{job.kind.quota} unless support raised the quota. Delete one of {there}"
    )
    return NotSent(Reason.QUOTA_EXCEEDED, message)


def _collection(job: Job) -> Address:
    """What `list_all` takes: the address of what the collection lies in."""
    address = job.desired.address
    return replace(address, names=address.names[:-1])


def rest(engine: Engine, job: Job, trouble: Trouble) -> None:
    """Its look or act came to nothing: it is tried again later, or when a place frees that it may want."""
    job.memory.trouble = trouble
    if _wants(trouble):
        engine.store.wanting.setdefault(owner_of(job.resource), set()).add(job.desired.uid)


def freed(engine: Engine, gone: Resource) -> None:
    """An object is gone, or what it stands for has stopped: what it used of a quota may be free."""
    if gone.kind in (ACCOUNT, BACKEND):
        return
    try:
        owner = account_of(engine, gone, parse_spec(engine, gone))
    except InvalidSpec:
        return
    if owner is not None:
        _wake(engine, owner, gone.kind, 1)


def listed(engine: Engine, owner: Resource, kind: str, parents: tuple[str, ...], count: int) -> None:
    """A whole LIST has passed: as many as are fewer than in the last one have left a place."""
    if (account := engine.accounts.known.get(owner.uid)) is None:
        return  # its object went meanwhile
    before, account.counts[kind, parents] = account.counts.get((kind, parents), count), count
    if count < before:
        _wake(engine, owner, kind, before - count)


def _wake(engine: Engine, owner: Resource, kind: str, places: int) -> None:
    memory, objects = engine.store.memory, engine.store.objects
    known = engine.store.wanting.pop(owner_of(owner), set())
    if left := {uid for uid in known if uid in objects and _wants(memory[uid].trouble)}:
        engine.store.wanting[owner_of(owner)] = left
    wanting = [one for uid in left if (one := objects[uid]).kind == kind and one.deleting is None]
    for one in sorted(wanting, key=lambda one: (one.created, one.uid))[:places]:
        memory[one.uid].trouble = None
        engine.nominate(one.uid, Lane.RETRY)


def _wants(trouble: Trouble | None) -> bool:
    return trouble is not None and trouble.reason in _WANTING
