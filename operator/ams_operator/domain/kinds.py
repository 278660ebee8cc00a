"""The kinds that the core knows. A new kind is one model, one domain file and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from ams_operator.domain import account, asset, live_event, live_output, streaming_endpoint, transform
from ams_operator.domain.kind import Kind

_ALL = (account, transform, asset, live_event, live_output, streaming_endpoint)
KINDS: Mapping[str, Kind] = {module.KIND.name: module.KIND for module in _ALL}
