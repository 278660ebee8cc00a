"""Who knows the URLs may send and watch: they and the tokens stand in Secrets, kept in order, and nowhere else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from kubernetes import client
from tests.integration import on_air
from tests.integration.rig import PLURALS, Rig
from tests.patience import until

pytestmark = pytest.mark.usefixtures("variant")
TOKEN, NEXT = "7c1f0e52" * 4, "b96d3a40" * 4
DOORS = {"rtmp-primary", "rtmp-secondary", "rtmps-primary", "rtmps-secondary", "preview"}
SOMEBODYS = {"password": "nobody else's business"}


def test_secrets_are_waited_for_kept_renewed_and_taken_away(rig: Rig) -> None:
    """The connection Secret comes back when somebody deletes it, spares one that is somebody else's, is renewed at each
    start and goes with its event. The access token's is waited for; the service settles the token at creation, so that
    another one is told and not sent."""
    with rig.running():
        rig.ready_account()
        rig.cluster.secret("guest-connection", SOMEBODYS)
        rig.cluster.secret("misspelled", {"tokn": TOKEN})
        rig.cluster.secret("present", {"token": TOKEN})
        on_air.event(rig, runState="Running")
        on_air.event(rig, "guest", runState="Running")
        tokened(rig, "late", "ingest")
        tokened(rig, "wrong", "misspelled")
        tokened(rig, "rotated", "present")
        for name in ("studio", "rotated"):
            rig.cluster.ready("LiveEvent", name)
        message = rig.cluster.reason("LiveEvent", "guest", "SecretNotOwned")
        assert "guest-connection" in message
        assert "spec.connectionSecret" in message
        assert on_air.connection(rig, "guest-connection") == SOMEBODYS
        missing = rig.cluster.reason("LiveEvent", "late", "SecretNotFound")
        assert missing == "spec.input.accessTokenSecretRef: there is no Secret ingest in this namespace: create it"
        named = f"Secret {rig.cluster.namespace}/misspelled has no key token"
        assert named in rig.cluster.reason("LiveEvent", "wrong", "KeyNotFound")
        assert not {"liveEvents/late", "liveEvents/wrong"} & {path for _, path in on_air.writes(rig)}
        first = on_air.connection(rig)
        on_air.event(rig, "guest", runState="Running", connectionSecret={"name": "elsewhere"})
        for name in ("ingest", "misspelled"):
            rig.cluster.secret(name, {"token": TOKEN})
        rig.cluster.secret("present", {"token": NEXT})
        remove(rig, "studio-connection")
        for name in ("guest", "late", "wrong"):
            rig.cluster.ready("LiveEvent", name)
        assert set(on_air.connection(rig, "elsewhere")) == set(first)
        assert "accessToken" in rig.cluster.reason("LiveEvent", "rotated", "CannotChange")
        for name in ("late", "wrong", "rotated"):
            assert TOKEN in on_air.connection(rig, f"{name}-connection")["rtmps-primary"]
        until(lambda: on_air.connection(rig) == first, "it comes back at the next look")
        assert [path for path in on_air.writes(rig) if path[1].startswith("liveEvents/rotated")] == [
            ("PUT", "liveEvents/rotated"),
            ("POST", "liveEvents/rotated/start"),
        ]
        remove(rig, "studio-connection")
    with rig.running() as operator:
        until(lambda: on_air.connection(rig) == first, "it comes back at the next start of the operator")
        renewed(rig, first)
        without_its_secret(rig)
        assert [owned_by(rig, name) for name in ("studio-connection", "elsewhere")] == ["studio", "guest"]
        assert on_air.connection(rig, "guest-connection") == SOMEBODYS
        assert found_in(everywhere(rig, operator.probe("/metrics")[1]), {TOKEN, NEXT}) == set()


def owned_by(rig: Rig, secret: str) -> str:
    """The event with which the cluster's garbage collector takes a Secret away, half a minute later."""
    _, found = rig.cluster.call("GET", f"/api/v1/namespaces/{rig.cluster.namespace}/secrets/{secret}")
    (owner,) = found["metadata"]["ownerReferences"]
    event = rig.cluster.get("LiveEvent", owner["name"])
    assert event is not None
    assert event["metadata"]["uid"] == owner["uid"]
    return str(owner["name"])


