"""From what was measured to docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

from bench.duel import LATENCY, Duel
from bench.life import Life
from bench.measure import Step
from bench.minimum import MINIMUM, VERBS, beyond_minimum

CONVERGE_MS: Final = 5.0
SWEEP_MS: Final = 0.1


@dataclass
class Findings:
    """Everything that was measured."""

    lives: list[Life] = field(default_factory=list)
    duel: Duel | None = None
    sights: list[float] = field(default_factory=list)
    paced: Step | None = None
    loads: list[float] = field(default_factory=list)
    """the machine's load average before each part"""
    kubernetes: str = ""


def write(path: Path, findings: Findings) -> None:
    """Write the document."""
    parts = (_head, _requests, _cpu, _sweeps, _floor, _sight, _paced, _memory, _method)
    path.parent.mkdir(exist_ok=True)
    text = "\n\n".join(part(findings).strip() for part in parts)
    path.write_text("\n\n".join(_wrapped(block) for block in text.split("\n\n") if block) + "\n")


def _wrapped(block: str) -> str:
    """A paragraph in lines of one length; tables, titles and code as they are."""
    return block if block.startswith(("|", "#", "```")) else textwrap.fill(block, 118, break_on_hyphens=False)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _head(found: Findings) -> str:
    packages = ("aiohttp", "kopf", "pydantic", "ams-operator")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = f"{min(found.loads):.1f} to {max(found.loads):.1f}" if found.loads else "unknown"
    return f"""# Performance

What one operator process costs, counted and measured. This file is written by

```
make bench
```

Made on {datetime.now(UTC):%Y-%m-%d} with {os.cpu_count()} CPUs ({_processor()}), Linux
{platform.release().split("-")[0]},
Python {sys.version.split()[0]}, Kubernetes {found.kubernetes or "unknown"}, {versions}.
Everything ran on this one machine: etcd, API server, emulated service over TLS, operator and the user who
makes the
objects. Its load average was {load} before the parts (it may have had other work), which stretches wall times
and, where
two hardware threads share a core, CPU times too. Counts do not depend on it."""


def _processor() -> str:
    names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return names[0] if names else platform.machine()


def _requests(found: Findings) -> str:
    rows = []
    for life in found.lives:
        for step in life.steps:
            service, finalizers, statuses = MINIMUM[step.name]
            needed = " ".join(f"{count} {verb}" for verb, count in service.items()) or "none"
            asked = " ".join(f"{step.verb(verb)} {verb}" for verb in VERBS if step.verb(verb)) or "none"
            rows.append(
                (
                    step.name,
                    step.objects,
                    life.accounts,
                    asked,
                    needed,
                    step.verb("LIST"),
                    step.finalizers,
                    finalizers,
                    step.statuses,
                    statuses,
                    "; ".join(beyond_minimum(step)) or "yes",
                )
            )
    head = (
        "step",
        "objects",
        "accounts",
        "requests",
        "minimum each",
        "LIST",
        "finalizer",
        "min",
        "status",
        "min",
        "exact",
    )
    return f"""## Requests

The emulator's log of requests to the service, and the API server's own count of writes. The minimum is what a
crash-safe
order needs: every act rests on a GET made just before it, and another GET, not the answer to the act, proves
its effect;
the first of two status writes notes the act before it is sent. The operator's own counters must say the same
("exact").

{_table(head, rows)}

LIST is per sweep and page of the account, whatever the number of objects. A step that lasts longer than a
drift interval
contains a sweep. A restart with nothing to do reads one page per account and writes nothing."""


def _cpu(found: Findings) -> str:
    rows = []
    for life in found.lives:
        for step in life.steps:
            if step.name in ("create", "update", "delete"):
                cells = [_ms(step.operator / step.objects), _ms(step.engine / step.objects)]
                cells += [_ms(step.servers[name] / step.objects) for name in ("apiserver", "etcd", "emulator")]
                rows.append((step.name, step.objects, life.accounts, *cells, f"{step.seconds:.1f} s"))
    creates = [step for life in found.lives for step in life.steps if step.name == "create"]
    worst = max((step.operator / step.objects * 1000 for step in creates), default=0.0)
    verdict = "met" if worst <= CONVERGE_MS else "missed"
    idle = ", ".join(f"{life.idle_ms:.1f}" for life in found.lives)
    return f"""## CPU per object

Milliseconds of CPU for each object, from its creation (edit, deletion) to the last trace of it. "Engine" is
the part of the
operator's main thread; the rest is kopf, which watches, in its own. What an operator without objects takes
({idle} ms each
second) is subtracted. The servers' share is beside it, so that work shifted to them would be seen.

{_table(("step", "objects", "accounts", "operator", "engine", "apiserver", "etcd", "emulator", "wall"), rows)}

Target: at most {CONVERGE_MS:.0f} ms to converge a new object. Worst here: {worst:.1f} ms, {verdict}."""


