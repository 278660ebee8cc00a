"""Where objects of ours are on the API server."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from ams_operator.api.base import GROUP, VERSION
from ams_operator.api.kinds import kind_named


def collection(kind: str, namespace: str = "") -> str:
    """Path of a kind's objects, in one namespace or in all."""
    found = kind_named(kind)
    space = f"/namespaces/{namespace}" if namespace and found.scope == "Namespaced" else ""
    return f"/apis/{GROUP}/{VERSION}{space}/{found.plural}"


@lru_cache(4096)
def place(kind: str, namespace: str, name: str) -> str:
    """Path of one object."""
    return f"{collection(kind, namespace)}/{quote(name, safe='')}"
