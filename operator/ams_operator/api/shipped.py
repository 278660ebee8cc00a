"""What the schemas of this program are called, written down by `make crds`.

An operator compares them with the installed CRDs when it starts. To make all schemas for that was a quarter of a start.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Final

from ams_operator.api.crd import schema_hash
from ams_operator.api.kinds import KINDS, MADE

FILE: Final = "shipped.json"


def shipped_hash(kind: str) -> str:
    """`schema_hash` of a kind as of the last `make crds`. Raises KeyError for a kind that was not there then."""
    found: dict[str, str] = json.loads((files(__package__) / FILE).read_text("utf-8"))
    return found[kind]


def hashes() -> str:
    """What the file has to say."""
    return json.dumps({kind.kind: schema_hash(kind) for kind in (*KINDS, *MADE)}, indent=2) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_text(hashes(), "utf-8")
