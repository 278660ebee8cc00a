"""The section about the storm."""

from __future__ import annotations

from collections.abc import Mapping

from bench.reliability.storm_audit import UNDER_WAY
from bench.reliability.storm_faults import FAULTS, LATEST
from bench.reliability.storm_found import DEED_EACH, SOON, Storm, without_population
from bench.tables import prose, table


def storm(found: Storm) -> str:
    """Everything about it."""
    bad = "\n\n".join(f"- `{one}`" for one in found.violations)
    none = ", ".join(without_population())
    rows = [[fault.name, found.set[fault.name], found.hits[fault.name]] for fault in FAULTS]
    nothing = f" There is no {none} in it: the storm has none of its own." if none else ""
    return f"""## A storm of {found.seconds / 60:g} minutes

A real API server, the emulated service over TLS and the real `ams-operator` as processes, at the pace of all days: the
service's clock goes as fast as ours, since the operator waits by its own. Every fault that the emulated service has
comes and goes by chance of seed {found.seed}, three or four at a time, on requests of one account's principal; what
goes wrong at the authority hits everybody. Meanwhile people do something each {DEED_EACH:g} seconds on average.
At the end of the storm the account held {_counts(found.population)}.{nothing} Sweeps come each 10 seconds, the least
that a manifest may say.

A second account has another principal and subscription, and the same operator. A third one, in another namespace, has
an operator of its own; people do the same in both at the same moments. What is written in the two is compared, thing by
thing and in its order.

{prose(["", ""], _results(found))}

{bad}

{table(["fault", "times it came", "requests it hit"], rows)}

What comes late comes at most {LATEST:.0f} seconds late, and nothing acts after the storm's end. A start or stop fails
at most once for each of eight things: what failed is tried again after a minute, and a second time only after five.
Version 2's `busy` is not played: nothing of version 2 is here. A request that arrives within {UNDER_WAY:g} s of the
answer that closes a window counts as under way.

`python -m bench.reliability --only storm --seed {found.seed} --minutes {found.seconds / 60:g}` makes this section."""


def _results(found: Storm) -> list[list[object]]:
    answers = found.statuses.total() - found.statuses["no answer"]
    rows: list[list[object]] = [
        ["what people did", _counts(found.deeds)],
        ["requests of the account in the storm", f"{found.requests:,}, {answers:,} of them answered"],
        ["of those", _counts(found.statuses)],
        ["seconds from the storm's end until all was as declared", _seconds(found)],
        [f"not as declared within {SOON:.0f} s", len(found.late)],
        ["recordings that wait for a person, since nobody saw them begin; they count as declared", len(found.asks)],
        ["answers that closed a window", _counts({str(key): value for key, value in found.closings.items()})],
    ]
    rows.append(
        [
            "left, or waits for a person: changed by others before anybody saw whose it is, which no rule can close",
            len(found.windows),
        ]
    )
    lies = "waits for a person: something on the way answered a start or stop with 200, and nothing was done"
    rows.append([lies, len(found.lies)])
    rows += [[what, len(ones)] for what, ones in found.harm.items()]
    rows += [
        [f"{_METERS[meter]}, of what nobody asked to stop", f"{off:.0f}"] for meter, off in found.seconds_off.items()
    ]
    rows += [
        [f"{what} in the quiet account, and in the one without a storm", f"{one}, {other}"]
        for what, (one, other) in found.quiet.items()
    ]
    return rows


_METERS = {
    "offAirSeconds": "seconds off air",
    "feedLostSeconds": "seconds of lost feeds",
    "viewerGapSeconds": "seconds that viewers missed",
}


def _seconds(found: Storm) -> str:
    return f"{found.converged:.0f}" if found.converged is not None else "never"


def _counts(counts: Mapping[str, int]) -> str:
    items = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{what}: {count:,}" for what, count in items) or "none"
