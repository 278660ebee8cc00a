"""The section about a long run."""

from __future__ import annotations

from collections import Counter

from bench.reliability.soak import IDLE_SWEEPS, READS_FAIL, WRITES_FAIL, Hour, Soak
from bench.tables import table


def soak(found: Soak) -> str:
    """Everything about it."""
    first, last = found.seen[0], found.seen[-1]
    bad = "\n".join(f"- `{one}`" for one in found.violations)
    return f"""## {found.hours} hours with {found.objects:,} objects

The engine in memory on virtual time, in one account: {_mix(found.mix)}. Each read fails with a chance of
{READS_FAIL:.0%} and each write with {WRITES_FAIL:.0%}, in one of the ways of the table above; people and others do
something each 20 seconds on average. The process may crash in the first half hour only, so that what it gathers
after that can be seen. Chance comes from seed {found.seed} (`--seed`); the same seed gives the same run. It took
{found.cpu:.0f} s of CPU and {found.calls:,} calls.

| | |
|---|---|
| faults | {_counts(found.faults)} |
| what people did | {_counts(found.deeds)} |
| violations of any invariant | {len(found.violations)} |
| windows that no rule can close | {_counts(found.windows) or "none"} |
| seconds off air that nobody asked for | {found.off_air:.0f} |
| at the end | {"everything rests as its manifest says" if not found.violations else "see below"} |
| writes in {IDLE_SWEEPS} idle sweeps after that | {found.sweeps_writes} |
| writes of a restart after that, its LISTs included | {found.restart_writes} |

{bad}

{table(["hour", *_COLUMNS], [_row(hour) for hour in found.seen if _shown(hour, found)])}

From hour {first.number} to hour {last.number} what the engine holds grew by {_growth(first, last)}. Held is what can be
reached from its store, its accounts and its queues, object by object of the interpreter; it grows
with what records remember of fields that others changed, a few for each object. The process is this tool, with
the emulated service and every earlier version of what is in it. There is no event loop here: what would be a task waits
in a queue.

`python -m bench.reliability --only soak --hours {found.hours} --objects {found.objects} --seed {found.seed}` makes this
section."""


_COLUMNS = [
    "objects held",
    "MiB held",
    "MiB of the process",
    "queued",
    "writes to the service",
    "writes to the cluster",
]


def _row(hour: Hour) -> list[object]:
    sizes = [f"{hour.held:,}", f"{hour.mebibytes:.2f}", f"{hour.resident:.0f}"]
    return [hour.number, *sizes, hour.queued, f"{hour.service_writes:,}", f"{hour.cluster_writes:,}"]


def _shown(hour: Hour, found: Soak) -> bool:
    return hour.number in (1, 2, found.hours) or hour.number % 4 == 0


def _growth(first: Hour, last: Hour) -> str:
    more = (last.mebibytes / first.mebibytes - 1) * 100
    return f"{last.held - first.held:+,} objects, {more:+.1f} % of their bytes"


def _mix(mix: Counter[str]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in mix.most_common() if count > 1)


def _counts(counts: Counter[str]) -> str:
    return "; ".join(f"{what}: {count:,}" for what, count in counts.most_common())
