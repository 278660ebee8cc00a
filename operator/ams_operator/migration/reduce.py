"""What is left of rows that hold secrets: facts for the mapping, and keyed digests by which two can be told apart.

Signing keys and signed URLs end here, and templates of tokens and licences in `authorization.py`; nothing behind the
client has ever seen them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final

from yarl import URL

from ams_operator.domain.model import JSON
from ams_operator.migration import odata

Digest = Callable[[str], str]
"""A keyed digest of a text, short and stable for one inventory."""
LONGEST: Final = 100_000
"""characters of a task's configuration, the service's own limit"""
PROTECTED: Final = 1
"""Tasks.Options: the configuration is encrypted"""
SAID: Final = ("Name", "Description", "AlternateId", "ManifestName")
"""fields in which people say what they like"""
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>]+", re.IGNORECASE)
_TELLING: Final = r"(?:sig|signature|token|access_token|key|accountkey|sharedaccesskey|password|secret)"
_VALUE: Final = re.compile(rf"([?&;#][^=&;#\s]{{1,60}}=|\b{_TELLING}=)[^&;#\s]+", re.IGNORECASE)
"""what stands behind a parameter of a query, also where nothing stands before the query"""
_ENCODED: Final = re.compile(
    rf"((?:%(?:25)*(?:3f|26|3b|23)|\b){_TELLING}%(?:25)*3d)(?:(?!%(?:25)*(?:26|3b|23))[^&;#\s])+", re.IGNORECASE
)
"""the same of a URL that stands in another one, once or several times encoded, where the parameter's name is telling"""
_DEEPEST: Final = 32
"""levels of a value; nothing that is documented has half as many"""


def keyed(secret: bytes, use: bytes = b"ams-migration") -> Digest:
    """Digests that nobody without the secret can compare with a guess; 24 hexadecimal digits, others for each `use`."""
    key = hashlib.blake2b(secret, person=use).digest()
    return lambda text: hashlib.blake2b(text.encode("utf-8", "replace"), key=key, digest_size=12).hexdigest()


def channel(row: JSON, _: Digest) -> JSON:
    """Without its URLs: who has the ingest URL can send. Rules and policies hold what people write."""
    rest = {name: _without(value, "Endpoints") for name, value in row.items() if name in ("Input", "Preview")}
    return {name: value if name == "Id" else spoken_in(value) for name, value in {**row, **rest}.items()}


def filtering(row: JSON, _: Digest) -> JSON:
    """A filter: its tracks are told by what people write."""
    return {name: spoken_in(value) if name == "Tracks" else value for name, value in row.items()}


def streaming_endpoint(row: JSON, _: Digest) -> JSON:
    """Without the keys of signature headers, of which the number is left."""
    access = row.get("AccessControl")
    if not isinstance(access, dict):
        return row
    akamai = access.get("Akamai")
    keys = akamai.get("AkamaiSignatureHeaderAuthenticationKeyList") if isinstance(akamai, dict) else None
    count = len(keys) if isinstance(keys, list) else 0
    return {**row, "AccessControl": {"IP": spoken_in(access.get("IP")), "AkamaiKeys": count}}


def task(row: JSON, digest: Digest) -> JSON:
    """A configuration is a recipe, but where it is encrypted; some processors' may hold anything."""
    text = odata.text(row.get("Configuration"))
    protected = bool((odata.whole(row.get("Options")) or 0) & PROTECTED) or len(text) > LONGEST
    return {**row, "Configuration": "" if protected else text, "Protected": protected, "Content": digest(text.strip())}


def notification(row: JSON, _: Digest) -> JSON:
    """Of an address only the place: its path and query may be all that protects it."""
    return {**row, "EndPointAddress": place(odata.text(row.get("EndPointAddress")))}


def place(url: str) -> str:
    """Scheme and host of a URL; a queue's name as it is."""
    if "://" not in url:
        return url[:200]
    try:
        found = URL(url)
        return f"{found.scheme}://{found.host or ''}"
    except ValueError:
        return ""


def without_secrets(url: str) -> str:
    """A URL without user and query values; a text that is none stays."""
    if "://" not in url:
        return url[:2000]
    head, mark, query = url.partition("?")
    scheme, _, rest = head.partition("://")
    authority, slash, path = rest.partition("/")
    names = "&".join(part.partition("=")[0] for part in query.split("&")) if mark else ""
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}{mark}{names}"[:2000]


def telling(text: Any) -> bool:
    """Whether a text may be, or hold, a signed URL."""
    return isinstance(text, str) and ("=" in text or "@" in text or "%" in text)


def any_telling(rows: Sequence[JSON], field: str) -> bool:
    """Whether this field of a page's rows may hold a signed URL: asked of all texts together, where they are texts."""
    try:
        return telling("".join(filter(None, map(itemgetter(field), rows))))
    except (KeyError, TypeError):
        return any(telling(row.get(field)) for row in rows)


def spoken(text: str) -> str:
    """A text as it may be kept: scripts call jobs by the signed URLs that they work on."""
    if not telling(text):
        return text
    plain = _URL.sub(lambda found: without_secrets(found[0]), text)
    return _ENCODED.sub(r"\1", _VALUE.sub(r"\1", plain))


def spoken_in(value: Any, depth: int = 0) -> Any:
    """The same of each text in a JSON value, the names of members too."""
    if isinstance(value, str):
        return spoken(value)
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {spoken(name): spoken_in(one, depth + 1) for name, one in value.items()}
    return [spoken_in(one, depth + 1) for one in value] if isinstance(value, list) else value


def _without(value: Any, name: str) -> Any:
    return {key: one for key, one in value.items() if key != name} if isinstance(value, dict) else value
