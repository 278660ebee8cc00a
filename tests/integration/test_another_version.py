"""An upgrade by one version and the way back, with real processes: each meets the objects and records of the other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client
from tests.fixtures_cluster import apply, install_crds
from tests.integration import newer, on_air
from tests.integration.operators import QUIET, Operator
from tests.integration.rig import Rig
from tests.patience import until

from ams_operator.api.crd import crd

UNCHANGED = (("MediaServicesAccount", "default"), ("Transform", "adaptive"), ("LiveEvent", "studio"))
"""what the other version says nothing else about"""


@pytest.fixture
def next_version(rig: Rig, tmp_path: Path) -> Iterator[Operator]:
    """Another program for the same namespace; not started."""
    ours = rig.operator
    program = (sys.executable, "-m", "tests.integration.newer")
    ours.alone, ours.quiet = True, QUIET  # one is stopped or killed before the other begins
    other = Operator(ours.kubeconfig, ours.namespaces, ours.home, tmp_path / "newer.log", program=program, alone=True)
    yield other
    if other.process is not None and other.process.poll() is None:
        other.kill()


@pytest.fixture(autouse=True)
def _own_crds_again(crds_installed: None, kubernetes_client: client.ApiClient) -> Iterator[None]:
    """They have a field less: whoever does not mention it sees no difference, so that nobody has to wait for them."""
    yield
    install_crds(kubernetes_client)


def upgrade(rig: Rig) -> None:
    """The definitions of the next version; waits until the API server keeps the new field."""
    apply(rig.cluster.api, crd(newer.NEWER))
    path = f"{rig.cluster.path('Asset')}?dryRun=All"
    body = {"apiVersion": "ams-operator.dev/v1alpha1", "kind": "Asset", "metadata": {"name": "x"}}

    def kept() -> bool:
        answer = rig.cluster.call("POST", path, body | {"spec": {"purpose": "x"}})[1]
        return "purpose" in answer.get("spec", {})

    until(kept, "the new field is served")


def swept(rig: Rig, since: int) -> None:
    """Wait until the account was swept after so many requests."""

    def listed() -> bool:
        log = rig.emulator.control.log()[since:]
        return any(one["method"] == "GET" and one["path"].endswith("/liveEvents") for one in log)

    until(listed, "the live events are listed")


def seen(rig: Rig, kind: str, name: str) -> dict[str, Any]:
    found = rig.cluster.get(kind, name)
    assert found is not None
    return found


def versions(rig: Rig) -> dict[str, str]:
    """The resourceVersions of what no version has a reason to write to."""
    return {name: seen(rig, kind, name)["metadata"]["resourceVersion"] for kind, name in UNCHANGED}


def served(rig: Rig, name: str) -> dict[str, Any]:
    found: dict[str, Any] = rig.emulator.request("GET", on_air.place(rig, f"assets/{name}"))[2]["properties"]
    return found


def asset(rig: Rig, name: str, **spec: Any) -> None:
    on_air.asset(rig, name, deletionPolicy="Delete", **spec)


def test_an_upgrade_and_the_way_back(rig: Rig, next_version: Operator) -> None:
    """Nothing is lost, nothing made anew, and only that rewritten of which a version has something else to say."""
    rig.emulator.control.variants(**{"body.unknown-member": "store"})
    on_air.quick(rig)
    with rig.running():
        rig.ready_account()
        rig.transform("adaptive")
        asset(rig, "tape", description="old")
        asset(rig, "reel", description="old")
        on_air.on_air(rig)
        assets = (("Asset", "tape"), ("Asset", "reel"))
        for kind, name in (*UNCHANGED, *assets):
            rig.cluster.ready(kind, name)
    before, tape = versions(rig), seen(rig, "Asset", "tape")
    rig.emulator.control.reset_log()
    upgrade(rig)

    next_version.start()
    until(lambda: all("createdAt" in seen(rig, *one)["status"] for one in assets), "they show the new fact")
    swept(rig, 0)
    assert on_air.writes(rig) == [], "in the service an upgrade changes nothing"
    assert versions(rig) == before, "and in the cluster nothing about which there is no news"
    now = seen(rig, "Asset", "tape")
    known = tape["status"]["record"] | {"by": newer.VERSION, newer.MEMBER: {"anything": 1}}
    assert (now["spec"], now["status"]["record"]) == (tape["spec"], known)
    asset(rig, "tape", description="old", purpose="evidence")
    asset(rig, "fresh", purpose="rushes")
    for name in ("tape", "fresh"):
        rig.cluster.ready("Asset", name)
    held = rig.emulator.control.barrier("before", method="PATCH", path="/assets/reel$")
    asset(rig, "reel", description="new")
    held.wait()
    next_version.kill()
    held.release("drop")
    record = seen(rig, "Asset", "tape")["status"]["record"]

    since = len(rig.emulator.control.log())
    with rig.running():
        rig.cluster.ready("Asset", "reel")
        assert served(rig, "reel")["description"] == "new", "what the other version began is brought to its end"
        assert seen(rig, "Asset", "reel")["status"]["record"][newer.MEMBER] == {"anything": 1}
        for name in ("tape", "fresh"):
            message = rig.cluster.reason("Asset", name, "InvalidSpec")
            assert message.startswith("spec.purpose: this version of the operator does not know it")
        assert seen(rig, "Asset", "tape")["status"]["record"] == record
        assert seen(rig, "Asset", "tape")["spec"]["purpose"] == "evidence"
        rig.cluster.delete("Asset", "fresh")
        rig.cluster.reason("Asset", "fresh", "Deleting")
        rig.transform("later")
        rig.cluster.ready("Transform", "later")
        swept(rig, since)
        assert versions(rig) == before

    since = len(rig.emulator.control.log())
    next_version.start()
    rig.cluster.gone("Asset", "fresh")
    found = rig.cluster.ready("Asset", "tape")
    assert found["status"]["record"] == record
    assert [served(rig, "tape")[name] for name in ("description", "purpose")] == ["old", "evidence"]
    rig.cluster.ready("Asset", "reel")
    swept(rig, since)
    assert next_version.stop() == 0
    assert versions(rig) == before
    assert [one for one in on_air.writes(rig) if one != ("PATCH", "assets/reel")] == [
        ("PATCH", "assets/tape"),
        ("PUT", "assets/fresh"),
        ("PUT", "transforms/later"),
        ("DELETE", "assets/fresh"),
    ]
    on_air.undisturbed(rig)


def test_the_former_definitions_on_the_way_back(rig: Rig, next_version: Operator) -> None:
    """The API server forgets what they do not name. Nothing is taken back for that, made anew or let go; it is told."""
    rig.emulator.control.variants(**{"body.unknown-member": "store"})
    upgrade(rig)
    next_version.start()
    rig.ready_account()
    rig.transform("adaptive")
    for name in ("tape", "reel"):
        asset(rig, name, description="old", purpose="evidence")
    for kind, name in (("Transform", "adaptive"), ("Asset", "tape"), ("Asset", "reel")):
        rig.cluster.ready(kind, name)
    until(lambda: "createdAt" in seen(rig, "Asset", "tape")["status"], "it shows the new fact")
    assert next_version.stop() == 0
    record = seen(rig, "Asset", "tape")["status"]["record"]
    rig.emulator.control.reset_log()

    install_crds(rig.cluster.api)
    until(lambda: "purpose" not in seen(rig, "Asset", "tape")["spec"], "the API server has forgotten the field")
    with rig.running():
        for name in ("tape", "reel"):
            message = rig.cluster.reason("Asset", name, "CannotUnset")
            assert message.startswith("spec.purpose was set by another version of the operator")
        assert seen(rig, "Asset", "tape")["status"]["record"] == record | {"by": version("ams-operator")}
        asset(rig, "tape", description="new")
        until(lambda: served(rig, "tape")["description"] == "new", "the rest of it goes on")
        rig.cluster.reason("Asset", "tape", "CannotUnset")
        assert served(rig, "tape")["purpose"] == "evidence"
        now = seen(rig, "Asset", "tape")["status"]["record"]
        assert all(now[name] == record[name] for name in ("uid", "how", "identity", "fields", newer.MEMBER))
        rig.cluster.delete("Asset", "reel")
        rig.cluster.gone("Asset", "reel")
        rig.cluster.ready("Transform", "adaptive")

    upgrade(rig)
    next_version.start()
    asset(rig, "tape", description="new", purpose="evidence")
    rig.cluster.ready("Asset", "tape")
    assert on_air.writes(rig) == [("PATCH", "assets/tape"), ("DELETE", "assets/reel")]


def test_a_version_that_is_mistaken_changes_no_account(rig: Rig, next_version: Operator) -> None:
    """It says what it would do to whom and waits; the former version finds all as it was."""
    next_version.env[newer.DEFAULT] = "mistaken"
    next_version.options = ("--mass-change-limit=1",)
    names = ("tape", "reel")
    with rig.running():
        rig.ready_account()
        for name in names:
            asset(rig, name, description="old")
        for name in names:
            rig.cluster.ready("Asset", name)
    rig.emulator.control.reset_log()
    upgrade(rig)
    next_version.start()
    for name in names:
        message = rig.cluster.reason("Asset", name, "MassChange")
        assert "run the former version again" in message
        (action,) = seen(rig, "Asset", name)["status"]["plan"]["actions"]
        assert [change["field"] for change in action["changes"]] == ["spec.alternateId"]
    assert next_version.stop() == 0
    with rig.running():
        for name in names:
            rig.cluster.ready("Asset", name)
    assert on_air.writes(rig) == []
