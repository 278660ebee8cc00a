"""What a request says about itself in its headers: version, format; and what the answer is encoded as."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from ams_emulator.v2.errors import V2Error, bad

Format = Literal["minimal", "verbose", "none", "atom"]
VERSIONS = ("2.17", "2.18", "2.19")
JSON_TYPE = "application/json"
CONTENT_TYPES: Mapping[Format, str] = MappingProxyType(
    {
        "minimal": "application/json;odata=minimalmetadata;streaming=true;charset=utf-8",
        "none": "application/json;odata=nometadata;streaming=true;charset=utf-8",
        "verbose": "application/json;odata=verbose;charset=utf-8",
        "atom": "application/atom+xml;type=feed;charset=utf-8",
    }
)
_PROTOCOL = re.compile(r"[123]\.0(;.*)?")
_ACCEPTED = re.compile(r"\s*(?P<type>[\w*+.\-]+/[\w*+.\-]+)\s*(?P<rest>.*)", re.DOTALL)


def check_version(headers: Mapping[str, str], query: Mapping[str, str]) -> None:
    """x-ms-version, or api-version in the query; and the OData versions, which may be left out. Raises V2Error 400."""
    given = headers.get("x-ms-version") or query.get("api-version") or ""
    if given not in VERSIONS:
        found = f"'{given[:20]}' is not supported" if given else "is missing"
        raise bad(f"The x-ms-version header {found}; the versions are {', '.join(VERSIONS)}.", "InvalidVersion")
    for name in ("dataserviceversion", "maxdataserviceversion"):
        value = headers.get(name, "3.0")
        if not _PROTOCOL.fullmatch(value.strip()):
            raise bad(f"The {name} header '{value[:20]}' is not a version of OData up to 3.0.")


def format_of(headers: Mapping[str, str]) -> Format:
    """The format that Accept asks for: without one it is Atom. Raises V2Error 415."""
    accept = headers.get("accept", "").strip()
    if not accept:
        return "atom"
    for part in accept.split(","):
        found = _ACCEPTED.fullmatch(part)
        if found is None:
            continue
        kind, rest = found["type"].lower(), re.sub(r"\s", "", found["rest"].lower())
        if kind == JSON_TYPE:
            return _json_format(rest)
        if kind in ("*/*", "application/*", "application/atom+xml", "application/xml", "text/xml"):
            return "atom"
    raise V2Error(415, "", "A supported MIME type could not be found that matches the acceptable MIME types.")


def _json_format(parameters: str) -> Format:
    if "odata=verbose" in parameters:
        return "verbose"
    return "none" if "odata=nometadata" in parameters else "minimal"


def read_body(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The members of a JSON body; `__metadata` only where the content type says verbose. Raises V2Error 400 or 415."""
    if not body.strip():
        return {}
    content = re.sub(r"\s", "", headers.get("content-type", "").lower())
    if not content.startswith(JSON_TYPE):
        raise V2Error(415, "", "This emulator reads bodies as application/json only.")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad(f"The body is not JSON ({type(error).__name__}).") from None
    if not isinstance(value, dict):
        raise bad("The body must be an object.")
    if "__metadata" in value and "odata=verbose" not in content:
        raise bad("The property '__metadata' in a body needs the content type application/json;odata=verbose.")
    plain: dict[str, Any] = _plain(value)
    return plain


def _plain(value: Any) -> Any:
    """Verbose collections as lists, without `__metadata`."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    about = value.get("__metadata")
    if set(value) == {"__metadata"} and isinstance(about, dict) and "uri" in about:
        return {"uri": about["uri"]}  # a link to something that exists
    if set(value) - {"__metadata"} == {"results"} and isinstance(value["results"], list):
        return _plain(value["results"])
    return {name: _plain(item) for name, item in value.items() if name != "__metadata"}
