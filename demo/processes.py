"""The two programs that the demo runs, each as anybody would start it: `ams-emulator serve` and `ams-operator run`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from ams_devcluster.process import Watcher
from demo.children import Child
from demo.errors import DemoError
from demo.manifests import HOME, REGION, USED
from demo.service import Place
from demo.show import Screen

_GROUP: Final = "media"
_SECONDS: Final = 5.0
_REQUEST_SECONDS: Final = 30.0
_WRITES: Final = frozenset({"patch", "patch status", "create"})
_WRITES_METRIC: Final = "ams_operator_kubernetes_requests"


def start_emulator(screen: Screen, directory: Path, watcher: Watcher) -> tuple[Child, Place]:
    """The emulated service, over HTTPS; and what it says when it is ready."""
    command = [_program("ams-emulator"), "serve", "--tls", "--port=0", f"--data={directory}", "--ready-json"]
    # Creating an account takes a moment, as it does in Azure, but not the half minute that Azure asks to wait.
    options = ["--operation-seconds=2", "--retry-after=1", f"--resource-group={_GROUP}", f"--region={REGION}"]
    child = Child("ams-emulator", [*command, *options, f"--account={USED}"], directory / "emulator.log", watcher)

    def ready() -> dict[str, Any] | None:
        child.check()
        first, newline, _ = child.output.read_text().partition("\n")
        return dict(json.loads(first)) if newline else None

    try:
        return child, Place.of(screen.wait("Starting the emulated Media Services", ready))
    except BaseException:
        child.stop()
        raise


class Operator:
    """`ams-operator run` as a process of its own, on a free port."""

    def __init__(self, kubeconfig: Path, directory: Path, watcher: Watcher) -> None:
        command = [_program("ams-operator"), "run", f"--kubeconfig={kubeconfig}", f"--home={HOME}", "--port=0"]
        # Nothing of the person's own environment may reach it but what is needed.
        self.child = Child(
            "ams-operator", [*command, "--log-format=human"], directory / "operator.log", watcher, {"KUBECONFIG": ""}
        )

    @property
    def port(self) -> int:
        """The port of probes and metrics; 0 until it says so."""
        self.child.check()
        found = re.search(r"probes and metrics on port (\d+)", self.child.log.read_text(errors="replace"))
        return int(found[1]) if found else 0

    def is_ready(self) -> bool:
        """What /readyz says."""
        return bool(self.port) and self._get("/readyz") is not None

    def cluster_writes(self) -> Counter[str]:
        """Writes to the API server since it started, by verb and kind."""
        return cluster_writes(text_string_to_metric_families(self._get("/metrics") or ""))

    def _get(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=_SECONDS) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            return None
        except OSError:
            return None


def cluster_writes(families: Iterable[Metric]) -> Counter[str]:
    """All writes in what /metrics says, such as `patch status Transform`. Raises DemoError where there is no metric."""
    counts: Counter[str] = Counter()
    for family in families:
        if family.name == _WRITES_METRIC:
            for item in family.samples:
                if item.name == f"{_WRITES_METRIC}_total" and item.labels["verb"] in _WRITES:
                    counts[f"{item.labels['verb']} {item.labels['kind']}"] += int(item.value)
            return counts
    raise DemoError(f"the operator's /metrics has no {_WRITES_METRIC}")


def request(kubeconfig: Path, verb: str, target: str, namespace: str) -> str:
    """`ams-operator request VERB KIND/NAME`; what it says. Raises DemoError where it fails."""
    command = [_program("ams-operator"), "request", verb, target, f"--namespace={namespace}"]
    ended = subprocess.run(  # noqa: S603 - our own command
        [*command, f"--kubeconfig={kubeconfig}"], capture_output=True, text=True, timeout=_REQUEST_SECONDS, check=False
    )
    if ended.returncode:
        raise DemoError(f"ams-operator request {verb} {target} failed: {ended.stderr.strip()}")
    return ended.stdout.strip()


def _program(name: str) -> str:
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        raise DemoError(f"{path} is missing; `make demo` sets it up")
    return str(path)
