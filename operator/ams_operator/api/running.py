"""What the kinds have in common that run: run state, restarts, and how viewers may be disturbed."""

from enum import StrEnum


class RestartPolicy(StrEnum):
    """Whether what somebody else stopped is started again."""

    ALWAYS = "Always"
    NEVER = "Never"


class LiveEventRunState(StrEnum):
    """The states in which a live event can be left."""

    RUNNING = "Running"
    STOPPED = "Stopped"
    STANDBY = "StandBy"


class StreamingEndpointRunState(StrEnum):
    """The states in which a streaming endpoint can be left."""

    RUNNING = "Running"
    STOPPED = "Stopped"
