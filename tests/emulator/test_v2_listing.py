"""What a page of a large list costs the emulator: it is put in order once, and looked up from one place."""

import json
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ams_emulator import outofband
from ams_emulator.call import Call, Principal
from ams_emulator.config import Config
from ams_emulator.kinds.base import Target
from ams_emulator.kinds.registry import kinds
from ams_emulator.lazy import Lazy
from ams_emulator.v2.place import Place
from ams_emulator.world import World


def count(monkeypatch: pytest.MonkeyPatch, where: type[Any], name: str, calls: Counter[str]) -> None:
    method = getattr(where, name)

    def counted(*given: Any) -> Any:
        calls[name] += 1
        return method(*given)

    monkeypatch.setattr(where, name, counted)


def test_pages_share_one_order_and_their_items_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    world, known = World.create(Config()), kinds()
    world.variants.choose("v2.locators-in-v3-list", "listed")
    here = world.config.identity
    names = {"subscription": here.subscription_id, "group": here.resource_group, "region": here.region}
    outofband.seed_account(world, known, "archive", scenario="archive", **names)
    group = world.store.group(here.subscription_id, here.resource_group)
    kind = known[("mediaservices", "streaminglocators")]
    target = Target(kind, here.subscription_id, group, ("archive",), "LIST")
    ordered, places = Counter[str](), Counter[str]()
    count(monkeypatch, Lazy, "__iter__", ordered)
    count(monkeypatch, Place, "__post_init__", places)
    query: dict[str, str] = {}
    seen: list[str] = []
    for _ in range(3):
        call = Call("GET", "/", "/", query, {}, b"", "https://host", Principal("", ""), "1", "2022-08-01")
        found = json.loads(kind.verbs["LIST"](world, call, target).body or b"")
        seen += [item["name"] for item in found["value"]]
        query = dict(parse_qsl(urlsplit(found["@odata.nextLink"]).query))
    assert len(seen) == 3000
    assert seen == sorted(set(seen))
    assert (ordered.total(), places.total()) == (1, 3)
