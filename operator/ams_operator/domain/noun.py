"""`noun`: a frozen dataclass to the type checker, which is strict everywhere, and a plain one at run time.

An idle sweep makes eight of these for each object. What freezes them at run time sets each of their sixty fields by a
call, which was a tenth of such a comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as noun
else:
    from collections.abc import Callable
    from dataclasses import dataclass

    def noun(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """Make a dataclass that compares and hashes like a frozen one."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["noun"]
