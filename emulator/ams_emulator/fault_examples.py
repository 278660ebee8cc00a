"""A body of `POST /faults` for each type of fault: what `ams-emulator faults` prints and docs/emulator.md shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FaultExample:
    """`body` as it is posted, and what it does."""

    says: str
    body: dict[str, Any]


EXAMPLES: tuple[FaultExample, ...] = (
    FaultExample(
        "each answer comes 2 seconds later, until the fault is taken back",
        {"match": {"count": 0}, "action": {"type": "latency", "seconds": 2}},
    ),
    FaultExample(
        "429 for all writes of the next minute; without match from now on",
        {"action": {"type": "throttle", "bucket": "writes", "retryAfter": 60}},
    ),
    FaultExample(
        "503 for the second PUT, which is carried out all the same",
        {"match": {"method": "PUT", "nth": 2}, "action": {"type": "answer", "status": 503, "effect": "applied"}},
    ),
    FaultExample(
        "307 to another place",
        {
            "match": {"kind": "GET transforms"},
            "action": {"type": "redirect", "location": "https://elsewhere.invalid/x"},
        },
    ),
    FaultExample(
        "the answer of the next PATCH is lost; its effect comes 30 seconds later",
        {
            "match": {"method": "PATCH"},
            "action": {"type": "drop", "how": "reset", "effect": "late", "seconds": 30},
        },
    ),
    FaultExample(
        "200 with a body that is no JSON",
        {"match": {"path": "/transforms/a$"}, "action": {"type": "hostile", "what": "not-json"}},
    ),
    FaultExample(
        "the next start of a live event fails after 5 seconds",
        {
            "match": {"path": "/liveEvents/[^/]+/start$"},
            "action": {"type": "operation", "seconds": 5, "code": "InternalError", "message": "No capacity."},
        },
    ),
    FaultExample(
        "each LIST of assets leaves `a` out",
        {"match": {"kind": "LIST assets", "count": 0}, "action": {"type": "list", "skip": ["a"]}},
    ),
    FaultExample(
        "links to the next page lead elsewhere",
        {
            "match": {"kind": "LIST transforms"},
            "action": {"type": "foreign-links", "origin": "https://elsewhere.invalid"},
        },
    ),
    FaultExample(
        "version 2 says that it is busy, three times, in the second of its texts",
        {"match": {"path": "/api/Assets", "count": 3}, "action": {"type": "busy", "text": 2}},
    ),
)
