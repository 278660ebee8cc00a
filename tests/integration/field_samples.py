"""A sample for every field: three values of it, and what else a manifest needs so that it may be declared.

Paths are spelled as in the kinds' tables, `[]` standing for a list's first item. In texts NAME becomes the object's
name, and STORAGE that of the account's storage account.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from tests.integration.field_sample import JSON, Sample, named, put, take_out
from tests.integration.field_samples_on_air import ASSET, ENDPOINT, LIVE_EVENT, LIVE_OUTPUT
from tests.integration.field_samples_transform import TRANSFORM
from tests.model_fields import everything

from ams_operator.api.base import ResourceSpec
from ams_operator.api.kinds import KINDS

MODELS: Final[Mapping[str, type[ResourceSpec]]] = {
    kind.kind: kind.spec for kind in KINDS if issubclass(kind.spec, ResourceSpec)
}


def fields_of(kind: str) -> set[str]:
    """Every leaf, list and map that a manifest of this kind can declare."""
    found = dict(everything(MODELS[kind]))
    return {path for path, leaf in found.items() if leaf or f"{path}[]" in found or f"{path}.any" in found}


SAMPLES: Final[Mapping[str, Mapping[str, Sample]]] = {
    "Asset": ASSET,
    "LiveEvent": LIVE_EVENT,
    "LiveOutput": LIVE_OUTPUT,
    "StreamingEndpoint": ENDPOINT,
    "Transform": TRANSFORM,
}
_STAGE: Final = "the account is the stage on which all others are tried; test_compare and test_overlay try its fields"
UNTRIED: Final[Mapping[str, Mapping[str, str]]] = {
    "MediaServicesAccount": dict.fromkeys(
        (
            "location",
            "tags",
            "tags.any",
            "identity.type",
            "identity.userAssignedIdentities",
            "identity.userAssignedIdentities.any",
            "properties.encryption.identity.useSystemAssignedIdentity",
            "properties.encryption.identity.userAssignedIdentity",
            "properties.encryption.keyVaultProperties.keyIdentifier",
            "properties.encryption.type",
            "properties.keyDelivery.accessControl.defaultAction",
            "properties.keyDelivery.accessControl.ipAllowList",
            "properties.keyDelivery.accessControl.ipAllowList[]",
            "properties.publicNetworkAccess",
            "properties.storageAccounts",
            "properties.storageAccounts[].id",
            "properties.storageAccounts[].identity.useSystemAssignedIdentity",
            "properties.storageAccounts[].identity.userAssignedIdentity",
            "properties.storageAccounts[].type",
            "properties.storageAuthentication",
        ),
        _STAGE,
    ),
}
"""kind and field to the reason why it has no sample"""
_BASES: Final[dict[str, JSON]] = {
    "Asset": {"deletionPolicy": "Retain"},  # server-side apply refuses to empty a spec
    "LiveEvent": {"input": {"streamingProtocol": "RTMP"}},
    "LiveOutput": {
        "liveEventRef": {"name": "stage"},
        "assetRef": {"name": "tape-NAME"},
        "archiveWindowLength": "PT1H",
    },
    "StreamingEndpoint": {},
    "Transform": {"disruptionPolicy": "Interrupt"},  # as of an asset
}


def manifest(kind: str, path: str, value: Any, words: Mapping[str, str]) -> JSON:
    """The spec that declares this value; None: one without the field, the rest as before."""
    sample = SAMPLES[kind][path]
    spec = deepcopy(_BASES[kind])
    for place, neighbour in sample.around.items():
        put(spec, place, deepcopy(neighbour))
    place = sample.at or path.removeprefix("properties.")
    put(spec, place, sample.written(sample.first if value is None else value))
    if value is None:
        take_out(spec, place)
    return dict(named(spec, words))
