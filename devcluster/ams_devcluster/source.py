"""The Go module that the control plane is built from, and the versions that it pins."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ams_devcluster.errors import DevclusterError

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl")
"""What is built, one directory of the module each."""


@dataclass(frozen=True)
class GoModule:
    """A directory with `go.mod`, `go.sum` and one `main` package for each of `PROGRAMS`."""

    directory: Path

    @property
    def kubernetes_version(self) -> str:
        """The pinned version, such as `v1.35.4`."""
        return self._pinned(r"^\s*k8s\.io/kubernetes (v\S+)$")

    @property
    def go_version(self) -> tuple[int, ...]:
        """The oldest Go that builds it, such as `(1, 25, 0)`."""
        return tuple(int(part) for part in self._pinned(r"^go ([0-9.]+)$").split("."))

    @property
    def key(self) -> str:
        """Names a build: version, platform and a digest of everything that decides what is built."""
        digest = hashlib.sha256()
        for path in [self.directory / "go.mod", self.directory / "go.sum", *sorted(self.directory.glob("*/main.go"))]:
            digest.update(path.relative_to(self.directory).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return f"{self.kubernetes_version}-{sys.platform}-{platform.machine()}-{digest.hexdigest()[:8]}"

    def _pinned(self, pattern: str) -> str:
        found = re.search(pattern, (self.directory / "go.mod").read_text(), re.MULTILINE)
        if found is None:
            raise DevclusterError(f"{self.directory / 'go.mod'} has no line like {pattern!r}; restore the file")
        return found.group(1)


def beside_package(name: str) -> Path:
    """A file or directory that is packed into the wheel, or lies beside the package in a checkout.

    Raises DevclusterError where it is missing.
    """
    here = Path(__file__).resolve().parent
    for candidate in (here / name, here.parent / name):
        if candidate.exists():
            return candidate
    raise DevclusterError(f"{name} is missing beside {here}; install ams-devcluster again, or use a whole checkout")


def own_module() -> GoModule:
    """The module that this package ships."""
    return GoModule(beside_package("go"))
