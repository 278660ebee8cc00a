"""Foreign text made fit to show: whatever the service, a cluster or a person says, before it gets anywhere."""

from __future__ import annotations

import re
from typing import Any, Final

# Terminal sequences as a whole: strings that a terminal takes for itself (titles, links), then all others.
_ANSI: Final = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-9;?]*[ -/]*[@-~]|\x1b[@-_]"
)
_BREAKING: Final = "\x00-\x1f\x7f-\x9f\u2028\u2029"
"""C0 and C1, line and paragraph separators"""
_UNSEEN: Final = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""what turns the direction of text, has no width, or shows as nothing: two names that look alike differ by it"""
_NO_CHARACTERS: Final = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
"""halves of surrogate pairs, and code points that never stand for anything"""
ACTING: Final = re.compile(f"[{_BREAKING}{_UNSEEN}{_NO_CHARACTERS}]")
"""one character that acts on a page, a terminal or a reader's eye instead of showing"""
_RUN: Final = re.compile(f"[{_BREAKING}]+")
_NOTHING: Final = re.compile(f"[{_UNSEEN}{_NO_CHARACTERS}]+")

_MOVING: Final = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\d+(\.\d+)?(?= (?:seconds|requests)\b)",
    re.IGNORECASE,
)
"""what one answer says otherwise than the next: ids of requests, times, how many"""


def clean(text: str, limit: int = 1024) -> str:
    """Foreign text made safe for a line: no control characters, no terminal sequences, nothing that can't be seen, at
    most `limit` characters. What is clean already stays as it is."""
    line = text[: 4 * limit]
    if not (line.isascii() and line.isprintable()):  # nearly all is
        line = _RUN.sub(" ", _NOTHING.sub("", _ANSI.sub("", line)))
    line = line.strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def steady(said: str) -> str:
    """An answer without what is another one in the next: ids of requests, times, how busy somebody is. Nothing in a
    status moves by itself."""
    return _MOVING.sub("…", said)


def cleaned(value: Any, limit: int = 1024) -> Any:
    """A JSON value with each of its texts cleaned, the names of members too."""
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, dict):
        return {clean(str(name), limit): cleaned(one, limit) for name, one in value.items()}
    return [cleaned(one, limit) for one in value] if isinstance(value, list | tuple) else value
