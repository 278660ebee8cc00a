"""What a report is made of, in whichever form it comes. Files may come from anywhere: all of it is foreign.

YAML is read as far as an object of the API server needs it: without aliases, tags and times, which could fill the
memory or make something else of a text.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from ams_operator import jsons
from ams_operator.migration.report import cluster
from ams_operator.migration.report.given import Given, NotAnInventory, parse

LARGEST: Final = 256 << 20
"""bytes of an inventory"""
LARGEST_YAML: Final = 4 << 20
"""bytes of YAML; an object of the API server has 1.5 MiB at most"""

_EXPECTED: Final = "expected what `kubectl get migrationreport NAME -o yaml` prints"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_REPORT: Final = frozenset({"format", "summary", "terminology"})
"""members that `build.report` adds"""
_WORDS: Final = (
    ("null", r"null|~|"),
    ("bool", r"true|false"),
    ("int", r"-?(0|[1-9][0-9]{0,30})"),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"),
)
"""what is no text, although nothing marks it"""


def read(raw: bytes) -> Given:
    """Of what `inventory -o json` printed, or of a MigrationReport as JSON or YAML. Raises NotAnInventory."""
    if len(raw) > LARGEST:
        raise NotAnInventory(f"it has more than {LARGEST >> 20} MiB")
    found = _parsed(raw)
    if not isinstance(found, dict):
        raise NotAnInventory(f"it holds no object; {_EXPECTED}")
    if found.keys() >= _REPORT:
        raise NotAnInventory(f"it is a report already (`-o json`): give what that was made of; {_EXPECTED}")
    return parse(cluster.inventory(found)) if cluster.is_object(found) else parse(found)


def _parsed(raw: bytes) -> Any:
    if raw.startswith(_UTF16):  # as PowerShell's `>` writes
        raise NotAnInventory("it is UTF-16: save it as UTF-8, in PowerShell by `| Out-File -Encoding utf8 FILE`")
    if raw[:100].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        try:
            return jsons.loads(raw)
        except (ValueError, RecursionError):
            raise NotAnInventory("it is no JSON") from None
    if len(raw) > LARGEST_YAML:
        raise NotAnInventory(f"it is no JSON, and has more than {LARGEST_YAML >> 20} MiB for YAML")
    try:
        return yaml.load(raw.decode("utf-8"), Loader=_Plain)  # noqa: S506 - a SafeLoader that takes less
    except (yaml.YAMLError, ValueError, RecursionError):
        raise NotAnInventory(f"it is neither JSON nor plain YAML of one document; {_EXPECTED}") from None


class _Plain(yaml.SafeLoader):
    """The YAML that JSON can say. In Python, slow as that is: the one in C crashes where it is too deep."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.yaml_implicit_resolvers = {
            None: [(f"tag:yaml.org,2002:{kind}", re.compile(rf"(?:{word})\Z")) for kind, word in _WORDS]
        }

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs lack it
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) is not None:
            raise yaml.YAMLError("an alias or a tag")
        return super().compose_node(parent, index)
