"""A Secret's owner says what it may be used for, and takes that back: `--labelled-secrets-only`."""

from __future__ import annotations

import json

from kubernetes import client
from tests.integration import on_air
from tests.integration.rig import Rig
from tests.patience import until

LABEL = "ams-operator.dev/use"
TOKEN = "4e0b77d1" * 4


def label(rig: Rig, name: str, use: str | None) -> None:
    """What the Secret's owner does with kubectl."""
    body = {"metadata": {"labels": {LABEL: use}}}
    client.CoreV1Api(rig.cluster.api).patch_namespaced_secret(name, rig.cluster.namespace, body)


def asked(rig: Rig) -> int:
    return sum(one["user_agent"].startswith("ams-op") for one in rig.emulator.control.log())


def test_a_secret_is_used_where_its_label_permits_it_and_no_longer(rig: Rig) -> None:
    rig.operator.options = ("--labelled-secrets-only",)
    with rig.running() as operator:
        rig.backend()
        rig.credentials()
        rig.cluster.secret("ingest", {"token": TOKEN})
        label(rig, "ingest", "credentials")  # not for this
        rig.account()
        source = {"accessTokenSecretRef": {"name": "ingest", "key": "token"}}
        on_air.event(rig, input=on_air.INPUT | source)
        said = rig.cluster.reason("MediaServicesAccount", "default", "SecretNotLabelled")
        for word in ("spec.credentials.secretRef", "Secret azure", f"{LABEL}: credentials"):
            assert word in said
        until(lambda: "SecretNotLabelled" in on_air.holds(rig, "LiveEvent", "studio"), "the event says so, too")
        assert asked(rig) == 0
        label(rig, "azure", "credentials")
        rig.cluster.ready("MediaServicesAccount", "default")
        until(lambda: "spec.input" in str(rig.cluster.condition("LiveEvent", "studio")), "it says what it waits for")
        said = rig.cluster.reason("LiveEvent", "studio", "SecretNotLabelled")
        for word in ("spec.input.accessTokenSecretRef", "Secret ingest", f"{LABEL}: access-token"):
            assert word in said
        assert not on_air.exists(rig, "liveEvents/studio")
        label(rig, "ingest", "access-token")
        rig.cluster.ready("LiveEvent", "studio")
        label(rig, "azure", None)
        rig.cluster.reason("MediaServicesAccount", "default", "SecretNotLabelled")
        before = asked(rig)
        rig.transform("late")
        rig.cluster.reason("Transform", "late", "SecretNotLabelled")
        assert asked(rig) == before
        objects = [rig.cluster.get("MediaServicesAccount", "default"), rig.cluster.get("LiveEvent", "studio")]
        shown = operator.text() + json.dumps(objects)
        assert TOKEN not in shown
        assert rig.emulator.client_secret not in shown
