"""Which secrets a policy of either version holds, as keyed digests: enough to say whether two hold the same, no more.

Values are compared as what they mean: bytes instead of base64, RSA's parts as numbers. A digest says which key it was
made with, so that those of an earlier key are as good as none.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

from ams_operator import jsons
from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.markup import Node
from ams_operator.migration.reduce import Digest

HIDDEN: Final = ""
"""stands for a secret that can't be compared: it is encrypted, not shown, or not what it should be"""
MOST: Final = 30
"""verification keys of one option"""
_MEMBERS: Final = ("keyValue", "rawBody", "modulus", "exponent")
_NUMBERS: Final = frozenset({"modulus", "exponent"})
Secrets = list[list[str]]
"""Of one option: what its configuration holds, and the keys that verify its tokens, in the order of their digests.
Whichever of them is the primary one, the same tokens are good."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Which policies of the target may stand for what of version 2, and what that was worked out of: values that are
    replaced where they change, and never changed themselves."""

    tally: object
    listing: object
    objects: Sequence[object]
    policies: Mapping[str, Sequence[str]]
    """name of what takes an authorization policy's place to names of policies that are there"""

    def rests_on(self, tally: object, listing: object, objects: Sequence[object]) -> bool:
        """Whether it was worked out of just these."""
        return self.tally is tally and self.listing is listing and self.objects == objects


@dataclass(frozen=True, slots=True)
class Compared:
    """What is known of the target's content key policies."""

    equal: Mapping[tuple[str, str], bool] = field(default_factory=lambda: MappingProxyType({}))
    """policy, and what of the inventory it may stand for, to whether it holds the secrets of version 2; left out where
    that can't be said"""
    denied: bool = False
    """the identity may not see secrets"""
    standing: Standing | None = None
    """as the last comparison worked it out"""


def of_version_2(kind: int | None, custom_data: str | None, keys: Iterable[Node], digest: Digest) -> Secrets:
    """An authorization policy's option. FairPlay's are content keys of their own, encrypted for the service."""
    configuration = [HIDDEN] if kind == 4 else [_of_text(custom_data, digest)] if custom_data else []
    return [configuration, _keys([_members_2(one) for one in keys], digest)]


def of_version_3(option: JSON, digest: Digest) -> Secrets:
    """A content key policy's option, as getPolicyPropertiesWithSecrets shows it."""
    configuration, restriction = _object(option.get("configuration")), _object(option.get("restriction"))
    custom_data = configuration.get("responseCustomData")
    fair_play = str(configuration.get("@odata.type")).endswith("FairPlayConfiguration")
    alternates = restriction.get("alternateVerificationKeys")
    given = [restriction.get("primaryVerificationKey"), *(alternates if isinstance(alternates, list) else ())]
    keys = [{name: one[name] for name in _MEMBERS if name in one} for one in given if isinstance(one, dict)]
    held = [HIDDEN] if fair_play else [_of_text(custom_data, digest)] if isinstance(custom_data, str) else []
    return [held, _keys(keys, digest)]


def equal(fields: JSON, secrets: list[Secrets], shown: JSON, digest: Digest) -> bool | None:
    """Whether a policy (`shown`, with its secrets) holds those that the options of `fields` had in version 2. None: it
    can't be said. One that certainly differs is enough to say no."""
    mine = _grouped(zip(_options(fields), secrets, strict=False))
    theirs = _grouped((one, of_version_3(one, digest)) for one in _options(shown))
    if {shape: len(held) for shape, held in mine.items()} != {shape: len(held) for shape, held in theirs.items()}:
        return None
    whose = _whose(digest)
    answers = [_equal(one, theirs[shape], part, whose) for shape, one in mine.items() for part in (0, 1)]
    return False if False in answers else None if None in answers else True


def comparable(secrets: Iterable[Secrets]) -> bool:
    """Whether there is anything that could be compared."""
    return any(one != HIDDEN for option in secrets for part in option for one in part)


def _equal(mine: list[Secrets], theirs: list[Secrets], part: int, whose: str) -> bool | None:
    """The options of one shape: those that say the same are told apart by nothing else."""
    old, new = sorted(one[part] for one in mine), sorted(one[part] for one in theirs)
    if not any(old) and part == 0:
        return True  # custom data that version 2 had not is no secret of its
    if not all(one.startswith(whose) for one in chain(*old, *new)):
        return None
    return old == new


def _grouped(options: Iterable[tuple[JSON, Secrets]]) -> dict[tuple[str, ...], list[Secrets]]:
    """By what they deliver, and to whom: configuration, restriction, issuer, audience."""
    found: dict[tuple[str, ...], list[Secrets]] = {}
    for option, secrets in options:
        restriction = _object(option.get("restriction"))
        shape = [_object(option.get("configuration")).get("@odata.type"), restriction.get("@odata.type")]
        shape += [restriction.get("issuer"), restriction.get("audience")]
        found.setdefault(tuple(map(str, shape)), []).append(secrets)
    return found


def _options(properties: JSON) -> list[JSON]:
    found = properties.get("options")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _members_2(key: Node) -> JSON:
    """A verification key of version 2 with the members of version 3."""
    match key.attributes.get("type", "").rpartition(":")[2]:
        case "SymmetricVerificationKey":
            return {"keyValue": key.value("KeyValue")}
        case "X509CertTokenVerificationKey":
            return {"rawBody": key.value("RawBody")}
        case "RsaTokenVerificationKey":
            found = _object(odata.embedded(_bytes(key.value("RawBody")).decode("utf-8", "replace")))
            return {"modulus": found.get("n"), "exponent": found.get("e")}
    return {}


def _keys(keys: list[JSON], digest: Digest) -> list[str]:
    return sorted({_of_key(one, digest) for one in keys}) if len(keys) <= MOST else [HIDDEN]


def _of_key(members: Mapping[str, Any], digest: Digest) -> str:
    values = {name: _bytes(value).lstrip(b"\0" if name in _NUMBERS else b"") for name, value in members.items()}
    if not values or not all(values.values()):
        return HIDDEN
    return _marked({name: value.hex() for name, value in values.items()}, digest)


def _of_text(value: str, digest: Digest) -> str:
    return _marked({"text": value.strip()}, digest) if value.strip() else HIDDEN


def _marked(said: JSON, digest: Digest) -> str:
    return _whose(digest) + digest(jsons.dumps(sorted(said.items())).decode())


def _whose(digest: Digest) -> str:
    """Tells one key of digests from another."""
    return digest("whose")[:8]


def _bytes(text: Any) -> bytes:
    """What base64 stands for, with or without padding, in either alphabet; empty where it is none."""
    if not isinstance(text, str):
        return b""
    plain = "".join(text.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        return b""


def _object(value: Any) -> JSON:
    return value if isinstance(value, dict) else {}
