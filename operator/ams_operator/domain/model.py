"""The nouns of the core, frozen values without behaviour, which plan, holds, report and the engine hand to each other.

*Desired* is what the manifest asks for, *observed* one raw answer of the service, *record* what the operator remembers,
and a *plan* what it would do next, before any *hold* has its say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum, StrEnum
from typing import Any

from ams_operator.api.base import ResourceSpec
from ams_operator.domain.noun import noun
from ams_operator.domain.remembered import Act as Act
from ams_operator.domain.remembered import Aired as Aired
from ams_operator.domain.remembered import Asked as Asked
from ams_operator.domain.remembered import How as How
from ams_operator.domain.remembered import Record as Record
from ams_operator.domain.remembered import Refusal as Refusal
from ams_operator.domain.remembered import Repeat as Repeat
from ams_operator.domain.remembered import Stay as Stay

JSON = dict[str, Any]
"""A JSON object as the service sends and takes it."""


class Effect(StrEnum):
    """What an action does to people."""

    WRITE = "write"
    CREATE = "create"
    START = "start"
    INTERRUPT = "interrupt"
    END_RECORDING = "endRecording"
    REPLACE = "replace"
    DELETE = "delete"
    RELEASE = "release"


ALL_EFFECTS = frozenset(Effect)
SERVICE_EFFECTS = ALL_EFFECTS - {Effect.RELEASE}
"""everything that needs the service; letting go of a custom resource does not"""
SHAPING = SERVICE_EFFECTS - {Effect.START, Effect.INTERRUPT, Effect.END_RECORDING}
"""everything that needs the whole manifest; to start and to stop does not"""


class Cure(IntEnum):
    """What ends a hold; the larger, the worse."""

    TIME = 1
    DECISION = 2
    FIX = 3


@noun(frozen=True, slots=True)
class AccountId:
    """A Media Services account, as the user spelled it. Compare by `domain.ids`, never by these strings."""

    subscription: str
    resource_group: str
    name: str


@noun(frozen=True, slots=True)
class Address:
    """Where one resource lives: its account, its kind and the names below the account, outermost first."""

    kind: str
    account: AccountId
    names: tuple[str, ...] = ()


@noun(frozen=True, slots=True)
class Policy:
    """The user's policies after defaults and the account's ceiling. `deletion` None: decided by the record."""

    management: str = "Manage"
    adoption: str = "IfIdentical"
    deletion: str | None = None
    disruption: str = "WhenIdle"


@noun(frozen=True, slots=True)
class Desired:
    """One custom resource, parsed: what should be."""

    kind: str
    uid: str
    name: str
    """metadata.name, for messages"""
    namespace: str
    generation: int
    address: Address
    body: JSON
    """the service's JSON with declared members only"""
    fields: tuple[str, ...]
    """the pointers of its leaves, in order (`compare.fields`)"""
    digest: str = ""
    """the keyed fingerprint of these leaves (`compare.digest`); empty: not taken yet"""
    policy: Policy = Policy()
    requests: Mapping[str, str] = field(default_factory=dict)
    """verb to value, from the request annotations"""
    model: type[ResourceSpec] | None = None
    """what the manifest was read with: where things stand in it"""
    run_state: str | None = None
    restart: str | None = None
    deleting: bool = False
    creatable: bool = True
    """False where the manifest only uses what somebody else makes (an account without storage accounts)"""
    owner: str = ""
    """the owner tag on what this object makes (`owners.mark`); empty: none is set, and nobody's is heeded"""
    stands_for: str = ""
    """what of version 2 it takes the place of, as its annotation says"""
    partial: bool = False
    """a Secret that it names can't be read: nothing is compared, and only run states are acted on"""


UNLISTED = " unlisted"
"""member of an item that its LIST left out, and that its own object showed last; no service has one of this name"""


@noun(frozen=True, slots=True)
class Observed:
    """One answer about one resource: `at` is the time at which its request *started*."""

    at: float
    raw: JSON | None
    """None: the service said that it does not exist"""
    children: Mapping[str, tuple[JSON, ...]] = field(default_factory=dict)
    """sub-collection to its items; a missing key means "not listed", which is not the same as empty"""


