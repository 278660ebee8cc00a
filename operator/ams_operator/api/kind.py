"""What the API server must know of a kind besides its fields."""

from dataclasses import dataclass
from typing import Final, Literal

from ams_operator.api.base import GROUP, ApiModel, ChildSpec, ResourceSpec, Rule
from ams_operator.api.requests import Request
from ams_operator.api.status import StatusModel


@dataclass(frozen=True)
class Column:
    """A column of `kubectl get`. Priority 1 shows it with `-o wide` only."""

    name: str
    json_path: str
    type: Literal["string", "integer", "date"] = "string"
    priority: int = 0


@dataclass(frozen=True)
class NameRule:
    """What the service accepts as a name. `pattern` as in `Matches`; `text` completes "must be ..."."""

    pattern: str
    text: str


GENERAL_NAME: Final = NameRule(
    r"[^<>%&:\\?/*+.'\x00-\x1f]{1,260}", "at most 260 characters, none of them < > % & : \\ ? / * + . '"
)
"""The service's rule for names where a kind has no narrower one."""


def hyphenated(longest: int) -> NameRule:
    """The rule for names that become a part of a host name or URL."""
    return NameRule(
        rf"[a-zA-Z0-9]([-a-zA-Z0-9]{{0,{longest - 2}}}[a-zA-Z0-9])?",
        f"1 to {longest} letters, digits and inner hyphens",
    )


@dataclass(frozen=True)
class Kind:
    """One custom resource."""

    kind: str
    plural: str
    short_name: str
    spec: type[ApiModel]
    status: type[StatusModel] | None
    scope: Literal["Namespaced", "Cluster"] = "Namespaced"
    name_rule: NameRule | None = None
    columns: tuple[Column, ...] = ()
    requests: frozenset[Request] = frozenset()
    """What can be asked of an object of this kind, or consented to."""
    made: bool = False
    """Only the operator makes objects of this kind; they stand for nothing in the service, and `kubectl get ams` leaves
    them out."""

    @property
    def crd_name(self) -> str:
        """Name of the CustomResourceDefinition."""
        return f"{self.plural}.{GROUP}"

    def root_rules(self) -> tuple[Rule, ...]:
        """Rules over the whole object: names and references are judged by what applies, not by what is written.

        A rule on the field itself would be skipped while the field is absent, and so allow a rename in two steps.
        """
        rules: list[Rule] = []
        if self.name_rule is not None:
            rules += _name_rules(self.name_rule)
        if issubclass(self.spec, ChildSpec):
            rules += _account_rules()
        if issubclass(self.spec, ResourceSpec):
            rules += self.spec.object_rules
        return tuple(rules)


def _name_rules(name: NameRule) -> list[Rule]:
    pattern = name.pattern.replace("\\", "\\\\").replace("'", "\\'")
    effective = "(has({0}.spec.azureName) ? {0}.spec.azureName : {0}.metadata.name)"
    return [
        Rule(
            f"!has(self.spec.azureName) || self.spec.azureName.matches('^({pattern})$')",
            f"azureName must be {name.text}",
            ".spec.azureName",
        ),
        Rule(
            f"has(self.spec.azureName) || self.metadata.name.matches('^({pattern})$')",
            f"metadata.name can't be the name in the service, which must be {name.text}: set azureName",
            ".spec.azureName",
        ),
        Rule(
            f"{effective.format('self')} == {effective.format('oldSelf')}",
            "the name in the service (azureName, else metadata.name) can't change: "
            "create a new object, and delete this one with deletionPolicy Retain to keep the resource",
            ".spec.azureName",
        ),
    ]


def _account_rules() -> list[Rule]:
    name = "(has({0}.spec.accountRef) ? {0}.spec.accountRef.name : 'default')"
    # `namespace` is a reserved word of CEL; metadata.namespace can't be read in a rule of a CRD
    space = (
        "(has({0}.spec.accountRef) && has({0}.spec.accountRef.__namespace__) ? {0}.spec.accountRef.__namespace__ : '')"
    )
    return [
        Rule(
            f"{name.format('self')} == {name.format('oldSelf')} && {space.format('self')} == {space.format('oldSelf')}",
            "accountRef can't change: create a new object, and delete this one with deletionPolicy Retain "
            "to keep the resource",
            ".spec.accountRef",
        )
    ]
