"""What is sent no more goes from a status, also where somebody else has it: on a real API server, and by the rule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes import client as k8s

from ams_operator.api.base import API_VERSION, GROUP, VERSION
from ams_operator.domain.model import JSON
from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.client import KubeClient
from ams_operator.kube.leftovers import ENGINE, leftovers
from ams_operator.sources import IN_ACCOUNTS

ACCOUNT = "MediaServicesAccount"
SPEC = {
    "azureName": "contoso",
    "subscriptionId": "sub",
    "resourceGroup": "group",
    "credentials": {"secretRef": {"name": "azure"}},
}
APPLIED = {"operation": "Apply", "fieldsV1": {"f:status": {}}}
UPDATED = {"operation": "Update", "fieldsV1": {"f:status": {}}}


def condition(kind: str, said: str = "one") -> JSON:
    times = {"lastTransitionTime": "2026-01-01T00:00:00Z"}
    return {"type": kind, "status": "True", "reason": "Good", "message": said, **times}


class Account:
    """One in a real API server, as its administrator touches it."""

    def __init__(self, api: k8s.ApiClient, namespace: str) -> None:
        self._objects, self._place = k8s.CustomObjectsApi(api), (GROUP, VERSION, namespace, "mediaservicesaccounts")
        body = {"apiVersion": API_VERSION, "kind": ACCOUNT, "metadata": {"name": "default"}, "spec": SPEC}
        self._objects.create_namespaced_custom_object(*self._place, body)

    def wipe(self) -> None:
        self._objects.patch_namespaced_custom_object(*self._place, "default", {"metadata": {"managedFields": [{}]}})

    def restore(self, status: JSON) -> None:
        self._objects.patch_namespaced_custom_object_status(*self._place, "default", {"status": status})

    def status(self) -> JSON:
        found = cast("JSON", self._objects.get_namespaced_custom_object(*self._place, "default"))
        return cast("JSON", found["status"])

    def conditions(self) -> dict[str, str]:
        return {one["type"]: one["message"] for one in self.status()["conditions"]}


@pytest.fixture
def patches() -> list[str]:
    """The verbs of what was sent to the API server."""
    return []


@pytest.fixture
async def real(kubeconfig: Path, crds_installed: None, patches: list[str]) -> AsyncIterator[KubeClient]:
    login = ConfiguredLogin(str(kubeconfig))
    connected = await KubeClient.connect(login, on_request=lambda _kind, verb, _code: patches.append(verb))
    yield connected
    await connected.close()


async def test_what_was_anybodys_since_managed_fields_were_wiped_goes_with_the_next_write(
    real: KubeClient, kubernetes_client: k8s.ApiClient, namespace: str, patches: list[str]
) -> None:
    account = await asyncio.to_thread(Account, kubernetes_client, namespace)
    found = await real.get(ACCOUNT, namespace, "default")
    plan: JSON = {"hash": "h", "actions": [], "more": 3}
    full = {
        "conditions": [condition("Ready"), condition("Stalled")],
        "plan": plan,
        "resourceId": "x",
        "record": {"a": 1},
    }
    found = await real.write_status(found, full)
    found = await real.write_status(found, {"conditions": [condition("V2AccessReady")], "migration": {}}, IN_ACCOUNTS)
    del patches[:]
    await asyncio.to_thread(account.wipe)
    found = await real.get(ACCOUNT, namespace, "default")
    less = {"conditions": [condition("Ready", "two")], "plan": {"hash": "i", "actions": []}, "record": {"b": 1}}
    found = await real.write_status(found, less)
    assert patches == ["get", "patch status", "patch status"]
    found = await real.write_status(found, {**less, "record": {"c": 1}})
    assert patches[3:] == ["patch status"], "one more request only where something stayed"
    assert found.status == account.status()
    assert account.conditions() == {"Ready": "two", "V2AccessReady": "one"}, "and nothing of another manager's goes"
    assert account.status() | {"conditions": 0} == {**less, "record": {"c": 1}, "migration": {}, "conditions": 0}
    await real.write_status(found, {}, IN_ACCOUNTS)
    assert account.conditions() == {"Ready": "two"}
    assert "migration" not in account.status()


async def test_what_a_restored_status_says_goes_with_the_next_write(
    real: KubeClient, kubernetes_client: k8s.ApiClient, namespace: str
) -> None:
    account = await asyncio.to_thread(Account, kubernetes_client, namespace)
    theirs = {"conditions": [condition("Stalled"), condition("Somebodys")], "resourceId": "x"}
    await asyncio.to_thread(account.restore, theirs)
    found = await real.get(ACCOUNT, namespace, "default")
    await real.write_status(found, {"observedGeneration": 1, "conditions": [condition("Ready")]})
    assert account.conditions() == {"Ready": "one", "Somebodys": "one"}, "what is no condition of ours stays"
    assert account.status() | {"conditions": 0} == {"observedGeneration": 1, "conditions": 0}


LEAVES = st.recursive(
    st.integers(0, 2) | st.lists(st.integers(0, 2), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
STATUSES = st.dictionaries(st.sampled_from(["plan", "record", "resourceId", "migration"]), LEAVES)


def merged(value: Any, patch: JSON) -> Any:
    """RFC 7396."""
    kept = dict(value) if isinstance(value, dict) else {}
    for name, change in patch.items():
        if change is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), change) if isinstance(change, dict) else change
    return kept


def applied(before: Any, sent: Any) -> Any:
    """What the API server makes of both where nothing of the former goes."""
    if not (isinstance(before, dict) and isinstance(sent, dict)):
        return sent
    return before | {name: applied(before.get(name), value) for name, value in sent.items()}


@given(STATUSES, STATUSES)
def test_what_is_left_is_what_was_sent(before: JSON, sent: JSON) -> None:
    mine = {name: value for name, value in sent.items() if name != "migration"}
    raw = {"metadata": {"managedFields": [APPLIED, UPDATED]}, "status": applied(before, mine)}
    rest = leftovers(raw, mine, ENGINE)
    others = {"migration": before["migration"]} if "migration" in before else {}
    assert merged(raw["status"], rest) == mine | others
    assert not leftovers({**raw, "status": mine | others}, mine, ENGINE), "and that is the end of it"
    assert not leftovers({**raw, "metadata": {"managedFields": [APPLIED]}}, mine, ENGINE), "nobody else has anything"
    assert not leftovers({**raw, "metadata": {}}, mine, ENGINE)
