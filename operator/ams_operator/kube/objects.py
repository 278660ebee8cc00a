"""Between the API server's JSON and `Resource`, and the compact form in which thousands of them are kept."""

from __future__ import annotations

import sys
from typing import Any, Final

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.api.migration import V2_ID, V2_SOURCE
from ams_operator.api.requests import Request
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON

_OWN: Final = frozenset({*(f"{REQUEST_PREFIX}{verb}" for verb in Request), V2_SOURCE, V2_ID})
_LONGEST: Final = 1024
"""characters of an annotation that are kept: what is longer means nothing, and each object's stay in memory"""


class Malformed(ValueError):
    """An object without what every object has; it is skipped and counted."""


def from_raw(kind: str, raw: Any) -> Resource:
    """The object as the API server sent it, less what nobody reads. Raises Malformed naming the field."""
    metadata = _object(raw, "metadata")
    return Resource(
        kind=sys.intern(kind),
        namespace=sys.intern(str(metadata.get("namespace") or "")),
        name=_text(metadata, "name"),
        uid=_text(metadata, "uid"),
        generation=_number(metadata.get("generation", 0), "generation"),
        version=_version(metadata),
        created=str(metadata.get("creationTimestamp") or ""),
        deleting=metadata.get("deletionTimestamp") or None,
        finalizers=_words(metadata.get("finalizers") or []),
        annotations=_own_annotations(metadata.get("annotations") or {}),
        spec=_object(raw, "spec", absent={}),
        status=_status(_object(raw, "status", absent={})),
    )


def lenient(kind: str, raw: Any) -> Resource | None:
    """The same; None where it is malformed."""
    try:
        return from_raw(kind, raw)
    except Malformed:
        return None


def _object(raw: Any, name: str, absent: JSON | None = None) -> JSON:
    value = raw.get(name) if isinstance(raw, dict) else None
    if value is None and absent is not None:
        return absent
    if not isinstance(value, dict):
        raise Malformed(f"{name} is no object")
    return value


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Malformed("metadata.finalizers is no list")
    return tuple(str(one) for one in value)


def _own_annotations(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Malformed("metadata.annotations is no object")
    return {key: str(value[key])[:_LONGEST] for key in value if key in _OWN}


def _text(metadata: JSON, name: str) -> str:
    value = metadata.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(f"metadata.{name} is missing")
    return value


def _version(metadata: JSON) -> str:
    """Versions are compared as numbers, which is what they are since Kubernetes says so."""
    value = _text(metadata, "resourceVersion")
    if not (value.isascii() and value.isdigit()):
        raise Malformed("metadata.resourceVersion is no number")
    return value


def _status(status: JSON) -> JSON:
    """What everybody looks into is as the schema says, also where an older one let something else in."""
    for name, key in (("conditions", "type"), ("holds", "reason")):
        found = status.get(name)
        if found is not None and not (isinstance(found, list) and all(_named(one, key) for one in found)):
            good = [one for one in found if _named(one, key)] if isinstance(found, list) else []
            status = {**status, name: good}
    return status


def _named(value: Any, key: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(key), str)


def _number(value: Any, name: str) -> int:
    if not isinstance(value, int):
        raise Malformed(f"metadata.{name} is no number")
    return value
