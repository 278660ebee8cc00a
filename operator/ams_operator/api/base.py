"""What every custom resource is made of: the model base, validation rules, the fields that belong to the operator.

A spec is flat: the service's fields beside the operator's own. Absent always means absent: the schemas have no
defaults, so that no client sees a field it did not write. What absence means is said in each field's description and
computed by the functions at the end of this file.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from ams_operator.api.descriptions import descriptions

GROUP: Final = "ams-operator.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
FINALIZER: Final = f"{GROUP}/finalizer"
REQUEST_PREFIX: Final = f"request.{GROUP}/"
SCHEMA_ANNOTATION: Final = f"{GROUP}/schema"
USE_LABEL: Final = f"{GROUP}/use"
"""on a Secret: what its owner permits it to be used for"""
DEFAULT_ACCOUNT: Final = "default"
DEFAULT_BACKEND: Final = "default"


@dataclass(frozen=True)
class Rule:
    """One `x-kubernetes-validations` entry. `field_path` is relative to the object that carries the rule."""

    rule: str
    message: str
    field_path: str = ""
    reason: str = ""

    def schema(self) -> dict[str, str]:
        """The entry as it stands in the CRD."""
        entry = {"rule": self.rule, "message": self.message}
        if self.reason:
            entry["reason"] = self.reason
        if self.field_path:
            entry["fieldPath"] = self.field_path
        return entry


@dataclass(frozen=True)
class Matches:
    """Annotation for a string: one pattern, checked by the API server (CEL) and here, with one message for people.

    The pattern must mean the same in RE2 and in Python: no look-around, no back-references. It is always anchored.
    `where` is a further CEL condition that a pattern can't express; only the API server checks it.
    """

    pattern: str
    message: str
    where: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        compiled = re.compile(self.pattern)

        def check(value: str) -> str:
            if compiled.fullmatch(value) is None:
                raise ValueError(self.message)
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = self.pattern.replace("\\", "\\\\").replace("'", "\\'")
        rule = f"self.matches('^({text})$')" + (f" && ({self.where})" if self.where else "")
        return {**handler(schema), "x-kubernetes-validations": [Rule(rule, self.message).schema()]}


class ApiModel(BaseModel):
    """A frozen object of the API: camelCase outside, snake_case inside, unknown members refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        defer_build=True,  # few of all kinds are used by one process
    )
    rules: ClassVar[tuple[Rule, ...]] = ()

    @classmethod
    def all_rules(cls) -> tuple[Rule, ...]:
        """The rules of this class and its bases, bases first."""
        return tuple(rule for base in reversed(cls.__mro__) for rule in base.__dict__.get("rules", ()))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        result = handler.resolve_ref_schema(handler(schema))
        for name, text in descriptions(cls).items():
            if (field := cls.model_fields.get(name)) is not None:
                result["properties"][field.alias or name]["description"] = text
        if rules := cls.all_rules():
            result["x-kubernetes-validations"] = [rule.schema() for rule in rules]
        return result


class OneOf(ApiModel):
    """A polymorphic object as keys of which exactly one is set: `preset: {builtInStandardEncoder: {...}}`."""

    @classmethod
    def all_rules(cls) -> tuple[Rule, ...]:
        """The sum form of "exactly one": cheaper for the API server than filtering a list of flags."""
        keys = cls.keys()
        total = " + ".join(f"(has(self.{key}) ? 1 : 0)" for key in keys)
        return (*super().all_rules(), Rule(f"{total} == 1", cls.complaint()))

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The keys as manifests spell them."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def complaint(cls) -> str:
        """What is said when none or several are set, by the API server and here alike."""
        return f"set exactly one of {', '.join(cls.keys())}"

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(value is not None for value in self.__dict__.values()) != 1:
            raise ValueError(self.complaint())
        return self

    def chosen(self) -> tuple[str, ApiModel]:
        """The key that is set, as manifests spell it, and its value."""
        for name, value in self.__dict__.items():
            if value is not None:
                return type(self).model_fields[name].alias or name, value
        raise ValueError(self.complaint())


class ManagementPolicy(StrEnum):
    """What the operator may do with a resource, from most to least."""

    MANAGE = "Manage"
    PLAN = "Plan"
    OBSERVE = "Observe"
    PAUSE = "Pause"


