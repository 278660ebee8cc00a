"""What the emulated service's log and state say of a storm: who sent what he should not have. Pure."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

Entry = Mapping[str, Any]
UNDER_WAY: Final = 1.0
"""seconds in which a request may still arrive that left before its sender could know of a window"""
BUCKETS: Final = ("read", "write", "delete")
_OF: Final = {"GET": "read", "DELETE": "delete"}


def bucket(method: str) -> str:
    """Which of the three quotas a request is taken from."""
    return _OF.get(method, "write")


def inside(log: Iterable[Entry], under_way: float = UNDER_WAY) -> list[Entry]:
    """The requests of one client that arrived while it had been told to wait: a 429 with Retry-After closes its own
    bucket, a 503 with one closes all three."""
    entries = list(log)
    windows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for entry in entries:
        if entry["retry_after"] is None or entry["ended_monotonic"] is None or entry["status"] not in (429, 503):
            continue
        told = entry["ended_monotonic"]
        for name in (bucket(entry["method"]),) if entry["status"] == 429 else BUCKETS:
            windows[name].append((told + under_way, told + entry["retry_after"]))
    return [
        entry
        for entry in entries
        if any(begin < entry["started_monotonic"] < end for begin, end in windows[bucket(entry["method"])])
    ]


def closings(log: Iterable[Entry]) -> Counter[int]:
    """How many answers asked to wait, by status."""
    return Counter(
        entry["status"] for entry in log if entry["retry_after"] is not None and entry["status"] in (429, 503)
    )


def of_no_fault(log: Iterable[Entry]) -> Counter[str]:
    """Refusals that no single fault gave: windows, rights that were taken, tokens that were revoked."""
    found: Counter[str] = Counter()
    for entry in log:
        if entry["faults"]:
            continue
        if entry["status"] == 429:
            found[f"429 of {bucket(entry['method'])}s with Retry-After"] += 1
        elif entry["status"] == 403:
            found[f"403: the right to {entry['access']} is taken"] += 1
        elif entry["status"] == 401:
            found["the tokens are revoked"] += 1
    return found


def made_twice(log: Iterable[Entry], replaced: Collection[str]) -> list[Entry]:
    """PUTs that landed on what was there. `replaced`: the collections, in lower case, whose updates are PUTs."""
    return [entry for entry in log if entry["over"] and collection(entry["path"]) not in replaced]


def collection(path: str) -> str:
    """The collection that a resource's path is in."""
    parts = path.lower().partition("?")[0].rstrip("/").split("/")
    return parts[-2] if len(parts) > 1 else ""


def orphans(stored: Iterable[str], expected: Iterable[str], given: Iterable[str]) -> list[str]:
    """What is in the service and belongs to no object; `given` came with the account."""
    known = {one.lower() for one in (*expected, *given)}
    return sorted(one for one in stored if one.lower() not in known)


def story(one: str, log: Iterable[Entry], said: Iterable[str]) -> list[str]:
    """What was sent about a thing, and what the operator's log says of its object: how it came to be left."""
    about = [entry for entry in log if f"{entry['path'].lower()}/".startswith(f"{one.lower()}/")]
    sent = [
        f"{entry['started_monotonic']:.1f} {entry['method']} {entry['path'][len(one) :] or 'it'}: {entry['status']}, "
        f"effect {entry['effect']}, faults {len(entry['faults'])}"
        for entry in about
    ]
    name = json.dumps({"name": one.rpartition("/")[2]})[1:-1]
    return [f"about {one}:", *sent, *(line for line in said if name in line)]


def unknowable(one: str, log: Iterable[Entry], changed: Sequence[float]) -> bool:
    """Whether somebody changed a thing after the request that made it and before anybody looked: nothing tells then
    whose it is, where that request was not answered. `changed`: when somebody did, on the monotonic clock."""
    about = [entry for entry in log if entry["path"].lower().partition("?")[0] == one.lower()]
    for made in (entry for entry in about if entry["over"] is False):
        looks = [entry for entry in about if entry["method"] == "GET" and _shown(entry)]
        after = [entry["ended_monotonic"] for entry in looks if entry["started_monotonic"] > made["started_monotonic"]]
        if any(made["started_monotonic"] < at < min(after, default=math.inf) for at in changed):
            return True
    return False


