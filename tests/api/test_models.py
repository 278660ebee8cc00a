"""What absence means, and what the models refuse."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from ams_operator.api.account import Credentials, MediaServicesAccountSpec
from ams_operator.api.base import (
    AdoptionPolicy,
    DisruptionPolicy,
    ManagementPolicy,
    effective_adoption_policy,
    effective_disruption_policy,
    effective_management_policy,
)
from ams_operator.api.kinds import KINDS, kind_named
from ams_operator.api.live_event import LiveEventSpec
from ams_operator.api.namespaces import AllowedNamespaces, ClusterAllowedNamespaces
from ams_operator.api.reasons import Reason
from ams_operator.api.running import RestartPolicy
from ams_operator.api.status import ResourceStatus
from ams_operator.api.streaming_endpoint import StreamingEndpointSpec
from ams_operator.api.transform import TransformSpec

CASES = Path(__file__).parents[1] / "admission" / "cases.yaml"
ACCEPTED: dict[str, dict[str, Any]] = yaml.safe_load(CASES.read_text(encoding="utf-8"))["accepted"]


def test_no_field_has_a_default_besides_absence() -> None:
    for kind in KINDS:
        for name, field in kind.spec.model_fields.items():
            assert field.is_required() or field.default is None, f"{kind.kind}.{name}"


def test_what_absence_means_is_frozen() -> None:
    """Part of the API version: a change here changes what every existing manifest means."""
    assert effective_management_policy(None, None) is ManagementPolicy.MANAGE
    assert effective_adoption_policy(None) is AdoptionPolicy.IF_IDENTICAL
    assert effective_disruption_policy(None) is DisruptionPolicy.WHEN_IDLE
    assert LiveEventSpec().effective_restart_policy() is RestartPolicy.NEVER
    assert StreamingEndpointSpec().effective_restart_policy() is RestartPolicy.ALWAYS
    assert LiveEventSpec().effective_connection_secret("studio") == "studio-connection"
    transform = TransformSpec()
    assert transform.effective_name("adaptive") == "adaptive"
    assert transform.effective_account("media") == ("media", "default")


def test_the_accounts_policy_is_the_ceiling() -> None:
    for more, less in pairwise(ManagementPolicy):
        assert effective_management_policy(more, less) is less
        assert effective_management_policy(less, more) is less
    assert effective_management_policy(None, ManagementPolicy.OBSERVE) is ManagementPolicy.OBSERVE


def test_what_is_said_explicitly_applies() -> None:
    event = LiveEventSpec.model_validate({"restartPolicy": "Always", "connectionSecret": {"name": "urls"}})
    assert event.effective_restart_policy() is RestartPolicy.ALWAYS
    assert event.effective_connection_secret("studio") == "urls"
    endpoint = StreamingEndpointSpec.model_validate({"restartPolicy": "Never"})
    assert endpoint.effective_restart_policy() is RestartPolicy.NEVER


def test_references_name_what_they_say() -> None:
    spec = TransformSpec.model_validate({"azureName": "A", "accountRef": {"name": "x", "namespace": "y"}})
    assert spec.effective_name("metadata") == "A"
    assert spec.effective_account("own") == ("y", "x")


def test_exactly_one_key_of_a_polymorphic_object() -> None:
    for keys in ({}, {"secretRef": {"name": "a"}, "ambient": {}}):
        with pytest.raises(ValidationError, match="set exactly one of secretRef, serviceAccountRef, ambient"):
            Credentials.model_validate(keys)
    key, value = Credentials.model_validate({"ambient": {}}).chosen()
    assert (key, value.model_dump()) == ("ambient", {})


def test_an_unknown_field_is_refused_in_a_spec_and_ignored_in_a_status() -> None:
    with pytest.raises(ValidationError, match="descriptoin"):
        TransformSpec.model_validate({"descriptoin": "x"})
    status = ResourceStatus.model_validate({"fromALaterVersion": 1, "record": {"act": {"name": "create", "new": 1}}})
    assert status.record == {"act": {"name": "create", "new": 1}}


def test_specs_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        TransformSpec().description = "x"  # type: ignore[misc]  # exactly what must fail


@pytest.mark.parametrize(
    ("allowed", "admitted"),
    [
        ({}, {"own"}),
        ({"from": "Same"}, {"own"}),
        ({"from": "All"}, {"own", "a", "b"}),
        ({"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}, {"own", "a"}),
        ({"from": "Selector", "selector": {}}, {"own", "a", "b"}),
        ({"from": "Selector"}, {"own"}),
    ],
)
def test_an_account_admits_namespaces(allowed: dict[str, object], admitted: set[str]) -> None:
    labels: dict[str, dict[str, str]] = {"own": {}, "a": {"team": "a"}, "b": {"team": "b"}}
    model = AllowedNamespaces.model_validate(allowed)
    assert {name for name in labels if model.admits("own", name, labels[name])} == admitted


@pytest.mark.parametrize(
    ("operator", "values", "admitted"),
    [
        ("In", ["a"], {"a"}),
        ("NotIn", ["a"], {"b", "none"}),
        ("Exists", None, {"a", "b"}),
        ("DoesNotExist", None, {"none"}),
    ],
)
def test_a_selector_reads_like_every_label_selector(
    operator: str, values: list[str] | None, admitted: set[str]
) -> None:
    labels: dict[str, dict[str, str]] = {"a": {"team": "a"}, "b": {"team": "b"}, "none": {}}
    expression = {"key": "team", "operator": operator, "values": values}
    model = ClusterAllowedNamespaces.model_validate(
        {"from": "Selector", "selector": {"matchExpressions": [expression]}}
    )
    assert {name for name in labels if model.admits(labels[name])} == admitted


def test_reasons_are_camel_case_and_sorted() -> None:
    assert [reason.value for reason in Reason] == sorted(reason.value for reason in Reason)
    assert all(reason.value.isalnum() and reason.value[0].isupper() for reason in Reason)


def test_an_unknown_kind_names_the_known_ones() -> None:
    assert kind_named("Transform").plural == "transforms"
    with pytest.raises(KeyError, match="there are MediaServicesBackend, MediaServicesAccount, Transform"):
        kind_named("Transfrom")


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_the_api_server_accepts_can_be_read(case: str) -> None:
    kind_named(ACCEPTED[case]["kind"]).spec.model_validate(ACCEPTED[case]["spec"])


def test_an_account_needs_its_place_and_credentials() -> None:
    with pytest.raises(ValidationError) as error:
        MediaServicesAccountSpec.model_validate({})
    assert {one["loc"] for one in error.value.errors()} == {("subscriptionId",), ("resourceGroup",), ("credentials",)}
