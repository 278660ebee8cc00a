"""Asset: a container of media files.

Source: ARM type Microsoft.Media/mediaservices/assets, api-version 2022-08-01. The service chooses container and storage
account where none is given, and keeps both for good.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import ChildSpec, Matches, Rule
from ams_operator.api.immutable import once
from ams_operator.api.kind import GENERAL_NAME, Column, Kind
from ams_operator.api.requests import Request
from ams_operator.api.status import ResourceStatus, Text, Word

_ANOTHER: Final = "keep it, or create another Asset; deleting this one with deletionPolicy Retain keeps what is in it"
ContainerName = Annotated[
    str,
    Field(max_length=63),
    Matches(
        r"[a-z0-9](-?[a-z0-9]){2,62}",
        "must be the name of a blob container: 3 to 63 lower-case letters, digits and single inner hyphens",
    ),
]
StorageAccountName = Annotated[
    str,
    Field(max_length=255),
    Matches(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?", "must be the name of a storage account, not its resource id"),
]


class AssetSpec(ChildSpec):
    """A container of media files. Deleting the resource deletes the files, so it is kept unless you say otherwise."""

    also_names: ClassVar[frozenset[str]] = frozenset({"container"})
    rules: ClassVar[tuple[Rule, ...]] = (once("container", _ANOTHER), once("storageAccountName", _ANOTHER))

    description: Annotated[str, Field(max_length=4096)] | None = None
    """A text for people. The service's default is none."""
    alternate_id: Annotated[str, Field(max_length=512)] | None = None
    """An id of your own. The service's default is none."""
    container: ContainerName | None = None
    """Name of the blob container. Absent means that the service makes one. It can't change."""
    storage_account_name: StorageAccountName | None = None
    """The storage account, one of the account's. The service's default is the primary one. It can't change."""


class AssetStatus(ResourceStatus):
    """What is known about the asset."""

    asset_id: Text | None = None
    """The service's own id of the asset."""
    container: Text | None = None
    """Name of the blob container."""
    storage_account_name: Text | None = None
    """The storage account that holds the container."""
    storage_encryption_format: Word | None = None
    """None, or MediaStorageClientEncryption for old assets."""


ASSET: Final = Kind(
    kind="Asset",
    plural="assets",
    short_name="amsasset",
    spec=AssetSpec,
    status=AssetStatus,
    name_rule=GENERAL_NAME,
    columns=(
        Column("Container", ".status.container"),
        Column("Storage", ".status.storageAccountName"),
        Column("Account", ".spec.accountRef.name", priority=1),
        Column("Azure Name", ".spec.azureName", priority=1),
    ),
    requests=frozenset({Request.APPROVE, Request.RECREATE, Request.ABANDON}),
)
