"""From what was measured to docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import sys
import textwrap
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.archive_text import BEGIN, END, archive
from bench.findings import Findings
from bench.lives_text import cpu, memory, requests, sweeps
from bench.mixed_text import mixed
from bench.others_text import floor, paced, sight


def write(path: Path, findings: Findings) -> None:
    """Write the document."""
    parts = (_head, requests, cpu, sweeps, mixed, floor, sight, paced, memory, archive, _method)
    path.parent.mkdir(exist_ok=True)
    path.write_text(rendered(*(part(findings) for part in parts)))


def replace(path: Path, section: str) -> None:
    """Put a section that is marked by its begin and end into the document's place for it; a new one before the last."""
    text, made = path.read_text(), rendered(section).strip()
    head, mark, rest = text.partition(BEGIN)
    if mark:
        rest = rest.partition(END)[2]
    else:
        head, mark, rest = text.rpartition("## How")
        rest = f"\n\n{mark}{rest}"
    path.write_text(f"{head}{made}{rest}")


def rendered(*parts: str) -> str:
    """Sections as one text, its paragraphs in lines of one length."""
    text = "\n\n".join(part.strip() for part in parts)
    return "\n\n".join(_wrapped(block) for block in text.split("\n\n") if block) + "\n"


def _wrapped(block: str) -> str:
    """A paragraph in lines of one length; tables, titles and code as they are."""
    return block if block.startswith(("|", "#", "```", "<")) else textwrap.fill(block, 118, break_on_hyphens=False)


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


def _method(_: Findings) -> str:
    return """## How

Half of the transforms name a preset, half declare a ladder of three H.264 layers and AAC sound. CPU is what
the kernel
accounts to a process and its threads, in steps of 10 ms. Each step ends when all objects are as they should be
and
nobody has asked anybody anything for a second, but for the operator's Lease, which is in no count. Sweeps are off
while requests are counted, and each 10 s for idle
sweeps and drift. Drift is made by changing the service's state directly; adoption finds transforms that were
put there."""
