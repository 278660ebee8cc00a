"""Rules for what never changes, judged by what applies: absent and the service's default are the same.

A rule on the field itself would be skipped while the field is absent, and so allow any change in two steps; therefore
they stand on the spec. While an object is only observed nothing depends on its fields, and they may be corrected.
The service is asked in any case: these rules spare people a refusal that would come later.
"""

from collections.abc import Callable
from typing import Final

from ams_operator.api.base import Rule

Form = Callable[[str], str]
"""From a CEL expression to one under which two spellings of a value are the same."""

_CORRECTING: Final = "(has(oldSelf.managementPolicy) && oldSelf.managementPolicy == 'Observe')"


def any_case(value: str) -> str:
    """Capitals and small letters are the same."""
    return f"{value}.lowerAscii()"


def unchanging(path: str, default: str, cure: str, form: Form = str) -> Rule:
    """A field of the spec whose absence means `default`, a CEL literal. `cure` is the way out, for the message."""
    now, before = (f"({_there(f'{root}.{path}')} ? {form(f'{root}.{path}')} : {default})" for root in _ROOTS)
    return _rule(path, f"{now} == {before}", cure)


def once(path: str, cure: str, form: Form = str) -> Rule:
    """A field for which the service finds a value of its own: it may be declared later, and stays from then on."""
    now, before = (f"{root}.{path}" for root in _ROOTS)
    return _rule(path, f"!({_there(before)}) || ({_there(now)} && {form(now)} == {form(before)})", cure)


def steady(path: str, cure: str, form: Form = str) -> Rule:
    """A field whose absence means what its account says: it may come and go, but not become another value."""
    now, before = (f"{root}.{path}" for root in _ROOTS)
    return _rule(path, f"!({_there(before)}) || !({_there(now)}) || {form(now)} == {form(before)}", cure)


def constant(path: str, cure: str) -> Rule:
    """A required field."""
    return _rule(path, f"self.{path} == oldSelf.{path}", cure)


_ROOTS: Final = ("self", "oldSelf")


def _rule(path: str, condition: str, cure: str) -> Rule:
    return Rule(f"{_CORRECTING} || {condition}", f"{path} can't change: {cure}", f".{path}")


def _there(value: str) -> str:
    """Whether a member is there, and everything around it."""
    names = value.split(".")
    return " && ".join(f"has({'.'.join(names[: depth + 1])})" for depth in range(1, len(names)))
