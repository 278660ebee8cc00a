"""The document's section about a large account of version 2."""

from __future__ import annotations

from statistics import median

from bench.findings import Findings
from bench.tables import table
from bench.watched import POLL, POLLS

BAR, MOST_MIB, MOST_BYTES = 1.5, 100, 256 << 10
BEGIN, END = "<!-- begin: made by python -m bench --only archive -->", "<!-- end -->"


def archive(findings: Findings) -> str:
    """CPU and memory of an inventory, between two marks by which it is found again."""
    if (found := findings.archive) is None:
        return ""
    rows = []
    for name, results in (
        ("inventory", found.inventory),
        ("bare client, our parser (orjson)", found.bare),
        ("bare client, `response.json()`", found.usual),
    ):
        cpu = [one["cpu"] for one in results]
        count = max(one["rows"] for one in results)
        each = " ".join(f"{value:.2f}" for value in cpu)
        rows.append((name, count, f"{median(cpu):.2f} s", each, f"{median(cpu) / count * 1e6:.1f}"))
    peak = max(one["rss"] for one in found.inventory)
    asked = found.requests.total()
    return f"""{BEGIN}

## A large account of version 2

`ams-operator migrate inventory` reads the emulator's `archive`: 100,000 assets with a locator and a key each, as
version 2 has them, and the assets and locators that version 3 lists beside them. Two bare clients get the same
{asked} pages over one kept connection each, parse them and forget them: one with the operator's own parser, the other
as aiohttp does it by itself, which is what one would write first. The inventory runs in uvloop's loop, as the command
and the operator have it, the clients in asyncio's. All three at the same time, so that the machine is
as fast for the one as for the other, {len(found.bare)} rounds; load average {found.load:.1f} before. CPU in seconds,
and in microseconds for each row that a client parsed or the inventory judged.

{table(("who", "rows", "CPU median", "each", "us per row"), rows)}

A bare client, to the bar, is the second one, as aiohttp has it: the inventory takes {found.ratio_to_usual:.2f} times
its CPU (bar: {BAR}, {_met(found.ratio_to_usual <= BAR)}), and {found.ratio:.2f} times that of the first, which parses
as fast as the operator does; medians of the rounds. Memory at its highest: {peak:.0f} MiB above a process that has read
a small account (bar: {MOST_MIB}, {_met(peak <= MOST_MIB)}). The checkpoint had
{found.inventory[-1]["checkpoint"] // 1024} KiB at most.

{_watched(findings)}

{END}"""


def _watched(findings: Findings) -> str:
    if (found := findings.watched) is None:
        return ""
    above, largest = max(found.peaks) - found.idle, max(found.reports)
    said, again = found.conditions, ", ".join(f"{count} of {kind}" for kind, count in found.again.items())
    pages = sum(found.before.values()) + sum(found.after.values())
    return f"""Under the operator, which polls each {POLL} s and has a cache directory as `manifests/` give it one, for
an annotated account: the first conditions appeared after {found.first[0]:.1f} s,
with {found.first[1]} sets read, and status showed {found.told} states of progress until the operator was killed
(SIGKILL) after {found.seconds[0]:.0f} s, while it read content keys. By then {len(found.finished)} sets were read, and
of the conditions {said["True"]} were True, {said["False"]} False and {said["Unknown"]} Unknown. A new process was done
{found.seconds[1]:.0f} s after its start; of finished sets it read again: {again or "nothing"} ({pages} pages by both
processes, polls included). The report object had {largest} bytes at most (bar: {MOST_BYTES},
{_met(largest < MOST_BYTES)}) and {found.reports[-1]} in the end. Memory at its highest: {above:.0f} MiB above the same
operator before the annotation (bar: {MOST_MIB}, {_met(above <= MOST_MIB)}). {POLLS} polls that found nothing new made
{found.writes} writes."""


def _met(good: bool) -> str:
    return "met" if good else "missed"
