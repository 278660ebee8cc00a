"""`noun`: a frozen dataclass to the type checker, which is strict everywhere, and a plain one at run time; and
`replace`, which makes another of it.

An idle sweep makes eight of these for each object, a new object has fifty made until it is Ready. What freezes them at
run time sets each of their members by a call, and `dataclasses.replace` asks each member of the class how it is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as noun
    from dataclasses import replace
else:
    from collections.abc import Callable
    from dataclasses import dataclass, fields
    from dataclasses import replace as replaced
    from operator import attrgetter
    from typing import Any

    def noun(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """Make a dataclass of two members or more that compares and hashes like a frozen one."""

        def made(plain: type) -> type:
            found = dataclass(slots=slots, unsafe_hash=frozen)(plain)
            found.members_of = attrgetter(*(one.name for one in fields(found)))
            return found

        return made

    def replace(one: Any, **changes: Any) -> Any:
        """The same noun with other values of some members. Raises AttributeError where it has no such member."""
        members_of = getattr(type(one), "members_of", None)
        if members_of is None:  # a dataclass that is no noun: to the type checker there is no difference
            return replaced(one, **changes)
        found = type(one)(*members_of(one))
        for name, value in changes.items():
            setattr(found, name, value)
        return found


__all__ = ["noun", "replace"]
