"""What a reply means: header values, error texts and the shape of resources, each read as if it could be anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from ams_operator.api.reasons import Reason
from ams_operator.backends.bodies import DEEPEST, too_deep
from ams_operator.backends.budget import bucket_of
from ams_operator.domain.answers import Answer, NoAnswer, NotSent, PortError
from ams_operator.domain.model import JSON

_URL: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")


@lru_cache(64)
def date(text: str | None) -> datetime | None:
    """The moment in an HTTP date; None where it is absent or none."""
    try:
        found = parsedate_to_datetime(text) if text else None
        if found is None:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; a date counts from the reply's own Date, so that nobody's clock matters."""
    text = headers.get("Retry-After")
    if (seconds := number(text)) is not None:
        return seconds
    until, now = date(text), date(headers.get("Date"))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def remaining(headers: Mapping[str, str], method: str) -> float | None:
    """Requests that the service says are left in the method's bucket."""
    return number(headers.get(f"x-ms-ratelimit-remaining-subscription-{bucket_of(method)}s"))


def is_throttled(status: int, said: bytes) -> bool:
    """Whether the service asks for patience. Version 2 does so with 503 and one sentence, and not always a time."""
    return status == 429 or (status == 503 and b"Server is busy" in said)


def number(text: str | None) -> float | None:
    """A number that is not negative."""
    try:
        found = float(text) if text else None
    except ValueError:
        return None
    return found if found is not None and isfinite(found) and found >= 0 else None


def error_of(status: int, body: JSON | None) -> tuple[str, str]:
    """Code and message of a refusal, as the service says them; not cleaned yet."""
    if 300 <= status < 400:
        return "", "redirects are not followed: is the endpoint of the MediaServicesBackend the right one?"
    body = body or {}
    error = body.get("error", body)
    if isinstance(error, str):
        return error, _text(body, "error_description", "message")
    return (_text(error, "code", "Code"), _text(error, "message", "Message")) if isinstance(error, dict) else ("", "")


def _text(source: JSON, *names: str) -> str:
    return next((source[name] for name in names if isinstance(source.get(name), str)), "")


def without_urls(text: str) -> str:
    """A text without the URLs in it."""
    return _URL.sub("(URL)", text)


def is_resource(item: Any) -> bool:
    """Whether a value has the shape that all resources share. Its depth is another question."""
    return isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("properties", {}), dict)


def resources(items: Sequence[Any]) -> tuple[JSON, ...]:
    """The items of a list that are resources, and not insanely deep."""
    good = tuple(item for item in items if is_resource(item))
    if too_deep(items, DEEPEST + 1):
        good = tuple(item for item in good if not too_deep(item))
    return good


def list_trouble(answer: Answer, until: float | None) -> PortError:
    """A LIST that was answered with anything but a list."""
    said = f"{answer.status} {answer.code}: {answer.message}".rstrip(": ")
    match answer.status:
        case 401:
            message = f"the service rejects the credential ({said}): correct the Secret"
            return NotSent(Reason.CREDENTIAL_REJECTED, message)
        case 403:
            return NotSent(Reason.FORBIDDEN, f"the credential may not list ({said}): grant it in the service")
        case 404:
            return NotSent(Reason.WAITING_FOR_ACCOUNT, f"what it lies in does not exist ({said})")
        case 429:
            return NotSent(Reason.THROTTLED, "the service throttles reads", until)
    return NoAnswer(Reason.PROGRESSING, f"the service answers {said}", until)
