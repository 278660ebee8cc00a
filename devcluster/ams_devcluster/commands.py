"""The command lines of a control plane's programs."""

from __future__ import annotations

from pathlib import Path

from ams_devcluster.files import SERVICE_ADDRESSES, Files

# etcd listens on sockets in its working directory, which only the owner may enter: no ports that could clash and no
# other user of the machine who could read the cluster's Secrets. Relative, since a socket's path is limited to about
# 100 characters; the API server runs in the same directory. The number is part of the file's name; etcd wants one.
_CLIENTS = "unix://etcd.sock:0"
_PEERS = "unix://peer.sock:0"

# What a test sees of a cluster: namespaces that end, owned objects that go, `default` service accounts, aggregated
# roles, and warnings about expressions of admission policies. No pods run, so nothing else has anything to do.
_CONTROLLERS = (
    "namespace-controller",
    "garbage-collector-controller",
    "serviceaccount-controller",
    "root-ca-certificate-publisher-controller",
    "clusterrole-aggregation-controller",
    "validatingadmissionpolicy-status-controller",
)


def etcd(binary: Path, files: Files) -> list[str]:
    """etcd, which trades safety against a crash of the machine for speed."""
    return [
        str(binary),
        "--name=devcluster",
        f"--data-dir={files.data}",
        f"--listen-client-urls={_CLIENTS}",
        f"--advertise-client-urls={_CLIENTS}",
        f"--listen-peer-urls={_PEERS}",
        f"--initial-advertise-peer-urls={_PEERS}",
        f"--initial-cluster=devcluster={_PEERS}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def api_server(binary: Path, files: Files, port: int) -> list[str]:
    """kube-apiserver with RBAC, service accounts and all default admission but the one that is about pods."""
    return [
        str(binary),
        f"--etcd-servers={_CLIENTS}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={files.pki}",
        f"--tls-cert-file={files.server}",
        f"--tls-private-key-file={files.server_key}",
        f"--client-ca-file={files.ca}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={files.service_account_key}",
        f"--service-account-signing-key-file={files.service_account_key}",
        f"--service-cluster-ip-range={SERVICE_ADDRESSES}",
        "--disable-admission-plugins=ServiceAccount",
        "--endpoint-reconciler-type=none",
        "--profiling=false",
    ]


def controller_manager(binary: Path, files: Files) -> list[str]:
    """kube-controller-manager, each controller under its own service account as on real clusters."""
    return [
        str(binary),
        f"--kubeconfig={files.manager_kubeconfig}",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--use-service-account-credentials=true",
        f"--root-ca-file={files.ca}",
        "--leader-elect=false",
        "--secure-port=0",
        "--profiling=false",
    ]