def _shown(entry: Entry) -> bool:
    """Whether an answer certainly showed what is there: one that a fault touched may be anybody's page."""
    return entry["status"] == 200 and entry["effect"] == "applied" and not entry["faults"]


def lied_to(one: str, log: Iterable[Entry]) -> bool:
    """Whether something on the way answered a step as if it were carried out, as who starts what runs is answered, and
    nothing was: no answer tells, and what is seen is somebody else's word against it."""
    return any(
        entry["method"] == "POST" and entry["status"] == 200 and entry["effect"] == "none" and entry["faults"]
        for entry in log
        if entry["path"].lower().startswith(f"{one.lower()}/")
    )


def missing(stored: Iterable[str], expected: Iterable[str]) -> list[str]:
    """What an object stands for and the service does not have."""
    there = {one.lower() for one in stored}
    return sorted(one for one in expected if one.lower() not in there)


def trace(log: Iterable[Entry], account: str) -> dict[str, list[str]]:
    """What was sent for each thing of an account, in its order: methods and statuses, without the LISTs and what is
    asked while the service works, which follow the clock. Paths are relative to the account, so that two can be
    compared."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in log:
        path = entry["path"].lower().partition("?")[0]
        _, mark, rest = path.partition(f"/mediaservices/{account.lower()}")
        if mark and entry["method"] != "GET":
            found[rest].append(f"{entry['method']} {entry['status']}")
    return dict(found)


def reads(log: Iterable[Entry], account: str) -> Counter[str]:
    """How often each collection and thing of an account was read."""
    found: Counter[str] = Counter()
    for entry in log:
        path = entry["path"].lower().partition("?")[0]
        _, mark, rest = path.partition(f"/mediaservices/{account.lower()}")
        if mark and entry["method"] == "GET":
            found[f"{entry['kind'].split()[0]} {rest}"] += 1
    return found


def differing(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> list[str]:
    """What two traces differ in."""
    return [
        f"{name or 'the account'}: {', '.join(one.get(name, ())) or 'nothing'}; in the other "
        f"{', '.join(other.get(name, ())) or 'nothing'}"
        for name in sorted({*one, *other})
        if list(one.get(name, ())) != list(other.get(name, ()))
    ]


def unsettled(
    manifests: Mapping[tuple[str, str], Mapping[str, Any]],
    objects: Mapping[tuple[str, str], Any],
    waits: Collection[tuple[str, str]] = (),
) -> list[str]:
    """What is not as its manifest says, or not gone: by the API server alone. `waits`: for a person, as it has to."""
    found = [f"{kind} {name} is not gone" for kind, name in objects if (kind, name) not in manifests]
    for kind, name in manifests:
        thing = objects.get((kind, name))
        ready = condition(thing) if thing is not None else None
        if thing is None:
            found.append(f"{kind} {name} is not there")
        elif ready is None or ready["observedGeneration"] != thing["metadata"]["generation"]:
            found.append(f"{kind} {name}: nobody has looked at this generation")
        elif ready["status"] != "True" and (kind, name) not in waits:
            found.append(f"{kind} {name}: {ready['reason']}: {ready['message'][:200]}")
    return found


ASKS: Final = "RecordingExists"
"""a recording whose beginning nobody saw: only a person can say whether it is begun again"""
REFUSED: Final = "AdoptionRefused"
"""it differs, and is not known to be ours"""
OUTSIDE: Final = ("StoppedOutside", "StartedOutside")
"""it is not in the run state into which it was brought, as far as anybody said"""


def told(objects: Mapping[tuple[str, str], Any], *reasons: str) -> list[tuple[str, str]]:
    """The objects whose Ready has one of these reasons."""
    ready = {name: condition(thing) for name, thing in objects.items()}
    return [name for name, one in ready.items() if one is not None and one["reason"] in reasons]


def condition(thing: Mapping[str, Any], kind: str = "Ready") -> Mapping[str, Any] | None:
    """One of an object's conditions."""
    conditions = thing.get("status", {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == kind), None)


def differs(spec: Mapping[str, Any], stored: Mapping[str, Any]) -> list[str]:
    """What the service has otherwise than a manifest says, of the fields that people change here."""
    shown = stored.get("properties", {})
    pairs = (("description", "description"), ("runState", "resourceState"))
    return [f"{said} is {shown.get(seen)}" for said, seen in pairs if said in spec and spec[said] != shown.get(seen)]
