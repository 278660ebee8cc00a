"""What each member of a row does to what is said of the row: found by judging rows that differ in that member alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from tests.migration.coverage_rows import CASES, OLD, Case
from tests.migration.judging import GUID

from ams_operator.domain.model import JSON
from ams_operator.migration import entities, verdicts
from ams_operator.migration.model import Judgement, Known
from ams_operator.migration.reduce import keyed

Said = dict[str, Any]
"""what is said of a row: `verdict`, `name`, JSON pointers of what takes its place, and so on, to its value"""
GONE: Final = object()
_GUID: Final = "22222222-122c-496e-9ac5-7f9e2c2547b8"
LINKED: Final = "kinds"
"""of an asset's delivery policies: what stands for their ids once they were read"""
REMEMBERED: Final = {
    "recent": "whether locators of it count as new work in version 2",
    "used_policies": "which authorization policies are in use",
    "processors": "on which processor tasks ran",
    "options": "the options of its policy",
    "channels": "the name and `hls` of its `LiveOutput`s",
    "units": "the reserved units that the report names",
    "published": "which assets are published",
    "deliveries": "what the delivery policies of an asset come to together",
    "by_locator": "what has to be published anew",
    "new_assets": "which assets version 3 made",
    "unknown_assets": "of which assets nobody knows the origin",
}
"""what verdicts on other rows are given, by the members of `Known`"""


def judge(name: str, row: JSON, known: Known) -> Said:
    """All that is said of a row as it comes from the service."""
    one = entities.SETS[name]
    found = one.reduce(row, keyed(b"test")) if one.reduce is not None else row
    said: Said = {"newest": verdicts.when(name, found, known), "label": verdicts.label(name, found)}
    said |= _told(verdicts.judge(name, found, known))
    said |= {f"known {one}": repr(getattr(known, one)) for one in REMEMBERED}
    if name == "ContentKeyAuthorizationPolicyOptions":  # what it becomes is said by its policy
        known.used_policies, known.options = {GUID}, {GUID: [found]}
        policy = verdicts.judge("ContentKeyAuthorizationPolicies", {"Id": f"nb:ckpid:UUID:{GUID}"}, known)
        said |= {key: value for key, value in _told(policy).items() if key[0] == "/" or key in ("give", "note")}
        said["secrets"] = repr(policy.verdict.secrets)
    if name == "AssetDeliveryPolicies" and known.deliveries.kinds:  # by those of an asset together
        combined = verdicts.judge("Combinations", {"Id": "nb:cid:UUID:x", "kinds": [0]}, known)
        said |= {key: value for key, value in _told(combined).items() if key[0] == "/" or key == "give"}
        said["policy"] = combined.verdict.name if combined.verdict.name.startswith("Pre") else "one of its own"
    return said


def _told(found: Judgement) -> Said:
    one = found.verdict
    what = f"{one.fate}" + (f" `{one.kind}`" if one.kind else "") + (f" `{one.gap}`" if one.gap else "")
    said: Said = {"verdict": what, "name": one.name, "note": one.note, "give": one.give, "beside": dict(one.beside)}
    said["why"] = one.why
    said |= {f"gap {identifier}": True for identifier, _ in found.evidence if identifier != one.gap}
    said |= {f"blocker {identifier}": True for identifier in found.blockers}
    return said | dict(leaves(one.fields))


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """JSON pointers to values; those of lists without their numbers, which say nothing to people."""
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from leaves(one, f"{pointer}/{name}")
    elif isinstance(value, list) and value:
        for one in value[:1]:
            yield from leaves(one, pointer)
    elif pointer:
        yield pointer, value


def paths(row: JSON, above: str = "") -> Iterator[str]:
    """Every member of a row, and those of its parts."""
    for name, value in row.items():
        yield f"{above}{name}"
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield from paths(inner, f"{above}{name}{'[]' if inner is not value else ''}.")


def changed(row: JSON, path: str, value: Any) -> JSON:
    """A copy with another value at a path; without it where the value is `GONE`."""
    made: JSON = json.loads(json.dumps(row))
    part: Any = made
    *above, last = path.split(".")
    for name in above:
        part = part[name[:-2]][0] if name.endswith("[]") else part[name]
    if value is GONE:
        part.pop(last, None)
    else:
        part[last] = value
    return made


def at(row: JSON, path: str) -> Any:
    """The value at a path."""
    part: Any = row
    for name in path.split("."):
        part = part[name[:-2]][0] if name.endswith("[]") else part[name]
    return part


def _another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and GUID in value:
        return value.replace(GUID, _GUID)
    if isinstance(value, str):
        return OLD.replace("2020", "2018") if value[:2] == "20" and "T" in value else f"{value}-9"
    return None


def members(name: str) -> list[str]:
    """What a row of a set holds: its fields, of those with parts the parts, and what several values are given for."""
    found: dict[str, None] = {}
    for case in CASES[name]:
        each = list(paths(case.row))
        inner = {one for one in each if any(other.startswith((f"{one}.", f"{one}[].")) for other in each)}
        found |= dict.fromkeys(one for one in each if one not in inner or one in case.others)
    return [one for one in found if one != LINKED]


