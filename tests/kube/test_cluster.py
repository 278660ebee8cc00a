"""Client and intake on a real API server, with the rights of `manifests/` and no others.

The control plane is this module's own: CRDs are deleted here, and the API server is killed.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from kubernetes import client as k8s
from kubernetes import config, utils
from tests.fixtures_cluster import install_crds
from tests.kube.waiting import Store, until

from ams_devcluster import ControlPlane, find_or_build
from ams_operator.api.base import API_VERSION, FINALIZER, GROUP, VERSION
from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Resource, Vanished
from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.client import KubeClient
from ams_operator.kube.installed import outdated
from ams_operator.kube.intake import Intake
from ams_operator.kube.intake_state import Timing

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("MediaServicesBackend", "MediaServicesAccount", "Transform")
TRANSFORMS = "transforms.ams-operator.dev"
OPERATOR = "system:serviceaccount:ams-operator:ams-operator"
QUICK = Timing(tick=0.05, look_for_crds=0.2, look_for_changes=1.0)

Start = Callable[[], Awaitable[Intake]]


class Cluster:
    """The control plane, and its administrator."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.api = config.new_client_from_config(str(plane.kubeconfig))  # type: ignore[no-untyped-call]  # no types
        self.objects = k8s.CustomObjectsApi(self.api)
        self.core = k8s.CoreV1Api(self.api)
        self.crds = k8s.ApiextensionsV1Api(self.api)

    def install(self) -> None:
        install_crds(self.api)

    def transform(self, name: str, namespace: str = "studio", **metadata: Any) -> dict[str, Any]:
        spec = {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]}
        body = {"apiVersion": API_VERSION, "kind": "Transform", "metadata": {"name": name, **metadata}, "spec": spec}
        return cast(
            "dict[str, Any]",
            self.objects.create_namespaced_custom_object(GROUP, VERSION, namespace, "transforms", body),
        )

    def delete(self, name: str, namespace: str = "studio") -> None:
        self.objects.delete_namespaced_custom_object(GROUP, VERSION, namespace, "transforms", name)

    def writes(self) -> int:
        """Writing requests for objects of our group that the API server has served."""
        return sum(
            int(float(line.rsplit(" ", 1)[1]))
            for line in self.plane.metrics().splitlines()
            if line.startswith("apiserver_request_total{")
            and f'group="{GROUP}"' in line
            and re.search(r'verb="(APPLY|PATCH|POST|PUT|DELETE)"', line)
        )


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if os.environ.get("AMS_TEST_KUBECONFIG"):
        pytest.skip("deletes CRDs and kills the API server; not done to somebody else's cluster")
    with ControlPlane(find_or_build(print)) as plane:
        made = Cluster(plane)
        made.install()
        for name in ("namespace.yaml", "service-account.yaml", "rbac.yaml"):
            utils.create_from_yaml(  # type: ignore[no-untyped-call]  # no types
                made.api, str(ROOT / "manifests" / name)
            )
        made.core.create_namespace(k8s.V1Namespace(metadata=k8s.V1ObjectMeta(name="studio", labels={"team": "a"})))
        yield made
        made.api.close()


