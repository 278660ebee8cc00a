"""Find the programs of a control plane, or build them once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ams_devcluster.build import build
from ams_devcluster.cache import Progress, cache_root, locked
from ams_devcluster.errors import DevclusterError
from ams_devcluster.source import PROGRAMS, GoModule, own_module

Builder = Callable[[GoModule, Path, Progress, Mapping[str, str]], None]


@dataclass(frozen=True)
class Binaries:
    """The programs of a control plane.

    `kube_controller_manager` and `kubectl` may be None for programs that come from `KUBEBUILDER_ASSETS`, whose usual
    source ships no controller manager: deleted namespaces then stay Terminating.
    """

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path | None
    kubectl: Path | None
    origin: str
    """`assets` or `cache`."""


def find(environ: Mapping[str, str] | None = None, module: GoModule | None = None) -> Binaries | None:
    """The programs that `KUBEBUILDER_ASSETS` names, else those in the cache, else None.

    Raises DevclusterError where `KUBEBUILDER_ASSETS` is set and has no etcd or no kube-apiserver.
    """
    environ = os.environ if environ is None else environ
    if assets := environ.get("KUBEBUILDER_ASSETS"):
        return _in_directory(Path(assets).expanduser().absolute(), "assets")
    directory = cache_root(environ) / (module or own_module()).key
    return _in_directory(directory, "cache") if directory.is_dir() else None


def find_or_build(
    progress: Progress,
    *,
    environ: Mapping[str, str] | None = None,
    module: GoModule | None = None,
    builder: Builder = build,
) -> Binaries:
    """What `find` finds, else what is built now (4 to 8 minutes on 2 idle cores) and kept in the cache.

    `progress` gets a line at least every 5 seconds. Concurrent callers build once. Raises DevclusterError where the
    build fails, with the end of its output.
    """
    environ = os.environ if environ is None else environ
    module = module or own_module()
    if found := find(environ, module):
        return found
    root = cache_root(environ)
    with locked(root / f"{module.key}.lock", progress):
        if found := find(environ, module):
            return found
        builder(module, root, progress, environ)
    found = find(environ, module)
    if found is None:
        raise DevclusterError(f"The build left nothing in {root / module.key}; run `devcluster clean` and try again")
    return found


def _in_directory(directory: Path, origin: str) -> Binaries:
    present = {name: directory / name for name in PROGRAMS if os.access(directory / name, os.X_OK)}
    missing = [name for name in ("etcd", "kube-apiserver") if name not in present]
    if missing and origin == "assets":
        raise DevclusterError(
            f"KUBEBUILDER_ASSETS is {directory}, which has no executable {' and no '.join(missing)}. "
            "Point it to a directory that has both, or unset it to use the binaries built from the Go modules."
        )
    if missing:
        raise DevclusterError(
            f"The cache {directory} has no executable {' and no '.join(missing)}; run `devcluster clean`"
        )
    return Binaries(
        etcd=present["etcd"],
        kube_apiserver=present["kube-apiserver"],
        kube_controller_manager=present.get("kube-controller-manager"),
        kubectl=present.get("kubectl"),
        origin=origin,
    )
