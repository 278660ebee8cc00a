"""The section about crash histories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.crash.faults import Fault

from ams_operator.api.kinds import KINDS
from bench.reliability.histories import ALONE, HARMS, NONE, OTHER, Histories
from bench.tables import table

FAULTS: Final = (NONE, *Fault)
_HARMS = [*list(HARMS)[:3], "s off air unasked", *list(HARMS)[3:], OTHER]
MEANS: Final = {
    "orphans": "something of ours is left in the service after its object went",
    "made twice": "one create was sent twice, over what the first had made",
    "recordings harmed": "a recording was begun in an asset that holds one, or was ended without consent or without "
    "being asked for",
    "s off air unasked": "seconds between a stop of ours and Running again, where no version of the manifest and no "
    "request ever admitted it",
    "blocked requests sent": "requests to the service that a hold blocked: by policy, by missing approval or consent, "
    "by a suspicion, or since others undo it again and again",
    OTHER: "everything else that the harness checks: two requests at once, a status that says what is not so, "
    "conditions that nobody can read, work that does not end",
    "windows": "histories in which something happened that no rule can close; they are named below, and in no other "
    "column",
}


def histories(found: Histories) -> str:
    """Everything about crashes."""
    part = "all" if found.part == 1 else f"one in {found.part}"
    bad = [f"- `{violation}`" for violation in found.violations]
    return f"""## Crashes and lost answers

{found.total():,} histories in memory, on virtual time, of {found.scenarios.total()} scenarios. A history is a scenario,
at most one fault at one of its calls to the API server or the service, and at most one thing that others do meanwhile;
then everything comes to rest, the operator is restarted, and all is deleted. Every fault at every call is played
alone, and so is every answer that nobody wants: 429, 409, 403 and 401 of the service, 500 and 503 with and without what
was asked for being done, and a conflict or a refusal of the API server. Of the histories in which others interfere with
a crash or a lost answer, this is {part} of what `AMS_CRASH=full make test` plays.

{"Violations:" if bad else "No history ended in a violation."}

{chr(10).join(bad)}

{table(["kind", "fault", "histories", *_HARMS, "windows", "steps to rest", "s to rest"], _by_fault(found))}

A row of {FAULTS[0]!r} is what others do, alone. Of steps and seconds (virtual, a call takes one) the median and the
longest are shown: from what the user did to the last write anywhere, where the history was played to its end by
itself. What is late arrives 3 or 59 seconds after it was sent; a request without an answer is waited for 60 seconds.

| column | counts |
|---|---|
{_meanings()}

### What others do meanwhile

{table(["meanwhile", "histories", *_HARMS, "windows"], _by_others(found))}

### Windows that no rule can close

What somebody else does between our last look and the arrival of our request can't be seen by anybody, since the service
knows neither ETags nor preconditions. Each of these is counted where it happens, and is no violation.

{table(["what happened", "times"], [[what, f"{times:,}"] for what, times in found.windows.most_common()])}

`python -m bench.reliability --only crash --part {found.part}` makes this section."""


def _meanings() -> str:
    return "\n".join(f"| {name} | {means} |" for name, means in MEANS.items())


def _by_fault(found: Histories) -> Iterator[list[object]]:
    """A row for each fault of each kind that people write; a kind without scenarios says so."""
    for kind in KINDS:
        if not found.scenarios[kind.kind]:
            yield [kind.kind, "no scenario of its own", *[""] * (len(_HARMS) + 4)]
            continue
        for fault in FAULTS:
            tally = found.faults.get((kind.kind, str(fault)))
            if tally is not None:
                yield [kind.kind, str(fault), *tally.cells(), *tally.rest()]


def _by_others(found: Histories) -> Iterator[list[object]]:
    for name, tally in found.others.items():
        yield ["nobody does anything" if name == ALONE else name, *tally.cells()]
