"""Faults and barriers: what goes wrong, and for which requests.

A fault is `{"match": {...}, "action": {...}}`, checked by `parse_match` and `parse_action`. A fault counts the requests
that fit; it fires from the `nth` on, `count` times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ams_emulator.call import Answer, Call, ListFault
from ams_emulator.operations import Failure, OperationFault
from ams_emulator.schema import Enum, Flag, ListOf, MapOf, Member, Number, Object, Rules, Text
from ams_emulator.state import Store
from ams_emulator.v2 import busy as v2

ACTIONS = ("latency", "throttle", "answer", "hostile", "drop", "redirect", "operation", "list", "foreign-links", "busy")
HOSTILE = ("html", "huge", "gzip-bomb", "deep-json", "wrong-type", "not-json", "truncated", "empty")
AUTHORITY = "authority"  # the kind of token and discovery requests; only faults that name it hit those
EFFECTS = ("none", "applied", "late")

_MATCH = Object(
    {
        "method": Member(Text()),
        "path": Member(Text()),
        "kind": Member(Text()),
        "clientId": Member(Text()),
        "userAgent": Member(Text()),
        "bucket": Member(Enum(("reads", "writes", "deletes"))),
        "nth": Member(Number(whole=True, minimum=1), default=1),
        "count": Member(Number(whole=True, minimum=0), default=1),
    }
)
_ACTION = Object(
    {
        "type": Member(Enum(ACTIONS), required=True),
        "seconds": Member(Number(minimum=0)),
        "bucket": Member(Enum(("reads", "writes", "deletes"))),
        "retryAfter": Member(Number(minimum=0)),
        "clientId": Member(Text()),
        "text": Member(Number(whole=True, minimum=1, maximum=3)),
        "status": Member(Number(whole=True, minimum=100, maximum=599)),
        "headers": Member(MapOf(Text())),
        "body": Member(Text(max_length=2**24)),
        "code": Member(Text()),
        "message": Member(Text()),
        "what": Member(Enum(HOSTILE)),
        "size": Member(Number(whole=True, minimum=1)),
        "how": Member(Enum(("reset", "close", "hang"))),
        "effect": Member(Enum(EFFECTS)),
        "lose": Member(Flag()),
        "stale": Member(Flag()),
        "skip": Member(ListOf(Text())),
        "null": Member(ListOf(Text())),
        "omit": Member(ListOf(Text())),
        "repeatLink": Member(Flag()),
        "origin": Member(Text()),
        "location": Member(Text()),
    }
)


@dataclass
class Match:
    """Which requests: regular expressions on method and path (whole method, anywhere in the path, without case)."""

    method: str = ""
    path: str = ""
    kind: str = ""
    client_id: str = ""
    user_agent: str = ""
    bucket: str = ""
    nth: int = 1
    count: int = 1  # 0: no end
    seen: int = 0

    def fits(self, call: Call, kind: str) -> bool:
        """Whether the request is one of those, whatever its number."""
        return (
            (not self.method or re.fullmatch(self.method, call.method, re.IGNORECASE) is not None)
            and (not self.path or re.search(self.path, call.path, re.IGNORECASE) is not None)
            and (self.kind == kind or (not self.kind and kind != AUTHORITY))
            and self.client_id in ("", call.principal.client_id)
            and self.user_agent in call.headers.get("user-agent", "")
            and self.bucket in ("", bucket_of(call.method))
        )

    def fires(self, call: Call, kind: str) -> bool:
        """Count the request if it fits; whether it is one of those that are hit."""
        if not self.fits(call, kind):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.count == 0 or self.seen < self.nth + self.count)

    @property
    def spent(self) -> bool:
        return self.count != 0 and self.seen >= self.nth + self.count - 1


@dataclass
class Fault:
    """One fault in force. `snapshot` is the state when it was set, for stale LISTs; `late` effects that wait."""

    id: str
    match: Match
    action: Mapping[str, Any]
    snapshot: Store | None = None
    late: list[Callable[[], Answer]] = field(default_factory=list)
    hits: int = 0

    @property
    def type(self) -> str:
        return str(self.action["type"])

    @property
    def effect(self) -> str:
        return str(self.action.get("effect", "none"))

    def describe(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "match": {key: value for key, value in vars(self.match).items() if value},
            "action": dict(self.action),
            "hits": self.hits,
            "spent": self.match.spent,
            "late": len(self.late),
        }


class Faults:
    """The faults in force, in the order in which they were set."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._sequence = 0

    def add(self, match: Match, action: Mapping[str, Any], snapshot: Store | None) -> Fault:
        self._sequence += 1
        fault = Fault(f"fault-{self._sequence}", match, action, snapshot)
        self._faults[fault.id] = fault
        return fault

    def get(self, fault_id: str) -> Fault | None:
        return self._faults.get(fault_id)

    def remove(self, fault_id: str | None = None) -> None:
        """One fault, or all; effects that wait are dropped with it."""
        if fault_id is None:
            self._faults.clear()
        else:
            self._faults.pop(fault_id, None)

    def describe(self) -> list[dict[str, Any]]:
        return [fault.describe() for fault in self._faults.values()]

    def firing(self, call: Call, kind: str) -> list[Fault]:
        """The faults that hit this request."""
        if not self._faults:
            return []
        hit = [fault for fault in self._faults.values() if fault.match.fires(call, kind)]
        for fault in hit:
            fault.hits += 1
        return hit


