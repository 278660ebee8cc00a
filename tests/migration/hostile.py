"""Names that somebody could give an entity, and an inventory that is full of them."""

from __future__ import annotations

from typing import Any

NAMES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style><script>document.title='owned'</script>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "](javascript:alert(1))",
    "![pixel](https://evil.example/pixel.png)",
    "<https://evil.example/>",
    "https://evil.example/ www.evil.example",
    "@everyone #1 GH-1",
    "\x1b[31mred\x1b[0m\x1b]0;owned\x07",
    "\x9b31mred",
    "\u202egnp.exe\u2066",
    "nul\x00nul",
    "two\nlines\r\n# a heading\n\n<b>",
    "a|b||c\\|d",
    "``` ~~~ `code` **bold** _it_ ~~no~~",
    "- item",
    "1. item",
    "</details></summary>",
    "{{ 7 * 7 }}{% raw %}",
    "[red]rich[/red]",
    "&lt;b&gt; &amp;",
    "half \ud800 pair",
    "\U000e0041\ufeff\u00ad\ufffe",
    "x" * 4000,
    "",
)


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
