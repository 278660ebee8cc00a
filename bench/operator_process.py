"""`ams-operator run` as it is, but without the pace that spares a subscription's quota, and with a meter on its sweeps.

Run as `python -m bench.operator_process run ...`. With the pace, 1,000 objects take minutes of waiting by design.
AMS_BENCH_SWEEPS names a file that gets a JSON line per sweep; while there is one of that name and `.full` beside it,
each sweep compares every item in full. AMS_BENCH_PROFILE names one for cProfile of the engine's loop.
"""

from __future__ import annotations

import cProfile
import json
import os
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from ams_operator import main as operator_main
from ams_operator.backends.connect import Connector
from ams_operator.cli import main
from ams_operator.engine.sweeps import Sweeps


def metered(sweep: Callable[..., Awaitable[None]], log: Path) -> Callable[..., Awaitable[None]]:
    """`sweep`, noting the CPU seconds that the engine's thread spent from its begin to its end."""
    whole = log.with_suffix(".full")

    async def measured(*given: Any) -> None:
        if whole.exists():
            for memory in given[0].engine.store.memory.values():
                memory.clean = None  # as if no item had ever been found equal
        began = time.thread_time()
        await sweep(*given)
        with log.open("a") as stream:
            stream.write(json.dumps({"cpu": time.thread_time() - began, "account": given[1].name}) + "\n")

    return measured


def run() -> None:
    """The command line of the operator."""
    setattr(operator_main, "Connector", partial(Connector, paced=False))  # noqa: B010 - a type can't be assigned to
    if log := os.environ.get("AMS_BENCH_SWEEPS"):
        setattr(Sweeps, "sweep", metered(Sweeps.sweep, Path(log)))  # noqa: B010
    profile = os.environ.get("AMS_BENCH_PROFILE")
    if not profile:
        main()
        return
    profiler = cProfile.Profile(time.thread_time)
    try:
        profiler.runcall(main)
    finally:
        profiler.dump_stats(profile)


if __name__ == "__main__":
    run()
