"""Stores for kopf that store nothing.

kopf keeps, for handlers of changes, a copy of each object as it was last handled, and the progress of each handler. We
have neither: we only watch. Its default stores copy every object several times over for every event all the same, which
is more than half of what an event costs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import kopf


class NoDiffBase(kopf.DiffBaseStorage):
    """No object was ever handled, and nothing in an object is essential."""

    def build(self, *, body: kopf.Body, extra_fields: Iterable[Any] | None = None) -> kopf.BodyEssence:  # noqa: ARG002
        """Nothing."""
        return cast("kopf.BodyEssence", {})

    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:  # noqa: ARG002
        """Nothing."""
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """Writes nothing into the object."""


class NoProgress(kopf.ProgressStorage):
    """No handler is ever half-way."""

    def fetch(self, *, key: Any, body: kopf.Body) -> None:
        """Nothing."""

    def store(self, *, key: Any, record: Any, body: kopf.Body, patch: kopf.Patch) -> None:
        """Writes nothing into the object."""

    def purge(self, *, key: Any, body: kopf.Body, patch: kopf.Patch) -> None:
        """Writes nothing into the object."""

    def touch(self, *, body: kopf.Body, patch: kopf.Patch, value: str | None) -> None:
        """Writes nothing into the object."""

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        """There is nothing of ours in it."""
        return essence
