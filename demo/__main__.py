"""`python -m demo`: the entry, and how it ends."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from ams_devcluster import DevclusterError
from demo import ending, story
from demo.children import SIGNALS
from demo.errors import DemoError, Stopped
from demo.show import Screen
from demo.stage import Stage
from demo.tour import Tour


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; its exit code: 0 when all went well, 1 when not, 128 + N when signal N ended it."""
    options = _parser().parse_args(arguments)
    screen = Screen()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _stop)
    try:
        with Stage(screen, options.kubeconfig) as stage:
            return _run(screen, stage, keep=options.keep)
    except Stopped as stopped:
        return 128 + stopped.signum


def _run(screen: Screen, stage: Stage, *, keep: bool) -> int:
    """The stage is cleaned up after this returns or raises; until then its logs are there."""
    kept = False
    try:
        if "KUBECONFIG" in os.environ and not stage.is_given:
            screen.line("KUBECONFIG is set and not used; to use that cluster: make demo KUBECONFIG=...")
        stage.set_up()
        tour = Tour(stage, screen)
        story.tell(tour)
        ending.summarise(tour)
        if keep:
            kept = True
            ending.keep(tour)
    except Stopped as stopped:
        screen.line("Ending." if kept else "Interrupted.")
        return 0 if kept else 128 + stopped.signum
    except (DemoError, DevclusterError) as error:
        _tell_failure(screen, stage, stage.ended() or str(error))
        return 1
    except Exception as error:  # whatever it is, the logs say more than a traceback of the demo
        _tell_failure(screen, stage, stage.ended() or f"{type(error).__name__}: {error}")
        return 1
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # cleaning up takes seconds and is not to be cut short
    return 0


def _tell_failure(screen: Screen, stage: Stage, message: str) -> None:
    for name, lines in stage.tails().items():
        screen.line(f"--- the end of the log of {name}")
        for line in lines:
            screen.line(f"    {line}", "dim")
    screen.line(f"The demo failed: {message}", "bold red")


def _stop(signum: int, _frame: FrameType | None) -> None:
    raise Stopped(signum)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make demo", description="The operator at work, from nothing to cleaned up.")
    parser.add_argument("--keep", action="store_true", help="leave it running after the tour, until Ctrl-C")
    parser.add_argument(
        "--kubeconfig", type=Path, default=None, help="use this cluster instead of one of the demo's own"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
