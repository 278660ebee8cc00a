"""`ams-operator run` as a process, as tests start it: it begins where its imports end.

Imports are most of what a start costs, and a hundred tests start an operator. So each test process keeps a server that
has imported it once and forks itself into whoever is started: a process of its own in everything else. How the console
script begins is left to the tests of the demo and of commands.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.patience import until

ROOT = Path(__file__).resolve().parents[2]
QUIET = 4.0
"""seconds that tests give for `quiet` to whoever is killed or cut off, where nothing of it can land later"""
_IMPORTED = ["ams_operator.cli", "ams_operator.main"]


@dataclass
class Operator:
    """`ams-operator run` as a process of its own."""

    kubeconfig: Path
    namespaces: tuple[str, ...]
    home: str
    log: Path
    port: int = 0
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | WarmProcess | None = None
    env: dict[str, str] = field(default_factory=dict)
    alone: bool = False
    """started without a Lease: nobody else can be there"""
    program: tuple[str, ...] = ()
    """another program than `ams-operator`"""
    quiet: float = 0.0
    """seconds after which a request without an answer can no longer take effect; 0: the minute that there is"""

    def start(self, *, wait: bool = True) -> Operator:
        """Start, and wait for /readyz unless told otherwise."""
        words = [
            "run",
            f"--kubeconfig={self.kubeconfig}",
            f"--home={self.home}",
            "--port=0",
            "--log-level=debug",
            *(f"--namespace={name}" for name in self.namespaces),
            *(["--no-lease"] if self.alone else []),
            *self.options,
        ]
        self.port = 0
        offset = self.log.stat().st_size if self.log.exists() else 0
        env = {**os.environ, **self.env}
        if self.program:
            with self.log.open("ab") as stream:
                command = [*self.program, *words]
                self.process = subprocess.Popen(command, stdout=stream, stderr=stream, env=env, cwd=ROOT)
        else:
            self.process = WarmProcess(words, self.log, env, ROOT, self.quiet)
        self.port = until(lambda: self._port(offset), "the operator says its port")
        if wait:
            until(self.is_ready, f"the operator is ready; see {self.log}")
        return self

    def _port(self, offset: int) -> int:
        assert self.process is not None
        text = self.log.read_bytes()[offset:].decode(errors="replace")
        assert self.process.poll() is None, text
        found = re.search(r"probes and metrics on port (\d+)", text)
        return int(found[1]) if found else 0

    def probe(self, path: str) -> tuple[int, str]:
        """GET on the probe port: status (0: no answer) and text."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.text()[-4000:]
        return self.probe("/readyz")[0] == 200

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        total = 0.0
        for line in self.probe("/metrics")[1].splitlines():
            if line.startswith(name) and all(f'{key}="{value}"' in line for key, value in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def writes(self) -> float:
        """Writes to the API server so far."""
        name = "ams_operator_kubernetes_requests_total"
        return (
            self.metric(name, verb="patch") + self.metric(name, verb="patch status") + self.metric(name, verb="create")
        )

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL: no goodbye. Its Lease lasts on, so that the next one has to do without: we know that it is dead."""
        assert self.process is not None
        self.alone = True
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.process.wait()


class WarmProcess:
    """`ams-operator` with these words, its output in `log`; what tests need of subprocess.Popen."""

    def __init__(
        self, words: Sequence[str], log: Path, env: Mapping[str, str], directory: Path, quiet: float = 0.0
    ) -> None:
        log.touch()
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_IMPORTED)
        self.args = ("ams-operator", *words)
        # A daemon ends with the tests, should one of them leave it behind.
        self._process = context.Process(target=_run, args=(self.args, log, dict(env), directory, quiet), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended. Raises TimeoutExpired."""
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Does nothing where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """No goodbye."""
        self.send_signal(signal.SIGKILL)


def _run(words: Sequence[str], log: Path, env: Mapping[str, str], directory: Path, quiet: float) -> None:
    from ams_operator.cli import main
    from ams_operator.engine import context, recordings, sending

    os.environ.clear()
    os.environ.update(env)
    os.chdir(directory)
    with log.open("ab") as stream:
        os.dup2(stream.fileno(), sys.stdout.fileno())
        os.dup2(stream.fileno(), sys.stderr.fileno())
    sys.argv = list(words)
    if quiet:
        for module in (context, recordings, sending):
            vars(module).update(QUIET=quiet)
    main()
