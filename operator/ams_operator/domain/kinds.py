"""The kinds that the core knows. A new kind is one model, one domain file and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.domain import account, transform
from ams_operator.domain.model import Kind

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (account.KIND, transform.KIND)}
