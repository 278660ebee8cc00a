"""The ways to a cluster's programs, in their order, and that a build happens once and whole."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ams_devcluster import DevclusterError, existing_kubeconfig, find, find_or_build, open_cluster
from ams_devcluster.cache import Progress, cache_root, clean
from ams_devcluster.source import GoModule, own_module

Fill = Callable[..., Path]


class Builder:
    """Counts builds instead of compiling."""

    def __init__(self, fill: Fill) -> None:
        self.builds = 0
        self._fill = fill

    def __call__(self, module: GoModule, root: Path, progress: Progress, environ: Mapping[str, str]) -> None:
        self.builds += 1
        self._fill(root / module.key)


@pytest.fixture
def builder(programs: Fill) -> Builder:
    return Builder(programs)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"AMS_DEVCLUSTER_CACHE": str(tmp_path / "cache")}


def test_first_way_is_a_cluster_that_the_user_names(tmp_path: Path) -> None:
    named, option = tmp_path / "named", tmp_path / "option"
    named.touch()
    option.touch()
    environ = {"KUBECONFIG": str(named)}
    assert existing_kubeconfig(None, environ) == named
    assert existing_kubeconfig(option, environ) == option
    assert existing_kubeconfig(None, {}) is None
    with open_cluster(lambda _: None, option) as cluster:
        assert cluster.kubeconfig == option


@pytest.mark.parametrize(
    ("value", "says"), [("missing", "KUBECONFIG names .*missing, which does not exist"), ("a:b", "--kubeconfig")]
)
def test_a_named_cluster_that_cannot_be_used_is_an_error_not_another_cluster(value: str, says: str) -> None:
    with pytest.raises(DevclusterError, match=says):
        existing_kubeconfig(None, {"KUBECONFIG": value.replace(":", os.pathsep)})


def test_second_way_is_a_directory_of_programs(
    tmp_path: Path, module: GoModule, programs: Fill, builder: Builder, environ: dict[str, str]
) -> None:
    programs(cache_root(environ) / module.key)
    assets = programs(tmp_path / "assets", ("etcd", "kube-apiserver", "kubectl"))
    found = find_or_build(print, environ=environ | {"KUBEBUILDER_ASSETS": str(assets)}, module=module, builder=builder)
    assert (found.etcd, found.origin) == (assets / "etcd", "assets")
    assert found.kube_controller_manager is None
    assert builder.builds == 0


def test_a_directory_without_the_programs_is_an_error_that_names_the_variable(
    tmp_path: Path, module: GoModule, programs: Fill, environ: dict[str, str]
) -> None:
    assets = programs(tmp_path / "assets", ("etcd",))
    with pytest.raises(DevclusterError, match=r"KUBEBUILDER_ASSETS is .*no executable kube-apiserver"):
        find(environ | {"KUBEBUILDER_ASSETS": str(assets)}, module)


def test_third_way_is_the_cache_and_fourth_is_built_once(
    module: GoModule, builder: Builder, environ: dict[str, str]
) -> None:
    assert find(environ, module) is None
    first = find_or_build(print, environ=environ, module=module, builder=builder)
    assert find_or_build(print, environ=environ, module=module, builder=builder) == first == find(environ, module)
    assert first.origin == "cache"
    assert builder.builds == 1


def test_another_version_or_another_source_is_another_build(
    module: GoModule, builder: Builder, environ: dict[str, str]
) -> None:
    key = module.key
    assert key.startswith("v1.99.3-")
    find_or_build(print, environ=environ, module=module, builder=builder)
    (module.directory / "go.sum").write_text("changed")
    assert module.key != key
    find_or_build(print, environ=environ, module=module, builder=builder)
    assert builder.builds == 2


def test_concurrent_callers_build_once(module: GoModule, programs: Fill, environ: dict[str, str]) -> None:
    building, finish = threading.Event(), threading.Event()
    waiting = threading.Event()
    builds: list[str] = []

    def slow(module: GoModule, root: Path, progress: Progress, environ: Mapping[str, str]) -> None:
        builds.append(threading.current_thread().name)
        building.set()
        assert finish.wait(30)
        programs(root / module.key)

    def second_progress(text: str) -> None:
        assert "another process" in text
        waiting.set()

    first = threading.Thread(
        target=find_or_build, args=(print,), kwargs={"environ": environ, "module": module, "builder": slow}
    )
    second = threading.Thread(
        target=find_or_build, args=(second_progress,), kwargs={"environ": environ, "module": module, "builder": slow}
    )
    first.start()
    assert building.wait(30)
    second.start()
    assert waiting.wait(30)
    finish.set()
    first.join(30)
    second.join(30)
    assert len(builds) == 1
    assert find(environ, module) is not None


def test_clean_removes_what_was_built_and_nothing_else(
    module: GoModule, builder: Builder, environ: dict[str, str]
) -> None:
    find_or_build(print, environ=environ, module=module, builder=builder)
    stranger = cache_root(environ) / "notes.txt"
    stranger.touch()
    assert clean(environ)
    assert find(environ, module) is None
    assert list(cache_root(environ).iterdir()) == [stranger]


def test_the_cache_is_where_the_user_keeps_caches() -> None:
    assert cache_root({"XDG_CACHE_HOME": "/x"}) == Path("/x/ams-devcluster")
    assert cache_root({"AMS_DEVCLUSTER_CACHE": "/y", "XDG_CACHE_HOME": "/x"}) == Path("/y")


def test_the_shipped_module_pins_everything() -> None:
    module = own_module()
    text = (module.directory / "go.mod").read_text()
    staging = module.kubernetes_version.replace("v1.", "v0.", 1)
    assert f"\tk8s.io/apiserver => k8s.io/apiserver {staging}\n" in text
    assert module.go_version >= (1, 25)
    assert (module.directory / "go.sum").stat().st_size > 10_000
