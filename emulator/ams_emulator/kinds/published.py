"""Locators, policies and filters, as far as one can look at them: GET, LIST, and what POST reads.

Beside what version 3 made stand the account's things of version 2, which version 3 shows and can't change. Writing is
not in this emulator yet, but for the DELETE of a locator.
"""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import partial

from ams_emulator import crud
from ams_emulator.call import Answer, Call
from ams_emulator.errors import proxy_not_found
from ams_emulator.kinds.base import Handler, Kind, Target
from ams_emulator.lazy import kept
from ams_emulator.paging import page
from ams_emulator.schema import Member, Object, Text
from ams_emulator.state import Collection, Resource, key_of
from ams_emulator.v2 import in_version_3
from ams_emulator.v2.place import Place
from ams_emulator.v2.shared_locators import by_version_2
from ams_emulator.world import World

_NAME = Text(r"[^<>%&:\\?/*+.'\x00-\x1f]{1,260}", "a name of up to 260 characters without any of <>%&:\\?/*+.'")
_PROTOCOLS = (("Hls", "(format=m3u8-cmaf)"), ("Dash", "(format=mpd-time-cmaf)"), ("SmoothStreaming", ""))


def published() -> tuple[Kind, ...]:
    """The kinds of this module."""
    listing: Mapping[str, Handler] = {
        "listcontentkeys": list_content_keys,
        "listpaths": list_paths,
        "DELETE": crud.delete,
    }
    return (
        _kind("streamingLocators", listing),
        _kind("streamingPolicies"),
        _kind("contentKeyPolicies", {"getpolicypropertieswithsecrets": get_policy_properties_with_secrets}),
        _kind("accountFilters"),
        _kind("assetFilters", parent=("assets",)),
    )


def _kind(segment: str, more: Mapping[str, Handler] | None = None, parent: tuple[str, ...] = ()) -> Kind:
    verbs: Mapping[str, Handler] = {"GET": get, "LIST": list_all, **(more or {})}
    inside = "/".join((*parent, segment))
    return Kind(
        path=("mediaservices", *parent, segment.lower()),
        type=f"Microsoft.Media/mediaservices/{inside}",
        segment=segment,
        schema=Object(crud.proxy_members() | {"properties": Member(Object(), default={})}),
        name=_NAME,
        verbs=verbs,
        words=segment,
    )


def get(world: World, call: Call, target: Target) -> Answer:
    crud.require_parent(world, target)
    found = _items(world, target).get(target.name.lower())
    if found is None:
        raise proxy_not_found()
    return Answer(200, found.json())


def list_all(world: World, call: Call, target: Target) -> Answer:
    crud.require_parent(world, target)
    seen = _items(world, target, call)
    if target.kind.label == "streaminglocators" and world.variants.is_("v2.locators-in-v3-list", "hidden"):
        listed = {item.name.lower(): item for item in kept(seen.stored.items) if not by_version_2(item)}
        return page(world, call, Collection(listed))
    return page(world, call, Collection(seen, seen.order()))


def list_content_keys(world: World, call: Call, target: Target) -> Answer:
    """The keys in the clear, of what version 2 published too."""
    locator = crud.existing(world, target)
    keys = in_version_3.content_keys(_place(world, target), locator)
    found = [key | {"value": base64.b64encode(value).decode()} for key, value in keys]
    return Answer.of(200, {"contentKeys": [*locator.properties.get("contentKeys", []), *found]})


def get_policy_properties_with_secrets(world: World, call: Call, target: Target) -> Answer:
    """The properties alone, as recorded."""
    crud.require_parent(world, target)
    found = _items(world, target).whole(target.name.lower())
    if found is None:
        raise proxy_not_found()
    return Answer.of(200, found.properties)


def list_paths(world: World, call: Call, target: Target) -> Answer:
    locator, place = crud.existing(world, target), _place(world, target)
    asset = world.store.get((*key_of(place.account.id), "assets", str(locator.properties["assetName"]).lower()))
    files = world.containers.of(asset).files if asset is not None else []
    manifest = next((file for file in files if file.endswith(".ism")), None)
    scheme = in_version_3.scheme(place, locator)
    guid = locator.properties["streamingLocatorId"]
    paths = [
        {
            "streamingProtocol": protocol,
            "encryptionScheme": scheme,
            "paths": [f"/{guid}/{manifest}/manifest{form}"] if manifest else [],
        }
        for protocol, form in _PROTOCOLS
    ]
    return Answer.of(200, {"streamingPaths": paths, "downloadPaths": []})


# --- parts -----------------------------------------------------------------------------------------------------------


class _Seen(MutableMapping[str, Resource]):
    """What is stored, each item as version 3 shows it when it is looked at; and what is only shown."""

    def __init__(self, stored: Collection, extra: Mapping[str, Resource], show: Callable[[Resource], Resource]) -> None:
        self.stored, self._extra, self._show = stored, extra, show

    def __getitem__(self, key: str) -> Resource:
        found = self.whole(key)
        if found is None:
            raise KeyError(key)
        return self._show(found)

    def whole(self, key: str) -> Resource | None:
        """What is looked at, secrets included; None where there is nothing."""
        return self.stored.items.get(key) or self._extra.get(key)

    def order(self) -> list[str]:
        """The names in order: to sort those that are stored once more for each page is dear."""
        more = [key for key in self._extra if key not in self.stored.items]
        return sorted([*self.stored.names(), *more]) if more else self.stored.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.order())

    def __len__(self) -> int:
        return len(self.order())

    def __setitem__(self, key: str, value: Resource) -> None:
        raise TypeError("a view")

    def __delitem__(self, key: str) -> None:
        raise TypeError("a view")


def _items(world: World, target: Target, call: Call | None = None) -> _Seen:
    fault = call.list_fault if call else None
    store = fault.store if fault and fault.store else world.store
    place = _place(world, target)
    extra = {item.name.lower(): item for item in in_version_3.projected(place, target)}
    return _Seen(store.collection(target.collection), extra, partial(in_version_3.shown, place))


def _place(world: World, target: Target) -> Place:
    found = world.store.get(target.collection[:8])
    assert found is not None
    return Place(world, found)
