"""What migration writes into an account's status is nobody's news: the engine neither looks again nor takes it away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.rig import Rig

from ams_operator.domain import report
from ams_operator.domain.answers import Resource
from ams_operator.domain.kinds import KINDS
from ams_operator.engine.store import ACCOUNT

READY = {"type": "Ready", "status": "True"}
V2 = {"type": "V2AccessReady", "status": "True"}
STATUS = {"observedGeneration": 1, "conditions": [READY]}
BEFORE = Resource(ACCOUNT, "team", "default", "u", 1, "5", "", None, ("f",), {}, {"a": 1}, STATUS)


@pytest.mark.parametrize(
    ("changes", "news"),
    [
        ({"status": {**BEFORE.status, "conditions": [V2, READY]}}, False),
        ({"status": {**BEFORE.status, "conditions": [V2, READY], "migration": {"report": "default"}}}, False),
        ({"status": {**BEFORE.status, "conditions": [{**READY, "status": "False"}]}}, True),
        ({"status": {**BEFORE.status, "conditions": [V2]}}, True),
        ({"status": {**BEFORE.status, "holds": []}}, True),
        ({"spec": {"a": 2}, "generation": 2}, True),
        ({"annotations": {"ams-operator.dev/v2-source": "true"}}, True),
        ({"deleting": "2026-01-01T00:00:00Z"}, True),
        ({"finalizers": ()}, True),
        ({"kind": "Transform", "status": {**BEFORE.status, "migration": {}}}, True),
    ],
)
def test_only_what_is_the_engines_own_has_an_object_looked_at(changes: dict[str, Any], news: bool) -> None:
    rig = Rig()
    rig.engine.store.put(replace(BEFORE, kind=changes.get("kind", ACCOUNT)))
    rig.schedule.seen(replace(BEFORE, version="6", **changes))
    assert ("u" in rig.schedule.lineup.turns) is news
    held = rig.engine.store.objects["u"]
    assert held.version == "6", "it is kept all the same, and the next write rests on it"


def test_the_engines_body_neither_holds_nor_minds_the_conditions_of_migration() -> None:
    mine = {"observedGeneration": 1, "conditions": [READY], "record": {}}
    beside = {**mine, "conditions": [V2, READY], "migration": {"report": "default"}}
    assert report.equal(KINDS[ACCOUNT], mine, beside)
    assert not {"migration"} & {*report.OWN, *KINDS[ACCOUNT].shows}
