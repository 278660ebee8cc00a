"""Foreign text made fit to show: names come from whoever could make an entity, and may be anything.

What would act on a page, a terminal or a reader's eye (control characters, terminal sequences, what turns the direction
of text, halves of surrogate pairs) becomes visible as an escape, so that two different names still look different.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from ams_operator.texts import ACTING

LONGEST: Final = 300
"""characters of a text in a line"""
LONGEST_BLOCK: Final = 20_000
LONGEST_LINE: Final = 2_000
_DEEPEST: Final = 20
_JOINERS: Final = frozenset("\u200c\u200d")
"""written by people, in Persian, in Hindi and in emoji"""
_LAYOUT: Final = frozenset("\n\t")
_TICKS: Final = re.compile("`+")
_NO_SPAN: Final = re.compile(r"[`|\\]")
"""what a span of code or a table's cell could end at"""
_PUNCTUATION: Final = re.compile(r"[^\w\s]")
_PLAIN_NUMBERS: Final = re.compile("[<>&|]")
_AS_ITSELF: Final = re.compile(r"([\\`*_{}\[\]~$^!])")
_REFERENCES: Final = re.compile(r"((?<!&)[@#]|:(?=//)|www(?=\.)|GH(?=-))", re.IGNORECASE)
"""what a tracker makes a mention, an address or a reference of"""
_BEGINNING: Final = re.compile(r"^(\d*)([-+=.)])")


def shown(value: Any, limit: int = LONGEST) -> str:
    """One line of at most `limit` characters."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else str(value)
    line = ACTING.sub(_escape, text[: limit + 1]).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _escape(found: re.Match[str]) -> str:
    one = found[0]
    number = ord(one)
    if one in _JOINERS:
        return one
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(one) or (
        f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"
    )


def laid(value: Any) -> Any:
    """A JSON value whole, for people and programs: its texts keep their lines, and show what would act."""
    if isinstance(value, str):
        text = value.replace("\r\n", "\n")
        return ACTING.sub(lambda found: found[0] if found[0] in _LAYOUT else _escape(found), text)
    if isinstance(value, dict):
        return {shown(name): laid(one) for name, one in value.items()}
    return [laid(one) for one in value] if isinstance(value, list | tuple) else value


def block(value: Any) -> str:
    """Several lines: a text as it is laid out, anything else as YAML."""
    if not isinstance(value, str):
        value = yaml.safe_dump(_clean(value), sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)
    lines = [shown(line, LONGEST_LINE) if not line[:1].isspace() else _indented(line)
             for line in value[:LONGEST_BLOCK].replace("\r\n", "\n").split("\n")]  # fmt: skip
    return "\n".join(lines).strip("\n") + ("\n…" if len(value) > LONGEST_BLOCK else "")


def _indented(line: str) -> str:
    rest = line.lstrip(" \t")
    return " " * min(len(line) - len(rest), 80) + shown(rest, LONGEST_LINE)


def _clean(value: Any, depth: int = 0) -> Any:
    """The same of plain values that YAML can spell, whose texts are lines."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {shown(key): _clean(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one, depth + 1) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return shown(value, LONGEST_LINE)


def code(value: Any, limit: int = LONGEST) -> str:
    """Foreign text as code in Markdown, fit for a table's cell: no link, mention or reference comes of it."""
    text = shown(value, limit)
    if not text:
        return "(empty)"
    return marked(text) if _NO_SPAN.search(text) else f"`{text}`"


def marked(value: Any, limit: int = LONGEST) -> str:
    """The same as an element of HTML, which it has to be where Markdown is not read, as in a summary."""
    return f"<code>{_PUNCTUATION.sub(_number, shown(value, limit))}</code>"


def fenced(text: str, language: str = "") -> str:
    """Lines as a block of code in Markdown, whatever fences are in them."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def prose(value: Any, limit: int = LONGEST) -> str:
    """A sentence in Markdown: every character is only itself, and nothing becomes a link, a mention or a reference."""
    text = _AS_ITSELF.sub(r"\\\1", _PLAIN_NUMBERS.sub(_number, shown(value, limit)))
    text = _REFERENCES.sub(lambda found: f"{found[1]}&#8203;", text)
    return _BEGINNING.sub(r"\1\\\2", text)


def _number(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"
