"""The document's sections about the lives of many transforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bench.findings import Findings
from bench.minimum import MINIMUM, VERBS, beyond_minimum
from bench.tables import ms, table

CONVERGE_MS: Final = 5.0
SWEEP_MS: Final = 0.1


def requests(found: Findings) -> str:
    """What was asked, against the minimum."""
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

{table(head, rows)}

LIST is per sweep and page of the account, whatever the number of objects. A step that lasts longer than a
drift interval
contains a sweep. A restart with nothing to do reads one page per account and writes nothing."""


def cpu(found: Findings) -> str:
    """CPU of each step."""
    rows = []
    for life in found.lives:
        for step in life.steps:
            if step.name in ("create", "update", "delete"):
                cells = [ms(step.operator / step.objects), ms(step.engine / step.objects)]
                cells += [ms(step.servers[name] / step.objects) for name in ("apiserver", "etcd", "emulator")]
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

{table(("step", "objects", "accounts", "operator", "engine", "apiserver", "etcd", "emulator", "wall"), rows)}

Target: at most {CONVERGE_MS:.0f} ms to converge a new object. Worst here: {worst:.1f} ms, {verdict}."""


def sweeps(found: Findings) -> str:
    """CPU of sweeps that find nothing."""
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
    head = ("objects", "accounts", "sweeps", "equal", "in full", "process", "first", "restart", "writes")
    return f"""## Sweeps that find nothing

CPU ms per object and sweep, of the engine's thread from the LIST's begin to its last item (median; only with one
account, since sweeps of several accounts overlap). A sweep as it is, "equal", compares each item with the one that the
last comparison rested on, whole; where neither it nor the object changed, nothing is planned. "In full": the same with
those comparisons forgotten, so that each item is planned. "Process" is the whole process over the former, less its idle
time, which few objects leave uncertain by some hundredths. "First" follows a restart, when nothing is remembered and
each manifest is parsed, too. "Restart" is the CPU of the whole process from start to the end of that sweep, beyond what
a start with no transforms takes.

{table(head, rows)}

Target: at most {SWEEP_MS} ms per object. Equal: {_verdict(steady)}; in full: {_verdict(compared)}.
Writes must be 0."""


def _verdict(values: Sequence[float]) -> str:
    return f"at most {max(values):.3f} ms, {'met' if max(values) <= SWEEP_MS else 'missed'}"


def memory(found: Findings) -> str:
    """Memory of the process."""
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

{table(head, rows)}"""
