"""What a target stands for: not what it is called, but where it answers and which account that is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import AccountId
from ams_operator.engine.state import Engine
from ams_operator.engine.store import Trouble
from ams_operator.sources import Sources

CREDENTIALS = {"secretRef": {"name": "azure"}}


def test_a_place_is_the_origin_and_the_account_whatever_the_object_is_called() -> None:
    engine = Engine(Mock(), Mock(), Mock(), Mock(), b"key")
    sources = Sources(engine, Mock(), Mock())
    version = iter(range(1, 100))

    def put(kind: str, namespace: str, name: str, spec: dict[str, Any], uid: str = "", **status: Any) -> Resource:
        found = Resource(
            kind,
            namespace,
            name,
            uid or name,
            1,
            str(next(version)),
            "",
            None,
            (),
            {},
            spec,
            {"record": {**status, "uid": uid or name}},
        )
        engine.store.put(found)
        return found

    def account(name: str, azure: str, **more: Any) -> Resource:
        spec = {"azureName": azure, "subscriptionId": "s" * 36, "resourceGroup": "g", "credentials": CREDENTIALS}
        return put("MediaServicesAccount", "n", name, spec, **more)

    azure = put("MediaServicesBackend", "", "default", {"type": "azure"})
    old = account("old", "contoso")
    source = replace(old, spec={**old.spec, "migration": {"targetAccountRef": {"name": "late"}}})
    assert sources.place(source) == "", "nobody knows"
    here = sources.place(old)
    assert "contoso" in here
    account("late", "newt", uid="1")
    first = sources.place(source)
    engine.store.drop("1")
    account("late", "newt2", uid="2")
    assert len({here, first, sources.place(source)}) == 3
    engine.store.drop("2")
    account("late", "Newt", uid="3", origin="https://management.azure.com")
    assert sources.place(source) == first, "another object for the same account costs no inventory"
    engine.store.drop(azure.uid)
    assert sources.place(source) == first, "nor does a backend that is applied anew"
    put("MediaServicesBackend", "", "default", {"type": "armCompatible", "endpoint": "https://there"}, uid="b")
    assert sources.place(source) not in ("", first)


async def test_a_target_that_another_object_manages_says_so() -> None:
    """It is not looked at any more: whatever trouble it had before is no news of now."""
    engine = Engine(Mock(), Mock(), Mock(), Mock(), b"key")
    spec = {"azureName": "newt", "subscriptionId": "s" * 36, "resourceGroup": "g", "credentials": CREDENTIALS}
    kind = "MediaServicesAccount"
    for number, name in enumerate(("early", "late")):
        status = {"record": {"uid": name, "how": "Created"}} if name == "early" else {}
        engine.store.put(Resource(kind, "n", name, name, 1, str(number), "", None, (), {}, spec, status))
        engine.store.claim(name, "newt")
    identifier = AccountId("s" * 36, "g", "newt")
    engine.accounts.get("late", identifier).trouble = Trouble(Reason.CREDENTIAL_REJECTED, "it is wrong", 0.0, 0.0)
    source = engine.store.objects["late"]
    target = await Sources(engine, Mock(), Mock()).target(source)
    assert (target.uid, target.way, target.trouble[0]) == ("late", None, "Claimed")
    assert "early manages the same resource" in target.trouble[1]
