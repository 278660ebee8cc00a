"""What an update must not carry along: other spellings of what is settled, what was refused, nulls of nobody."""

from __future__ import annotations

from typing import Any

from tests.unit.on_air import ENDPOINT, EVENT, ours, planned, put, shown, wanted

from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, Record

BASE: JSON = {"input": {"streamingProtocol": "RTMP"}, "encoding": {"encodingType": "Standard"}}
ENCODING = {"encodingType": "Standard", "presetName": "default720p", "stretchMode": "AutoSize"}


def sent(kind: Kind, spec: JSON, raw: JSON, record: Record) -> Any:
    (update,) = (action for chain in planned(kind, wanted(kind, spec), raw, record).chains for action in chain)
    return (update.body or {})["properties"]


def test_what_never_changes_is_sent_as_the_service_spells_it() -> None:
    """It compares letter by letter, and would refuse the update as a change of the preset."""
    raw = shown(wanted(EVENT, BASE).body, encoding=ENCODING)
    spec = put(put(BASE, "encoding.presetName", "Default720p"), "encoding.stretchMode", "AutoFit")
    assert sent(EVENT, spec, raw, ours(EVENT, raw)) == {"encoding": {**ENCODING, "stretchMode": "AutoFit"}}


def test_what_cannot_change_does_not_keep_the_rest_from_changing() -> None:
    raw = shown(wanted(EVENT, BASE).body, encoding=ENCODING)
    spec = put(put(BASE, "encoding.encodingType", "Premium1080p"), "encoding.stretchMode", "AutoFit")
    assert sent(EVENT, spec, raw, ours(EVENT, raw)) == {"encoding": {**ENCODING, "stretchMode": "AutoFit"}}


def test_an_access_control_that_only_we_filled_goes_as_a_whole() -> None:
    """The service refuses a CDN beside any access control, be it one of nulls."""
    before = wanted(ENDPOINT, {"accessControl": {"ip": {"allow": [{"address": "203.0.113.7"}]}}})
    access = {**before.body["properties"]["accessControl"], "akamai": None}
    raw = shown(before.body, accessControl=access, cdnEnabled=False)
    record = ours(ENDPOINT, raw, fields=before.fields)
    assert sent(ENDPOINT, {"cdnEnabled": True}, raw, record) == {"cdnEnabled": True, "accessControl": None}