@noun(frozen=True, slots=True)
class State:
    """The service's state words: what it is, where it is heading, whether people depend on it; and if we know them."""

    now: str | None = None
    heading: str | None = None
    on_air: bool = False
    provisioning: str | None = None
    known: bool = True


@noun(frozen=True, slots=True)
class Change:
    """One leaf that an action changes. Values stay out of it: they may be secret."""

    path: str
    removed: bool = False


@noun(frozen=True, slots=True)
class Action:
    """One request to the service. `effects` empty means unknown, and unknown means all."""

    name: str
    method: str
    effects: frozenset[Effect] = frozenset()
    body: JSON | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    verb: str = ""
    """the service's action name where `method` is POST"""
    needs: frozenset[str] = frozenset()
    """states in which the service takes it; empty: any"""
    fields: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    digest: str = ""
    changes: tuple[Change, ...] = ()
    touched: str = ""
    """of an update: a fingerprint of what it changes; see `remembered.touched`"""
    then: str | None = None
    request: tuple[str, str] | None = None
    own_wish: bool = False
    """the user asked for just this (his runState, a request): nobody has to be protected from it"""


Chain = tuple[Action, ...]


@noun(frozen=True, slots=True)
class Hold:
    """A reason not to act: what it blocks, why, what ends it, and (for time) when to look again: `until`."""

    reason: str
    blocks: frozenset[Effect]
    cure: Cure
    message: str
    until: float | None = None
    only: str | None = None
    """the one action it is about; None: all"""


@noun(frozen=True, slots=True)
class Plan:
    """Independent chains of actions, and what the last look settled."""

    chains: tuple[Chain, ...] = ()
    record: Record = field(default_factory=Record)
    state: State | None = None
    finalizer: bool = False
    """whether the custom resource has to carry our finalizer before anything else happens"""
    looked: bool = False
    """whether this plan rests on an observation"""
    waiting: str | None = None
    """the service is working on it: what it is doing"""
    stuck: tuple[Hold, ...] = ()
    """reasons that comparing found: adoption refused, cannot unset, missing ..."""
    differs: tuple[Change, ...] = ()
    """everything that differs, whether or not anything may be done about it"""
    good: tuple[str, str] | None = None
    """reason and message of Ready, where they are others than of what is merely in sync"""
    ended: bool = False
    """it is gone, and that is how it ends"""
    done: bool = False
    """a deleting resource has nothing left to do in the service"""


@noun(frozen=True, slots=True)
class Scene:
    """What else a plan and its holds have to know. All times here are `Clock.now()`: seconds that never jump."""

    now: float
    key: bytes
    """keys the fingerprints of what was sent"""
    resource_id: str = ""
    origin: str = ""
    service_time: str = ""
    """the service's clock (ISO 8601) at the last look, of kinds that the service may stop; empty: nobody looked"""
    sent: bool = True
    """whether the noted act may have left: False only where this process knows that it has not"""
    answered: bool = False
    """whether the noted act was answered with success just now"""
    made: str | None = None
    """identity of what that answer showed; None where it showed none"""
    failure: tuple[str, str] | None = None
    """(code, message) of the act's long operation, where the service says that it failed"""
    over: bool = False
    """whether that operation is known to be over, or is not known to the service any more"""
    quiet_until: float = 0.0
    """until when a sent act without an answer may still take effect"""
    release: str | None = None
    """why deletion has nothing to do in the service: its account is gone, its definition is being deleted ..."""
    holds: tuple[Hold, ...] = ()
    """holds that come from outside the resource: its account, its claim, its references"""
    absence: Hold | None = None
    """why it is not made anew yet, should it be gone; None: nothing speaks against it"""
    change: Hold | None = None
    """why it is not changed yet, should it differ; None: nothing speaks against it"""
    known: frozenset[str] = frozenset()
    """fields, as `manifest.as_told` spells them, that are known to differ, so that `change` is not about them"""
    shown: Mapping[str, str] = field(default_factory=dict)
    """what else status shows: members of `Kind.shows` that no observation holds"""
    first_sight: bool = False


@noun(frozen=True, slots=True)
class Decision:
    """A plan after the holds: the one action to do now, or why there is none."""

    plan: Plan
    holds: tuple[Hold, ...] = ()
    next: Action | None = None
    release: bool = False
    due: float | None = None
    """time at which to look again without being asked"""
