"""Kubeconfig files: one cluster, one user, everything inside the file."""

from __future__ import annotations

import base64
from pathlib import Path

import yaml

from ams_devcluster.pki import write_private


def write_kubeconfig(path: Path, server: str, authority: bytes, certificate: bytes, key: bytes) -> Path:
    """Write a kubeconfig that reaches `server` (a URL) with a client certificate; all three are PEM. Returns `path`."""

    def data(pem: bytes) -> str:
        return base64.b64encode(pem).decode()

    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "devcluster", "cluster": {"server": server, "certificate-authority-data": data(authority)}}
        ],
        "users": [
            {"name": "devcluster", "user": {"client-certificate-data": data(certificate), "client-key-data": data(key)}}
        ],
        "contexts": [{"name": "devcluster", "context": {"cluster": "devcluster", "user": "devcluster"}}],
        "current-context": "devcluster",
    }
    write_private(path, yaml.safe_dump(config, sort_keys=False).encode())
    return path
