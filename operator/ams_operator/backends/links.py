"""URLs that come back from the service: checked when they are used, and never kept but as ids and opaque tokens.

A token goes where a link leads, so a link may only lead to the place that it came from.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from yarl import URL

MOST_PAGES: Final = 10_000
_LONGEST: Final = 16_384
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_ACCOUNT_OPERATION: Final = re.compile(
    r"/subscriptions/[^/]+/providers/microsoft\.media/locations/([a-z0-9 _-]{1,64})/"
    r"mediaservicesoperation(?:statuses|results)/([a-z0-9._-]{1,128})",
    re.IGNORECASE,
)
_STREAMING_OPERATION: Final = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.media/mediaservices/[^/]+/"
    r"(liveevent|liveoutput|streamingendpoint)operations/([a-z0-9._-]{1,128})",
    re.IGNORECASE,
)


class BadLink(Exception):
    """A link that may not be followed. The text is safe to show."""


def origin_of(endpoint: str) -> str | None:
    """The origin that an endpoint names, in lower case: https, or http on this machine; None where it is no origin."""
    try:
        url = URL(endpoint)
        _ = url.port
    except ValueError:
        return None
    secure = url.scheme == "https" or (url.scheme == "http" and url.host in _LOOPBACK)
    if not secure or not url.host or url.user or url.password or url.query_string or url.fragment:
        return None
    return str(url.origin()).lower() if url.path in ("", "/") else None


def local_part(link: str, origin: str) -> URL:
    """A link of `origin` as path and query. Raises BadLink where it leads anywhere else."""
    try:
        url, home = URL(link, encoded=True), URL(origin)
        place = (url.scheme, (url.host or "").lower(), url.port)
    except ValueError:
        raise BadLink("is no URL") from None
    if place != (home.scheme, home.host, home.port):
        raise BadLink("leads to another place")
    if url.user or url.password or url.fragment or len(link) > _LONGEST:
        raise BadLink("is ill-formed")
    return url.relative()


def operation_id(link: str | None, origin: str) -> str | None:
    """The id in an operation's link; None where the link is missing or is none of ours.

    `location/id` of an account's, `/liveevent/id` and the like of what runs: no location begins with a slash.

    Whoever ignores it looks at the resource itself, so a strange link is no reason to fail.
    """
    try:
        url = local_part(link, origin) if link else None
    except BadLink:
        return None
    if url is None:
        return None
    found, mark = _ACCOUNT_OPERATION.fullmatch(url.path), ""
    if found is None:
        found, mark = _STREAMING_OPERATION.fullmatch(url.path), "/"
    if found is None or set(found[2]) == {"."}:
        return None
    return f"{mark}{found[1].lower() if mark else found[1]}/{found[2]}"


def next_page(link: str, origin: str, collection: str, current: str | None) -> str:
    """The token of the page that a page's link leads to. Raises BadLink.

    `collection` is the path of the list, `current` the token of the page that the link is on (None: the first).
    A token is `number mark path`: the page's number, the mark of an earlier page, and where it is. The mark moves up
    whenever the number doubles, so a list that runs in a circle meets it, however long the circle is.
    """
    url = local_part(link, origin)
    if url.path.lower().rstrip("/") != collection.lower():
        raise BadLink("leaves the list")
    path = url.raw_path_qs
    number, mark, here = _parts(current) if current is not None else (0, "", "")
    following = number + 1
    if following >= MOST_PAGES:
        raise BadLink(f"goes on after {MOST_PAGES} pages")
    own = _mark(path)
    if path == here or own == mark:
        raise BadLink("leads back to an earlier page")
    doubled = following & (following - 1) == 0
    return f"{following} {own if doubled else mark} {path}"


def page_path(token: str) -> str:
    """Path and query of the page that a token stands for."""
    return _parts(token)[2]


def _parts(token: str) -> tuple[int, str, str]:
    number, mark, path = token.split(" ", 2)
    return int(number), mark, path


def _mark(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()[:32]