def _sweeps(found: Findings) -> str:
    rows = []
    steady, compared = [0.0], [0.0]
    for life in found.lives:
        if life.idle is None:
            continue
        idle, alone = life.idle, life.accounts == 1
        each = 1000 / life.objects
        if alone:
            steady.append(idle.in_sweep * each)
            compared.append(idle.compared * each)
        rows.append(
            (
                life.objects,
                life.accounts,
                idle.sweeps,
                f"{idle.in_sweep * each:.3f}" if alone else "-",
                f"{idle.compared * each:.3f}" if alone else "-",
                f"{idle.process * each / (idle.sweeps / life.accounts):.3f}",
                f"{life.first_sweep * each:.3f}" if alone else "-",
                f"{life.restart - life.restart_nothing:.2f} s",
                idle.writes,
            )
        )
    head = ("objects", "accounts", "sweeps", "hashed", "in full", "process", "first", "restart", "writes")
    return f"""## Sweeps that find nothing

CPU ms per object and sweep, of the engine's thread from the LIST's begin to its last item (median; only with one
account, since sweeps of several accounts overlap). A sweep as it is, "hashed", takes the hash of each item; where
neither the item nor the object changed since it was last found equal, it is not compared again. "In full": the same
with these hashes forgotten, so that each item is planned and reported. "Process" is the whole process over the hashed
sweeps, less its idle time, which few objects leave uncertain by some hundredths. "First" follows a restart, when
nothing is remembered and each manifest is parsed, too. "Restart" is the CPU of the whole process from start to
the end of that sweep, beyond what a start with no transforms takes.

{_table(head, rows)}

Target: at most {SWEEP_MS} ms per object. Hashed: {_verdict(steady)}; in full: {_verdict(compared)}.
Writes must be 0."""


def _verdict(values: Sequence[float]) -> str:
    return f"at most {max(values):.3f} ms, {'met' if max(values) <= SWEEP_MS else 'missed'}"


def _floor(found: Findings) -> str:
    if found.duel is None:
        return ""
    duel = found.duel
    rows = []
    for name, results in (("operator", duel.operator), ("floor", duel.floor)):
        cpu = [one[0] / duel.objects * 1000 for one in results]
        wall = [one[1] for one in results]
        each = " ".join(f"{value:.2f}" for value in cpu)
        rows.append((name, f"{median(cpu):.2f}", each, f"{median(wall):.1f} s", " ".join(f"{one:.1f}" for one in wall)))
    return f"""## Beside the floor

The floor is a bare aiohttp client in a process of its own that sends the same requests with the same bodies:
finalizer, first
status, GET, PUT, GET, second status, 16 objects at a time over kept TLS connections. It decides nothing,
remembers nothing,
and learns of its objects by one LIST instead of a watch. {len(duel.floor)} rounds of {duel.objects} objects
each, in turns; CPU in
ms per object. The floor's wall time includes making the objects, which for the operator happens meanwhile.

{_table(("who", "CPU median", "each", "wall median", "each"), rows)}

Ratio of the medians: CPU {duel.ratio(0):.1f}, wall {duel.ratio(1):.2f}."""


def _sight(found: Findings) -> str:
    if not found.sights:
        return ""
    return f"""## First sight

{len(found.sights)} objects at once, while the service takes {LATENCY * 1000:.0f} ms for each answer. From the
answer to an
object's creation to its first status: median {median(found.sights):.2f} s, at most {found.sights[-1]:.2f} s."""


def _paced(found: Findings) -> str:
    if (step := found.paced) is None:
        return ""
    asked = ", ".join(f"{count} {kind}" for kind, count in sorted(step.service.items()))
    return f"""## With a subscription's quotas

All of the above ran without the pace that spares a subscription's request quota. As shipped, against the
quotas of Azure
Resource Manager (writes: 200 at once, then 10 a second; reads: 250, then 25), {step.objects} new objects took
{step.seconds:.0f} s. Requests: {asked}. Status writes: {step.statuses} for {step.objects} objects (minimum
{2 * step.objects})."""


def _memory(found: Findings) -> str:
    rows = [
        (
            life.objects,
            life.accounts,
            life.object_bytes,
            life.item_bytes,
            f"{life.memory[0]:.0f}",
            f"{life.memory[1]:.0f}",
            f"{life.memory_nothing[1]:.0f}",
            f"{(life.memory[1] - life.memory_nothing[1]) * 1024 / life.objects:.1f}",
        )
        for life in found.lives
    ]
    head = (
        "objects",
        "accounts",
        "bytes of an object",
        "of a listed item",
        "VmHWM",
        "VmRSS",
        "without objects",
        "KiB each",
    )
    return f"""## Memory

MiB of the operator, after all was created and, with one account, edited. An object is as the API server sends
it, with
managedFields.

{_table(head, rows)}"""


def _method(_: Findings) -> str:
    return """## How

Half of the transforms name a preset, half declare a ladder of three H.264 layers and AAC sound. CPU is what
the kernel
accounts to a process and its threads, in steps of 10 ms. Each step ends when all objects are as they should be
and
nobody has asked anybody anything for a second. Sweeps are off while requests are counted, and each 10 s for
idle
sweeps and drift. Drift is made by changing the service's state directly; adoption finds transforms that were
put there."""


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"
