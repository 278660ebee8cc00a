"""A mapping whose first entries are made when somebody asks for them, and not kept: 100,000 rows cost no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Lazy(MutableMapping[str, T], Generic[T]):
    """`size` made entries, with what was put or deleted since on top of them.

    `key(n)` is the key of the n-th entry and `index(key)` its reverse, None for what is none of them; `make(n)` makes
    the entry, each time anew: it must be a pure function. `related(field, value)` names the keys of made entries that
    have this value in this field, where that is asked often.
    """

    def __init__(
        self,
        size: int,
        key: Callable[[int], str],
        index: Callable[[str], int | None],
        make: Callable[[int], T],
        related: Callable[[str, str], Iterable[str]] | None = None,
    ) -> None:
        self._size, self._key, self._index, self._make = size, key, index, make
        self._related = related
        self.kept: dict[str, T] = {}
        self._gone: set[str] = set()

    def __getitem__(self, key: str) -> T:
        if key in self.kept:
            return self.kept[key]
        number = None if key in self._gone else self._index(key)
        if number is None:
            raise KeyError(key)
        return self._make(number)

    def __setitem__(self, key: str, value: T) -> None:
        self.kept[key] = value
        self._gone.discard(key)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self.kept.pop(key, None)
        if self._index(key) is not None:
            self._gone.add(key)

    def __contains__(self, key: object) -> bool:
        return key in self.kept or (isinstance(key, str) and key not in self._gone and self._index(key) is not None)

    def __iter__(self) -> Iterator[str]:
        for number in range(self._size):
            key = self._key(number)
            if key not in self._gone and key not in self.kept:
                yield key
        yield from list(self.kept)

    def __len__(self) -> int:
        replaced = sum(1 for key in self.kept if self._index(key) is not None)
        return self._size - len(self._gone) + len(self.kept) - replaced

    def __copy__(self) -> Lazy[T]:
        copy = Lazy(self._size, self._key, self._index, self._make, self._related)
        copy.kept, copy._gone = dict(self.kept), set(self._gone)
        return copy

    def where(self, field: str, value: str, read: Callable[[T], Any]) -> list[T]:
        """Entries whose `field` has this value; `read` takes it from one."""
        if self._related is None:
            return [item for item in self.values() if read(item) == value]
        made = [key for key in self._related(field, value) if key in self and key not in self.kept]
        return [self[key] for key in made] + [item for item in self.kept.values() if read(item) == value]


def where(items: Mapping[str, T], field: str, value: str, read: Callable[[T], Any]) -> list[T]:
    """Entries of any mapping whose `field` has this value."""
    if isinstance(items, Lazy):
        return items.where(field, value, read)
    return [item for item in items.values() if read(item) == value]


def kept(items: Mapping[str, T]) -> Iterable[T]:
    """The entries that nobody makes on demand."""
    return list(items.kept.values() if isinstance(items, Lazy) else items.values())
