"""What Azure itself keeps a list of: where resources lie, their region and their tags."""

from typing import Annotated, ClassVar

from pydantic import Field

from ams_operator.api.base import ChildSpec, Matches, Rule
from ams_operator.api.immutable import steady

Location = Annotated[
    str,
    Field(max_length=64),
    Matches(r"[A-Za-z0-9]([A-Za-z0-9 ]*[A-Za-z0-9])?", "must be an Azure region such as westeurope"),
]
SubscriptionId = Annotated[
    str,
    Field(max_length=128),
    Matches(r"[0-9A-Za-z][-0-9A-Za-z._]*", "must be a subscription id: letters, digits, '-', '_' and '.'"),
]
ResourceGroup = Annotated[
    str,
    Field(max_length=90),
    Matches(
        r"[-0-9A-Za-z._()]*[-0-9A-Za-z_()]",
        "must be the name of a resource group: letters, digits, '-', '_', '.', '(' and ')', no '.' at the end",
    ),
]
TagKey = Annotated[str, Field(min_length=1, max_length=512)]
TagValue = Annotated[str, Field(max_length=256)]
Tags = Annotated[dict[TagKey, TagValue], Field(max_length=50)]


def _region(value: str) -> str:
    """West Europe and westeurope are one region."""
    return f"{value}.lowerAscii().replace(' ', '')"


class TrackedSpec(ChildSpec):
    """A resource inside an account that has a region and tags of its own."""

    top_level: ClassVar[frozenset[str]] = frozenset({"location", "tags"})
    rules: ClassVar[tuple[Rule, ...]] = (
        steady("location", "the region is the account's, so leave it out or keep what it was", _region),
    )

    location: Location | None = None
    """Azure region. Absent means the account's, which it has to be in any case. It can't change."""
    tags: Tags | None = None
    """Azure tags. Those that are not named here are left alone; absent means all of them."""
