"""The record in `status.record`: written whole, read leniently, and never a reason to stop."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.scenes import UID

from ams_operator.domain.model import Act, How, Record, Refusal, Repeat
from ams_operator.domain.record import dump, load

FULL = Record(
    uid=UID,
    resource_id="/subscriptions/s",
    origin="https://service.test",
    how=How.ADOPTED,
    identity="2024",
    fields=("/properties/outputs/0/onError", "/tags/a~1b"),
    run_state="Running",
    requests={"start": "1"},
    act=Act("stop", "2024-05-01", ("/a",), ("/b",), "digest", "Stopped", ("stop", "7"), "operation"),
    repeats={"update digest": Repeat("digest", 2, 17.0), "reset 3": Repeat("3", 1, 18.0, "no", "Running")},
    refusals=(Refusal("update", "digest", "BadRequest", "no", "Running"),),
    rest={"later": {"x": [1]}},
)


def through_the_api_server(record: Record) -> Any:
    return json.loads(json.dumps(dump(record)))


@pytest.mark.parametrize(
    "record",
    [
        FULL,
        Record(uid=UID),
        Record(uid=UID, act=Act("create", "2024-05-01")),
        Record(uid=UID, act=Act("stop", "2024-05-01", then="")),
    ],
)
def test_a_record_reads_back_as_it_was(record: Record) -> None:
    assert load(through_the_api_server(record), UID) == record


def test_keys_of_a_later_version_are_carried_over() -> None:
    raw = {"uid": UID, "how": "Created", "later": {"x": [1, None]}, "holds": []}
    assert dump(load(raw, UID)) == raw


def test_further_members_of_what_it_knows_do_not_cost_the_record() -> None:
    raw = through_the_api_server(FULL)
    raw["act"]["later"] = raw["repeats"]["update digest"]["later"] = raw["refusals"][0]["later"] = 1
    assert load(raw, UID) == FULL


def test_what_an_earlier_version_remembered_of_acts_is_kept_by_their_marks() -> None:
    digests = {"update": "d", "start": "3", "delete": ""}
    raw = {"uid": UID, "repeats": {name: {"digest": digest, "count": 2, "at": 7} for name, digest in digests.items()}}
    found = {"update d": Repeat("d", 2, 7.0), "start 3": Repeat("3", 2, 7.0), "delete": Repeat("", 2, 7.0)}
    assert load(raw, UID).repeats == found
    assert load(json.loads(json.dumps(dump(load(raw, UID)))), UID).repeats == found


def test_a_record_of_another_object_counts_as_none() -> None:
    assert load(through_the_api_server(FULL), "another uid") == Record(uid="another uid")


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        "text",
        [],
        {},
        {"uid": UID, "how": "Stolen"},
        {"uid": UID, "how": "Created", "fields": 7},
        {"uid": UID, "how": "Created", "fields": None},
        {"uid": UID, "how": "Created", "requests": 3},
        {"uid": UID, "how": "Created", "requests": [1]},
        {"uid": UID, "how": "Created", "act": "x"},
        {"uid": UID, "how": "Created", "act": {"at": "t"}},
        {"uid": UID, "how": "Created", "act": {"name": "stop", "at": "t", "request": 5}},
        {"uid": UID, "how": "Created", "act": {"name": "stop", "at": "t", "request": ["one"]}},
        {"uid": UID, "how": "Created", "repeats": {"update": 1}},
        {"uid": UID, "how": "Created", "repeats": {"update": {"digest": "d", "count": "many", "at": 0}}},
        {"uid": UID, "how": "Created", "repeats": []},
        {"uid": UID, "how": "Created", "refusals": [None]},
        {"uid": UID, "how": "Created", "refusals": 1},
    ],
)
def test_garbage_counts_as_none(garbage: Any) -> None:
    assert load(garbage, UID) == Record(uid=UID)


@pytest.mark.parametrize("name", ["identity", "resourceId", "origin", "runState"])
@pytest.mark.parametrize("value", [7, ["x"], {"a": 1}, True])
def test_an_ill_typed_member_never_makes_something_ours(name: str, value: Any) -> None:
    found = load({"uid": UID, "how": "Created", "identity": "i", name: value}, UID)
    assert found.identity in (None, "i")
    assert found.run_state is None
    json.dumps(dump(found))


def test_what_is_absent_is_left_out() -> None:
    assert dump(Record(uid=UID)) == {"uid": UID}


@pytest.mark.parametrize("fields", [[1, {}], ["/a", None], "abc"])
def test_an_acts_fields_are_texts_whatever_they_were(fields: Any) -> None:
    raw = {"uid": UID, "act": {"name": "update", "at": "2024-05-01", "fields": fields, "unset": fields}}
    act = load(raw, UID).act
    assert act is not None
    assert all(isinstance(name, str) for name in (*act.fields, *act.unset))
