"""Files with credentials: kubeconfigs of the demo's own processes, and what a person may use besides."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any, Final

import yaml

from demo.cluster import Cluster

_SECONDS: Final = 7 * 86400


def write_text(path: Path, text: str) -> Path:
    """Write a file that only its owner can read; returns `path`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    return path


def write(path: Path, config: dict[str, Any]) -> Path:
    """Write a kubeconfig that only its owner can read; returns `path`."""
    return write_text(path, yaml.safe_dump(config, sort_keys=False))


def kubeconfig_of(cluster: Cluster, namespace: str, service_account: str, path: Path) -> Path:
    """A kubeconfig of a ServiceAccount, valid for a week; returns `path`."""
    reach: dict[str, Any] = {"server": cluster.server}
    if cluster.authority is not None:
        reach["certificate-authority-data"] = base64.b64encode(cluster.authority).decode()
    user = {"token": cluster.token(namespace, service_account, _SECONDS)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "demo", "cluster": reach}],
        "users": [{"name": service_account, "user": user}],
        "contexts": [{"name": "demo", "context": {"cluster": "demo", "user": service_account}}],
        "current-context": "demo",
    }
    return write(path, config)
