"""`$filter` and `$orderby` of LISTs: comparisons of members with literals, joined by `and`, `or` and parentheses."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ams_emulator.errors import BadInputError
from ams_emulator.iso8601 import parse_moment

JSON = dict[str, Any]
Predicate = Callable[[JSON], bool]

_TOKEN = re.compile(r"\s*(\(|\)|(?:[\w.]+)?'(?:[^']|'')*'|[^\s()']+)")
_PATH = re.compile(r"[A-Za-z]\w*(/[A-Za-z]\w*)*")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "eq": operator.eq,
        "ne": operator.ne,
        "gt": operator.gt,
        "ge": operator.ge,
        "lt": operator.lt,
        "le": operator.le,
    }
)


def parse_filter(text: str) -> Predicate:
    """A test of resource bodies. Raises BadInputError."""
    tokens = _tokens(text)
    predicate = _either(tokens)
    if tokens:
        raise BadInputError("$filter", f"'{tokens[0]}' is not expected")
    return predicate


def parse_order(text: str) -> tuple[Callable[[JSON], Any], bool]:
    """A sort key, and whether the order is descending. Raises BadInputError."""
    path, _, direction = text.strip().partition(" ")
    if not _PATH.fullmatch(path) or direction.strip() not in ("", "asc", "desc"):
        raise BadInputError("$orderby", "expected a member such as properties/created, then asc or desc")
    return (lambda body: str(_value(body, path) or "")), direction.strip() == "desc"


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadInputError("$filter", f"can't be read from character {position + 1} on")
        tokens.append(match[1])
        position = match.end()
    return tokens


def _either(tokens: list[str]) -> Predicate:
    parts = [_all(tokens)]
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        parts.append(_all(tokens))
    return lambda body: any(part(body) for part in parts)


def _all(tokens: list[str]) -> Predicate:
    parts = [_one(tokens)]
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        parts.append(_one(tokens))
    return lambda body: all(part(body) for part in parts)


def _one(tokens: list[str]) -> Predicate:
    if tokens[:1] == ["("]:
        tokens.pop(0)
        inner = _either(tokens)
        if tokens[:1] != [")"]:
            raise BadInputError("$filter", "a parenthesis is not closed")
        tokens.pop(0)
        return inner
    if len(tokens) < 3 or tokens[1] not in _COMPARE or not _PATH.fullmatch(tokens[0]):
        raise BadInputError("$filter", "expected a comparison such as name eq 'x' or properties/created gt 2026-01-01")
    path, compare, literal = tokens[0], _COMPARE[tokens[1]], tokens[2]
    del tokens[:3]
    wanted = _literal(literal)

    def test(body: JSON) -> bool:
        found = _value(body, path)
        return found is not None and compare(_comparable(found), wanted)

    return test


def _literal(text: str) -> Any:
    if "'" in text:  # a string, or an enum such as Microsoft.Media.JobState'Processing'
        return _comparable(text[text.index("'") + 1 : -1].replace("''", "'"))
    return _comparable(text)


def _comparable(value: Any) -> Any:
    """Moments compare as moments, everything else as text without case."""
    moment = parse_moment(value) if isinstance(value, str) and value[:2].isdigit() else None
    if moment is None:
        return (0, str(value).lower())
    return (1, moment.replace(tzinfo=None).isoformat())


def _value(body: Any, path: str) -> Any:
    for part in path.split("/"):
        body = body.get(part) if isinstance(body, dict) else None
    return body
