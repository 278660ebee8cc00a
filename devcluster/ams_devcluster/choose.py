"""Which cluster: one that is there already, else one of our own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ams_devcluster.binaries import find_or_build
from ams_devcluster.cache import Progress
from ams_devcluster.control_plane import Cluster, ControlPlane, ExistingCluster
from ams_devcluster.errors import DevclusterError


def existing_kubeconfig(given: Path | None = None, environ: Mapping[str, str] | None = None) -> Path | None:
    """The kubeconfig that a person named: `given` (an option), else `KUBECONFIG`, else None.

    `~/.kube/config` is never taken: nobody named it. Raises DevclusterError where the file is missing, or `KUBECONFIG`
    names several.
    """
    if given is not None:
        return ExistingCluster(given.expanduser()).kubeconfig
    named = [
        part for part in (os.environ if environ is None else environ).get("KUBECONFIG", "").split(os.pathsep) if part
    ]
    if not named:
        return None
    if len(named) > 1:
        raise DevclusterError("KUBECONFIG names several files; name the one to use with --kubeconfig, or unset it")
    path = Path(named[0])
    if not path.is_file():
        raise DevclusterError(f"KUBECONFIG names {path}, which does not exist; unset it for a cluster of its own")
    return path


@contextmanager
def open_cluster(
    progress: Progress, kubeconfig: Path | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """The cluster that `existing_kubeconfig` finds, else a control plane that lives as long as the context."""
    if existing := existing_kubeconfig(kubeconfig, environ):
        progress(f"Using the cluster of {existing}")
        yield ExistingCluster(existing)
        return
    binaries = find_or_build(progress, environ=environ)
    progress("Starting etcd, kube-apiserver and kube-controller-manager")
    with ControlPlane(binaries) as control_plane:
        yield control_plane
