"""The repository's own files, adapted: nothing is left to fill in, and the story's assumptions about them hold."""

from __future__ import annotations

from typing import Any

import yaml

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.backend import MediaServicesBackendSpec
from demo import manifests
from demo.service import Place

PLACEHOLDERS = ("replace-me", "00000000-0000-0000-0000-000000000000")


def of_kind(documents: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [document for document in documents if document["kind"] == kind]


def test_the_installation_has_all_but_what_needs_pods() -> None:
    kinds = {document["kind"] for document in manifests.installation()}
    assert {"Namespace", "ServiceAccount", "ClusterRole", "RoleBinding", "ValidatingAdmissionPolicy"} <= kinds
    assert not kinds & {"Deployment", "Service", "MediaServicesBackend"}


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
    text = yaml.safe_dump_all(manifests.examples(place)) + manifests.simplest(place)
    assert [word for word in PLACEHOLDERS if word in text] == []


def test_all_examples_are_in_the_namespace_of_the_demo(place: Place) -> None:
    documents = manifests.examples(place)
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
    assert [document["kind"] for document in documents] == ["Secret", "MediaServicesAccount", "Transform"]
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


def test_a_named_example_is_a_copy(place: Place) -> None:
    examples = manifests.examples(place)
    manifests.named(examples, "adaptive")["spec"].clear()
    assert manifests.named(examples, "adaptive")["spec"]