@pytest.fixture
def whole(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster with its CRDs and without objects of ours, before and after."""
    yield cluster
    cluster.install()
    found = cast("dict[str, Any]", cluster.objects.list_cluster_custom_object(GROUP, VERSION, "transforms"))
    for one in found["items"]:
        name, namespace = one["metadata"]["name"], one["metadata"]["namespace"]
        arguments = (GROUP, VERSION, namespace, "transforms", name)
        cluster.objects.patch_namespaced_custom_object(*arguments, {"metadata": {"finalizers": None}})
        with suppress(k8s.ApiException):
            cluster.objects.delete_namespaced_custom_object(*arguments)


@pytest.fixture
def login(cluster: Cluster) -> ConfiguredLogin:
    """The operator's service account, by a client certificate."""
    groups = ("system:serviceaccounts", "system:serviceaccounts:ams-operator", "system:authenticated")
    return ConfiguredLogin(str(cluster.plane.kubeconfig_for(OPERATOR, groups)))


@pytest.fixture
async def client(login: ConfiguredLogin) -> AsyncIterator[KubeClient]:
    connected = await KubeClient.connect(login)
    yield connected
    await connected.close()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def start(client: KubeClient, login: ConfiguredLogin, store: Store) -> AsyncIterator[Start]:
    tasks: list[asyncio.Task[None]] = []

    async def begin() -> Intake:
        intake = Intake(client, login, store, KINDS, timing=QUICK)
        tasks.append(asyncio.create_task(intake.run()))
        return intake

    yield begin
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def made(whole: Cluster, client: KubeClient, name: str = "adaptive", **metadata: Any) -> Resource:
    await asyncio.to_thread(whole.transform, name, **metadata)
    return await client.get("Transform", "studio", name)


async def test_the_life_of_an_object(whole: Cluster, client: KubeClient) -> None:
    resource = await made(whole, client)
    assert (resource.generation, resource.finalizers, resource.status) == (1, (), {})
    finalized = await client.set_finalizer(resource, True)
    assert finalized is not None
    assert finalized.finalizers == (FINALIZER,)
    first = await client.write_status(finalized, {"observedGeneration": 1, "resourceState": "x"})
    assert first.status == {"observedGeneration": 1, "resourceState": "x"}
    same = await client.write_status(first, {"observedGeneration": 1, "resourceState": "x"})
    assert same.version == first.version, "an equal status is no write"
    less = await client.write_status(same, {"observedGeneration": 1})
    assert less.status == {"observedGeneration": 1}, "what is left out goes"
    await asyncio.to_thread(whole.delete, "adaptive")
    deleting = await client.get("Transform", "studio", "adaptive")
    assert deleting.deleting
    assert await client.set_finalizer(deleting, False) is None
    with pytest.raises(Vanished):
        await client.get("Transform", "studio", "adaptive")


async def test_stale_and_foreign_writes(whole: Cluster, client: KubeClient) -> None:
    old = await made(whole, client)
    await client.write_status(old, {"observedGeneration": 1})
    with pytest.raises(Conflict):
        await client.write_status(old, {"observedGeneration": 1})
    with pytest.raises(Conflict):
        await client.set_finalizer(old, True)
    await asyncio.to_thread(whole.delete, "adaptive")
    with pytest.raises(Vanished):
        await client.set_finalizer(old, True)
    await made(whole, client)
    with pytest.raises(Conflict):  # a later object of that name
        await client.write_status(old, {"observedGeneration": 1})


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonsense": 1},
        {"observedGeneration": "one"},
        {"conditions": [{"type": "Ready"}, {"type": "Ready"}]},
        {"resourceState": "x" * 65},
        {"record": {"large": "x" * 1_700_000}},
    ],
    ids=["unknown field", "wrong type", "duplicate", "too long", "too large"],
)
async def test_a_status_that_can_never_be_written_is_refused_not_retried(
    whole: Cluster, client: KubeClient, wrong: dict[str, Any]
) -> None:
    resource = await made(whole, client)
    with pytest.raises(KubeRefused):
        await client.write_status(resource, wrong)


async def test_finalizers_and_annotations_of_others_stay(whole: Cluster, client: KubeClient) -> None:
    resource = await made(whole, client, finalizers=["example.com/other"], annotations={"a": "b"})
    answer = await client.set_finalizer(resource, True)
    assert answer is not None
    assert answer.finalizers == ("example.com/other", FINALIZER)
    found = whole.objects.get_namespaced_custom_object(GROUP, VERSION, "studio", "transforms", "adaptive")
    raw = cast("dict[str, Any]", found)
    assert raw["metadata"]["annotations"] == {"a": "b"}


async def others_in(client: KubeClient, namespace: str) -> None:
    """Make Secrets until one is refused: the policy is in force some time after it was applied, and nothing says
    when."""
    for number in range(100):
        await client.create_secret(namespace, f"anything-{number}", {"key": "x"})
        await asyncio.sleep(0.3)


async def test_secrets_and_namespaces(whole: Cluster, client: KubeClient) -> None:
    secret = await client.create_secret("ams-operator", "ams-operator-fingerprint-key", {"key": "wärme"})
    read = await client.secret("ams-operator", "ams-operator-fingerprint-key", ["key"])
    assert read is not None
    assert (read.version, read.data) == (secret.version, {"key": "wärme"})
    assert await client.secret_version("ams-operator", "ams-operator-fingerprint-key") == secret.version
    with pytest.raises(Conflict):
        await client.create_secret("ams-operator", "ams-operator-fingerprint-key", {"key": "other"})
    with pytest.raises(KubeRefused, match="forbidden"):
        await others_in(client, "studio")
    assert await client.secret("studio", "absent", ["key"]) is None
    labels = await client.labels("studio")
    assert labels is not None
    assert labels["team"] == "a"
    assert await client.labels("absent") is None
    assert await client.terminating("Transform", "studio") == (False, False)
    assert await client.terminating("Transform", "absent") == (False, True)
    assert await client.terminating("MediaServicesBackend", "") == (False, False)


