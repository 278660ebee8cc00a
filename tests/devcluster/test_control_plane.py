"""The real control plane: it starts, restarts, stops, keeps data, and never outlives who started it unasked."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ForbiddenException, NotFoundException
from tests.devcluster.conftest import executable
from tests.fixtures_cluster import wait_for

from ams_devcluster import Binaries, Cluster, ControlPlane, DevclusterError
from ams_devcluster.process import runs_in

PROGRAMS = {"etcd", "kube-apiserver", "kube-controller-manager"}


@contextlib.contextmanager
def connected(kubeconfig: Path) -> Iterator[Any]:
    """A client; Any, since in the generated types every field of every answer may be None."""
    with config.new_client_from_config(str(kubeconfig)) as api_client:  # type: ignore[no-untyped-call]  # generated code
        yield api_client


@contextlib.contextmanager
def core_api(kubeconfig: Path) -> Iterator[Any]:
    with connected(kubeconfig) as api_client:
        yield client.CoreV1Api(api_client)


def config_map(name: str) -> Any:
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data={"key": "value"})


def gone(pids: dict[str, int], directory: Path) -> bool:
    return not any(runs_in(pid, directory) for pid in pids.values())


def test_two_run_side_by_side_and_stop_without_a_trace(binaries: Binaries) -> None:
    with ControlPlane(binaries) as one, ControlPlane(binaries) as other:
        assert one.pids.keys() == other.pids.keys() == PROGRAMS
        assert one.url != other.url
        with core_api(one.kubeconfig) as core:
            core.create_namespaced_config_map("default", config_map("mine"))
        with core_api(other.kubeconfig) as core, pytest.raises(NotFoundException):
            core.read_namespaced_config_map("mine", "default")
        first, second = dict(one.pids), dict(other.pids)
        other.stop()
        assert gone(second, other.directory)
        assert not other.directory.exists()
        assert first == one.pids
        other.stop()  # a second time does nothing
    assert gone(first, one.directory)
    assert not one.directory.exists()


@pytest.mark.parametrize("kill", [False, True])
def test_the_api_server_comes_back_on_its_port_with_its_data(binaries: Binaries, kill: bool) -> None:
    with ControlPlane(binaries) as control_plane:
        url = control_plane.url
        with core_api(control_plane.kubeconfig) as core:
            core.create_namespaced_config_map("default", config_map("kept"))
            control_plane.stop_apiserver(kill=kill)
            left = control_plane.pids.keys()
            # The controller manager ends by itself where it lost the API server while it was still starting.
            assert {"etcd"} <= left <= PROGRAMS - {"kube-apiserver"}
            with pytest.raises(OSError, match="refused"):
                control_plane.metrics()
            control_plane.start_apiserver()
            assert control_plane.url == url
            assert control_plane.pids.keys() == PROGRAMS
            assert core.read_namespaced_config_map("kept", "default").data == {"key": "value"}
        assert "apiserver_request_total" in control_plane.metrics()


def test_a_directory_keeps_objects_certificates_and_port(binaries: Binaries, tmp_path: Path) -> None:
    place = tmp_path / "cluster"
    with ControlPlane(binaries, place) as first, core_api(first.kubeconfig) as core:
        core.create_namespaced_config_map("default", config_map("kept"))
        before = first.kubeconfig.read_bytes()
        with pytest.raises(DevclusterError, match=r"runs in .* already .*devcluster down --dir"):
            ControlPlane(binaries, place).start()
        assert first.pids.keys() == PROGRAMS
    with ControlPlane(binaries, place) as second, core_api(second.kubeconfig) as core:
        assert second.kubeconfig.read_bytes() == before
        assert core.read_namespaced_config_map("kept", "default").data == {"key": "value"}
    assert place.stat().st_mode & 0o077 == 0
    assert second.kubeconfig.stat().st_mode & 0o077 == 0


def test_a_directory_with_other_files_is_left_alone(binaries: Binaries, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DevclusterError, match="has other files"):
        ControlPlane(binaries, tmp_path).start()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_when_its_parent_is_killed_everything_goes(binaries: Binaries) -> None:
    script = (
        "import time\nfrom ams_devcluster import ControlPlane, find\n"
        "with ControlPlane(find()) as it:\n"
        "    print(it.directory, *it.pids.values(), flush=True)\n    time.sleep(1000)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    place, *numbers = parent.stdout.readline().split()
    pids = {number: int(number) for number in numbers}
    assert len(pids) == 3
    assert not gone(pids, Path(place))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait_for(lambda: gone(pids, Path(place)) and not Path(place).exists(), "processes and data are gone")


@pytest.mark.parametrize("broken", ["etcd", "kube-apiserver"])
def test_a_program_that_fails_says_why_and_nothing_is_left(binaries: Binaries, tmp_path: Path, broken: str) -> None:
    bad = executable(tmp_path / "bad", "echo the reason of it >&2; exit 3")
    failing = replace(binaries, etcd=bad) if broken == "etcd" else replace(binaries, kube_apiserver=bad)
    control_plane = ControlPlane(failing)
    with pytest.raises(DevclusterError, match=r"ended(.|\n)*the reason of it"):
        control_plane.start()
    assert control_plane.pids == {}
    assert not control_plane.directory.exists()


def test_a_port_that_is_taken_meanwhile_is_not_the_end(
    binaries: Binaries, control_plane: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(control_plane, ControlPlane):
        pytest.skip("AMS_TEST_KUBECONFIG: the port of a cluster of our own is needed")
    taken = int(control_plane.url.rsplit(":", 1)[1])
    free = iter([taken, 31999, 31998, 31997])
    monkeypatch.setattr("ams_devcluster.control_plane.free_port", lambda preferred: next(free))
    with ControlPlane(binaries) as other:
        assert other.url != control_plane.url
        assert other.url in other.kubeconfig.read_text()


def test_a_deleted_namespace_goes(kubeconfig: Path, namespace: str) -> None:
    with core_api(kubeconfig) as core:
        core.create_namespaced_config_map(namespace, config_map("inside"))
        core.delete_namespace(namespace)

        def absent() -> bool:
            return all(item.metadata.name != namespace for item in core.list_namespace().items)

        wait_for(absent, "the namespace is gone")


def test_an_owned_object_goes_with_its_owner(kubeconfig: Path, namespace: str) -> None:
    with core_api(kubeconfig) as core:
        owner = core.create_namespaced_config_map(namespace, config_map("owner"))
        owned = config_map("owned")
        reference = client.V1OwnerReference(api_version="v1", kind="ConfigMap", name="owner", uid=owner.metadata.uid)
        owned.metadata.owner_references = [reference]
        core.create_namespaced_config_map(namespace, owned)
        core.delete_namespaced_config_map("owner", namespace)

        def absent() -> bool:
            return all(item.metadata.name != "owned" for item in core.list_namespaced_config_map(namespace).items)

        wait_for(absent, "the owned object is gone")


def test_other_users_have_the_rights_that_rbac_gives(control_plane: Cluster, namespace: str) -> None:
    if not isinstance(control_plane, ControlPlane):
        pytest.skip("AMS_TEST_KUBECONFIG: its certificate authority is not ours")
    with connected(control_plane.kubeconfig) as admin:
        subject = client.RbacV1Subject(kind="Group", name="readers", api_group="rbac.authorization.k8s.io")
        role = client.V1RoleRef(kind="ClusterRole", name="view", api_group="rbac.authorization.k8s.io")
        binding = client.V1RoleBinding(metadata=client.V1ObjectMeta(name="readers"), subjects=[subject], role_ref=role)
        client.RbacAuthorizationV1Api(admin).create_namespaced_role_binding(namespace, binding)
    with core_api(control_plane.kubeconfig_for("anna", ["readers"])) as core:
        wait_for(lambda: allowed(lambda: core.list_namespaced_config_map(namespace)), "the group may read")
        assert not allowed(lambda: core.create_namespaced_config_map(namespace, config_map("x")))
        assert not allowed(lambda: core.list_namespaced_config_map("default"))
    with core_api(control_plane.kubeconfig_for("berta")) as core:
        assert not allowed(lambda: core.list_namespaced_config_map(namespace))


def allowed(call: Callable[[], object]) -> bool:
    """Whether the call is permitted; any other refusal is an error."""
    try:
        call()
    except ForbiddenException:
        return False
    return True


def test_a_service_account_gets_a_token_that_the_server_knows(kubeconfig: Path, namespace: str) -> None:
    with connected(kubeconfig) as admin:
        core: Any = client.CoreV1Api(admin)
        core.create_namespaced_service_account(
            namespace, client.V1ServiceAccount(metadata=client.V1ObjectMeta(name="robot"))
        )
        wanted = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=["https://example.test"]))
        token = core.create_namespaced_service_account_token("robot", namespace, wanted).status.token
        review = client.V1TokenReview(spec=client.V1TokenReviewSpec(token=token, audiences=["https://example.test"]))
        reviews: Any = client.AuthenticationV1Api(admin)
        user = reviews.create_token_review(review).status.user
    assert user.username == f"system:serviceaccount:{namespace}:robot"
