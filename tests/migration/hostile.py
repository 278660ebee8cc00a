"""An inventory that is full of names that somebody could give an entity."""

from __future__ import annotations

from typing import Any

from tests.hostile import NAMES as NAMES


def inventory(names: tuple[str, ...] = NAMES) -> dict[str, Any]:
    """As `inventory -o json` prints it, with every text that can be foreign made of these names."""

    def group(name: str) -> dict[str, Any]:
        return {"count": len(names), "samples": [name, *names[:2]], "evidence": name}

    verdicts = [
        {"fate": fate, "about": name, "why": name, "inferred": True, **group(name)}
        for name in names
        for fate in ("MapsTo", "VisibleInV3", "NotNeeded", "OriginV3", "Gap")
    ]

    def fields(name: str) -> dict[str, Any]:
        return {name: {"inner": name, "list": [name, {name: name}], "number": 1}, "plain": name}

    return {
        "account": f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Media/mediaservices/{names[0]}",
        "begun": names[0],
        "complete": False,
        "sets": [
            {"name": name, "state": "Unsettled", "rows": len(verdicts), "verdicts": verdicts[5 * number :][:5]}
            for number, name in enumerate(names)
        ]
        + [{"name": names[0], "state": "Failed", "rows": 0, "verdicts": []}],
        "targets": [
            {"set": "Channels", "kind": name, "name": name, "fields": fields(name), "note": name, "count": 1,
             "give": [name], "beside": {name: [name]},
             "source": {"Name": name, "Configuration": f"{name}\n" * 3, "Deep": fields(name)}}
            for name in names
        ],
        "gaps": [{"id": name, "title": name, "todo": name, "inferred": True, "state": "NewEvidence",
                  "reason": name, **group(name)} for name in names],
        "toDeclare": [{"id": name, "title": name, "state": "Declared", "reason": name} for name in names],
        "blockers": [
            {"id": name, "condition": "V2JobsDrained" if number % 2 else name, "title": name, "todo": name,
             **group(name)}
            for number, name in enumerate(names)
        ],
        "channels": [{"id": name, "name": name, "state": name, "phase": name, "liveEvent": name} for name in names],
        "benefits": [{"id": name, "title": name} for name in names],
        "reservedUnits": names[0],
        "notes": list(names),
        "conditions": [
            {"type": "EncodingMigrated", "status": "False", "reason": names[0], "message": names[-1]},
            {"type": "V3AccessReady", "status": "True", "reason": "Reachable", "message": names[len(names) // 2]},
        ],
    }  # fmt: skip
