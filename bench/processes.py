"""The processes that are measured: the operator's start and stop, and what the kernel says of any process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from ams_devcluster.process import Watcher
from bench.cluster import Failed

_TICK: Final = os.sysconf("SC_CLK_TCK")
_STARTUP: Final = 60.0


def cpu_seconds(pid: int, thread: int | None = None) -> float:
    """CPU time of a process, all its threads included, its children not; or of one thread. In steps of 10 ms."""
    place = f"/proc/{pid}" if thread is None else f"/proc/{pid}/task/{thread}"
    fields = Path(f"{place}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory(pid: int) -> tuple[float, float]:
    """The highest and the present resident memory of a process in MiB."""
    found = dict(re.findall(r"^(VmHWM|VmRSS):\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE))
    return int(found["VmHWM"]) / 1024, int(found["VmRSS"]) / 1024


@dataclass
class OperatorProcess:
    """`ams-operator run` for one namespace."""

    kubeconfig: Path
    namespace: str
    directory: Path
    watcher: Watcher
    paced: bool = False
    options: tuple[str, ...] = ()
    """of `ams-operator run`, beside those that each measurement needs"""
    profile: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    sweeps_log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.sweeps_log = self.directory / f"{self.namespace}.sweeps"

    @property
    def pid(self) -> int:
        """The process id."""
        assert self.process is not None
        return self.process.pid

    async def start(self) -> None:
        """Start and wait for /readyz. Raises Failed with the end of the log where it ends instead."""
        program = [str(Path(sys.executable).with_name("ams-operator"))]
        if not self.paced:
            program = [sys.executable, "-m", "bench.operator_process"]
        options = [f"--kubeconfig={self.kubeconfig}", f"--namespace={self.namespace}", f"--home={self.namespace}"]
        env = {**os.environ, "AMS_BENCH_SWEEPS": str(self.sweeps_log)}
        if self.profile is not None:
            env["AMS_BENCH_PROFILE"] = str(self.profile)
        log = self.directory / f"{self.namespace}.log"
        offset = log.stat().st_size if log.exists() else 0
        self.process = _launch([*program, "run", *options, *self.options, "--port=0"], env, log)
        self.watcher.guard(self.process.pid)
        end = time.monotonic() + _STARTUP
        while not await self._ready(log, offset):
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failed(f"the operator did not get ready: {log.read_text()[-2000:]}")
            await asyncio.sleep(0.05)

    async def _ready(self, log: Path, offset: int) -> bool:
        self.port = _port_in(log, offset)
        if not self.port:
            return False
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
            return answer.status == 200

    async def counted(self) -> Counter[tuple[str, str, str, str]]:
        """The operator's own counters of requests: (to whom, kind, verb, code); without its Lease, which it renews by
        the clock, whatever is measured."""
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/metrics") as answer:
            text = await answer.text()
        counts: Counter[tuple[str, str, str, str]] = Counter()
        for family in text_string_to_metric_families(text):
            if family.name in ("ams_operator_service_requests", "ams_operator_kubernetes_requests"):
                for sample in family.samples:
                    if sample.name.endswith("_total") and sample.labels["kind"] != "Lease":
                        whom = "service" if "service" in sample.name else "cluster"
                        labels = sample.labels
                        counts[(whom, labels["kind"], labels["verb"], labels["code"])] += int(sample.value)
        return counts

    def sweeps(self) -> list[float]:
        """CPU seconds of the engine's thread in each sweep so far."""
        if not self.sweeps_log.exists():
            return []
        return [float(json.loads(line)["cpu"]) for line in self.sweeps_log.read_text().splitlines()]

    def kill(self) -> None:
        """SIGKILL. Its Lease lasts on, and is not waited for: we know that it is dead."""
        assert self.process is not None
        self.options = (*self.options, "--no-lease")
        self.process.kill()
        self.process.wait()
        self.watcher.release(self.process.pid)
        self.process = None

    async def stop(self) -> None:
        """SIGTERM, and wait; without effect where it does not run."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            await asyncio.to_thread(self.process.wait, 20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.watcher.release(self.process.pid)
        self.process = None


def _launch(command: list[str], env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as stream:
        return subprocess.Popen(command, stdout=stream, stderr=stream, env=env, start_new_session=True)


def _port_in(log: Path, offset: int) -> int:
    found = re.search(rb"probes and metrics on port (\d+)", log.read_bytes()[offset:])
    return int(found[1]) if found is not None else 0
