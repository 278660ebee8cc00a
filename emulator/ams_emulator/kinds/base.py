"""What a kind is: where it lives, what it is called, what its body may hold, and what each verb does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ams_emulator.call import Answer, Call
from ams_emulator.schema import Object, Text
from ams_emulator.state import Group, Key, Resource, key_of
from ams_emulator.world import World


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    `path` are its type segments in lower case (`("mediaservices", "transforms")`), `type` the service's spelling,
    `segment` how ids spell the last segment, `words` how messages do. `verbs` maps PUT, GET, LIST, PATCH, DELETE,
    lower-case names of POST actions and `GET name` of what is only read to what they do.
    """

    path: tuple[str, ...]
    type: str
    segment: str
    schema: Object
    name: Text
    verbs: Mapping[str, Handler]
    tracked: bool = False
    limit: int | None = None  # how many there may be below one parent
    words: str = ""
    immutable: tuple[str, ...] = ()  # paths below properties that stay as they were created
    system_data: str = "present"  # or the variant that says whether it shows
    operations: str = ""  # the segment of the documents of asynchronous operations
    blank: Blank | None = None  # makes one out of nothing, for changes behind every client's back

    @property
    def label(self) -> str:
        return self.path[-1]


@dataclass(frozen=True)
class Target:
    """What a request is about. `names` are the names along the path, the last one missing for LIST."""

    kind: Kind
    subscription: str
    group: Group | None
    names: tuple[str, ...]
    verb: str
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.names[-1]

    @property
    def parent_id(self) -> str:
        """The id of what the collection is below, with the names as the request spells them."""
        if self.group is None:
            return f"/subscriptions/{self.subscription}/providers/Microsoft.Media"
        pairs = zip(self.kind.path[:-1], self.names, strict=False)
        return f"{self.group.id}/providers/Microsoft.Media" + "".join(f"/{kind}/{name}" for kind, name in pairs)

    @property
    def collection(self) -> Key:
        return (*key_of(self.parent_id), self.kind.label)

    @property
    def key(self) -> Key:
        return (*self.collection, self.name.lower())


Handler = Callable[[World, Call, Target], Answer]
Blank = Callable[[World, Call, Kind, Resource, str], Resource]


def new_id(parent: str, kind: Kind, name: str) -> str:
    return f"{parent}/{kind.segment}/{name}"


def parent_of(world: World, target: Target) -> Resource | None:
    """The stored parent of a child kind; None when there is none."""
    return world.store.get(target.collection[:-1])
