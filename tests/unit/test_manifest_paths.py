"""Messages name fields as the manifest does, for every field of every kind, whatever the service calls them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.repo.conftest import ROOT
from tests.unit.on_air import ENDPOINT, EVENT, OUTPUT, decided, ours, shown, wanted

from ams_operator.api.base import ResourceSpec
from ams_operator.api.kinds import KINDS
from ams_operator.api.references import references, secrets
from ams_operator.api.wire import TYPE_KEY, to_wire
from ams_operator.domain.compare import fields
from ams_operator.domain.manifest import knows, spell
from ams_operator.domain.model import JSON, AccountId, Address, Desired
from ams_operator.domain.values import at, leaves, parse

MODELS = {kind.kind: kind.spec for kind in KINDS if issubclass(kind.spec, ResourceSpec)}
KEY = {"name": "keys", "key": "one"}
FULL: list[tuple[str, JSON]] = [
    ("LiveOutput", {"liveEventRef": {"name": "e"}, "assetRef": {"name": "tape"}, "archiveWindowLength": "PT1H"}),
    (
        "LiveOutput",
        {"liveEventRef": {"name": "e"}, "assetRef": {"azureName": "a"}, "hls": {"fragmentsPerTsSegment": 2}},
    ),
    (
        "LiveEvent",
        {
            "input": {"streamingProtocol": "RTMP", "accessTokenSecretRef": KEY},
            "preview": {"streamingPolicyRef": {"azureName": "p"}},
            "tags": {"cost.center": "a"},
        },
    ),
    (
        "StreamingEndpoint",
        {
            "accessControl": {
                "akamai": {
                    "akamaiSignatureHeaderAuthenticationKeyList": [{"base64KeySecretRef": KEY, "identifier": "i"}]
                }
            },
            "customHostNames": ["a.example.com", "b.example.com"],
        },
    ),
]


def examples() -> Iterator[tuple[str, JSON]]:
    for path in sorted((Path(ROOT) / "examples").glob("*.yaml")):
        for found in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if found["kind"] in MODELS and "spec" in found:
                yield found["kind"], found["spec"]


def declared(kind: str, spec: JSON) -> Desired:
    parsed = MODELS[kind].model_validate(spec)
    given = {use.pointer: use.field for use in secrets(parsed)}
    given |= {use.pointer: use.field for use in references(parsed) if use.pointer}
    body = to_wire(parsed, given)
    address = Address(kind, AccountId("s", "g", "a"), ("x",))
    return Desired(kind, "uid", "x", "media", 1, address, body, fields(body), model=type(parsed))


@pytest.mark.parametrize(
    ("kind", "spec"), [*FULL, *examples()], ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_leaf_is_told_by_its_place_in_the_manifest(kind: str, spec: JSON) -> None:
    desired = declared(kind, spec)
    own = {_spelled(path): value for path, value in leaves(spec)}
    for pointer in desired.fields:
        if at(desired.body, parse(pointer)) == {}:
            continue  # nothing is declared there
        told, value = spell(desired, pointer), at(desired.body, parse(pointer))
        if pointer.endswith(f"/{TYPE_KEY}"):
            assert any(name.startswith(told) for name in own), (pointer, told)
        elif isinstance(value, str) and value == told:  # what was given for a reference says where it stands
            assert any(name.startswith(f"{told}.") for name in own), (pointer, told)
        else:
            assert own.get(told, own.get(f"{told}.azureName")) == value, (pointer, told)


@pytest.mark.parametrize(
    ("kind", "spec"), [*FULL, *examples()], ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_declared_is_known_and_a_later_versions_field_is_not(kind: str, spec: JSON) -> None:
    desired = declared(kind, spec)
    assert [pointer for pointer in desired.fields if not knows(desired, pointer)] == []
    assert knows(desired, "/tags/anything") == ("tags" in MODELS[kind].model_fields)
    assert not knows(desired, "/properties/ofALaterVersion/0/x")
    inner = {"LiveEvent": "/properties/input", "Transform": "/properties/outputs/0"}
    assert kind not in inner or not knows(desired, f"{inner[kind]}/ofALaterVersion")


def _spelled(path: tuple[str | int, ...]) -> str:
    parts = [
        f"[{part}]" if isinstance(part, int) else f".{part}" if part.isidentifier() else f'["{part}"]' for part in path
    ]
    return "spec" + "".join(parts)


def test_what_is_declared_no_more_is_told_by_what_the_service_shows() -> None:
    before = declared(
        "Transform", {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]}
    )
    now = declared("Transform", {"description": "x"})
    pointer = "/properties/outputs/0/preset/presetName"
    assert spell(now, pointer, before.body) == "spec.outputs[0].preset.builtInStandardEncoder.presetName"
    assert spell(now, pointer) == "spec.outputs[0].preset.presetName"
    assert spell(now, "/properties/unheardOf/1/x") == "spec.unheardOf[1].x"


def test_messages_name_the_references_and_no_values() -> None:
    spec = {"liveEventRef": {"name": "studio"}, "assetRef": {"name": "tape"}, "archiveWindowLength": "PT1H"}
    desired = wanted(OUTPUT, spec, model=MODELS["LiveOutput"])
    raw = shown(desired.body, "Running", assetName="another", manifestName="m")
    (hold,) = decided(OUTPUT, desired, raw, ours(OUTPUT, raw, fields=desired.fields)).holds
    assert hold.message.startswith("spec.assetRef can't be changed")
    base = {"input": {"streamingProtocol": "RTMP", "accessTokenSecretRef": KEY}}
    desired = wanted(EVENT, base, model=MODELS["LiveEvent"])
    raw = shown(desired.body)
    raw["properties"]["input"]["accessToken"] = "an0ther"
    (hold,) = decided(EVENT, desired, raw, ours(EVENT, raw, fields=desired.fields)).holds
    assert hold.message.startswith("spec.input.accessTokenSecretRef can't be changed")
    assert "an0ther" not in hold.message


def test_an_endpoints_key_is_told_by_its_reference() -> None:
    _, spec = FULL[-1]
    desired = wanted(ENDPOINT, spec, model=MODELS["StreamingEndpoint"])
    pointer = next(name for name in desired.fields if name.endswith("/base64Key"))
    assert spell(desired, pointer).endswith("akamaiSignatureHeaderAuthenticationKeyList[0].base64KeySecretRef")
