"""The generator: what it translates, what it refuses, and a linter over all that it makes."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from ams_operator.api.base import ApiModel, Matches, OneOf, Rule
from ams_operator.api.crd import SIZE_LIMIT, TOTAL_SIZE_LIMIT, crd
from ams_operator.api.kind import Kind
from ams_operator.api.kinds import KINDS, MADE
from ams_operator.api.schema import SHORT_DESCRIPTION, SchemaError, structural_schema

Name = Annotated[str, Field(max_length=8)]
ABSENCE = re.compile(r"\b([Aa]bsent|default|Required|Reserved)\b")


def one(annotation: Any, **extra: Any) -> dict[str, Any]:
    """The schema of a field of that type."""
    model = type("Model", (ApiModel,), {"__annotations__": {"field": annotation}, **extra})
    found: dict[str, Any] = structural_schema(model, "spec")["properties"]["field"]
    return found


class Inner(ApiModel):
    """An inner object."""

    rules = (Rule("has(self.a)", "needs a", ".a", "FieldValueRequired"),)

    a: Name | None = None
    """The first."""


class Choice(OneOf):
    """One of two."""

    left: Inner | None = None
    right: Inner | None = None


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Name, {"type": "string", "maxLength": 8}),
        (bool, {"type": "boolean"}),
        (Annotated[int, Field(gt=0)], {"type": "integer", "minimum": 0, "exclusiveMinimum": True}),
        (Annotated[float, Field(ge=0, lt=1)], {"type": "number", "minimum": 0, "maximum": 1, "exclusiveMaximum": True}),
        (Literal["one"], {"type": "string", "enum": ["one"]}),
        (
            Annotated[list[Name], Field(max_length=3)],
            {
                "type": "array",
                "maxItems": 3,
                "items": {"type": "string", "maxLength": 8},
                "x-kubernetes-list-type": "atomic",
            },
        ),
        (
            Annotated[dict[str, Name], Field(max_length=3)],
            {"type": "object", "maxProperties": 3, "additionalProperties": {"type": "string", "maxLength": 8}},
        ),
    ],
)
def test_types_are_translated(annotation: Any, expected: dict[str, Any]) -> None:
    assert one(annotation) == expected
    assert one(annotation | None, field=None) == expected  # optional means absent, not null


def test_objects_carry_rules_and_descriptions() -> None:
    schema = one(Inner | None, field=None)
    assert schema == {
        "type": "object",
        "description": "An inner object.",
        "properties": {"a": {"type": "string", "maxLength": 8, "description": "The first."}},
        "x-kubernetes-validations": [
            {"rule": "has(self.a)", "message": "needs a", "reason": "FieldValueRequired", "fieldPath": ".a"}
        ],
    }


def test_one_of_is_a_sum_of_its_keys() -> None:
    (rule,) = one(Choice)["x-kubernetes-validations"]
    assert rule == {
        "rule": "(has(self.left) ? 1 : 0) + (has(self.right) ? 1 : 0) == 1",
        "message": "set exactly one of left, right",
    }


def test_patterns_are_rules_with_a_message_for_people() -> None:
    schema = one(Annotated[str, Field(max_length=8), Matches(r"it's \d", "must be it")])
    assert schema["x-kubernetes-validations"] == [{"rule": r"self.matches('^(it\'s \\d)$')", "message": "must be it"}]


def test_long_map_keys_are_refused_by_a_rule() -> None:
    schema = one(Annotated[dict[Annotated[str, Field(max_length=5)], Name], Field(max_length=3)])
    assert schema["x-kubernetes-validations"][0]["rule"] == "self.all(key, size(key) >= 0 && size(key) <= 5)"


class Recursive(ApiModel):
    again: "Recursive | None" = None


@pytest.mark.parametrize(
    ("annotation", "default", "message"),
    [
        (str, ..., r"spec\.field: a string needs max_length"),
        (list[Name], ..., r"spec\.field: a list needs max_length"),
        (Annotated[list[str], Field(max_length=1)], ..., r"spec\.field\[\]: a string needs max_length"),
        (dict[str, Name], ..., r"spec\.field: a map needs max_length"),
        (int | Name, ..., r"spec\.field: several types; model alternatives as a OneOf of keys"),
        (Name, "x", r"spec\.field: has the default 'x'; schemas have none"),
        (Recursive, ..., r"spec\.field\.again: Recursive contains itself"),
        (Any, ..., r"spec\.field: no type"),
    ],
)
def test_what_no_structural_schema_can_say_is_an_error_with_its_path(
    annotation: Any, default: Any, message: str
) -> None:
    with pytest.raises(SchemaError, match=message):
        one(annotation, field=default)


def test_deep_descriptions_are_cut_to_a_sentence() -> None:
    class Deep(BaseModel):
        field: Annotated[Name, Field(description=f"First sentence. {'x' * SHORT_DESCRIPTION}")]

    class Level3(BaseModel):
        deep: Deep

    class Level2(BaseModel):
        deep: Level3

    class Level1(BaseModel):
        deep: Level2

    schema = structural_schema(Level1, "spec")
    node = schema["properties"]["deep"]["properties"]["deep"]["properties"]["deep"]["properties"]["field"]
    assert node["description"] == "First sentence."


# The linter: what the API server demands, checked without one.


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, value in schema.get("properties", {}).items():
        yield from nodes(value, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield from nodes(schema[key], f"{path}[]")


@pytest.mark.parametrize("kind", [*KINDS, *MADE], ids=lambda kind: kind.kind)
def test_the_schema_is_structural(kind: Kind) -> None:
    (version,) = crd(kind)["spec"]["versions"]
    for path, node in nodes(version["schema"]["openAPIV3Schema"]):
        forbidden = {"$ref", "$defs", "anyOf", "oneOf", "allOf", "not", "const", "default", "nullable", "title"}
        assert not forbidden & node.keys(), path
        assert node["type"] in {"object", "array", "string", "integer", "number", "boolean"}, path
        assert not ("properties" in node and "additionalProperties" in node), path
        assert "additionalProperties" not in node or isinstance(node["additionalProperties"], dict), path
        assert set(node.get("required", ())) <= node.get("properties", {}).keys(), path
        if node["type"] == "array":
            assert "maxItems" in node, path
            assert node["x-kubernetes-list-type"] in {"atomic", "map", "set"}, path


@pytest.mark.parametrize("kind", [*KINDS, *MADE], ids=lambda kind: kind.kind)
def test_every_rule_speaks_to_people_and_names_a_field_that_exists(kind: Kind) -> None:
    (version,) = crd(kind)["spec"]["versions"]
    for path, node in nodes(version["schema"]["openAPIV3Schema"]):
        for rule in node.get("x-kubernetes-validations", ()):
            assert rule["message"], path
            target = node
            for name in rule.get("fieldPath", "").split(".")[1:]:
                assert name in target["properties"], f"{path}: {rule['fieldPath']}"
                target = target["properties"][name]


@pytest.mark.parametrize("kind", [*KINDS, *MADE], ids=lambda kind: kind.kind)
def test_every_field_has_a_description(kind: Kind) -> None:
    """What `kubectl explain` shows of spec and status; of the rest Kubernetes knows what it is."""
    (version,) = crd(kind)["spec"]["versions"]
    root = version["schema"]["openAPIV3Schema"]
    assert root["description"]
    for part in {"spec", "status"} & root["properties"].keys():
        found = nodes(root["properties"][part])
        assert [path for path, node in found if not path.endswith("[]") and not node.get("description")] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_field_that_may_be_absent_says_what_that_means(kind: Kind) -> None:
    """The schemas have no defaults, so that nobody sees them but here. Of a OneOf's keys the message says it."""
    (version,) = crd(kind)["spec"]["versions"]
    silent = []
    for path, node in nodes(version["schema"]["openAPIV3Schema"]["properties"]["spec"]):
        if any("exactly one of" in rule["message"] for rule in node.get("x-kubernetes-validations", ())):
            continue
        optional = node.get("properties", {}).keys() - set(node.get("required", ()))
        silent += [f"{path}.{name}" for name in optional if not ABSENCE.search(node["properties"][name]["description"])]
    assert sorted(silent) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_conditions_merge_by_type(kind: Kind) -> None:
    (version,) = crd(kind)["spec"]["versions"]
    properties = version["schema"]["openAPIV3Schema"]["properties"]
    if kind.status is None:
        assert "status" not in properties
        return
    conditions = properties["status"]["properties"]["conditions"]
    assert conditions["x-kubernetes-list-type"] == "map"
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]
    assert conditions["maxItems"] == 24
    record = properties["status"]["properties"]["record"]
    assert record["x-kubernetes-map-type"] == "atomic"
    assert record["x-kubernetes-preserve-unknown-fields"] is True


def test_the_crds_stay_small() -> None:
    sizes = {kind.kind: len(json.dumps(crd(kind), separators=(",", ":"))) for kind in (*KINDS, *MADE)}
    assert max(sizes.values()) < SIZE_LIMIT, sizes
    assert sum(sizes.values()) < TOTAL_SIZE_LIMIT, sizes