class AdoptionPolicy(StrEnum):
    """Whether a resource that exists already may become managed."""

    IF_IDENTICAL = "IfIdentical"
    ALWAYS = "Always"


class DeletionPolicy(StrEnum):
    """What deleting the object does to the resource in the service."""

    DELETE = "Delete"
    RETAIN = "Retain"


class DisruptionPolicy(StrEnum):
    """A ladder of consent: how far a change may go. Each step includes those before it."""

    WHEN_IDLE = "WhenIdle"
    INTERRUPT = "Interrupt"
    END_RECORDINGS = "EndRecordings"


ObjectName = Annotated[
    str,
    Field(max_length=253),
    Matches(
        r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        "must be the name of a Kubernetes object: lower-case letters, digits, '-' and '.'",
    ),
]
NamespaceName = Annotated[
    str,
    Field(max_length=63),
    Matches(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", "must be the name of a namespace: lower-case letters, digits and '-'"),
]


class LocalRef(ApiModel):
    """Names an object: in the same namespace, or of a cluster-scoped kind."""

    name: ObjectName
    """Name of the object."""


class AccountRef(ApiModel):
    """Names a MediaServicesAccount."""

    name: ObjectName
    """Name of the MediaServicesAccount."""
    namespace: NamespaceName | None = None
    """Its namespace. Absent means the same namespace; another one must be allowed by the account."""


class ResourceSpec(ApiModel):
    """The operator's own fields of every kind that stands for a resource of the service."""

    operator_fields: ClassVar[frozenset[str]] = frozenset(
        {"azure_name", "management_policy", "adoption_policy", "deletion_policy"}
    )
    """Python names of the fields that are never sent to the service."""
    top_level: ClassVar[frozenset[str]] = frozenset()
    """Python names of the service's fields that stand beside `properties` in its JSON."""
    also_names: ClassVar[frozenset[str]] = frozenset()
    """Python names of the fields that, beside azureName and references, take something of a name for this resource."""
    object_rules: ClassVar[tuple[Rule, ...]] = ()
    """Rules over the whole object, for what depends on its metadata; paths begin with `.spec`."""

    azure_name: Annotated[str, Field(min_length=1, max_length=260)] | None = None
    """Name in the service. Absent means metadata.name. It can't change."""
    management_policy: ManagementPolicy | None = None
    """What the operator may do. Plan shows what it would do and waits for approval, Observe only compares, Pause does
    nothing at all. Absent means Manage."""
    adoption_policy: AdoptionPolicy | None = None
    """Whether a resource that exists already is taken over: IfIdentical only if every declared field is equal, Always
    also if it must be changed. Absent means IfIdentical."""
    deletion_policy: DeletionPolicy | None = None
    """What deleting this object does in the service: Delete deletes the resource there, Retain leaves it. Absent means
    Delete if the operator created it, and Retain if it was adopted or is an account or an asset; of what is on air the
    deletion is refused until this is set."""

    def effective_name(self, metadata_name: str) -> str:
        """The name in the service."""
        return self.azure_name or metadata_name


class ChildSpec(ResourceSpec):
    """A resource inside a Media Services account."""

    operator_fields: ClassVar[frozenset[str]] = ResourceSpec.operator_fields | {"account_ref"}

    account_ref: AccountRef | None = None
    """The account that holds the resource. Absent means the MediaServicesAccount named default in the same namespace.
    It can't change."""

    def effective_account(self, namespace: str) -> tuple[str, str]:
        """(namespace, name) of the MediaServicesAccount, for an object in `namespace`."""
        if self.account_ref is None:
            return namespace, DEFAULT_ACCOUNT
        return self.account_ref.namespace or namespace, self.account_ref.name


def effective_management_policy(own: ManagementPolicy | None, account: ManagementPolicy | None) -> ManagementPolicy:
    """What applies to a resource: its own policy, at most what its account allows. Absent means Manage."""
    order = list(ManagementPolicy)
    return max((own or ManagementPolicy.MANAGE, account or ManagementPolicy.MANAGE), key=order.index)


def effective_adoption_policy(own: AdoptionPolicy | None) -> AdoptionPolicy:
    """Absent means IfIdentical."""
    return own or AdoptionPolicy.IF_IDENTICAL


def effective_disruption_policy(own: DisruptionPolicy | None) -> DisruptionPolicy:
    """Absent means WhenIdle."""
    return own or DisruptionPolicy.WHEN_IDLE
