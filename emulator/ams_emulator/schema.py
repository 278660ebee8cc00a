"""A small declarative language for the members of resources: what is known, required, read-only, and its default.

`Shape.read` checks a body and returns what is to be stored; anything it doesn't take is a `BadInputError` that names
the member by its path, such as `properties.outputs[0].preset.presetName`.
"""

# All shapes read with one signature.
# ruff: noqa: ARG002
from __future__ import annotations

import copy
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ams_emulator.errors import BadInputError
from ams_emulator.iso8601 import canonical_duration, parse_duration, parse_moment

JSON = Any
TYPE_MEMBER = "@odata.type"


@dataclass(frozen=True)
class Rules:
    """How strictly a body is read; the open questions among these come from `variants`."""

    api_version: str
    unknown_members: str = "refuse"  # refuse | ignore | store | learn (store, and take it from clients from now on)
    learned: set[str] = field(default_factory=set)  # paths, list indices left out, that are known beside the models
    partial: bool = False  # a PATCH: nothing is required or defaulted, null is kept
    canonical_durations: bool = False
    fill_defaults: bool = True  # documented defaults of members marked `shown_when_filled`
    refuse_unfit: bool = True  # members that are documented beside another member's value only


class Shape(ABC):
    """The type of one JSON value."""

    @abstractmethod
    def read(self, value: JSON, path: str, rules: Rules) -> JSON:
        """The value as it is stored. Raises BadInputError."""


@dataclass(frozen=True)
class Text(Shape):
    pattern: str | None = None
    meaning: str = ""
    max_length: int = 32768

    def read(self, value: JSON, path: str, rules: Rules) -> str:
        text: str = expect(value, str, "a string", path)
        if len(text) > self.max_length:
            raise BadInputError(path, f"is longer than {self.max_length} characters")
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            raise BadInputError(path, f"{shorten(text)} is not {self.meaning or 'of the form ' + self.pattern}")
        return text


@dataclass(frozen=True)
class Enum(Shape):
    values: tuple[str, ...]

    def read(self, value: JSON, path: str, rules: Rules) -> str:
        text: str = expect(value, str, "a string", path)
        if text not in self.values:
            raise BadInputError(path, f"{shorten(text)} is not one of {', '.join(self.values)}")
        return text


@dataclass(frozen=True)
class Number(Shape):
    whole: bool = False
    minimum: float | None = None
    maximum: float | None = None

    def read(self, value: JSON, path: str, rules: Rules) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or (self.whole and not isinstance(value, int)):
            raise BadInputError(
                path, f"expected {'a whole number' if self.whole else 'a number'}, got {kind_of(value)}"
            )
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            raise BadInputError(path, f"{value} is outside {self.minimum} to {self.maximum}")
        return value


@dataclass(frozen=True)
class Flag(Shape):
    def read(self, value: JSON, path: str, rules: Rules) -> bool:
        flag: bool = expect(value, bool, "true or false", path)
        return flag


@dataclass(frozen=True)
class Duration(Shape):
    minimum: float = 0  # seconds
    maximum: float | None = None

    def read(self, value: JSON, path: str, rules: Rules) -> str:
        text: str = expect(value, str, "an ISO 8601 duration", path)
        seconds = parse_duration(text)
        if seconds is None:
            raise BadInputError(path, f"{shorten(text)} is not an ISO 8601 duration such as PT2S")
        if seconds < self.minimum or (self.maximum is not None and seconds > self.maximum):
            raise BadInputError(path, f"{shorten(text)} is outside {self.minimum} to {self.maximum or 'any'} seconds")
        return canonical_duration(text) if rules.canonical_durations else text


@dataclass(frozen=True)
class Moment(Shape):
    def read(self, value: JSON, path: str, rules: Rules) -> str:
        text: str = expect(value, str, "a date and time", path)
        if parse_moment(text) is None:
            raise BadInputError(path, f"{shorten(text)} is not a date and time such as 2026-01-31T12:00:00Z")
        return text


