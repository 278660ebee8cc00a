"""Which requests there are, and which kinds take them."""

from pathlib import Path

import yaml

from ams_operator.api.kinds import KINDS
from ams_operator.api.requests import ONCE, Request

MANIFESTS = Path(__file__).parents[2] / "manifests"


def test_the_admission_policy_knows_the_same_verbs() -> None:
    policy, _ = yaml.safe_load_all((MANIFESTS / "admission-requests.yaml").read_text(encoding="utf-8"))
    (known,) = (one["expression"] for one in policy["spec"]["variables"] if one["name"] == "known")
    assert set(yaml.safe_load(known)) == set(Request)


def test_what_is_done_once_is_what_an_editor_may_ask_for() -> None:
    for role in yaml.safe_load_all((MANIFESTS / "roles.yaml").read_text(encoding="utf-8")):
        verbs = {verb for rule in role["rules"] for verb in rule["verbs"]} & set(Request)
        if role["metadata"]["name"] == "ams-operator-edit":
            assert verbs == ONCE
        if role["metadata"]["name"] == "ams-operator-approve":
            assert verbs == set(Request) - ONCE


def test_what_can_be_asked_of_each_kind_is_frozen() -> None:
    consents = {Request.APPROVE, Request.ABANDON}
    runs = {Request.START, Request.STOP}
    assert {kind.kind: kind.requests for kind in KINDS if kind.requests} == {
        "MediaServicesAccount": consents | {Request.RECREATE},
        "Transform": consents,
        "Asset": consents | {Request.RECREATE},
        "LiveEvent": consents | runs | {Request.STANDBY, Request.RESET},
        "LiveOutput": consents | {Request.RECREATE},
        "StreamingEndpoint": consents | runs | {Request.RECREATE},
    }


def test_every_kind_with_a_status_takes_approval_and_can_be_abandoned() -> None:
    for kind in KINDS:
        expected = set() if kind.status is None else {Request.APPROVE, Request.ABANDON}
        assert expected <= kind.requests, kind.kind
        assert kind.status is not None or not kind.requests
