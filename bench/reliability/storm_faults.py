"""What goes wrong in a storm, and when: every fault of the emulated service comes and goes by chance of one seed. Pure.

A fault is in force for some seconds, on some of the requests of one client. Those of the authority hit everybody, since
nobody is known before he has a token. `busy` alone is left out: it is version 2's.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

JSON = dict[str, Any]
OVERLAP: Final = 3.0
"""how many faults are in force at a time, on average"""
AUTHORITY: Final = "authority"
READS: Final = {"method": "GET"}
WRITES: Final = {"method": "PUT|PATCH|POST|DELETE"}
STEPS: Final = {"path": "/(start|stop)$"}
COLLECTIONS: Final = ("transforms", "assets", "liveevents", "liveoutputs", "streamingendpoints")
LISTS: Final = (
    {"method": "GET", "path": f"/({'|'.join(COLLECTIONS)})$"},
    *({"kind": f"LIST {name}"} for name in ("transforms", "liveevents", "liveoutputs")),
)
ANY: Final[tuple[Mapping[str, Any], ...]] = (READS, WRITES, {}, {"path": "/transforms"}, {"path": "/liveEvents"})
LATEST: Final = 40.0
"""seconds after which a late effect comes at the latest; the operator waits for 60"""
MEBIBYTE: Final = 2**20


@dataclass(frozen=True)
class Fault:
    """One that comes and goes. Of two numbers in `action` one between them is drawn."""

    name: str
    action: Mapping[str, Any]
    scopes: Sequence[Mapping[str, Any]] = ANY
    seconds: tuple[float, float] = (2.0, 6.0)
    count: int = 0
    """how many requests it hits; 0: all"""
    tail: float = 0.0
    """seconds for which it may act on after it was taken back"""
    named: str = ""
    """what in `action` or `match` takes names: `skip`, `null` or `path`"""


@dataclass(frozen=True)
class Spell:
    """One time that a fault is in force. Seconds count from the beginning of the storm."""

    name: str
    at: float
    seconds: float
    match: Mapping[str, Any] | None
    action: Mapping[str, Any]

    @property
    def end(self) -> float:
        return self.at + self.seconds


def _answer(name: str, scopes: Sequence[Mapping[str, Any]] = ANY, **action: Any) -> Fault:
    return Fault(name, {"type": "answer", **action}, scopes)


def _hostile(name: str, what: str, **more: Any) -> Fault:
    action = {"type": "hostile", "what": what, "effect": "applied", **more}
    return Fault(name, action, count=2 if "size" in more else 0)


def _list(name: str, scopes: Sequence[Mapping[str, Any]] = LISTS, named: str = "", **action: Any) -> Fault:
    return Fault(name, {"type": "list", **action}, scopes, seconds=(10.0, 20.0), named=named)


def _authority(name: str, **action: Any) -> Fault:
    return Fault(name, action, ({"kind": AUTHORITY},), seconds=(2.0, 8.0))


_HTML: Final[JSON] = {"body": "<html>Bad Gateway</html>", "headers": {"Content-Type": "text/html"}}
FAULTS: Final = (
    *(
        Fault(f"429 of {bucket} with Retry-After", {"type": "throttle", "bucket": bucket, "retryAfter": (1.0, 8.0)})
        for bucket in ("reads", "writes", "deletes")
    ),
    Fault("503 with Retry-After", {"type": "answer", "status": 503, "retryAfter": (1.0, 5.0)}, tail=5.0),
    _answer("503", status=503),
    _answer("503, and it is carried out", (WRITES,), status=503, effect="applied"),
    _answer("500", status=500, code="InternalServerError"),
    _answer("500, and it is carried out", (WRITES,), status=500, code="InternalServerError", effect="applied"),
    _answer("502 of a gateway, HTML", status=502, **_HTML),
    _answer("408", status=408, code="RequestTimeout"),
    _answer("409: busy", (WRITES,), status=409, code="Conflict"),
    _answer("401", status=401, code="InvalidAuthenticationToken"),
    Fault("the tokens are revoked", {"do": "revoke"}, seconds=(0.0, 0.0)),
    Fault("403: the right to write is taken", {"do": "deny", "rights": ["write", "action", "delete"]}),
    Fault("403: the right to read is taken", {"do": "deny", "rights": ["read"]}),
    Fault("the connection is reset", {"type": "drop", "how": "reset"}),
    Fault("the answer is lost", {"type": "drop", "how": "reset", "effect": "applied"}, (WRITES,)),
    Fault("the connection is closed, and it is carried out", {"type": "drop", "how": "close", "effect": "applied"}),
    Fault(
        "no answer, and the effect comes late",
        {"type": "drop", "how": "reset", "effect": "late", "seconds": (2.0, LATEST)},
        (WRITES,),
        tail=LATEST,
    ),
    Fault("it hangs", {"type": "drop", "how": "hang"}, (READS, WRITES), count=2, tail=31.0),
    Fault(
        "it hangs, and is carried out",
        {"type": "drop", "how": "hang", "effect": "applied"},
        (WRITES,),
        count=2,
        tail=31.0,
    ),
    Fault("slow answers", {"type": "latency", "seconds": (1.0, 6.0)}, tail=6.0),
    _hostile("200 with HTML", "html"),
    _hostile("200 with a huge body", "huge", size=34 * MEBIBYTE),
    _hostile("200 with a gzip bomb", "gzip-bomb", size=64 * MEBIBYTE),
    _hostile("200 with JSON that is nested too deeply", "deep-json"),
    _hostile("200 with JSON of another shape", "wrong-type"),
    _hostile("200 with what is no JSON", "not-json"),
    _hostile("200 that breaks off", "truncated"),
    _hostile("200 with nothing", "empty"),
    Fault("a redirect to another host", {"type": "redirect", "location": "https://elsewhere.invalid/x"}),
    Fault(
        "an operation takes longer", {"type": "operation", "seconds": (3.0, 15.0)}, (WRITES,), (5.0, 15.0), tail=15.0
    ),
    Fault(
        "an operation fails",
        {"type": "operation", "code": "InternalError", "message": "No capacity."},
        (STEPS,),
        seconds=(60.0, 120.0),
        count=1,
        tail=75.0,
        named="path",
    ),
    Fault("an operation is lost", {"type": "operation", "lose": True}, (WRITES,), (5.0, 15.0)),
    _list("LIST of an earlier state", stale=True),
    _list("LIST without some items", named="skip"),
    _list("LIST with null items", named="null"),
    _list("LIST without members", omit=["properties.description", "systemData"]),
    _list("LIST without properties", omit=["properties"]),
    _list("LIST with a link to itself", repeatLink=True),
    Fault("links to next pages lead elsewhere", {"type": "foreign-links"}, LISTS, seconds=(10.0, 20.0)),
    Fault("links to operations lead elsewhere", {"type": "foreign-links"}, (WRITES,), seconds=(2.0, 10.0)),
    _authority("the authority is gone", type="drop", how="reset"),
    _authority("the authority answers 500", type="answer", status=500),
    _authority("the authority answers 429", type="answer", status=429, retryAfter=2),
    _authority("the authority answers HTML", type="hostile", what="html"),
    _authority("the authority is slow", type="latency", seconds=3),
)


def schedule(
    seed: int,
    seconds: float,
    client: str,
    names: Sequence[str],
    failing: Sequence[str],
    faults: Sequence[Fault] = FAULTS,
) -> list[Spell]:
    """The spells of a storm, in the order in which they begin; none acts after its end. Each fault comes as often as
    each other one, but those that `failing` names one by one, each once: a step that failed is only tried again after
    a pause that grows each time. `names`: what a LIST may leave out."""
    chance = random.Random(seed)
    mean = sum(sum(fault.seconds) / 2 for fault in faults if fault.named != "path")
    rounds = max(1, round(seconds * OVERLAP / mean))
    bag = [fault for _ in range(rounds) for fault in chance.sample(faults, len(faults))]
    victims = chance.sample(failing, len(failing))
    found = []
    for number, fault in enumerate(bag):
        match: JSON = {"clientId": client, **chance.choice(fault.scopes), "count": fault.count}
        action = {name: _drawn(value, chance) for name, value in fault.action.items()}
        if fault.named == "path":
            if not victims:
                continue
            match["path"] = f"/{victims.pop()}{match['path']}"
        elif fault.named:
            action[fault.named] = chance.sample(names, max(1, len(names) // chance.choice((2, 3, 8))))
        length = round(chance.uniform(*fault.seconds), 2)
        if action.get("type") == "throttle":
            length, action["clientId"] = float(action["retryAfter"]), client
        if match.get("kind") == AUTHORITY:
            del match["clientId"]
        at = seconds * (number + chance.random()) / len(bag)
        latest = max(0.0, seconds - length - fault.tail)
        at = round(at if at <= latest else chance.uniform(0.0, latest), 2)
        without = "do" in action or action["type"] == "throttle"
        found.append(
            Spell(fault.name, at, length, None if without else MappingProxyType(match), MappingProxyType(action))
        )
    return sorted(found, key=lambda spell: spell.at)


def _drawn(value: Any, chance: random.Random) -> Any:
    return round(chance.uniform(*value)) if isinstance(value, tuple) else value
