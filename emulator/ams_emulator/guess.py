"""One open question about the service, and the answers that it may have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guess:
    """One open question. `others` are further answers that only a direct choice selects."""

    name: str
    question: str
    reason: str
    strict: str
    lenient: str
    others: tuple[str, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        return (self.strict, self.lenient, *self.others)
