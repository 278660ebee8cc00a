"""One request and one answer, in the emulator's own terms: no part below the pipeline sees HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ams_emulator.errors import BadInputError
from ams_emulator.operations import OperationFault
from ams_emulator.state import Store

JSON_TYPE = "application/json; odata.metadata=minimal"
ERROR_TYPE = "application/json; charset=utf-8"  # as recorded with the 404 of proxy resources


@dataclass(frozen=True)
class Principal:
    """Who a token speaks for."""

    client_id: str
    object_id: str


@dataclass(frozen=True)
class ListFault:
    """What a fault does to a LIST: another state, items left out or null, members left out, a link to itself."""

    store: Store | None = None
    skip: frozenset[str] = frozenset()  # lower-case names
    null: frozenset[str] = frozenset()
    omit: tuple[tuple[str, ...], ...] = ()  # paths of members
    repeat_link: bool = False


@dataclass
class Call:
    """One ARM request. `path` is decoded, `raw_path` as sent; `origin` is what links in the answer begin with."""

    method: str
    path: str
    raw_path: str
    query: Mapping[str, str]  # names in lower case
    headers: Mapping[str, str]  # names in lower case, no Authorization
    body: bytes
    origin: str
    principal: Principal
    request_id: str
    api_version: str = ""
    api: str = "v3"  # or v2
    list_fault: ListFault | None = None
    operation_fault: OperationFault | None = None

    def json(self) -> dict[str, Any]:
        """The body as an object. Raises BadInputError when it isn't one, or nests too deep."""
        try:
            value = json.loads(self.body or b"null", parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise BadInputError("body", f"is not JSON ({type(error).__name__})") from None
        if not isinstance(value, dict):
            raise BadInputError("body", "expected an object")
        return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


@dataclass
class Answer:
    """One answer. `body` is complete JSON, or None for an empty one."""

    status: int
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE

    @staticmethod
    def of(status: int, value: object, headers: Mapping[str, str] | None = None) -> Answer:
        body = json.dumps(value, separators=(",", ":")).encode()
        return Answer(status, body, dict(headers or {}), ERROR_TYPE if status >= 400 else JSON_TYPE)
