"""XML of version 2, read without what makes XML dangerous: no DTD, no entities, bounded depth and size.

Task bodies, presets, licence and token templates, and some errors are XML. Names lose their namespaces: the service
never mixes two vocabularies in one document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

LONGEST: Final = 200_000
"""characters of a document: the service takes configurations of 100,000"""
DEEPEST: Final = 64
MOST_NODES: Final = 20_000
NIL: Final = "nil"


class NotXml(Exception):
    """A text that is no XML, or XML that nobody has to read. Quotes nothing of it."""


@dataclass(slots=True)
class Node:
    """One element: its name and attributes without namespaces, its text, its children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def child(self, name: str) -> Node | None:
        """The first child of that name."""
        return next((one for one in self.children if one.name == name), None)

    def all(self, name: str) -> Iterator[Node]:
        """Every element of that name below this one, this one included."""
        if self.name == name:
            yield self
        for one in self.children:
            yield from one.all(name)

    def value(self, name: str) -> str | None:
        """The text of a child; None where there is none, where it is empty, and where it says that it is nil."""
        found = self.child(name)
        if found is None or found.attributes.get(NIL) == "true":
            return None
        return found.text.strip() or None


def parse(text: str | bytes) -> Node:
    """The root. Raises NotXml."""
    if len(text) > LONGEST:
        raise NotXml("it is too long")
    reader = _Reader()
    try:
        reader.read(text)
    except (expat.ExpatError, ValueError, UnicodeError):
        raise NotXml("it is no XML") from None
    if reader.root is None:
        raise NotXml("it is no XML")
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._nodes = 0

    def read(self, text: str | bytes) -> None:
        # With a separator expat resolves prefixes; what stands before the last one is the namespace.
        parser = expat.ParserCreate(namespace_separator="\n")
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        # What a document says about its encoding is about bytes that are gone: it was inside of JSON.
        parser.Parse(text if isinstance(text, bytes) else _declared_no_encoding(text), True)

    def _refuse(self, *_: object) -> int:
        raise NotXml("it has a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if len(self._open) >= DEEPEST or self._nodes > MOST_NODES:
            raise NotXml("it is too deep or too large")
        node = Node(_local(name), {_local(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text


def _local(name: str) -> str:
    return name.rpartition("\n")[2]


def _declared_no_encoding(text: str) -> str:
    text = text.lstrip("\ufeff \t\r\n")
    if text.startswith("<?xml"):
        text = text.partition("?>")[2]
    return text.lstrip()
