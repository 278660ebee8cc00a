"""`python -m bench.reliability`: play crashes, takeovers, a storm and a long run, and write docs/reliability.md."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.crash.scenarios import SCENARIOS

from bench.__main__ import Teller
from bench.reliability.cut_off import cut_off
from bench.reliability.cut_off import text as cut_off_text
from bench.reliability.document import ORDER, write
from bench.reliability.findings import opened
from bench.reliability.histories import play
from bench.reliability.histories_text import histories
from bench.reliability.soak import soak
from bench.reliability.soak_text import soak as soak_text
from bench.reliability.storm import storm
from bench.reliability.storm_text import storm as storm_text
from bench.reliability.takeover import takeover
from bench.reliability.takeover import text as takeover_text
from bench.stage import ROOT


def main(words: Sequence[str] | None = None) -> int:
    """Parse the options and run. 1 where something happened that never may."""
    parser = argparse.ArgumentParser(prog="python -m bench.reliability", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "reliability.md")
    parser.add_argument("--only", choices=ORDER, action="append", help="make just this section; may be repeated")
    parser.add_argument("--part", type=int, default=20, help="play one in so many crash histories with interference")
    parser.add_argument("--scenario", action="append", help="play just the crash scenarios whose names contain this")
    parser.add_argument("--rounds", type=int, default=5, help="of each takeover")
    parser.add_argument("--hours", type=int, default=24, help="of the long run")
    parser.add_argument("--objects", type=int, default=1000, help="of the long run")
    parser.add_argument("--seed", type=int, default=1, help="of the long run and the storm")
    parser.add_argument("--minutes", type=float, default=10, help="of the storm")
    parser.add_argument("--keep", type=Path, help="a directory for the storm's request log and the operators' logs")
    options = parser.parse_args(words)
    say, wanted = Teller(), options.only or ORDER
    sections: dict[str, str] = {}
    bad: list[str] = []
    logging.disable(logging.CRITICAL)  # thousands of faults: what is logged of them is tested elsewhere
    try:
        for name in [one for one in ORDER if one in wanted and one in SECTIONS]:
            sections[name], violations = SECTIONS[name](options, say)
            bad += violations
    finally:
        logging.disable(logging.NOTSET)
    write(options.out, sections)
    say(f"written: {options.out}")
    for violation in bad:
        say(violation)
    return 1 if bad else 0


def _crash(options: argparse.Namespace, say: Teller) -> tuple[str, list[str]]:
    chosen = [one for one in SCENARIOS if any(word in one.name for word in options.scenario or [""])]
    found = play(chosen, options.part, say)
    return histories(found), found.violations


def _soak(options: argparse.Namespace, say: Teller) -> tuple[str, list[str]]:
    say(f"soak: {options.hours} hours, {options.objects} objects, seed {options.seed}")
    found = soak(options.hours, options.objects, options.seed, say)
    return soak_text(found), found.violations


def _takeover(options: argparse.Namespace, say: Teller) -> tuple[str, list[str]]:
    found = asyncio.run(takeover(options.rounds, say))
    bad = [f"takeover: {found.interleaved} writes of a former term"] if found.interleaved else []
    apart = asyncio.run(cut_off(say))
    return takeover_text(found, cut_off_text(apart)), bad + apart.violations


def _storm(options: argparse.Namespace, say: Teller) -> tuple[str, list[str]]:
    found = asyncio.run(storm(options.seed, options.minutes * 60, say, options.keep))
    return storm_text(found), found.violations


def _open(_: argparse.Namespace, __: Teller) -> tuple[str, list[str]]:
    return opened(), []


SECTIONS: dict[str, Callable[[argparse.Namespace, Teller], tuple[str, list[str]]]] = {
    "crash": _crash,
    "takeover": _takeover,
    "storm": _storm,
    "soak": _soak,
    "open": _open,
}


if __name__ == "__main__":
    raise SystemExit(main())
