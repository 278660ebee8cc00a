"""What nobody could verify about the service, as switches with both plausible answers.

The service is retired: these questions stay open. A client that is only tested against one answer is tested against an
opinion. `strict` is the answer that is harder for the client, `lenient` the kinder one; `seed:N` mixes both.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from ams_emulator.guess import Guess
from ams_emulator.guesses_general import GENERAL
from ams_emulator.guesses_on_air import ON_AIR
from ams_emulator.guesses_v2 import V2

__all__ = ["GUESSES", "Guess", "Variants"]

GUESSES: tuple[Guess, ...] = (*GENERAL, *ON_AIR, *V2)


class Variants:
    """The answers chosen for this emulator. `profile`: `strict`, `lenient` or `seed:N`."""

    def __init__(self, profile: str = "strict", guesses: tuple[Guess, ...] = GUESSES) -> None:
        self.guesses: Mapping[str, Guess] = {guess.name: guess for guess in guesses}
        self.profile = profile
        self._chosen = dict(_choose(profile, guesses))

    def answer(self, name: str) -> str:
        """The chosen answer; KeyError for a name that is not in the registry."""
        return self._chosen[name]

    def is_(self, name: str, answer: str) -> bool:
        """Whether `answer` is chosen. An answer that the registry doesn't list is a mistake of ours: ValueError."""
        if answer not in self.guesses[name].answers:
            raise ValueError(f"{answer!r} is no answer to {name}")
        return self._chosen[name] == answer

    def choose(self, name: str, answer: str) -> None:
        """Select one answer. ValueError names what can be chosen."""
        if name not in self.guesses:
            raise ValueError(f"no such variant: {name!r}; known: {', '.join(sorted(self.guesses))}")
        guess = self.guesses[name]
        if answer in ("strict", "lenient"):
            answer = guess.strict if answer == "strict" else guess.lenient
        if answer not in guess.answers:
            raise ValueError(f"{name}: {answer!r} is no answer; choose one of {', '.join(guess.answers)}")
        self._chosen[name] = answer

    def describe(self) -> list[dict[str, object]]:
        return [
            {
                "name": guess.name,
                "question": guess.question,
                "reason": guess.reason,
                "strict": guess.strict,
                "lenient": guess.lenient,
                "answers": list(guess.answers),
                "chosen": self._chosen[guess.name],
            }
            for guess in self.guesses.values()
        ]


def _choose(profile: str, guesses: tuple[Guess, ...]) -> list[tuple[str, str]]:
    if profile == "strict":
        return [(guess.name, guess.strict) for guess in guesses]
    if profile == "lenient":
        return [(guess.name, guess.lenient) for guess in guesses]
    kind, _, seed = profile.partition(":")
    if kind != "seed" or not seed.isdigit():
        raise ValueError(f"variants: {profile!r} is not strict, lenient or seed:N with a whole number N")
    # One generator per guess, so that a new guess doesn't change the answers to the others.
    return [
        (guess.name, random.Random(f"{seed}/{guess.name}").choice((guess.strict, guess.lenient)))  # noqa: S311 - a mix, no secret
        for guess in guesses
    ]
