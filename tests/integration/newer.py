"""`ams-operator` as its next version may be: `python -m tests.integration.newer run ...`.

An asset has one optional field more in its manifest, one fact more in its status, and in its record a member that this
version does not know. With the environment variable AMS_NEWER_DEFAULT it takes a value of `alternateId` for granted as
well, by mistake. All else is the same program.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import Field

from ams_operator.api.asset import ASSET, AssetSpec, AssetStatus
from ams_operator.api.kind import Kind
from ams_operator.api.status import Timestamp
from ams_operator.domain.model import JSON, Record

VERSION: Final = "0.2.0"
MEMBER: Final = "sinceTheNextVersion"
DEFAULT: Final = "AMS_NEWER_DEFAULT"


class NewerSpec(AssetSpec):
    """A container of media files, which says what it is for."""

    purpose: Annotated[str, Field(max_length=512)] | None = None
    """What it is for."""


class NewerStatus(AssetStatus):
    """What is known about the asset, with its age."""

    created_at: Timestamp | None = None
    """When the service made it."""


NEWER: Final[Kind] = replace(ASSET, spec=NewerSpec, status=NewerStatus)


def become_newer() -> None:
    """Before anything else of the program is imported."""
    installed = importlib.metadata.version
    vars(importlib.metadata).update(version=lambda name: VERSION if name == "ams-operator" else installed(name))

    from ams_operator.api import kinds

    vars(kinds).update(KINDS=tuple(NEWER if kind is ASSET else kind for kind in kinds.KINDS))

    from ams_operator.api import crd, shipped

    vars(shipped).update(shipped_hash=lambda kind: crd.schema_hash(kinds.kind_named(kind)))

    from ams_operator.domain import report, running
    from ams_operator.domain.kinds import KINDS
    from ams_operator.domain.values import at

    known: Any = KINDS
    asset, dump = KINDS["Asset"], vars(report)["dump"]

    def facts(raw: JSON) -> JSON:
        return asset.facts(raw) | running.present(createdAt=at(raw, ("properties", "created")) or None)

    def dumped(record: Record) -> JSON:
        more = {MEMBER: {"anything": 1}} if "/assets/" in record.resource_id else {}
        return {**dump(record), **more}

    def body(spec: Any, given: Mapping[str, str]) -> JSON:
        found = asset.body(spec, given)
        return found | {"properties": {"alternateId": os.environ[DEFAULT], **found["properties"]}}

    mistaken = body if DEFAULT in os.environ else asset.body
    known["Asset"] = replace(asset, body=mistaken, facts=facts, shows=(*asset.shows, "createdAt"))
    vars(report).update(dump=dumped)


if __name__ == "__main__":
    become_newer()

    from ams_operator.cli import main

    main()
