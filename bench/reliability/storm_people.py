"""What people declare in a storm, and what they and others do to it meanwhile: by chance of one seed. Pure.

On air is what nobody asks to stop: events with encoders, their recordings, an endpoint with viewers. Spare ones are
started, stopped, made and deleted.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

JSON = dict[str, Any]
Name = tuple[str, str]
"""kind and name"""
ON_AIR: Final = 3
SPARE: Final = 4
TRANSFORMS, ASSETS = 24, 8
MOST: Final = 140
"""objects at a time, at most"""
_INPUT: Final = {
    "streamingProtocol": "RTMP",
    "accessControl": {"ip": {"allow": [{"name": "anyone", "address": "0.0.0.0", "subnetPrefixLength": 0}]}},
}
_OUTPUTS: Final = [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]
EVENTS: Final = tuple(f"air-{number}" for number in range(ON_AIR))
WATCHED: Final = "watched"
"""the endpoint that viewers use"""


@dataclass(frozen=True)
class Deed:
    """`verb`: apply, delete, ask (what the manifest asks for), drift or vanish (what others do in the service)."""

    verb: str
    kind: str
    name: str
    spec: Mapping[str, Any] = field(default_factory=dict)


def transform() -> JSON:
    return {"outputs": _OUTPUTS, "description": "first"}


def asset() -> JSON:
    return {"description": "first", "deletionPolicy": "Delete"}


def event(run_state: str = "Running") -> JSON:
    return {"input": _INPUT, "description": "first", "runState": run_state, "deletionPolicy": "Delete"}


def endpoint(run_state: str = "Running") -> JSON:
    return {"description": "first", "runState": run_state, "deletionPolicy": "Delete"}


def recording(of: str, to: str) -> JSON:
    references = {"liveEventRef": {"name": of}, "assetRef": {"name": to}}
    return {**references, "archiveWindowLength": "PT1H", "description": "first", "deletionPolicy": "Delete"}


def population() -> dict[Name, JSON]:
    """What is declared before the storm."""
    found: dict[Name, JSON] = {}
    for number, name in enumerate(EVENTS):
        found["LiveEvent", name] = event()
        found["Asset", f"reel-{number}"] = asset()
        found["LiveOutput", f"take-{number}"] = recording(name, f"reel-{number}")
    found["StreamingEndpoint", WATCHED] = endpoint()
    for number in range(SPARE):
        found["LiveEvent", f"spare-{number}"] = event(("Running", "Stopped")[number % 2])
        found["StreamingEndpoint", f"edge-{number}"] = endpoint(("Running", "Stopped")[number % 2])
    for number in range(ASSETS):
        found["Asset", f"box-{number}"] = asset()
    for number in range(TRANSFORMS):
        found["Transform", f"recipe-{number}"] = transform()
    return found


def of_quiet() -> dict[Name, Mapping[str, Any]]:
    """What lies in the account that has no storm."""
    return {
        ("LiveEvent", "calm"): event(),
        ("Asset", "calm"): asset(),
        ("LiveOutput", "calm"): recording("calm", "calm"),
        ("StreamingEndpoint", "calm"): endpoint(),
        ("Transform", "calm"): transform(),
    }


def script() -> list[tuple[float, Deed]]:
    """What people do in the account that has no storm, and when, as parts of the whole time."""
    return [
        (0.04, Deed("apply", "Transform", "second", transform())),
        (0.14, Deed("apply", "Transform", "calm", {**transform(), "description": "edited"})),
        (0.24, Deed("apply", "Asset", "second", asset())),
        (0.34, Deed("apply", "LiveEvent", "second", event())),
        (0.44, Deed("drift", "Transform", "second")),
        (0.54, Deed("apply", "LiveEvent", "second", event("Stopped"))),
        (0.64, Deed("apply", "Asset", "calm", {**asset(), "description": "edited"})),
        (0.74, Deed("delete", "LiveEvent", "second")),
        (0.84, Deed("delete", "Transform", "second")),
        (0.90, Deed("vanish", "Transform", "calm")),
    ]


@dataclass
class People:
    """Their manifests, and what they do to them next."""

    chance: random.Random
    manifests: dict[Name, JSON] = field(default_factory=population)
    done: Counter[str] = field(default_factory=Counter)
    made: int = 0
    disturbed: Counter[Name] = field(default_factory=Counter)

    def next(self) -> tuple[Deed, ...]:
        """What is done now; empty where there is nothing to do it to."""
        act = self.chance.choices([one for one, _ in _DEEDS], [weight for _, weight in _DEEDS])[0]
        deeds = act(self)
        if deeds:
            self.done[act.__name__.strip("_").replace("_", " ")] += 1
        for deed in deeds:
            if deed.verb == "apply":
                self.manifests[deed.kind, deed.name] = dict(deed.spec)
            elif deed.verb == "delete":
                self.manifests.pop((deed.kind, deed.name))
        return deeds

    def one(self, fits: Callable[[str, str], bool]) -> Name | None:
        """One of those whose kind and name fit."""
        found = [(kind, name) for kind, name in self.manifests if fits(kind, name)]
        return self.chance.choice(found) if found else None

    def new(self, word: str) -> str:
        """A name that there was never."""
        self.made += 1
        return f"{word}-new-{self.made}"


def _edit(people: People) -> tuple[Deed, ...]:
    """A running endpoint takes no other description, and a recording takes nothing."""
    found = people.one(lambda kind, _: kind not in ("LiveOutput", "StreamingEndpoint"))
    if found is None:
        return ()
    text = f"edit {people.chance.randrange(10**6)}"
    return (Deed("apply", *found, {**people.manifests[found], "description": text}),)


def _start_or_stop(people: People) -> tuple[Deed, ...]:
    found = people.one(lambda _, name: name.startswith(("spare", "edge")))
    if found is None:
        return ()
    spec = people.manifests[found]
    state = "Stopped" if spec["runState"] == "Running" else "Running"
    return (Deed("apply", *found, {**spec, "runState": state}),)


def _create(people: People) -> tuple[Deed, ...]:
    if len(people.manifests) >= MOST:
        return ()
    kind, word, spec = people.chance.choice(
        [
            ("Transform", "recipe", transform()),
            ("Asset", "box", asset()),
            ("LiveEvent", "spare", event(people.chance.choice(("Running", "Stopped")))),
            ("StreamingEndpoint", "edge", endpoint(people.chance.choice(("Running", "Stopped")))),
        ]
    )
    return (Deed("apply", kind, people.new(word), spec),)


def _delete(people: People) -> tuple[Deed, ...]:
    found = people.one(lambda _, name: name.startswith(("recipe", "box", "spare", "edge")))
    return (Deed("delete", *found),) if found is not None else ()


def _begin_a_recording(people: People) -> tuple[Deed, ...]:
    if len(people.manifests) >= MOST:
        return ()
    reel, take = people.new("reel"), people.new("take")
    output = recording(people.chance.choice(EVENTS), reel)
    return (Deed("apply", "Asset", reel, asset()), Deed("apply", "LiveOutput", take, output))


def _end_a_recording(people: People) -> tuple[Deed, ...]:
    found = people.one(lambda _, name: name.startswith("take-new"))
    return (Deed("delete", *found),) if found is not None else ()


def _somebody_changes_it_in_the_service(people: People) -> tuple[Deed, ...]:
    return _disturb(people, "drift", 2)


def _somebody_deletes_it_in_the_service(people: People) -> tuple[Deed, ...]:
    return _disturb(people, "vanish", 1)


def _disturb(people: People, verb: str, times: int) -> tuple[Deed, ...]:
    """Others change one thing so often and no more: the third time within an hour it would be a fight, and held."""
    found = people.one(lambda kind, name: kind == "Transform" and people.disturbed[verb, name] < times)
    if found is None:
        return ()
    people.disturbed[verb, found[1]] += 1
    return (Deed(verb, *found),)


def _rotate_the_Secret(_: People) -> tuple[Deed, ...]:  # noqa: N802 - the word is written so
    return (Deed("rotate", "Secret", "storm"),)


_DEEDS: Final[tuple[tuple[Callable[[People], tuple[Deed, ...]], int], ...]] = (
    (_edit, 30),
    (_start_or_stop, 14),
    (_create, 14),
    (_delete, 12),
    (_begin_a_recording, 5),
    (_end_a_recording, 3),
    (_somebody_changes_it_in_the_service, 8),
    (_somebody_deletes_it_in_the_service, 4),
    (_rotate_the_Secret, 2),
)
"""each with its weight"""
