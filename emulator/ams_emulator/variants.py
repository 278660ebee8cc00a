"""What nobody could verify about the service, as switches with both plausible answers.

The service is retired: these questions stay open. A client that is only tested against one answer is tested against an
opinion. `strict` is the answer that is harder for the client, `lenient` the kinder one; `seed:N` mixes both.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
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


GUESSES: tuple[Guess, ...] = (
    Guess(
        "api-version.missing",
        "What does a request without api-version get?",
        "Resource Manager documents it as required; no recording of this provider leaves it out.",
        strict="refuse",
        lenient="accept",
    ),
    Guess(
        "errors.codes",
        "Which code accompanies a refusal whose code no recording shows?",
        "Only NotFound, ResourceNotFound and BadRequest are recorded for these kinds.",
        strict="general",
        lenient="specific",
    ),
    Guess(
        "body.unknown-member",
        "What happens to a member of a body that the API version doesn't know?",
        "Providers differ; none of the recordings sends one.",
        strict="refuse",
        lenient="ignore",
        others=("store",),
    ),
    Guess(
        "patch.depth",
        "Does PATCH merge nested objects, or replace each member of properties whole?",
        "The command line always sends whole resources, so the recordings don't tell.",
        strict="replace",
        lenient="merge",
    ),
    Guess(
        "durations.spelling",
        "Is a duration answered as sent (PT90M) or in one spelling (PT1H30M)?",
        "Recorded durations are all spelled in the one way already.",
        strict="canonical",
        lenient="as-sent",
    ),
    Guess(
        "group.missing",
        "Which 404 does a missing resource group get?",
        "ResourceGroupNotFound is Resource Manager's general answer; not recorded for this provider.",
        strict="ResourceGroupNotFound",
        lenient="ResourceNotFound",
    ),
    Guess(
        "parent.missing",
        "Which 404 does a request below a missing account get?",
        "ParentResourceNotFound is Resource Manager's general answer; not recorded for this provider.",
        strict="ParentResourceNotFound",
        lenient="ResourceNotFound",
    ),
    Guess(
        "parent.missing-delete",
        "What does DELETE below a missing account get?",
        "Resource Manager may answer that there is nothing to delete, or that the parent is missing; not recorded.",
        strict="404",
        lenient="204",
    ),
    Guess(
        "parent.in-progress",
        "May a child be written while its account is still being created?",
        "Not documented; recordings wait for the account first.",
        strict="refuse",
        lenient="accept",
    ),
    Guess(
        "account.put-existing-operation",
        "Does PUT of an existing account start an operation, or is it done at once?",
        "The 200 is recorded, its headers were not kept.",
        strict="operation",
        lenient="at-once",
    ),
    Guess(
        "account.put-existing-omitted",
        "Does PUT of an existing account reset what the body leaves out?",
        "The operation is called create-or-update; PUT replaces in Resource Manager, yet some providers keep.",
        strict="reset",
        lenient="keep",
    ),
    Guess(
        "account.put-in-progress",
        "What does a second write get while an operation of the account runs?",
        "One operation at a time is documented for live events only.",
        strict="refuse",
        lenient="accept",
    ),
    Guess(
        "account.put-location",
        "What does PUT with another location get?",
        "The location of a tracked resource can't change; Resource Manager answers InvalidResourceLocation in general.",
        strict="409",
        lenient="400",
    ),
    Guess(
        "account.patch-location",
        "What does PATCH with a location get?",
        "The update model has no location; whether one is refused or ignored is not documented.",
        strict="refuse",
        lenient="ignore",
    ),
    Guess(
        "account.patch-visible",
        "When do the changes of a PATCH show: at its 202, or when its operation ends?",
        "Not recorded for accounts.",
        strict="at-completion",
        lenient="at-once",
    ),
    Guess(
        "account.name-scope",
        "Where must an account's name be unique?",
        "The check is asked per location, and host names contain the region.",
        strict="global",
        lenient="region",
    ),
    Guess(
        "account.delete-children",
        "What does DELETE of an account that still has transforms do?",
        "Not documented; Resource Manager deletes children of tracked resources, some providers refuse.",
        strict="refuse",
        lenient="cascade",
    ),
    Guess(
        "transform.preset-defaults",
        "Does a stored preset show the defaults of members that the body left out?",
        "Recorded for onError and relativePriority only; the models document a default for many preset members.",
        strict="filled",
        lenient="as-sent",
    ),
    Guess(
        "transform.system-data",
        "Do transforms carry systemData?",
        "The model has it; the recorded transforms are of an older version and don't.",
        strict="present",
        lenient="absent",
    ),
    Guess(
        "transform.put-unchanged",
        "Does a PUT that changes nothing move lastModified?",
        "Not recorded.",
        strict="moves",
        lenient="stays",
    ),
    Guess(
        "quota.status",
        "Which status says that a quota is used up?",
        "The limits are documented, their refusals are not.",
        strict="403",
        lenient="409",
    ),
)


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
