"""`python -m bench`: measure everything and write docs/performance.md. About twenty minutes on two free cores."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

from bench.archive import archive
from bench.archive_text import archive as archive_text
from bench.cluster import Failed
from bench.document import rendered, replace, write
from bench.duel import duel, first_sight, paced
from bench.findings import Findings
from bench.life import live
from bench.minimum import beyond_minimum, surplus
from bench.mixed import mixed
from bench.mixed_text import mixed as mixed_text
from bench.stage import ROOT, staged
from bench.watched import watched

ACCOUNTS = 100
"""of the part with many kinds"""
ROUNDS = 3
"""of the readings of an archive"""


class Teller:
    """Says what happens, with the time that has passed."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:4.0f} s  {text}", flush=True)

    async def keep_on(self) -> None:
        """A sign of life each few seconds."""
        while True:
            await asyncio.sleep(8)
            self("  ...")


def main() -> None:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance.md")
    parser.add_argument("--quick", action="store_true", help="a tenth of the objects, to see that it works")
    parser.add_argument(
        "--only",
        choices=["mixed", "archive"],
        help="measure just this; mixed is printed, archive written into its place",
    )
    options = parser.parse_args()
    try:
        divisor = 10 if options.quick else 1
        match options.only:
            case "mixed":
                asyncio.run(_mixed(divisor))
            case "archive":
                asyncio.run(_archive(options.out))
            case _:
                asyncio.run(_all(options.out, divisor))
    except* Failed as failures:
        for failure in _flat(failures):
            print(f"bench: {failure}", file=sys.stderr)
        raise SystemExit(1) from None


def _flat(error: BaseException) -> list[BaseException]:
    """The exceptions in a group of groups."""
    if isinstance(error, BaseExceptionGroup):
        return [one for inner in error.exceptions for one in _flat(inner)]
    return [error]


async def _mixed(divisor: int) -> None:
    say, found = Teller(), Findings()
    alive = asyncio.create_task(say.keep_on())
    try:
        async with staged(say) as stage:
            found.mixed = await mixed(stage, ACCOUNTS // divisor, say)
    finally:
        alive.cancel()
    print(rendered(mixed_text(found)))


async def _archive(out: Path) -> None:
    say = Teller()
    alive = asyncio.create_task(say.keep_on())
    try:
        async with staged(say) as stage:
            say("an archive of version 2 under an operator")
            found = Findings(watched=await watched(stage, say))
        say("an archive of version 2, and bare clients")
        found.archive = await archive(ROUNDS, say)
    finally:
        alive.cancel()
    replace(out, archive_text(found))
    say(f"written into {out}")


async def _all(out: Path, divisor: int) -> None:
    say, found = Teller(), Findings()
    alive = asyncio.create_task(say.keep_on())
    try:
        async with staged(say) as stage:
            found.kubernetes = str((await stage.admin.call("GET", "/version"))["gitVersion"])
            for name, count, accounts in (("few", 200, 1), ("many", 1000, 1), ("spread", 1000, 10)):
                say(f"{count // divisor} transforms in {accounts} account{'s'[: accounts - 1]}")
                found.loads.append(os.getloadavg()[0])
                found.lives.append(await live(stage, name, count // divisor, accounts, say, whole=accounts == 1))
            say("objects of six kinds in many small accounts")
            found.loads.append(os.getloadavg()[0])
            found.mixed = await mixed(stage, ACCOUNTS // divisor, say)
            say("the operator beside the floor")
            found.loads.append(os.getloadavg()[0])
            found.duel = await duel(stage, 200 // divisor, 3, say)
            say("first sights of a slow service")
            found.loads.append(os.getloadavg()[0])
            found.sights = await first_sight(stage, 300 // divisor)
            say("with the quotas of a subscription")
            found.paced = await paced(stage, 300 // divisor)
            say("an archive of version 2 under an operator")
            found.watched = await watched(stage, say)
        say("an archive of version 2, and bare clients")
        found.archive = await archive(ROUNDS, say)
    finally:
        alive.cancel()
    write(out, found)
    say(f"written: {out}")
    for life in found.lives:
        for step in life.steps:
            for surprise in beyond_minimum(step):
                say(f"{step.name} of {step.objects}: {surprise}")
    for surprise in surplus(found.mixed.parts()) if found.mixed else ():
        say(surprise)


if __name__ == "__main__":
    main()