def parse_match(body: Mapping[str, Any]) -> Match:
    """Raises BadInputError (member unknown or ill-typed) or re.error (not a regular expression)."""
    read = _MATCH.read(dict(body), "match", Rules(""))
    for name in ("method", "path"):
        re.compile(read.get(name, ""))
    return Match(
        read.get("method", ""),
        read.get("path", ""),
        read.get("kind", ""),
        read.get("clientId", ""),
        read.get("userAgent", ""),
        read.get("bucket", ""),
        read["nth"],
        read["count"],
    )


def parse_action(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises BadInputError."""
    action: Mapping[str, Any] = _ACTION.read(dict(body), "action", Rules(""))
    return action


def bucket_of(method: str) -> str:
    """Which of Resource Manager's three quotas a method uses: POST actions count as writes."""
    return {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")


def prepare(call: Call, faults: list[Fault]) -> None:
    """Let the faults that change the service's own work do so."""
    for fault in faults:
        action = fault.action
        if fault.type == "operation":
            code = action.get("code")
            failure = Failure(code, action.get("message", "The operation failed.")) if code else None
            call.operation_fault = OperationFault(action.get("seconds"), failure, bool(action.get("lose")))
        elif fault.type == "list":
            call.list_fault = ListFault(
                store=fault.snapshot if action.get("stale") else None,
                skip=frozenset(name.lower() for name in action.get("skip", ())),
                null=frozenset(name.lower() for name in action.get("null", ())),
                omit=tuple(tuple(path.split(".")) for path in action.get("omit", ())),
                repeat_link=bool(action.get("repeatLink")),
            )
        elif fault.type == "foreign-links":
            call.origin = action.get("origin", "https://elsewhere.invalid")


def replacement(fault: Fault, call: Call) -> Answer | None:
    """The answer that a fault gives instead of the service's; None when it leaves it alone."""
    action = fault.action
    headers = dict(action.get("headers", {}))
    if "retryAfter" in action:
        headers["Retry-After"] = f"{action['retryAfter']:g}"
    if fault.type == "answer":
        status = action.get("status", 503)
        if "body" in action:
            content = headers.pop("Content-Type", "application/json; charset=utf-8")
            return Answer(status, action["body"].encode(), headers, content_type=content)
        error = {
            "code": action.get("code", "ServiceUnavailable"),
            "message": action.get("message", "A fault was asked for."),
        }
        return Answer.of(status, {"error": error}, headers)
    if fault.type == "busy":
        return v2.busy(call, action.get("text", 1), headers)
    if fault.type == "redirect":
        location = action.get("location", f"https://elsewhere.invalid{call.path}")
        return Answer(action.get("status", 307), None, headers | {"Location": location})
    return None