async def test_the_intake_sees_everything_and_writes_nothing(whole: Cluster, start: Start, store: Store) -> None:
    for number in range(100):
        await asyncio.to_thread(whole.transform, f"before-{number}")
    writes = whole.writes()
    intake = await start()
    await until(lambda: intake.state.ready)
    assert len(store.names()) == 100
    for number in range(100):
        await asyncio.to_thread(whole.transform, f"after-{number}")
        await asyncio.to_thread(whole.delete, f"before-{number}")
    await until(lambda: store.names() == {f"after-{number}" for number in range(100)})
    assert whole.writes() == writes + 200


async def test_a_crd_deleted_and_made_again(whole: Cluster, client: KubeClient, start: Start, store: Store) -> None:
    kept = await made(whole, client, "kept", finalizers=[FINALIZER])
    await made(whole, client, "free")
    intake = await start()
    await until(lambda: intake.state.ready)
    await asyncio.to_thread(whole.crds.delete_custom_resource_definition, TRANSFORMS)
    await until(lambda: store.named("kept").deleting)
    assert await client.terminating("Transform", "studio") == (True, False)
    assert await client.set_finalizer(store.named("kept"), False) is None
    await until(lambda: intake.state.missing == {"Transform"})
    assert not intake.state.ready
    assert await client.terminating("Transform", "studio") == (True, False)
    await until(lambda: intake.state.watching == {"MediaServicesAccount", "MediaServicesBackend"})
    await asyncio.to_thread(whole.install)
    new = await made(whole, client, "new")
    await until(lambda: intake.state.ready)
    await until(lambda: set(store.objects) == {new.uid})
    assert kept.uid not in store.objects


async def test_a_crd_older_than_the_program_is_not_ready_and_says_what_lacks(
    whole: Cluster, client: KubeClient, start: Start
) -> None:
    definition = yaml.safe_load((ROOT / "crds" / "ams-operator.dev_transforms.yaml").read_text(encoding="utf-8"))
    older = definition["spec"]["versions"]
    del older[0]["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]["holds"]
    patch = {"metadata": {"annotations": {"ams-operator.dev/schema": "older"}}, "spec": {"versions": older}}
    await asyncio.to_thread(whole.crds.patch_custom_resource_definition, TRANSFORMS, patch)
    assert await outdated(client, "Transform") == ".status.holds"
    intake = await start()
    await until(lambda: intake.state.outdated == {"Transform": ".status.holds"})
    assert not intake.state.ready
    assert any("lacks .status.holds: apply crds/" in reason for reason in intake.state.reasons())
    await asyncio.to_thread(whole.install)
    await until(lambda: intake.state.ready)


async def test_a_newer_crd_is_no_trouble(whole: Cluster, client: KubeClient) -> None:
    definition = yaml.safe_load((ROOT / "crds" / "ams-operator.dev_transforms.yaml").read_text(encoding="utf-8"))
    newer = definition["spec"]["versions"]
    newer[0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["later"] = {"type": "string"}
    patch = {"metadata": {"annotations": {"ams-operator.dev/schema": "newer"}}, "spec": {"versions": newer}}
    await asyncio.to_thread(whole.crds.patch_custom_resource_definition, TRANSFORMS, patch)
    assert await outdated(client, "Transform") is None


async def test_the_api_server_killed_and_back(whole: Cluster, client: KubeClient, start: Start, store: Store) -> None:
    await made(whole, client, "before")
    intake = await start()
    await until(lambda: intake.state.ready)
    await asyncio.to_thread(whole.plane.stop_apiserver, kill=True)
    await until(lambda: not intake.state.ready)
    with pytest.raises(KubeDown):
        await client.get("Transform", "studio", "before")
    await asyncio.to_thread(whole.plane.start_apiserver)
    await until(lambda: intake.state.ready)
    assert store.names() == {"before"}
    await made(whole, client, "after")
    await until(lambda: store.names() == {"before", "after"})
