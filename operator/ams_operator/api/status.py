"""The status that all resource kinds share. Only the operator writes it; readers must expect further fields."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, Field

from ams_operator.api.base import ApiModel

MESSAGE_LIMIT: Final = 1024
"""Characters of a message; the API server refuses a status with a longer one."""
TEXT_LIMIT: Final = 512
"""Characters of any other text in a status."""
HOLDS_LIMIT: Final = 16
PLAN_ACTIONS_LIMIT: Final = 16
PLAN_CHANGES_LIMIT: Final = 32

Text = Annotated[str, Field(max_length=TEXT_LIMIT)]
Word = Annotated[str, Field(max_length=64)]
Message = Annotated[str, Field(max_length=MESSAGE_LIMIT)]
Timestamp = Annotated[str, Field(max_length=32, json_schema_extra={"format": "date-time"})]


class StatusModel(ApiModel):
    """A part of a status: unknown members are ignored, since a newer version may have written them."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")


class Condition(StatusModel):
    """A condition as Kubernetes defines it."""

    type: Word
    """Ready, Reconciling, Stalled, Synced, or one of the migration."""
    status: Literal["True", "False", "Unknown"]
    """True, False or Unknown."""
    reason: Word
    """Why, for programs."""
    message: Message
    """Why, for people. Where a decision is awaited it ends in the command that makes it."""
    last_transition_time: Timestamp
    """When status last changed."""
    observed_generation: int | None = None
    """The generation that this condition speaks of."""


class Hold(StatusModel):
    """A reason not to act."""

    reason: Word
    """Why, for programs."""
    message: Message
    """Why, for people, with the way out."""
    blocks: Annotated[list[Word], Field(max_length=16)]
    """The effects that may not happen meanwhile, of those that plan.actions.effects may have."""
    cure: Word
    """What ends it: time, decision or fix."""
    until: Timestamp | None = None
    """Not told yet: when it ends by itself."""


class PlanChange(StatusModel):
    """One field that an action changes."""

    field: Text
    """Path of the field."""
    observed: Text | None = None
    """Not told yet: the value in the service."""
    desired: Text | None = None
    """(reset) where the field goes back to the service's default. Absent where it becomes what the manifest says."""


class PlanAction(StatusModel):
    """One request that would be sent."""

    name: Word
    """What it is, such as create, update or delete."""
    effects: Annotated[list[Word], Field(max_length=16)]
    """What it does to people: write, create, start, interrupt, endRecording, replace, delete, release."""
    changes: Annotated[list[PlanChange], Field(max_length=PLAN_CHANGES_LIMIT)] | None = None
    """The fields it changes."""


class PlanStatus(StatusModel):
    """What the operator would do next."""

    hash: Word
    """Names exactly this plan; the request approve must equal it."""
    actions: Annotated[list[PlanAction], Field(max_length=PLAN_ACTIONS_LIMIT)]
    """The actions in their order."""
    more: int | None = None
    """How many actions and changes are not shown."""


class ResourceStatus(StatusModel):
    """How far the service is from the manifest, and what the operator remembers."""

    observed_generation: int | None = None
    """The generation that was looked at last."""
    conditions: (
        Annotated[
            list[Condition],
            Field(
                max_length=24,
                json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
            ),
        ]
        | None
    ) = None
    """Ready, Reconciling, Stalled and Synced; of an account whose version 2 is read those of the migration, too."""
    holds: Annotated[list[Hold], Field(max_length=HOLDS_LIMIT)] | None = None
    """Why nothing, or not everything, is done now."""
    plan: PlanStatus | None = None
    """What would be done next, while something keeps it from being done."""
    resource_id: Text | None = None
    """Resource id in the service."""
    resource_state: Word | None = None
    """State as the service names it, of kinds that run."""
    provisioning_state: Word | None = None
    """Provisioning state as the service names it."""
    record: (
        Annotated[
            dict[str, Any],
            Field(
                json_schema_extra={
                    "x-kubernetes-preserve-unknown-fields": True,
                    "x-kubernetes-map-type": "atomic",
                }
            ),
        ]
        | None
    ) = None
    """The operator's memory. Losing it is safe and means that the resource is adopted again."""