def effects(name: str, path: str) -> list[str]:
    """What a member of a row decides, in words; nothing where whatever it says changes nothing."""
    verdicts_: dict[str, None] = {}
    pointers: dict[str, None] = {}
    rest: dict[str, None] = {}
    for case in CASES[name]:
        became = _case(name, LINKED if name == "Combinations" else path, case, pointers, rest)
        verdicts_ |= dict.fromkeys(became if len(became) > 1 else ())
    found = [f"verdict: {', '.join(verdicts_)}"] if verdicts_ else []
    marks = [one for one in rest if one.startswith(_MARKS)]
    decided = [one for one in rest if not one.startswith(_MARKS)]
    return [*found, *_fields(pointers), *marks, *([f"decides {', '.join(decided)}"] if decided else [])]


_MARKS: Final = ("gap", "blocks")


def _case(name: str, path: str, case: Case, pointers: dict[str, None], rest: dict[str, None]) -> list[str]:
    """The verdicts on a row whatever stands at a path; what else changes is added to `pointers` and `rest`."""
    if path not in set(paths(case.row)):
        return []
    base = judge(name, case.row, case.known())
    became: dict[str, None] = {base["verdict"]: None}
    gone = () if path == entities.SETS[name].key else (GONE,)  # a row without its key is not judged
    for value in (_another(at(case.row, path)), *case.others.get(path, ()), *gone):
        other = judge(name, changed(case.row, path, value), case.known())
        different = [key for key in {**base, **other} if base.get(key) != other.get(key)]
        if base["verdict"] != other["verdict"]:
            became[other["verdict"]] = None
            different = [key for key in different if key.startswith(("blocker", "known"))]
        pointers |= dict.fromkeys(key for key in different if key.startswith("/"))
        words = (_words(key, base) for key in different if not key.startswith("/"))
        rest |= dict.fromkeys(text for text in words if text)
    return list(became)


def _fields(pointers: Iterable[str]) -> Iterator[str]:
    """Members of what takes its place; of many those above them."""
    found = sorted(pointers)
    if len(found) > _MOST:
        found = sorted({"/".join(one.split("/")[:2]) for one in found})
    if found:
        yield f"becomes {', '.join(f'`{one}`' for one in found)}"


_MOST: Final = 4


def _words(key: str, base: Said) -> str:
    kind, _, what = key.partition(" ")
    match kind:
        case "name":
            return f"the name of the `{base['verdict'].rpartition('`')[0].rpartition('`')[2]}`"
        case "gap":
            return f"gap `{what}`"
        case "blocker":
            return f"blocks: `{what}`"
        case "known":
            return REMEMBERED[what]
    return _SAID.get(key, "")


_SAID: Final = {
    "newest": "when version 2 was worked with last",
    "label": "the name that people are told",
    "note": "the note on what differs",
    "give": "which secrets have to be given",
    "secrets": "whether the secrets given are the right ones",
    "beside": "what its jobs have to say",
    "policy": "which `StreamingPolicy`",
    "why": "the reason that is told",
}


def outcome(name: str, row: JSON, known: Known, among: Sequence[Said]) -> str:
    """What becomes of one row: its verdict, and what of it is told of no more than a few of the others."""
    before = {f"known {one}": repr(getattr(known, one)) for one in ("used_policies", "units")}
    said = judge(name, row, known)
    parts = [said["verdict"]]
    if said["name"] and len({one["name"] for one in among if one["verdict"] == said["verdict"]}) > 1:
        parts += [f"`{said['name']}`"] if not said["name"].startswith("v2-") else []
    if str(said.get("policy")).startswith("Pre"):
        parts.append(f"`{said['policy']}`")
    parts += [f"`{key}`: {_shown(said[key])}" for key in _telling(said, among)]
    common = set(said).intersection(*among) if len(among) > 1 else set()
    shown = [key for key in said if key.startswith(("gap", "blocker")) and key not in common]
    parts += [_words(key, said) for key in shown]
    if said["known used_policies"] != before["known used_policies"]:
        parts.append("the authorization policy that it names is in use")
    if said["known units"] != before["known units"]:
        parts.append(f"the report names {said['known units']}")
    if said["note"] and len({one["note"] for one in among}) > 1:
        parts.append(said["note"])
    return "; ".join(parts)


_FEW: Final = 2


def _telling(said: Said, among: Sequence[Said]) -> list[str]:
    """Members of what takes its place by which it is told from the others: what all of them have in different ways;
    else what few have."""
    made = [one for one in among if any(key.startswith("/") for key in one)]
    own = [key for key in said if key.startswith("/")]
    told = [key for key in own if all(key in one for one in made) and len({repr(one[key]) for one in made}) > 1]
    told = [key for key in told if said[key] is not False]
    few = [
        key
        for key in own
        if said[key] not in (False, {}, []) and sum(one.get(key) == said[key] for one in among) <= _FEW < len(made)
    ]
    return list(dict.fromkeys([*told, *few]))[: max(_FEW, len(told))]


def _shown(value: Any) -> str:
    return json.dumps(value).replace("#Microsoft.Media.", "")
