"""The kinds' tables against the models: a row that fits no field, and a field without a row, are silent mistakes."""

from __future__ import annotations

import pytest
from tests.model_fields import everything
from tests.unit.on_air import ASSET, ENDPOINT, EVENT, OUTPUT
from tests.unit.scenes import ACCOUNT, TRANSFORM

from ams_emulator.kinds.live_event_schema import IMMUTABLE
from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.asset import AssetSpec
from ams_operator.api.base import ResourceSpec
from ams_operator.api.kinds import KINDS as API_KINDS
from ams_operator.api.live_event import LiveEventSpec
from ams_operator.api.live_output import LiveOutputSpec
from ams_operator.api.streaming_endpoint import StreamingEndpointSpec
from ams_operator.api.transform import TransformSpec
from ams_operator.domain.kind import Kind
from ams_operator.domain.kinds import KINDS
from ams_operator.domain.values import fits

MODELS: list[tuple[Kind, type[ResourceSpec]]] = [
    (ACCOUNT, MediaServicesAccountSpec),
    (TRANSFORM, TransformSpec),
    (EVENT, LiveEventSpec),
    (OUTPUT, LiveOutputSpec),
    (ENDPOINT, StreamingEndpointSpec),
    (ASSET, AssetSpec),
]
PLAIN = {
    "MediaServicesAccount": {
        "properties.encryption.keyVaultProperties.keyIdentifier",
        "properties.encryption.identity.userAssignedIdentity",
        "properties.encryption.identity.useSystemAssignedIdentity",
        "properties.keyDelivery.accessControl.ipAllowList[]",
    }
}
"""leaves without a row: dropped when they are removed, changed in any state, compared as they are written"""


def test_no_kind_is_left_out() -> None:
    assert set(KINDS) == {kind.name for kind, _ in MODELS} == {kind.kind for kind in API_KINDS if kind.status}


@pytest.mark.parametrize(("kind", "model"), MODELS, ids=lambda value: getattr(value, "name", ""))
def test_every_row_fits_something_that_a_manifest_can_declare(kind: Kind, model: type[ResourceSpec]) -> None:
    paths = {path for path, _ in everything(model)}
    silent = {pattern for pattern in kind.table if not any(fits(pattern, path) for path in paths)}
    assert silent == set()


@pytest.mark.parametrize(("kind", "model"), MODELS, ids=lambda value: getattr(value, "name", ""))
def test_every_field_has_a_row_or_is_plain(kind: Kind, model: type[ResourceSpec]) -> None:
    leaves = {path for path, leaf in everything(model) if leaf}
    bare = {path for path in leaves if not any(fits(pattern, path) for pattern in kind.table)}
    assert bare == PLAIN.get(kind.name, set())


@pytest.mark.parametrize(("kind", "model"), MODELS, ids=lambda value: getattr(value, "name", ""))
def test_what_an_action_of_its_own_changes_has_that_action(kind: Kind, model: type[ResourceSpec]) -> None:
    assert {rule.by for rule in kind.table.values() if rule.by} == set(kind.asks)


def test_settled_at_creation_is_what_the_service_says() -> None:
    settled = {pattern for pattern, rule in EVENT.table.items() if rule.when == frozenset()}
    expected = {f"properties.{name}" for name in IMMUTABLE}
    assert settled == expected | {"location", "properties.streamOptions[]"}


@pytest.mark.parametrize("kind", [EVENT, ENDPOINT], ids=lambda kind: kind.name)
def test_while_running_only_description_tags_and_scaling(kind: Kind) -> None:
    free = {pattern for pattern, rule in kind.table.items() if rule.when is None}
    assert free - {"properties.scaleUnits"} == {"tags*", "properties.description"}
