"""URLs of licences and keys, as version 3 takes them for templates, without what may be a secret in them.

Values of a query and of a path (parameters, what is in braces), a fragment, and a user are left out and stand as one
keyed digest behind the URL, in a line of its own: two URLs that differ only there are not the same. The service's own
URLs have none: they need no template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.reduce import Digest, without_secrets

VECTORS: Final = frozenset({3, 6, 11})
"""settings without a place: initialization vectors of one's own"""
BASES: Final = frozenset({2, 8, 10})
"""settings that are base URLs, whose key version 2 appends"""
URLS: Final = BASES | {1, 4, 7, 9}
KEY: Final = "{ContentKeyId}"
"""what version 3 replaces by the id of the key that is asked for"""
_OURS: Final = (".keydelivery.mediaservices.windows.net", ".media.azure.net")
_MEMBER: Final = "UrlTemplate"
"""how the members of a streaming policy end that are such URLs"""
_GUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ONE_KEY: Final = re.compile(rf"\A(kid|key_?id|content_?key_?id)={_GUID}\Z", re.IGNORECASE)
_REPLACED: Final = re.compile(r"\{(ContentKeyId|AlternativeMediaId)\}", re.IGNORECASE)
"""what version 3 replaces, and all of it"""
_START: Final = re.compile(r"\A([a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_BRACED: Final = re.compile(r"\{[^{}]*\}?")
_BETWEEN: Final = re.compile(r"([;&,])")
"""what is between a step of a path and its parameters"""
_TELLING: Final = re.compile(r"[?&=#;@,{]")
_LONGEST: Final = 2000
_NAME: Final = 20
"""characters of a name in a query that has no value; what is longer is one"""
_DEEPEST: Final = 8


def delivery_policy(row: JSON, digest: Digest) -> JSON:
    """A row without what may be a secret: `Configuration` is a list of (key, value), of vectors only the key."""
    found = odata.embedded(row.get("AssetDeliveryConfiguration"))
    pairs = [
        [number, _setting(number, odata.text(one.get("Value")), digest)]
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and (number := odata.whole(one.get("Key"))) is not None
    ]
    unreadable = bool(row.get("AssetDeliveryConfiguration")) and not isinstance(found, list)
    rest = {name: value for name, value in row.items() if name != "AssetDeliveryConfiguration"}
    return {**rest, "Configuration": sorted(pairs), "Unreadable": unreadable}


def _setting(number: int, value: str, digest: Digest) -> str:
    if number in VECTORS:
        return ""
    return reduced(value, digest) if number in URLS else without_secrets(value)


def foreign(url: str) -> bool:
    """Whether it is not the service's own: that one needs no template."""
    try:
        host = urlsplit(shown(url)).hostname or ""
    except ValueError:
        return True
    return bool(host) and not host.endswith(_OURS)


def reduced(url: str, digest: Digest, *, one_is_any: bool = True) -> str:
    """A URL of either version. `one_is_any`: one key that it names is said as version 3 says any key [inferred]."""
    url, _, fragment = url.strip().partition("#")
    head, mark, query = url.partition("?")
    start = _START.match(head)
    scheme = start[0] if start is not None else ""
    authority, *path = head[len(scheme) :].split("/")
    user, _, host = authority.rpartition("@")
    places = [host, *path]
    left = [_step(place) for place in places]
    parts = [_ONE_KEY.sub(rf"\1={KEY}", part) if one_is_any else part for part in query.split("&")]
    kept = [_kept(part) for part in parts]
    text = f"{scheme}{'/'.join(left)}{mark}{'&'.join(kept)}"[:_LONGEST].replace("\n", "")
    if not foreign(url):
        return without_secrets(text)
    hidden = [user, *(part for part, short in zip([*parts, *places], [*kept, *left], strict=True) if part != short)]
    hidden += [fragment] if fragment else []
    return f"{text}\n{digest(repr(hidden))}" if any(hidden) else text


def _step(place: str) -> str:
    """A step of a path, without the values of its parameters."""
    step, *parameters = _BETWEEN.split(place)
    kept = [_kept(step, named=True)]
    for between, part in zip(parameters[::2], parameters[1::2], strict=True):
        kept += [between, _kept(part) if between != "," or _REPLACED.fullmatch(part) else ""]
    return "".join(kept)


def _kept(part: str, *, named: bool = False) -> str:
    """A part of a query or of a path, without its value if it has one: also one that is encoded, as in a URL that
    stands in another. `named`: without any it is a name; else all of it is a value."""
    name, mark, value = part.partition("=")
    replaced = _REPLACED.fullmatch(value if mark else name)
    plain = name
    for _ in range(_DEEPEST):
        plain = unquote(plain)
    filled = not value.strip("=") and (bool(value) or len(name) > _NAME)  # so does base64 end
    if (plain != name and _TELLING.search(plain)) or not (named or replaced or (mark and not filled)):
        name = ""
    return f"{_BRACED.sub(_placeholder, name)}{mark}{value if replaced else ''}"


def _placeholder(found: re.Match[str]) -> str:
    """What is in braces is a value like any other, unless version 3 replaces it."""
    return found[0] if _REPLACED.fullmatch(found[0]) else "{}"


def shown(text: str) -> str:
    """What may be shown of a reduced URL."""
    return text.partition("\n")[0]


def of_each_key(text: str) -> str:
    """A base URL, to which version 2 appends `KID=` and the key's id."""
    url, mark, digest = text.partition("\n")
    joint = "" if url.endswith(("?", "&")) else "&" if "?" in url else "?"
    return f"{url}{joint}KID={KEY}{mark}{digest}"


def parted(fields: JSON) -> tuple[JSON, dict[str, str]]:
    """A streaming policy's fields as they may be shown, and JSON pointers into them: URLs that lack values, each with
    the digest of these."""
    digests: dict[str, str] = {}

    def part(pointer: str, text: str) -> str:
        url, mark, digest = text.partition("\n")
        if mark:
            digests[pointer] = digest
        return url

    return _each(fields, part), digests


def of_target(properties: JSON, digest: Digest) -> JSON:
    """A streaming policy of version 3, whose URLs are reduced as those of version 2 were. One that names a key has all
    players ask for that key, and takes no template's place."""
    return _each(properties, lambda _, url: reduced(url, digest, one_is_any=False))


def whole(fields: JSON, digests: Mapping[str, str]) -> JSON:
    """What `parted` made two of."""
    return _each(fields, lambda pointer, url: f"{url}\n{digests[pointer]}" if pointer in digests else url)


def differ(fields: JSON, digests: Mapping[str, str], found: JSON) -> bool:
    """Whether a policy has the same URLs with other values, or without, or without the id of the key that is asked for.
    What has another URL is meant to have it."""
    theirs: dict[str, str] = {}
    _each(found, lambda pointer, url: theirs.setdefault(pointer, url))
    mine: dict[str, str] = {}
    _each(whole(fields, digests), lambda pointer, url: mine.setdefault(pointer, url))
    return any(
        _place(url) == _place(other) and (("\n" in url and url != other) or _keys(url) > _keys(other))
        for pointer, url in mine.items()
        for other in (theirs.get(pointer, ""),)
    )


def _keys(text: str) -> int:
    return text.lower().count(KEY.lower())


def _place(text: str) -> str:
    return without_secrets(shown(text)).lower()


def _each(value: JSON, change: Callable[[str, str], str], pointer: str = "", depth: int = 0) -> JSON:
    """A copy in which each URL is another one."""
    found: JSON = {}
    for name, one in value.items():
        here = f"{pointer}/{name}"
        if isinstance(one, str) and name.endswith(_MEMBER):
            found[name] = change(here, one)
        else:
            found[name] = _each(one, change, here, depth + 1) if isinstance(one, dict) and depth < _DEEPEST else one
    return found
