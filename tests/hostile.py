"""Names and texts that a service, a cluster or a person could send, for every output to be tried with."""

from __future__ import annotations

import unicodedata
from typing import Any

NAMES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style><script>document.title='owned'</script>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "](javascript:alert(1))",
    "![pixel](https://evil.example/pixel.png)",
    "<https://evil.example/>",
    "https://evil.example/ www.evil.example",
    "@everyone #1 GH-1",
    "\x1b[31mred\x1b[0m\x1b]0;owned\x07",
    "\x9b31mred",
    "\u202egnp.exe\u2066",
    "nul\x00nul",
    "two\nlines\r\n# a heading\n\n<b>",
    "a|b||c\\|d",
    "``` ~~~ `code` **bold** _it_ ~~no~~",
    "- item",
    "1. item",
    "</details></summary>",
    "{{ 7 * 7 }}{% raw %}",
    "[red]rich[/red]",
    "&lt;b&gt; &amp;",
    "half \ud800 pair",
    "\U000e0041\ufeff\u00ad\ufffe",
    "x" * 4000,
    "",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "../../etc/passwd",
    "a\n---\nkind: Secret\nmetadata: {name: owned}",
    "'; reboot; $(reboot) `reboot` #",
    "%s %(name)s {0} {name}",
    "2024-01-01T00:00:00Z ERROR forged\r\x1b[2K\x1b[1A",
    "\x1bPq\x1b\\\x9d0;owned\x9c\x1b_x\x07",
    "zero\u200bwidth\u2060\u180e\u115f\u3164",
    "\u061cbidi\u202a\u202e\u2066\u2069\u206a",
    "tags\U000e0001\U000e007f\U000e0100",
    "blank\u3164\u115f",
    "null",
    "yes: no",
)
_SIGNS = frozenset("\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd") | {chr(one) for one in range(0x600, 0x606)}
"""signs of numbers and verses: format characters by their category, and seen all the same"""


def acts(text: str, allowed: str = "") -> set[str]:
    """The characters of a text that act on a page, a terminal or an eye instead of showing; what Unicode says of them,
    and not what the product thinks."""
    return {one for one in text if one not in allowed and one not in _SIGNS and _acts(one)}


def acts_in(value: Any) -> set[str]:
    """The same of all texts of a JSON value; as JSON some of them would be escaped."""
    if isinstance(value, dict):
        return acts_in([*value, *value.values()])
    if isinstance(value, list):
        return {found for one in value for found in acts_in(one)}
    return acts(value) if isinstance(value, str) else set()


def _acts(one: str) -> bool:
    number = ord(one)
    never = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    tag = 0xE0000 <= number <= 0xE0FFF
    blank = one in "\u034f\u115f\u1160\u3164\uffa0"
    return never or tag or blank or unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")
