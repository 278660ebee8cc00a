"""What is too much at once to be believed after one look: from how many on, and what is held meanwhile. Pure."""

from __future__ import annotations

from ams_operator.api.reasons import Reason
from ams_operator.domain.model import SERVICE_EFFECTS, Cure, Effect, Hold

LEAST = 3
"""absences at once below which nothing is suspected"""
APART = 30.0
"""seconds, at least, between the two sweeps whose GETs confirm that much is gone"""
SHARE = 10
"""one in so many of an account's resources may differ at once, whatever the limit"""
_CREATE = frozenset({Effect.CREATE})


def too_many_gone(count: int, of: int) -> bool:
    """Whether so many of an account's resources gone at once look like a fault of what answers."""
    return count >= LEAST and 2 * count >= of


ALONE = Hold(
    Reason.PROGRESSING.value,
    _CREATE,
    Cure.TIME,
    "it is gone from the service. It is made anew once a sweep has shown how much else of the account is gone",
)
"""A GET says that it is gone, and no sweep has said yet how much else is."""


def mass_absence(count: int, of: int) -> Hold:
    """Half of an account, or more, is gone."""
    message = (
        f"it is gone from the service, and with it {count} of the {of} resources that are managed in its account. That "
        "may be a fault of the service, or another account in the place of this one: nothing is made anew until GETs "
        "of a second sweep have confirmed it, and all of it then. To have it stay gone: delete this object, or set "
        "managementPolicy: Observe"
    )
    return Hold(Reason.MASS_ABSENCE.value, _CREATE, Cure.TIME, message)


def too_many_differ(count: int, of: int, limit: int) -> bool:
    """Whether so many new differences look like a fault of how this version compares."""
    return count > limit and count * SHARE > of


def uncounted() -> Hold:
    """It differs, was in sync when another version compared it last, and no sweep has said yet how much else does."""
    message = (
        "another version of the operator compared it last: it is changed once a sweep has counted how much differs"
    )
    return Hold(Reason.MASS_CHANGE.value, SERVICE_EFFECTS, Cure.TIME, message)


def mass_change(count: int, of: int, limit: int, before: int = 0) -> Hold:
    """More differs since the operator is another version than one would expect. `before`: what it has changed already,
    which was few enough."""
    also = f" beside {before} that were changed already" if before else ""
    message = (
        f"{count} of the {of} resources that are managed in its account differ{also} for this version of the "
        "operator, and did not for the one that compared them last: that may be its fault, and nothing is changed. The "
        f"limit is {limit}. If status.plan is wrong, run the former version again. This one alone goes on when it is "
        f"edited. To let all of them go: ams-operator run --mass-change-limit={count + before}"
    )
    return Hold(Reason.MASS_CHANGE.value, SERVICE_EFFECTS, Cure.DECISION, message)
