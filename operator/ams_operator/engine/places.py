"""A quota's places: who was refused for want of one is tried again as soon as one frees, and not only when his pause
is over.

Of several that wait in one collection the oldest is tried, so that a place costs one request and not one for each.
"""

from __future__ import annotations

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Lane, Resource
from ams_operator.engine.state import Engine, InvalidSpec, account_of, children_of, parse_spec
from ams_operator.engine.store import ACCOUNT, BACKEND

_WANTING = frozenset({Reason.QUOTA_EXCEEDED, Reason.FORBIDDEN, Reason.PROGRESSING})
"""how a used up quota reads: not every code names it"""


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
    known = engine.accounts.known[owner.uid].counts
    before, known[kind, parents] = known.get((kind, parents), count), count
    if count < before:
        _wake(engine, owner, kind, before - count)


def _wake(engine: Engine, owner: Resource, kind: str, places: int) -> None:
    memory = engine.store.memory
    waiting = [one for one in children_of(engine, owner) if one.kind == kind and one.deleting is None]
    troubles = [(one, memory[one.uid].trouble) for one in waiting]
    wanting = [one for one, trouble in troubles if trouble is not None and trouble.reason in _WANTING]
    for one in sorted(wanting, key=lambda one: (one.created, one.uid))[:places]:
        memory[one.uid].trouble = None
        engine.nominate(one.uid, Lane.RETRY)
