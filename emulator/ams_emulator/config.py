"""Everything that can be set when the emulator starts; `control` can change the part called `Settings` later."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from ams_emulator.clock import ClockMode

DEFAULT_REGION = "westus2"
# The operations that may have a duration of their own.
DURATIONS = (
    *(f"liveEvents.{action}" for action in ("create", "update", "allocate", "start", "stop", "reset", "delete")),
    *(f"liveOutputs.{action}" for action in ("create", "delete")),
    *(f"streamingEndpoints.{action}" for action in ("create", "update", "start", "stop", "scale", "delete")),
    # Of version 2:
    *(f"channels.{action}" for action in ("create", "update", "start", "stop", "reset", "delete", "cue")),
    *(f"programs.{action}" for action in ("start", "stop")),
    *(f"jobs.{action}" for action in ("queue", "run", "cancel")),
)
DEFAULT_GROUP = "media"


@dataclass
class Settings:
    """What may change while the emulator runs."""

    page_size: int = 1000  # items per LIST page
    operation_seconds: float = 0.5  # how long an asynchronous operation takes on the emulator's clock
    retry_after: float | None = None  # seconds in Retry-After of operations; None: as recorded (30 for accounts)
    rate_limits: str = "azure"  # azure | off
    quotas: str = "azure"  # azure | off
    token_seconds: int = 3600  # lifetime of tokens, in real time
    durations: dict[str, float] = field(default_factory=dict)  # of DURATIONS, in seconds; else operation_seconds
    cdn: str = "azure"  # azure | off: whether the regions have one

    def checked(self, name: str, value: object) -> object:
        """`value` if this setting may have it; ValueError otherwise."""
        if name == "durations":
            return _durations(value)
        if name in ("rate_limits", "quotas", "cdn"):
            if value not in ("azure", "off"):
                raise ValueError("choose azure or off")
            return value
        if name == "retry_after" and value is None:
            return None
        whole = name in ("page_size", "token_seconds")
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < whole:
            raise ValueError(f"expected {'a positive whole number' if whole else 'a number of seconds'}")
        return value


def _durations(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise ValueError('expected an object such as {"liveEvents.start": 30}')
    for name, seconds in value.items():
        if name not in DURATIONS:
            raise ValueError(f"{name}: unknown; choose of {', '.join(DURATIONS)}")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise ValueError(f"{name}: expected a number of seconds")
    return dict(value)


@dataclass
class Identity:
    """Who may ask for tokens, and what they see. Random unless given: two emulators never share a secret."""

    tenant_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    subscription_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    resource_group: str = DEFAULT_GROUP
    region: str = DEFAULT_REGION


@dataclass
class Config:
    """One emulator's start."""

    host: str = "127.0.0.1"
    port: int = 0
    control_port: int = 0
    tls: bool = True
    data: Path | None = None
    names: tuple[str, ...] = ()  # further host names in the certificate
    accounts: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()  # `small`: an account of that name; `small=contoso`: one of another
    seed: int | None = None
    variants: str = "strict"
    clock: ClockMode = "real"
    identity: Identity = field(default_factory=Identity)
    settings: Settings = field(default_factory=Settings)
    control_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    log_limit: int = 100_000  # requests kept in the log; counts are kept for all
