"""The objects that this process knows: the newest version wins, and of several claims one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON
from ams_operator.engine.store import Store


def resource(uid: str, version: str = "1", name: str = "", **members: Any) -> Resource:
    values: dict[str, Any] = {"created": "2024-05-01", "spec": {}, "status": {}, **members}
    return Resource(
        "Transform",
        "team",
        name or uid,
        uid,
        1,
        version,
        values.pop("created"),
        None,
        (),
        {},
        values["spec"],
        values["status"],
    )


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.mark.parametrize(("known", "new", "taken"), [("9", "10", True), ("10", "9", False), ("10", "10", False)])
def test_the_greater_number_wins_whatever_came_first(store: Store, known: str, new: str, taken: bool) -> None:
    store.put(resource("a", known))
    assert store.put(resource("a", new)) is taken
    assert store.objects["a"].version == (new if taken else known)


def test_a_later_object_of_the_same_name_survives_the_end_of_the_first(store: Store) -> None:
    store.put(resource("old", name="same"))
    store.put(resource("new", name="same"))
    store.drop("old")
    found = store.find("Transform", "team", "same")
    assert found is not None
    assert found.uid == "new"
    store.drop("new")
    assert store.find("Transform", "team", "same") is None


def test_what_is_dropped_leaves_nothing(store: Store) -> None:
    store.put(resource("a"))
    store.claim("a", "key")
    assert store.drop("a") is not None
    assert store.drop("a") is None
    assert not any((store.objects, store.memory, store.names, store.claims, store.claimed))


HERE: JSON = {"origin": "https://Here.example", "resourceId": "/subscriptions/S/One"}
KEY = "https://here.example|/subscriptions/s/one"


class TestClaims:
    def claimants(self, store: Store, statuses: dict[str, tuple[str, JSON]]) -> str:
        """The holder, of objects by uid: (created, record)."""
        for uid, (created, record) in statuses.items():
            store.put(resource(uid, created=created, status={"record": record}))
            store.claim(uid, KEY)
        (holder,) = {store.holder(uid) for uid in statuses}
        return holder

    def test_the_record_wins_over_age(self, store: Store) -> None:
        assert (
            self.claimants(store, {"old": ("1", {}), "new": ("2", {"uid": "new", "how": "Created", **HERE})}) == "new"
        )

    def test_a_noted_act_wins_over_age(self, store: Store) -> None:
        act = {"uid": "new", "act": {"name": "create"}}
        assert self.claimants(store, {"old": ("1", {}), "new": ("2", act)}) == "new"

    def test_a_record_wins_over_a_noted_act(self, store: Store) -> None:
        act = {"uid": "old", "act": {"name": "create"}}
        mine = {"uid": "new", "how": "Adopted", **HERE}
        assert self.claimants(store, {"old": ("1", act), "new": ("2", mine)}) == "new"

    @pytest.mark.parametrize("there", [{"origin": "https://there.example"}, {"resourceId": "/subscriptions/s/two"}])
    def test_a_record_of_something_else_counts_for_nothing(self, store: Store, there: JSON) -> None:
        elsewhere = {"uid": "new", "how": "Created", **HERE, **there}
        assert self.claimants(store, {"old": ("1", {}), "new": ("2", elsewhere)}) == "old"

    def test_a_record_that_speaks_of_another_object_counts_for_nothing(self, store: Store) -> None:
        """A restored backup or a copied manifest with its status."""
        assert (
            self.claimants(store, {"old": ("1", {}), "copy": ("2", {"uid": "old", "how": "Created", **HERE})}) == "old"
        )

    @pytest.mark.parametrize("record", [None, "x", [], {"uid": 7}])
    def test_a_record_of_any_shape_counts_for_nothing(self, store: Store, record: Any) -> None:
        assert self.claimants(store, {"old": ("1", {}), "new": ("2", record)}) == "old"

    def test_without_records_the_oldest_and_then_the_uid(self, store: Store) -> None:
        assert self.claimants(store, {"b": ("1", {}), "a": ("2", {}), "c": ("1", {})}) == "b"

    def test_who_claims_something_else_is_no_rival_any_more(self, store: Store) -> None:
        for uid in ("a", "b"):
            store.put(resource(uid))
            store.claim(uid, "key")
        assert store.rivals("a") == {"b"}
        store.claim("b", "other")
        assert store.rivals("a") == set()
        assert store.holder("a") == "a"
        assert store.holder("b") == "b"

    def test_who_claims_nothing_holds_what_he_means(self, store: Store) -> None:
        store.put(resource("a"))
        assert store.holder("a") == "a"
        assert store.rivals("a") == set()


def test_memory_outlives_new_versions(store: Store) -> None:
    store.put(resource("a", "1"))
    store.memory["a"].wrote = 7.0
    store.put(replace(resource("a", "2"), generation=2))
    assert store.memory["a"].wrote == 7.0
