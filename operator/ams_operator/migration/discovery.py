"""Where an account's version 2 is. Resource Manager names it; it may send on to the cluster that really answers.

A place is never built from names (the label in its host is not the region's), and a token goes only where this file
allows: to what the backend's own origin named over TLS, and to what that place, which has seen the token already,
redirects to. On Azure both must be names that Media Services gave to itself: below Azure's common domains, such as
cloudapp.net, cloudapp.azure.com and windows.net, anybody may have one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from yarl import URL

from ams_operator.backends import replies
from ams_operator.backends.courier import Courier
from ams_operator.backends.pipeline import Reply
from ams_operator.backends.urls import Request
from ams_operator.domain.answers import Lane, PortError
from ams_operator.domain.model import AccountId
from ams_operator.migration.trouble import Access, NotReadable, of_port

API_VERSION: Final = "2015-10-01"
"""the last one that tells"""
AUDIENCE: Final = "https://rest.media.azure.net"
"""one for all accounts of a cloud, and not Resource Manager's"""
_AUDIENCES: Final = {
    "management.chinacloudapi.cn": "https://rest.media.chinacloudapi.cn",
    "management.usgovcloudapi.net": "https://rest.media.usgovcloudapi.net",
    "management.microsoftazure.de": "https://rest.media.cloudapi.de",
}
_FRONT: Final = re.compile(
    r"[a-z0-9]{3,24}\.restv2\.[a-z0-9-]+\.media\.(azure\.net|chinacloudapi\.cn|usgovcloudapi\.net|cloudapi\.de)"
    r"|media\.windows\.net",
    re.IGNORECASE,
)
_CLUSTER: Final = re.compile(
    r"wams[a-z0-9]{2,16}clus[0-9]{3}rest-hs\.(cloudapp\.net|chinacloudapp\.cn|usgovcloudapp\.net|cloudapp\.de)",
    re.IGNORECASE,
)
"""where a redirect leads, such as wamsbayclus001rest-hs.cloudapp.net and wamsbjbclus001rest-hs.chinacloudapp.cn; what
ends in usgovcloudapi.net, usgovcloudapp.net, cloudapi.de or cloudapp.de is [inferred]: no source shows an endpoint"""
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_PLAIN: Final = re.compile("[!-~]{1,2000}")
"""a URL as it is sent: a blank would end the request's path, and what is not ASCII is read as another host's name"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where requests go: an origin, and a path that ends in a slash."""

    origin: str
    path: str


def audience(endpoint: str) -> str:
    """For whom tokens for version 2 are, by the backend's endpoint; private clouds take the public cloud's."""
    return _AUDIENCES.get((URL(endpoint).host or "").lower(), AUDIENCE)


async def endpoint(arm: Courier, account: AccountId, lane: Lane, *, azure: bool) -> Place:
    """What Resource Manager names. Raises NotReadable."""
    path = "/".join(
        quote(part, safe="")
        for part in ("subscriptions", account.subscription, "resourceGroups", account.resource_group, "providers",
                     "Microsoft.Media", "mediaservices", account.name)
    )  # fmt: skip
    try:
        request = Request("GET", f"/{path}?api-version={API_VERSION}")
        at, reply = await arm.exchange(request, "MediaServicesAccount", "discover", lane)
    except PortError as error:
        raise of_port(error) from None
    if reply.status != 200:
        raise _refused(reply, at, arm)
    return named(reply.body or {}, arm.origin, azure=azure)


def named(body: Mapping[str, Any], origin: str, *, azure: bool) -> Place:
    """The place in an account's body. Raises NotReadable."""
    properties = body.get("properties")
    found = properties.get("apiEndpoints") if isinstance(properties, dict) else None
    points = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    # The number is a text; where none says 2, the first one is meant.
    for one in sorted(points, key=lambda one: str(one.get("majorVersion")) != "2"):
        place = allowed(str(one.get("endpoint") or ""), origin)
        host = URL(place.origin).host or "" if place else ""
        if place is None or (azure and not _FRONT.fullmatch(host)):
            message = "Resource Manager names an endpoint of version 2 that no token may go to"
            raise NotReadable(Access.NO_V2_ENDPOINT, message)
        return place
    message = "the account has no version 2: it was made with api-version 2020-05-01 or later"
    raise NotReadable(Access.NO_V2_ENDPOINT, message)


def redirected(location: str | None, here: Place, *, azure: bool) -> Place:
    """Where a place sends on to. Raises NotReadable."""
    place = allowed(location or "", here.origin)
    host = URL(place.origin).host or "" if place else ""
    if place is None or (azure and not (_FRONT.fullmatch(host) or _CLUSTER.fullmatch(host))):
        raise NotReadable(Access.UNREACHABLE, "version 2 redirects to where no token may go")
    return place


def allowed(url: str, trusted: str) -> Place | None:
    """A URL as a place; None where it is none, or is less safe than the one that names it."""
    if not _PLAIN.fullmatch(url):
        return None
    try:
        found = URL(url, encoded=True)
        host, port = (found.host or "").lower(), found.explicit_port
    except ValueError:
        return None
    secure = found.scheme == "https" or (found.scheme == "http" and host in _LOOPBACK and trusted.startswith("http:"))
    if not secure or not host or found.user or found.password or found.query_string:
        return None
    named_host = f"[{host}]" if ":" in host else host
    origin = f"{found.scheme}://{named_host}{f':{port}' if port else ''}"
    return Place(origin, found.raw_path if found.raw_path.endswith("/") else f"{found.raw_path}/")


def _refused(reply: Reply, at: float, arm: Courier) -> NotReadable:
    code, message = replies.error_of(reply.status, reply.body)
    said = arm.safe(f"{reply.status} {code}: {message}".rstrip(": "), 200)
    if reply.status == 429 or reply.status >= 500:
        wait = replies.retry_after(reply.headers)
        reason = Access.THROTTLED if reply.status == 429 else Access.UNREACHABLE
        return NotReadable(reason, f"Resource Manager answers {said}", at + wait if wait is not None else None)
    if reply.status in (401, 403):
        text = f"the identity may not read the account ({said}): make it Contributor or Owner"
        return NotReadable(Access.NOT_AUTHORIZED, text, status=reply.status)
    if reply.status == 404:
        text = f"there is no such account ({said}): check subscription, resource group and name"
        return NotReadable(Access.NO_V2_ENDPOINT, text, status=reply.status)
    text = (
        f"Resource Manager says nothing about version 2 of the account ({said}): it is gone, or the account is too new"
    )
    return NotReadable(Access.NO_V2_ENDPOINT, text, status=reply.status)