def renewed(rig: Rig, first: dict[str, str]) -> None:
    """Stopped and started the event has other ingest URLs, and they are those that take a feed."""
    on_air.event(rig, runState="Stopped")
    on_air.state(rig, "LiveEvent", "studio", "Stopped")
    on_air.event(rig, runState="Running")
    on_air.state(rig, "LiveEvent", "studio", "Running")
    rig.cluster.ready("LiveEvent", "studio")
    again = on_air.connection(rig)
    assert set(again) == set(first)
    assert [key for key in first if again[key] == first[key]] == ["preview"]
    sender = rig.emulator.control.attach_encoder(on_air.place(rig, "liveEvents/studio"), url=again["rtmps-primary"])
    assert sender["arrives"]


def without_its_secret(rig: Rig) -> None:
    """What is on air is stopped and started on request though the Secret with its token is gone, and nothing else is
    asked of the service meanwhile."""
    rig.cluster.ready("LiveEvent", "late")
    remove(rig, "ingest")
    assert "there is no Secret ingest" in rig.cluster.reason("LiveEvent", "late", "SecretNotFound")
    tokened(rig, "late", description="of half a manifest nothing is sent")
    before = len(on_air.writes(rig))
    on_air.request(rig, "LiveEvent", "late", "stop", "incident")
    on_air.state(rig, "LiveEvent", "late", "Stopped")
    on_air.request(rig, "LiveEvent", "late", "start", "over")
    on_air.state(rig, "LiveEvent", "late", "Running")
    rig.cluster.reason("LiveEvent", "late", "SecretNotFound")
    sent = [path for _, path in on_air.writes(rig)[before:] if "/late" in path]
    assert sent == ["liveEvents/late/stop", "liveEvents/late/start"]
    rig.cluster.secret("ingest", {"token": TOKEN})
    assert "half a manifest" in rig.cluster.ready("LiveEvent", "late")["spec"]["description"]
    assert TOKEN in on_air.connection(rig, "late-connection")["rtmps-primary"]


def test_urls_tokens_and_preview_locators_are_nowhere_else(rig: Rig) -> None:
    """An event on air; one that differs from what is there; one whose plan waits for approval; one that is only
    observed; one whose secret the service repeats in an error. Looked through: every object of the namespace, Events,
    logs at debug, metrics."""
    rig.cluster.secret("ingest", {"token": TOKEN})
    rig.emulator.control.fault("answer", quoted(rig, "PUT", "refused"), status=400, code="BadRequest", message=TOKEN)
    rig.emulator.control.fault("operation", quoted(rig, "PUT", "failed"), code="BadRequest", message=f"{TOKEN}?")
    with rig.running() as operator:
        rig.ready_account()
        theirs = {"location": "westus2", "properties": {"input": {**on_air.INPUT, "accessToken": NEXT}}}
        for name in ("theirs", "watched"):
            path = on_air.place(rig, f"liveEvents/{name}") + "?autoStart=true"
            assert rig.emulator.request("PUT", path, theirs)[0] in (200, 201, 202)
        tokened(rig, "studio")
        on_air.event(rig, "plain", runState="Running")
        tokened(rig, "theirs")
        tokened(rig, "watched", managementPolicy="Observe")
        tokened(rig, "planned", managementPolicy="Plan")
        tokened(rig, "refused")
        tokened(rig, "failed")
        for name in ("studio", "plain"):
            status = rig.cluster.ready("LiveEvent", name)["status"]
            assert (status["resourceState"], status["connectionSecret"]) == ("Running", f"{name}-connection")
            assert set(on_air.connection(rig, f"{name}-connection")) == DOORS
        rig.cluster.reason("LiveEvent", "theirs", "AdoptionRefused")
        rig.cluster.reason("LiveEvent", "planned", "PlanPending")
        assert "BadRequest" in rig.cluster.reason("LiveEvent", "refused", "Refused")
        rig.cluster.reason("LiveEvent", "failed", "Failed")
        rig.cluster.reason("LiveEvent", "watched", "ObservedDifferent", "Synced")
        for line in (f"PUT /subscriptions/{rig.emulator.subscription_id}", "decided: Running; next: nothing to do"):
            assert line in operator.text()  # what is logged at debug only, so that it is searched, too
        slips(rig)
        secrets = {TOKEN, NEXT, *known_to_the_service(rig)}
        assert len(secrets) > 20
        assert found_in(everywhere(rig, operator.probe("/metrics")[1]), secrets) == set()
        told = " ".join(
            value for name in ("studio", "plain") for value in on_air.connection(rig, f"{name}-connection").values()
        )
        assert len(found_in(told, secrets)) > 10  # the same search finds what is there


