"""The document's section about a large account of version 2."""

from __future__ import annotations

from statistics import median

from bench.findings import Findings
from bench.tables import table

BAR, MOST_MIB = 1.5, 100
BEGIN, END = "<!-- begin: made by python -m bench --only archive -->", "<!-- end -->"


def archive(findings: Findings) -> str:
    """CPU and memory of an inventory, between two marks by which it is found again."""
    if (found := findings.archive) is None:
        return ""
    rows = []
    for name, results in (("inventory", found.inventory), ("bare client", found.bare)):
        cpu = [one["cpu"] for one in results]
        count = max(one["rows"] for one in results)
        each = " ".join(f"{value:.2f}" for value in cpu)
        rows.append((name, count, f"{median(cpu):.2f} s", each, f"{median(cpu) / count * 1e6:.1f}"))
    peak = max(one["rss"] for one in found.inventory)
    met = "met" if found.ratio <= BAR else "missed"
    fits = "met" if peak <= MOST_MIB else "missed"
    asked = found.requests.total()
    return f"""{BEGIN}

## A large account of version 2

`ams-operator migrate inventory` reads the emulator's `archive`: 100,000 assets with a locator and a key each, as
version 2 has them, and the assets and locators that version 3 lists beside them. The bare client gets the same
{asked} pages over one kept connection, parses them with the same parser and forgets them. In turns,
{len(found.bare)} rounds; load average {found.load:.1f} before. CPU in seconds, and in microseconds for each row that
the bare client parsed or the inventory judged.

{table(("who", "rows", "CPU median", "each", "us per row"), rows)}

Ratio of the medians: {found.ratio:.2f} (bar: {BAR}, {met}). Memory at its highest: {peak:.0f} MiB above a process that
has read a small account (bar: {MOST_MIB}, {fits}). The checkpoint had {found.inventory[-1]["checkpoint"] // 1024} KiB
at most.

{END}"""
