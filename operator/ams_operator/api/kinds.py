"""All kinds. A new kind is one model file and one line here."""

from typing import Final

from ams_operator.api.account import ACCOUNT
from ams_operator.api.asset import ASSET
from ams_operator.api.backend import BACKEND
from ams_operator.api.kind import Kind
from ams_operator.api.live_event import LIVE_EVENT
from ams_operator.api.live_output import LIVE_OUTPUT
from ams_operator.api.migration_report import MIGRATION_REPORT
from ams_operator.api.streaming_endpoint import STREAMING_ENDPOINT
from ams_operator.api.transform import TRANSFORM

KINDS: Final[tuple[Kind, ...]] = (
    BACKEND,
    ACCOUNT,
    TRANSFORM,
    ASSET,
    LIVE_EVENT,
    LIVE_OUTPUT,
    STREAMING_ENDPOINT,
)
"""what people write"""
MADE: Final[tuple[Kind, ...]] = (MIGRATION_REPORT,)
"""what only the operator writes"""


def build() -> None:
    """Make the validators of all kinds, which else are made at the first use of each: then an object waits for them."""
    for kind in KINDS:
        kind.spec.model_rebuild()


def kind_named(name: str) -> Kind:
    """The kind of that name, as manifests spell it. Raises KeyError with the known ones."""
    for kind in (*KINDS, *MADE):
        if kind.kind == name:
            return kind
    raise KeyError(f"unknown kind {name}; there are {', '.join(kind.kind for kind in KINDS)}")
