"""Which requests are version 2's: `/NAME.restv2.LABEL/api/...`, and the cluster's `/LABELclus001rest-hs/NAME/api/...`.

The service has hosts where this emulator has the first segment of a path: it is reached at one host and port.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ams_emulator.state import Resource
from ams_emulator.v2.place import label_of

_FRONT = re.compile(r"(?P<account>[a-z0-9]{3,24})\.restv2\.(?P<label>[a-z0-9-]+)", re.IGNORECASE)
_CLUSTER = re.compile(r"wams(?P<label>[a-z0-9-]+)clus001rest-hs", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """One request's place. `front` is the endpoint that discovery names; `rest` what follows `/api/`, as sent."""

    account: str
    label: str
    front: bool
    prefix: str
    rest: str


def parse(raw_path: str) -> Address | None:
    """None for a path that isn't version 2's."""
    first, _, rest = raw_path.lstrip("/").partition("/")
    if found := _FRONT.fullmatch(first):
        return _address(found["account"], found["label"], first, rest, front=True)
    if found := _CLUSTER.fullmatch(first):
        account, _, rest = rest.partition("/")
        return _address(account, found["label"], f"{first}/{account}", rest, front=False)
    return None


def _address(account: str, label: str, prefix: str, path: str, *, front: bool) -> Address | None:
    api, _, rest = path.partition("/")
    return Address(account, label, front, f"/{prefix}/api/", rest) if api.lower() == "api" else None


def endpoint(account: Resource, origin: str) -> str:
    """What discovery answers; ends in a slash."""
    return f"{origin}/{account.name}.restv2.{label_of(account)}/api/"


def cluster(account: Resource, origin: str) -> str:
    """Where the endpoint redirects to."""
    return f"{origin}/wams{label_of(account)}clus001rest-hs/{account.name}/api/"


def other_origin(origin: str) -> str:
    """The same server under its other name."""
    parts = urlsplit(origin)
    host = "localhost" if parts.hostname == "127.0.0.1" else "127.0.0.1"
    return f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"
