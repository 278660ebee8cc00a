"""The document's sections about comparisons: with the floor, with a slow service, with quotas."""

from __future__ import annotations

from statistics import median

from bench.duel import LATENCY
from bench.findings import Findings
from bench.tables import table


def floor(found: Findings) -> str:
    """The operator and the floor."""
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

{table(("who", "CPU median", "each", "wall median", "each"), rows)}

Ratio of the medians: CPU {duel.ratio(0):.1f}, wall {duel.ratio(1):.2f}."""


def sight(found: Findings) -> str:
    """From creation to the first status."""
    if not found.sights:
        return ""
    return f"""## First sight

{len(found.sights)} objects at once, while the service takes {LATENCY * 1000:.0f} ms for each answer. From the
answer to an
object's creation to its first status: median {median(found.sights):.2f} s, at most {found.sights[-1]:.2f} s."""


def paced(found: Findings) -> str:
    """As shipped."""
    if (step := found.paced) is None:
        return ""
    asked = ", ".join(f"{count} {kind}" for kind, count in sorted(step.service.items()))
    return f"""## With a subscription's quotas

All of the above ran without the pace that spares a subscription's request quota. As shipped, against the
quotas of Azure
Resource Manager (writes: 200 at once, then 10 a second; reads: 250, then 25), {step.objects} new objects took
{step.seconds:.0f} s. Requests: {asked}. Status writes: {step.statuses} for {step.objects} objects (minimum
{2 * step.objects})."""
