"""GUIDs that can be counted: the n-th of `size`, in order, and back. They look random and cost nothing."""

from __future__ import annotations

from dataclasses import dataclass

_MIX = 0x9E3779B97F4A7C15F39CC060
_MASK = 2**96 - 1


@dataclass(frozen=True)
class Guids:
    """`salt` makes them others than those of the same number elsewhere."""

    size: int
    salt: int

    def at(self, number: int) -> str:
        """The n-th GUID in lower case; GUIDs are ordered as their numbers are."""
        step = 2**32 // self.size
        mixed = ((number + 1) * (self.salt + 3) * _MIX) & _MASK
        mixed ^= mixed >> 41
        head = number * step + mixed % step
        text = f"{mixed:024x}"
        return f"{head:08x}-{text[:4]}-4{text[5:8]}-a{text[9:12]}-{text[12:]}"

    def index(self, guid: str) -> int | None:
        """Which one it is; None for another's."""
        try:
            number = int(guid[:8], 16) // (2**32 // self.size)
        except ValueError:
            return None
        return number if number < self.size and self.at(number) == guid else None
