"""The repository's own files, adapted: nothing is left to fill in, and the story's assumptions about them hold."""

from __future__ import annotations

from typing import Any

import yaml

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.backend import MediaServicesBackendSpec
from ams_operator.api.live_event import LiveEventSpec
from demo import manifests
from demo.cluster import OURS
from demo.service import Place

PLACEHOLDERS = ("replace-me", "00000000-0000-0000-0000-000000000000")


def of_kind(documents: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [document for document in documents if document["kind"] == kind]


def test_the_installation_has_all_but_what_needs_pods() -> None:
    kinds = {document["kind"] for document in manifests.installation()}
    assert {"Namespace", "ServiceAccount", "ClusterRole", "RoleBinding", "ValidatingAdmissionPolicy"} <= kinds
    assert not kinds & {"Deployment", "PodDisruptionBudget", "Service", "MediaServicesBackend"}


def test_namespaces_come_first() -> None:
    kinds = [document["kind"] for document in manifests.installation()]
    assert kinds.index("Namespace") == 0
    assert kinds.count("Namespace") == 1


def test_the_service_account_is_the_one_that_the_operator_runs_as() -> None:
    (account,) = of_kind(manifests.installation(), "ServiceAccount")
    assert account["metadata"] | {"namespace": manifests.HOME, "name": "ams-operator"} == account["metadata"]


def test_the_backend_points_to_the_emulator(place: Place) -> None:
    backend = manifests.backend(place)
    spec = MediaServicesBackendSpec.model_validate(backend["spec"])
    assert (backend["metadata"]["name"], spec.endpoint, spec.authority) == ("default", place.url, place.url)
    assert spec.ca_bundle == place.ca_file.read_text()


def test_no_placeholder_is_left(place: Place) -> None:
    text = yaml.safe_dump_all([*manifests.examples(place), *manifests.on_air()]) + manifests.simplest(place)
    assert [word for word in PLACEHOLDERS if word in text] == []


def test_all_examples_are_in_the_namespace_of_the_demo(place: Place) -> None:
    documents = [*manifests.examples(place), *manifests.on_air()]
    assert {document["metadata"]["namespace"] for document in documents} == {manifests.NAMESPACE}
    assert len(of_kind(documents, "Transform")) >= 5


def test_the_account_of_the_examples_is_created(place: Place) -> None:
    (account,) = of_kind(manifests.examples(place), "MediaServicesAccount")
    spec = MediaServicesAccountSpec.model_validate(account["spec"])
    assert spec.storage_accounts
    assert spec.location == manifests.REGION
    assert spec.azure_name == manifests.ACCOUNT


def test_the_simplest_file_uses_an_account_that_exists(place: Place) -> None:
    documents = list(yaml.safe_load_all(manifests.simplest(place)))
    assert [document["kind"] for document in documents] == ["Secret", "MediaServicesAccount", "Transform", "LiveEvent"]
    assert LiveEventSpec.model_validate(documents[3]["spec"]).run_state == "Running"
    spec = MediaServicesAccountSpec.model_validate(documents[1]["spec"])
    assert spec.azure_name == manifests.USED
    assert spec.storage_accounts is None


def test_what_the_story_tells_is_in_the_examples(place: Place) -> None:
    """The story speaks of these values; whoever changes an example changes the story too."""
    examples = manifests.examples(place)
    audio = manifests.named(examples, "audio-only")["spec"]
    assert audio["outputs"][0]["preset"]["builtInStandardEncoder"]["presetName"] == "AACGoodQualityAudio"
    assert "description" not in manifests.named(examples, "adaptive")["spec"]
    (pictures,) = manifests.named(examples, "thumbnails")["spec"]["outputs"]
    assert pictures["relativePriority"] == "Low"
    assert pictures["preset"]["standardEncoder"]["codecs"][1]["jpgImage"]["layers"][0]["quality"] == 70


def test_what_the_story_tells_of_the_match_is_in_the_examples() -> None:
    """It goes on air with its recording, studio does not; nobody said yet what deletion means."""
    documents = manifests.on_air()
    match, studio = (manifests.named(documents, name, "LiveEvent")["spec"] for name in ("match", "studio"))
    assert (match["runState"], studio["runState"]) == ("Running", "Stopped")
    assert "description" not in match
    assert [item["subnetPrefixLength"] for item in match["input"]["accessControl"]["ip"]["allow"]] == [0]
    (output,) = of_kind(documents, "LiveOutput")
    assert output["spec"]["liveEventRef"] == {"name": "match"}
    assert manifests.named(documents, output["spec"]["assetRef"]["name"], "Asset")
    endpoints = of_kind(documents, "StreamingEndpoint")
    assert {item["metadata"]["name"]: item["spec"]["runState"] for item in endpoints} == {
        "default": "Running",
        "premium": "Running",
    }
    assert not [item for item in documents if "deletionPolicy" in item.get("spec", {})]


def test_every_example_is_applied_in_one_of_two_parts(place: Place) -> None:
    first, second = manifests.examples(place), manifests.on_air()
    names = [(item["kind"], item["metadata"]["name"]) for item in [*first, *second]]
    assert len(names) == len(set(names))
    assert {kind for kind, _ in names} >= set(OURS)


def test_secrets_of_the_examples_get_values_of_their_own() -> None:
    values = [value for item in of_kind(manifests.on_air(), "Secret") for value in item["stringData"].values()]
    assert len(values) == len(set(values)) >= 2
    assert min(len(value) for value in values) >= 32


def test_a_named_example_is_a_copy(place: Place) -> None:
    examples = manifests.examples(place)
    manifests.named(examples, "adaptive")["spec"].clear()
    assert manifests.named(examples, "adaptive")["spec"]