@dataclass(frozen=True)
class ListOf(Shape):
    item: Shape
    minimum: int = 0
    maximum: int | None = None

    def read(self, value: JSON, path: str, rules: Rules) -> list[JSON]:
        items = expect(value, list, "a list", path)
        if len(items) < self.minimum:
            raise BadInputError(path, f"needs at least {self.minimum} item{'s' if self.minimum > 1 else ''}")
        if self.maximum is not None and len(items) > self.maximum:
            raise BadInputError(path, f"has {len(items)} items, at most {self.maximum} are allowed")
        return [self.item.read(item, f"{path}[{index}]", rules) for index, item in enumerate(items)]


@dataclass(frozen=True)
class MapOf(Shape):
    value: Shape

    def read(self, value: JSON, path: str, rules: Rules) -> dict[str, JSON]:
        members = expect(value, dict, "an object", path)
        return {
            key: None if member is None and rules.partial else self.value.read(member, f"{path}.{key}", rules)
            for key, member in members.items()
        }


@dataclass(frozen=True)
class Member:
    """One member of an object.

    `default` is shown whenever the member is left out (recorded); `filled` only where `Rules.fill_defaults` says so
    (documented, but nobody recorded that it shows), and `filled_from` names the member, listed before this one, whose
    value is the default. With `shown_null` it is shown as null when nobody set it. `since` is the first api-version
    that knows the member.
    """

    shape: Shape
    required: bool = False
    read_only: bool = False
    default: JSON = None
    filled: JSON = None
    filled_from: str = ""
    shown_null: bool = False
    since: str = ""


@dataclass(frozen=True)
class Object(Shape):
    members: Mapping[str, Member] = field(default_factory=dict)

    def read(self, value: JSON, path: str, rules: Rules) -> dict[str, JSON]:
        given = expect(value, dict, "an object", path)
        stored = self._unknown(given, path, rules)
        for name, member in self.members.items():
            where = f"{path}.{name}" if path else name
            item = given.get(name)
            if member.read_only or member.since > rules.api_version:
                continue  # clients may send back what they read; the service owns it
            if item is not None:
                stored[name] = member.shape.read(item, where, rules)
            elif rules.partial:
                if name in given:
                    stored[name] = None
            elif member.required:
                raise BadInputError(where, "is required")
            elif member.default is not None:
                stored[name] = copy.deepcopy(member.default)
            elif rules.fill_defaults and (filled := stored.get(member.filled_from, member.filled)) is not None:
                stored[name] = copy.deepcopy(filled)
            elif member.shown_null:
                stored[name] = None
        return stored

    def _unknown(self, given: dict[str, JSON], path: str, rules: Rules) -> dict[str, JSON]:
        kept: dict[str, JSON] = {}
        for name, item in given.items():
            member = self.members.get(name)
            if member is not None and member.since <= rules.api_version:
                continue
            where = f"{path}.{name}" if path else name
            general = re.sub(r"\[\d+\]", "[]", where)
            if rules.unknown_members == "learn":
                rules.learned.add(general)
            elif rules.unknown_members == "refuse" and general not in rules.learned:
                raise BadInputError(where, f"is not a member that api-version {rules.api_version} knows")
            if rules.unknown_members != "ignore" or general in rules.learned:
                kept[name] = item
        return kept


@dataclass(frozen=True)
class Union(Shape):
    """Objects told apart by `@odata.type`."""

    types: Mapping[str, Object]

    def read(self, value: JSON, path: str, rules: Rules) -> dict[str, JSON]:
        given = expect(value, dict, "an object", path)
        where = f"{path}.{TYPE_MEMBER}"
        if TYPE_MEMBER not in given:
            raise BadInputError(where, f"is required; one of {', '.join(self.types)}")
        name = expect(given[TYPE_MEMBER], str, "a string", where)
        if name not in self.types:
            raise BadInputError(where, f"{shorten(name)} is not one of {', '.join(self.types)}")
        rest = {key: item for key, item in given.items() if key != TYPE_MEMBER}
        return {TYPE_MEMBER: name, **self.types[name].read(rest, path, rules)}


def expect(value: JSON, wanted: type, words: str, path: str) -> Any:
    """`value` when it is a `wanted`; null is never one. Raises BadInputError that says what came instead."""
    if not isinstance(value, wanted):
        raise BadInputError(path, f"expected {words}, got {kind_of(value)}")
    return value


def kind_of(value: JSON) -> str:
    names = {str: "a string", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


def shorten(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
