"""`$filter` and `$orderby` of version 2: OData v3 expressions over the members of a row."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ams_emulator.iso8601 import parse_moment
from ams_emulator.v2.errors import bad
from ams_emulator.v2.model import EntitySet, Row

Expression = Callable[[Row], Any]
_TOKEN = re.compile(r"\s*((?:datetime|guid|time)?'(?:[^']|'')*'|-?\d+(?:\.\d+)?[LlDdFfMm]?|[\w/]+|[(),])")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le}
)
_FUNCTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = MappingProxyType(
    {
        "startswith": (2, lambda text, start: str(text or "").startswith(start)),
        "endswith": (2, lambda text, end: str(text or "").endswith(end)),
        "substringof": (2, lambda part, text: part in str(text or "")),
        "indexof": (2, lambda text, part: str(text or "").find(part)),
        "length": (1, lambda text: len(text or "")),
        "tolower": (1, lambda text: str(text or "").lower()),
        "toupper": (1, lambda text: str(text or "").upper()),
        "trim": (1, lambda text: str(text or "").strip()),
    }
)
_WORDS: Mapping[str, Any] = MappingProxyType({"true": True, "false": False, "null": None})
_DEPTH = 50


def parse_filter(text: str, entity_set: EntitySet, *, allow_or: bool) -> Callable[[Row], bool]:
    """What `$filter` keeps. Raises V2Error 400."""
    parser = _Parser(text, entity_set, allow_or=allow_or)
    expression = parser.disjunction(0)
    parser.end()
    return lambda row: bool(expression(row))


def parse_order(text: str, entity_set: EntitySet) -> list[tuple[Callable[[Row], Any], bool]]:
    """Keys of `$orderby` and whether each goes backwards. Raises V2Error 400."""
    orders = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(" ")
        if direction.strip() not in ("", "asc", "desc"):
            raise bad(f"$orderby: '{part.strip()[:80]}' ends neither in asc nor in desc.")
        orders.append((_sortable(_member(name, entity_set)), direction.strip() == "desc"))
    return orders


def _sortable(value: Expression) -> Expression:
    def key(row: Row) -> tuple[bool, Any]:
        found = value(row)
        return (found is not None, found if found is not None else 0)

    return key


def _member(name: str, entity_set: EntitySet) -> Expression:
    first, *rest = name.split("/")
    field = entity_set.by_name.get(first)
    if field is None:
        raise bad(f"Could not find a property named '{name[:80]}' on type '{entity_set.type}'.")

    def value(row: Row) -> Any:
        found = row.get(first)
        for part in rest:
            found = found.get(part) if isinstance(found, dict) else None
        return parse_moment(found) if field.type == "DateTime" and isinstance(found, str) else found

    return value


class _Parser:
    """Recursive descent: `or`, `and`, `not`, comparisons, calls, members, literals."""

    def __init__(self, text: str, entity_set: EntitySet, *, allow_or: bool) -> None:
        self._tokens: list[str] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise bad(f"Syntax error at position {place} in $filter.")
            self._tokens.append(found.group(1))
            place = found.end()
        self._set, self._allow_or = entity_set, allow_or

    def end(self) -> None:
        if self._tokens:
            raise bad(f"Syntax error at '{self._tokens[0][:80]}' in $filter.")

    def disjunction(self, depth: int) -> Expression:
        left = self._conjunction(depth)
        while self._take("or"):
            if not self._allow_or:
                raise bad("The operator 'or' is not supported in $filter.")
            left = _either(left, self._conjunction(depth))
        return left

    def _conjunction(self, depth: int) -> Expression:
        left = self._negation(depth)
        while self._take("and"):
            left = _both(left, self._negation(depth))
        return left

    def _negation(self, depth: int) -> Expression:
        if depth > _DEPTH:
            raise bad("$filter is nested too deeply.")
        if self._take("not"):
            inner = self._negation(depth + 1)
            return lambda row: not inner(row)
        return self._comparison(depth)

    def _comparison(self, depth: int) -> Expression:
        left = self._value(depth)
        for word in ("eq", "ne", *_COMPARE):
            if self._take(word):
                return _compared(word, left, self._value(depth))
        return left

    def _value(self, depth: int) -> Expression:
        if not self._tokens:
            raise bad("$filter ends too early.")
        token = self._tokens.pop(0)
        if token == "(":  # noqa: S105 - a parenthesis
            inner = self.disjunction(depth + 1)
            self._need(")")
            return inner
        if token in _FUNCTIONS and self._tokens[:1] == ["("]:
            return self._call(token, depth)
        constant, known = _constant(token)
        return (lambda _: constant) if known else _member(token, self._set)

    def _call(self, name: str, depth: int) -> Expression:
        arity, function = _FUNCTIONS[name]
        self._need("(")
        arguments = [self._value(depth + 1)]
        while self._take(","):
            arguments.append(self._value(depth + 1))
        self._need(")")
        if len(arguments) != arity:
            raise bad(f"{name} takes {arity} arguments in $filter.")
        return lambda row: function(*(argument(row) for argument in arguments))

    def _take(self, word: str) -> bool:
        if self._tokens and self._tokens[0] == word:
            self._tokens.pop(0)
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise bad(f"'{word}' expected in $filter.")


def _constant(token: str) -> tuple[Any, bool]:
    """The value of a literal, and whether it is one."""
    if token in _WORDS:
        return _WORDS[token], True
    kind, quote, rest = token.partition("'")
    if quote:
        text = rest[:-1].replace("''", "'")
        if kind != "datetime":
            return text, True
        moment = parse_moment(text if text.endswith("Z") else f"{text}Z")
        if moment is None:
            raise bad(f"'{text[:80]}' is no date in $filter.")
        return moment, True
    number = token.rstrip("LlDdFfMm")
    if re.fullmatch(r"-?\d+(\.\d+)?", number):
        return (float(number) if "." in number else int(number)), True
    return None, False


def _either(left: Expression, right: Expression) -> Expression:
    return lambda row: left(row) or right(row)


def _both(left: Expression, right: Expression) -> Expression:
    return lambda row: left(row) and right(row)


def _compared(word: str, left: Expression, right: Expression) -> Expression:
    def compare(row: Row) -> bool:
        a, b = left(row), right(row)
        if word in ("eq", "ne"):
            return (a == b) is (word == "eq")
        try:
            return a is not None and b is not None and _COMPARE[word](a, b)
        except TypeError:
            raise bad(f"$filter compares values of different types with '{word}'.") from None

    return compare
