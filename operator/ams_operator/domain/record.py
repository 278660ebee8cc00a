"""The record as it stands in `status.record`: written whole, read leniently, unknown keys carried over.

A record that can't be read counts as none, and none only ever means "adopt again".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ams_operator.domain.model import JSON, Act, Aired, Asked, How, Record, Refusal, Repeat, Stay
from ams_operator.domain.remembered import mark

_KNOWN = frozenset(
    {
        "uid",
        "resourceId",
        "origin",
        "how",
        "identity",
        "fields",
        "runState",
        "requests",
        "act",
        "repeats",
        "refusals",
        "aired",
        "stay",
        "asked",
        "unseen",
        "by",
        "known",
    }
)


def load(raw: Any, uid: str) -> Record:
    """The record of the object with this uid; another object's record (a restored backup) counts as none."""
    if not isinstance(raw, Mapping) or raw.get("uid") != uid:
        return Record(uid=uid)
    try:
        return Record(
            uid=uid,
            resource_id=str(raw.get("resourceId", "")),
            origin=str(raw.get("origin", "")),
            how=How(raw["how"]) if raw.get("how") else None,
            identity=_text(raw.get("identity")),
            fields=tuple(str(name) for name in raw.get("fields", ())),
            run_state=_text(raw.get("runState")),
            requests=dict(raw.get("requests", {})),
            act=_load_act(raw["act"]) if raw.get("act") else None,
            repeats={
                # The key was the act's name alone once.
                str(name) if " " in name else mark(str(name), str(value["digest"])): Repeat(
                    str(value["digest"]),
                    int(value["count"]),
                    float(value["at"]),
                    str(value.get("why", "")),
                    _text(value.get("state")),
                    value.get("shown") is True,
                    tuple(float(time) for time in value.get("times", ())),
                )
                for name, value in raw.get("repeats", {}).items()
            },
            refusals=tuple(
                Refusal(
                    str(value["name"]),
                    str(value["digest"]),
                    str(value["code"]),
                    str(value["message"]),
                    _text(value.get("state")),
                )
                for value in raw.get("refusals", ())
            ),
            aired=Aired(str(raw["aired"]["since"]), str(raw["aired"].get("until", ""))) if raw.get("aired") else None,
            stay=Stay(*(str(raw["stay"][name]) for name in ("state", "declared", "why"))) if raw.get("stay") else None,
            asked=_load_asked(raw["asked"]) if raw.get("asked") else None,
            unseen=str(raw.get("unseen", "")),
            by=str(raw.get("by", "")),
            known=tuple(str(name) for name in raw.get("known", ())),
            rest={name: value for name, value in raw.items() if name not in _KNOWN},
        )
    except (TypeError, ValueError, LookupError, AttributeError):
        return Record(uid=uid)


def dump(record: Record) -> JSON:
    """What goes into `status.record`; absent members are left out."""
    members: JSON = {
        "uid": record.uid,
        "resourceId": record.resource_id,
        "origin": record.origin,
        "how": record.how.value if record.how else None,
        "identity": record.identity,
        "fields": list(record.fields),
        "runState": record.run_state,
        "requests": dict(record.requests),
        "act": _dump_act(record.act) if record.act else None,
        "repeats": {
            name: {
                "digest": repeat.digest,
                "count": repeat.count,
                "at": repeat.at,
                **({"why": repeat.why} if repeat.why else {}),
                **({"state": repeat.state} if repeat.state is not None else {}),
                **({"shown": True} if repeat.shown else {}),
                **({"times": list(repeat.times)} if repeat.times else {}),
            }
            for name, repeat in record.repeats.items()
        },
        "refusals": [
            {
                "name": refusal.name,
                "digest": refusal.digest,
                "code": refusal.code,
                "message": refusal.message,
                **({"state": refusal.state} if refusal.state is not None else {}),
            }
            for refusal in record.refusals
        ],
        "aired": (
            {"since": record.aired.since, **({"until": record.aired.until} if record.aired.until else {})}
            if record.aired
            else None
        ),
        "stay": (
            {"state": record.stay.state, "declared": record.stay.declared, "why": record.stay.why}
            if record.stay
            else None
        ),
        "asked": (
            {"requests": dict(record.asked.requests), "declared": record.asked.declared} if record.asked else None
        ),
        "unseen": record.unseen,
        "by": record.by,
        "known": list(record.known),
    }
    return {**record.rest, **{name: value for name, value in members.items() if value}}


def _load_asked(raw: Mapping[str, Any]) -> Asked:
    return Asked({str(verb): str(value) for verb, value in raw["requests"].items()}, str(raw["declared"]))


def _load_act(raw: Mapping[str, Any]) -> Act:
    request = raw.get("request")
    return Act(
        name=str(raw["name"]),
        at=str(raw.get("at", "")),
        fields=tuple(str(name) for name in raw.get("fields", ())),
        unset=tuple(str(name) for name in raw.get("unset", ())),
        digest=str(raw.get("digest", "")),
        then=_text(raw.get("then")),
        request=(str(request[0]), str(request[1])) if request else None,
        operation=_text(raw.get("operation")),
        touched=str(raw.get("touched", "")),
        place=str(raw.get("place", "")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _dump_act(act: Act) -> JSON:
    members: JSON = {
        "name": act.name,
        "at": act.at,
        "fields": list(act.fields),
        "unset": list(act.unset),
        "digest": act.digest,
        "then": act.then,
        "request": list(act.request) if act.request else None,
        "operation": act.operation,
        "touched": act.touched,
        "place": act.place,
    }
    return {name: value for name, value in members.items() if value or (name == "then" and value is not None)}
