"""Tells one history by its name, call by call, as in

python -m tests.crash.tell "update | crash after it at 3 | nothing"
"""

from __future__ import annotations

import sys

from tests.crash.faults import Fault
from tests.crash.history import Prepared, Result
from tests.crash.interferences import INTERFERENCES
from tests.crash.lab import Lab
from tests.crash.scenarios import SCENARIOS


def again(name: str) -> Result:
    """The history with this name, as a failing test prints it. Raises ValueError for a name that means none."""
    first, second, third = (part.strip() for part in name.split(" | "))
    scenario = next((one for one in SCENARIOS if one.name == first), None)
    if scenario is None:
        raise ValueError(f"no scenario {first!r}")
    fault, _, number = second.rpartition(" at ")
    chosen = None if fault == "no fault" else Fault(fault)
    other, _, place = third.rpartition(" at ")
    interference = next((one for one in INTERFERENCES if one.name == other), None)
    if interference is None and third != "nothing":
        raise ValueError(f"no interference {other!r}")
    return Prepared.of(Lab(), scenario).run(chosen, int(number), interference, int(place) if interference else 0)


if __name__ == "__main__":
    found = again(sys.argv[1])
    print("\n".join((*found.log, *found.violations)))
