"""What a target stands for: not what it is called, but where it answers and which account that is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

from ams_operator.domain.answers import Resource
from ams_operator.engine.state import Engine
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
