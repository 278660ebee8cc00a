"""The XML form of a custom preset as its JSON form: elements that are lists by their names, attributes as members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration.markup import Node

_LISTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Encoding": "Codecs",
        "Codecs": "Codecs",
        "Outputs": "Outputs",
        "Sources": "Sources",
        "Streams": "Streams",
        "H264Layers": "H264Layers",
        "JpgLayers": "JpgLayers",
        "PngLayers": "PngLayers",
        "BmpLayers": "BmpLayers",
        "MediaParams": "MediaParams",
    }
)
"""elements whose children are a list, to the name of that list in JSON"""


def from_xml(node: Node) -> JSON:
    """A preset; empty for what is none."""
    return _members(node) if node.name == "Preset" else {}


def _members(node: Node) -> JSON:
    made: JSON = {**node.attributes}
    for one in node.children:
        if one.name in _LISTS:
            made.setdefault(_LISTS[one.name], []).extend(_listed(one))
        elif one.name.endswith("Format"):
            made["Format"] = {**_members(one), "Type": one.name}
        else:
            made[one.name] = _value(one)
    return made


def _value(node: Node) -> Any:
    """A text where there is nothing else."""
    return _members(node) if node.children or node.attributes else node.text.strip()


def _listed(node: Node) -> Iterator[JSON]:
    """A list's members say their type by their names."""
    for one in node.children:
        made = _members(one)
        if not made and one.text.strip():
            made = {one.name: one.text.strip()}
        made.setdefault("Type", one.name)
        yield made
