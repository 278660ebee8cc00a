"""A real Kubernetes control plane on this machine: etcd, kube-apiserver, kube-controller-manager; no containers.

binaries = find_or_build(print)
with ControlPlane(binaries) as control_plane:
    ...  # control_plane.kubeconfig
"""

from ams_devcluster.binaries import Binaries, find, find_or_build
from ams_devcluster.choose import existing_kubeconfig, open_cluster
from ams_devcluster.control_plane import Cluster, ControlPlane, ExistingCluster
from ams_devcluster.errors import DevclusterError
from ams_devcluster.progress import narrated

__all__ = [
    "Binaries",
    "Cluster",
    "ControlPlane",
    "DevclusterError",
    "ExistingCluster",
    "existing_kubeconfig",
    "find",
    "find_or_build",
    "narrated",
    "open_cluster",
]
