"""Which namespaces may use something, in the form that the Gateway API made known."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from ams_operator.api.base import ApiModel, Matches, Rule

LabelKey = Annotated[str, Field(min_length=1, max_length=317)]
LabelValue = Annotated[str, Field(max_length=63)]
NamePrefix = Annotated[
    str,
    Field(max_length=64),
    Matches(r"[A-Za-z0-9][-A-Za-z0-9._]*", "must be the beginning of a name: letters, digits, '-', '_' and '.'"),
]


class NamespacesFrom(StrEnum):
    SAME = "Same"
    ALL = "All"
    SELECTOR = "Selector"


class ClusterNamespacesFrom(StrEnum):
    """As NamespacesFrom, for cluster-scoped objects, which have no namespace of their own."""

    ALL = "All"
    SELECTOR = "Selector"


class SelectorOperator(StrEnum):
    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class SelectorRequirement(ApiModel):
    """One condition on a label."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
            "set values if, and only if, operator is In or NotIn",
            ".values",
        ),
    )

    key: LabelKey
    """Label of the namespace."""
    operator: SelectorOperator
    """In, NotIn, Exists or DoesNotExist."""
    values: Annotated[list[LabelValue], Field(max_length=64)] | None = None
    """Values for In and NotIn. Absent for the other two."""


class NamespaceSelector(ApiModel):
    """A label selector over namespaces. Name a namespace by the label kubernetes.io/metadata.name."""

    match_labels: Annotated[dict[LabelKey, LabelValue], Field(max_length=16)] | None = None
    """Labels that the namespace must have, with these values. Absent means none."""
    match_expressions: Annotated[list[SelectorRequirement], Field(max_length=16)] | None = None
    """Further conditions; all must hold. Absent means none."""

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether a namespace with these labels is selected. An empty selector selects every namespace."""
        if any(labels.get(key) != value for key, value in (self.match_labels or {}).items()):
            return False
        return all(_holds(requirement, labels) for requirement in self.match_expressions or ())


def _holds(requirement: SelectorRequirement, labels: dict[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case SelectorOperator.IN:
            return value is not None and value in (requirement.values or ())
        case SelectorOperator.NOT_IN:
            return value is None or value not in (requirement.values or ())
        case SelectorOperator.EXISTS:
            return value is not None
        case SelectorOperator.DOES_NOT_EXIST:
            return value is None


_SELECTOR_RULE = Rule(
    "(has(self.from) && self.from == 'Selector') == has(self.selector)",
    "set selector if, and only if, from is Selector",
    ".selector",
)


class AllowedNamespaces(ApiModel):
    """Namespaces that may use an object of a namespaced kind."""

    rules: ClassVar[tuple[Rule, ...]] = (_SELECTOR_RULE,)

    from_: NamespacesFrom | None = Field(default=None, alias="from")
    """Same, All, or Selector. Absent means Same."""
    selector: NamespaceSelector | None = None
    """Selects the namespaces for from Selector; absent for any other."""
    name_prefix: NamePrefix | None = None
    """What the names in the service of all that objects of other namespaces mean or name must begin with, in any case
    of letters. Absent means that they may have any names, also those that this namespace wants to use later."""
    max_objects: Annotated[int, Field(ge=1, le=100000)] | None = None
    """How many objects of each other namespace may use the account; the oldest are taken. Absent means any number."""

    def admits(self, own: str, namespace: str, labels: dict[str, str]) -> bool:
        """Whether `namespace`, with its labels, may use the object that lives in `own`."""
        if namespace == own or self.from_ is NamespacesFrom.ALL:
            return True
        return self.from_ is NamespacesFrom.SELECTOR and self.selector is not None and self.selector.matches(labels)


class ClusterAllowedNamespaces(ApiModel):
    """Namespaces that may use a cluster-scoped object."""

    rules: ClassVar[tuple[Rule, ...]] = (_SELECTOR_RULE,)

    from_: ClusterNamespacesFrom = Field(alias="from")
    """All, or Selector."""
    selector: NamespaceSelector | None = None
    """Selects the namespaces for from Selector; absent for any other."""

    def admits(self, labels: dict[str, str]) -> bool:
        """Whether a namespace with these labels may use the object."""
        if self.from_ is ClusterNamespacesFrom.ALL:
            return True
        return self.selector is not None and self.selector.matches(labels)
