"""Asks the target which of its content key policies hold the secrets of version 2, and keeps yes or no.

GET masks secrets; the POST that shows them changes nothing, but counts as a write for Azure's limits. So each policy is
asked for once, and again when it or version 2 changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from ams_operator.api.reasons import Reason
from ams_operator.backends.urls import KEY_POLICY, SECRETS_OF
from ams_operator.domain.answers import Lane, NotSent, PortError
from ams_operator.domain.model import JSON, Address
from ams_operator.migration import digests
from ams_operator.migration.conditions import key_policies
from ams_operator.migration.digests import Compared
from ams_operator.migration.inputs import Config, Inputs, InventoryRead, Managed, ObjectsRead, SetRead, TargetRead
from ams_operator.migration.ports import Way
from ams_operator.migration.reduce import Digest

MOST: Final = 5
"""policies that are asked for in one look"""
AGAIN: Final = 3600.0
"""seconds until a policy is asked for again that was refused, or does not say when it was changed"""
SOON: Final = 300.0
"""seconds until one is asked for again that gave no answer of use"""
_PATIENCE: Final = frozenset({429, 503})


@dataclass(slots=True)
class _Known:
    """What one policy said. `stamp` tells one state of it from the next."""

    stamp: tuple[Any, ...]
    due: float
    answers: dict[str, bool | None] = field(default_factory=dict)
    """by the name of what it was compared with, which is another one when version 2's secrets are"""
    denied: bool = False


class Comparer:
    """One target's."""

    def __init__(self, now: Callable[[], float], digest: Digest) -> None:
        self._now, self._digest = now, digest
        self._known: dict[str, _Known] = {}
        self._backend: object = None
        self.compared = Compared()

    async def read(
        self,
        way: Way,
        sets: Mapping[str, SetRead],
        target: TargetRead,
        objects: tuple[Managed, ...],
        config: Config,
    ) -> None:
        """Ask for what is not known of the policies that stand for something in the inventory (`sets`)."""
        inventory = InventoryRead(dict(sets))
        seen = Inputs(
            self._now(), inventory=inventory, target=target, objects=ObjectsRead(items=objects), config=config
        )
        standing = key_policies.standing(seen)
        sought, there = key_policies.sought(seen, standing), target.items(KEY_POLICY)
        if way.backend is not self._backend:  # another credential may be allowed more
            self._backend = way.backend
            self._known = {name: one for name, one in self._known.items() if not one.denied}
        stamps = {name: _stamp(there[name]) for name in sought}
        self._known = {name: one for name, one in self._known.items() if stamps.get(name) == one.stamp}
        asked = 0
        for name, wanted in sought.items():
            known = self._known.get(name)
            if (
                known is not None
                and self._now() < known.due
                and {one["name"] for one in wanted} <= known.answers.keys()
            ):
                continue
            asked += 1
            if asked > MOST or not await self._ask(way, name, wanted, stamps[name]):
                break
        equal = {
            (name, against): answer
            for name, one in self._known.items()
            for against, answer in one.answers.items()
            if answer is not None
        }
        self.compared = Compared(equal, any(one.denied for one in self._known.values()), standing)

    async def _ask(self, way: Way, name: str, wanted: Sequence[JSON], stamp: tuple[Any, ...]) -> bool:
        """False where the service wants to be left alone for now. What is shown ends here."""
        now, nothing = self._now(), dict[str, bool | None].fromkeys([one["name"] for one in wanted])
        before = self._known.get(name)
        after = _Known(stamp, now + SOON, nothing | (before.answers if before is not None else {}))
        try:
            answer = await way.backend.action(Address(KEY_POLICY, way.account, (name,)), SECRETS_OF, None, Lane.SWEEP)
        except PortError as error:
            if isinstance(error, NotSent) and error.reason != Reason.INVALID_SPEC:  # not for what it is called
                return False
            self._known[name] = after
            return True
        if answer.status in _PATIENCE:
            return False
        if answer.status == 200 and answer.body is not None:
            after.due = inf if stamp[-1] else now + AGAIN
            after.answers = {
                one["name"]: digests.equal(one["fields"], one["secrets"], answer.body, self._digest) for one in wanted
            }
        elif 400 <= answer.status < 500:
            after = _Known(stamp, now + AGAIN, nothing, denied=answer.status == 403)
        self._known[name] = after
        return True


def _stamp(properties: JSON) -> tuple[Any, ...]:
    return str(properties.get("policyId")), str(properties.get("created")), properties.get("lastModified")
