"""docs/reliability.md: sections that are made one by one, each in its place."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.document import rendered

ORDER: Final = ("crash", "takeover", "storm", "soak", "open")
HEAD: Final = """# Reliability

What crashes, faults, other people and time do to the operator, counted. This file is written by

```
make reliability
```

What never may happen is 0 in these tables; what can't be prevented is named, and counted apart. A section alone is made
by `python -m bench.reliability --only` and its name, and says itself when and on what it was made."""


def made() -> str:
    """When, and on what."""
    version = ".".join(map(str, sys.version_info[:3]))
    return f"Made on {datetime.now(UTC):%Y-%m-%d} with {os.cpu_count()} CPUs, Python {version}."


def write(path: Path, sections: Mapping[str, str]) -> None:
    """Put sections in their places; those that are not given stay as they are."""
    kept = sections_of(path.read_text(encoding="utf-8")) if path.exists() else {}
    now = {name: rendered(f"{text}\n\n{made()}" if name != "open" else text).strip() for name, text in sections.items()}
    found = {**kept, **now}
    parts = [f"<!-- {name}: begin -->\n\n{found[name]}\n\n<!-- {name}: end -->" for name in ORDER if name in found]
    path.write_text("\n\n".join([rendered(HEAD).strip(), *parts]) + "\n", encoding="utf-8")


def sections_of(text: str) -> dict[str, str]:
    """The sections of a document, by their names."""
    found = re.findall(r"<!-- (\w+): begin -->\n\n(.*?)\n\n<!-- \1: end -->", text, re.DOTALL)
    return dict(found)