def slips(rig: Rig) -> None:
    """The service refuses a change with the URL and the token that it chose itself."""
    url = on_air.connection(rig, "plain-connection")["rtmps-primary"]
    message = f"{url} is in use; its token is {url.rpartition('/')[2]}"
    rig.emulator.control.fault("answer", quoted(rig, "P.*", "plain"), status=400, code="BadRequest", message=message)
    on_air.event(rig, "plain", runState="Running", description="new")
    assert "is in use" in rig.cluster.reason("LiveEvent", "plain", "Refused")


def quoted(rig: Rig, method: str, name: str) -> dict[str, Any]:
    """Which requests a fault hits: all of this method to this event."""
    return {"method": method, "path": f"/{rig.account_name}/liveEvents/{name}", "count": 0}


def tokened(rig: Rig, name: str, secret: str = "ingest", **spec: Any) -> None:
    """An event whose access token is in a Secret; running unless `spec` says otherwise."""
    given = {"accessTokenSecretRef": {"name": secret, "key": "token"}}
    rig.cluster.apply("LiveEvent", name, {"runState": "Running", "input": {**on_air.INPUT, **given}, **spec})


def remove(rig: Rig, name: str) -> None:
    """`kubectl delete secret`."""
    client.CoreV1Api(rig.cluster.api).delete_namespaced_secret(name, rig.cluster.namespace)


def known_to_the_service(rig: Rig) -> set[str]:
    """URLs of every event, and what in them makes them secret: tokens, the locators of previews, host names' ids."""
    found: set[str] = set()
    for stored in rig.emulator.control.stored_ids(on_air.account_id(rig)):
        body = rig.emulator.control.get_out_of_band(stored)["properties"]
        ends = [*(body.get("input") or {}).get("endpoints", ()), *(body.get("preview") or {}).get("endpoints", ())]
        for url in (end["url"] for end in ends):
            found |= {url, *re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", url)}
        token, locator = (body.get("input") or {}).get("accessToken"), (body.get("preview") or {}).get("previewLocator")
        found |= {value for value in (token, locator) if value}
    return found


def everywhere(rig: Rig, metrics: str) -> str:
    """All that people may read who may not read Secrets."""
    space = rig.cluster.namespace
    paths = [rig.cluster.path(kind) for kind in PLURALS]
    paths += [f"/api/v1/namespaces/{space}/{kind}" for kind in ("events", "configmaps")]
    paths += [
        f"/apis/{group}/namespaces/{space}/{kind}"
        for group, kind in (("events.k8s.io/v1", "events"), ("coordination.k8s.io/v1", "leases"))
    ]
    return " ".join([metrics, rig.operator.text(), *(json.dumps(rig.cluster.call("GET", path)[1]) for path in paths)])


def found_in(text: str, secrets: set[str]) -> set[str]:
    return {secret for secret in secrets if secret in text}
