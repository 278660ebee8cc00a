"""Transform: a recipe that jobs apply to media.

Source: ARM type Microsoft.Media/mediaservices/transforms, api-version 2022-07-01.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import ApiModel, ChildSpec, DisruptionPolicy, Rule
from ams_operator.api.encoder import Preset
from ams_operator.api.kind import GENERAL_NAME, Column, Kind
from ams_operator.api.requests import Request
from ams_operator.api.status import ResourceStatus


class OnError(StrEnum):
    STOP_PROCESSING_JOB = "StopProcessingJob"
    CONTINUE_JOB = "ContinueJob"


class Priority(StrEnum):
    LOW = "Low"
    NORMAL = "Normal"
    HIGH = "High"


class TransformOutput(ApiModel):
    """One output of the transform."""

    on_error: OnError | None = None
    """Whether the job goes on when this output fails. The service's default is StopProcessingJob."""
    relative_priority: Priority | None = None
    """Priority among the outputs of this transform. The service's default is Normal."""
    preset: Preset
    """The recipe of this output."""


class TransformSpec(ChildSpec):
    """A recipe that jobs apply to media."""

    operator_fields: ClassVar[frozenset[str]] = ChildSpec.operator_fields | {"disruption_policy"}
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.outputs) || (has(self.managementPolicy) && self.managementPolicy == 'Observe')",
            "set outputs, or managementPolicy: Observe",
            ".outputs",
            "FieldValueRequired",
        ),
    )

    disruption_policy: DisruptionPolicy | None = None
    """Has no effect yet: jobs are not watched, so that a changed recipe is written at once, whatever is said here.
    Absent means WhenIdle."""
    description: Annotated[str, Field(max_length=4096)] | None = None
    """A text for people. The service's default is none."""
    outputs: Annotated[list[TransformOutput], Field(min_length=1, max_length=20)] | None = None
    """What is made of the input. Required unless managementPolicy is Observe."""


class TransformStatus(ResourceStatus):
    """How far the transform is."""


TRANSFORM: Final = Kind(
    kind="Transform",
    plural="transforms",
    short_name="amstransform",
    spec=TransformSpec,
    status=TransformStatus,
    name_rule=GENERAL_NAME,
    columns=(
        Column("Account", ".spec.accountRef.name"),
        Column("Azure Name", ".spec.azureName"),
    ),
    requests=frozenset({Request.APPROVE, Request.ABANDON}),
)
