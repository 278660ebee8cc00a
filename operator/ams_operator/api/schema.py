"""From a pydantic model to the structural schema that the API server accepts.

The API server knows no `$ref`, no `anyOf` around null, no `const` and no `additionalProperties: false`; it wants a type
everywhere, and a limit on every list, map and string, without which it refuses the rules for their estimated cost.
Anything that can't be translated is an error that names the path.
"""

from typing import Any, Final

from pydantic import BaseModel

from ams_operator.api.base import Rule

SHORT_BELOW: Final = 3
"""Levels below the spec from which on descriptions are cut to one sentence, to keep CRDs small."""
SHORT_DESCRIPTION: Final = 160

_KEPT: Final = (
    "type",
    "description",
    "enum",
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
)

_RULE_KEYS: Final = ("rule", "message", "reason", "fieldPath")


class SchemaError(ValueError):
    """A model that has no structural schema. The message names the path and what to change."""


def structural_schema(model: type[BaseModel], path: str) -> dict[str, Any]:
    """The structural schema of a model. `path` is where it stands, such as `spec`; it is used in messages.

    Raises SchemaError.
    """
    schema = model.model_json_schema(by_alias=True)
    return _Translation(schema.pop("$defs", {})).node(schema, path, 0, ())


class _Translation:
    """One run over one model; holds the definitions that references point to."""

    def __init__(self, definitions: dict[str, dict[str, Any]]) -> None:
        self._definitions = definitions

    def node(self, raw: dict[str, Any], path: str, level: int, within: tuple[str, ...]) -> dict[str, Any]:
        """The schema of the value at `path`, whose JSON schema is `raw`. `within` are the models around it."""
        raw, within = self._resolved(raw, path, within)
        if "default" in raw and raw["default"] is not None:
            raise SchemaError(f"{path}: has the default {raw['default']!r}; schemas have none, make it optional")
        if "const" in raw:
            raw = {**raw, "enum": [raw["const"]]}
        node: dict[str, Any] = {key: raw[key] for key in _KEPT if key in raw}
        node |= {key: value for key, value in sorted(raw.items()) if key.startswith("x-kubernetes-")}
        if validations := node.get("x-kubernetes-validations"):
            node["x-kubernetes-validations"] = [{key: v[key] for key in _RULE_KEYS if key in v} for v in validations]
        if "description" in node:
            node["description"] = _description(node["description"], level)
        for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if bound in raw:
                node[limit], node[bound] = raw[bound], True
        match node.get("type"):
            case "object":
                self._object(raw, node, path, level, within)
            case "array":
                self._array(raw, node, path, level, within)
            case "string" if not {"maxLength", "enum"} & node.keys():
                raise SchemaError(f"{path}: a string needs max_length")
            case None:
                raise SchemaError(f"{path}: no type")
        return node

    def _resolved(
        self, raw: dict[str, Any], path: str, within: tuple[str, ...]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """`raw` with references followed and optional values unwrapped; what stands beside a reference wins."""
        while "$ref" in raw or "anyOf" in raw or "oneOf" in raw or "allOf" in raw:
            beside = {
                key: value for key, value in raw.items() if key not in ("$ref", "anyOf", "oneOf", "allOf", "title")
            }
            if "$ref" in raw:
                name = raw["$ref"].rsplit("/", 1)[-1]
                if name in within:
                    raise SchemaError(f"{path}: {name} contains itself, which no structural schema can express")
                within = (*within, name)
                found = self._definitions[name]
            else:
                choices = [one for key in ("anyOf", "oneOf", "allOf") for one in raw.get(key, ())]
                real = [one for one in choices if one.get("type") != "null"]
                if len(real) != 1:
                    raise SchemaError(f"{path}: several types; model alternatives as a OneOf of keys")
                found = real[0]
                if beside.get("default", ...) is None:
                    del beside["default"]  # optional means absent, not null
            raw = {**found, **beside}
        return raw, within

    def _object(
        self, raw: dict[str, Any], node: dict[str, Any], path: str, level: int, within: tuple[str, ...]
    ) -> None:
        if properties := raw.get("properties"):
            node["properties"] = {
                name: self.node(value, f"{path}.{name}", level + 1, within) for name, value in properties.items()
            }
            return
        values = raw.get("additionalProperties")
        if node.get("x-kubernetes-preserve-unknown-fields") or not isinstance(values, dict):
            return  # free content, or an object that is always empty
        if "maxProperties" not in node:
            raise SchemaError(f"{path}: a map needs max_length")
        node["additionalProperties"] = self.node(values, f"{path}.*", level + 1, within)
        keys = raw.get("propertyNames", {})
        if "maxLength" in keys:
            shortest, longest = keys.get("minLength", 0), keys["maxLength"]
            rule = Rule(
                f"self.all(key, size(key) >= {shortest} && size(key) <= {longest})",
                f"a key must have {shortest} to {longest} characters",
            )
            node["x-kubernetes-validations"] = [*node.get("x-kubernetes-validations", []), rule.schema()]

    def _array(self, raw: dict[str, Any], node: dict[str, Any], path: str, level: int, within: tuple[str, ...]) -> None:
        if "maxItems" not in node:
            raise SchemaError(f"{path}: a list needs max_length")
        # Atomic: the service compares these lists whole; changing it later would break whoever applies server-side.
        node.setdefault("x-kubernetes-list-type", "atomic")
        node["items"] = self.node(raw["items"], f"{path}[]", level + 1, within)


def _description(text: str, level: int) -> str:
    text = " ".join(text.split())
    if level <= SHORT_BELOW or len(text) <= SHORT_DESCRIPTION:
        return text
    sentence = text.split(". ", 1)[0].rstrip(".") + "."
    return sentence if len(sentence) <= SHORT_DESCRIPTION else sentence[: SHORT_DESCRIPTION - 3] + "..."
