"""Attacks on Secrets: who may write our objects, and not read Secrets, has one used that nobody gave him."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig

from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON
from ams_operator.engine import references
from ams_operator.engine.state import parse_spec

TOKEN = {"input": {"streamingProtocol": "RTMP", "accessTokenSecretRef": {"name": "ingest", "key": "token"}}}
AKAMAI = {
    "accessControl": {
        "akamai": {
            "akamaiSignatureHeaderAuthenticationKeyList": [
                {"identifier": "one", "base64KeySecretRef": {"name": "ingest", "key": "token"}}
            ]
        }
    }
}


def asking(use: str | None = "", of: str = "azure") -> Rig:
    """An operator that was told to ask for labels, and a Secret with one; None: there is no Secret."""
    rig = Rig()
    rig.engine.labelled_secrets_only = True
    rig.kube.labels_of_secrets[of] = use
    rig.service.put_account()
    return rig


async def test_whoever_is_not_told_to_ask_for_labels_asks_for_none() -> None:
    rig = Rig()
    async with rig.running():
        await rig.usable()
        assert rig.kube.read


@pytest.mark.parametrize("use", ["", "access-token", "Credentials"])
async def test_a_secret_without_the_label_is_not_read_and_reads_like_none(use: str) -> None:
    messages = []
    for label in (use, None):
        rig = asking(label)
        async with rig.running():
            rig.apply_account()
            await settle()
            assert rig.ready(OWNER)[1] == "SecretNotLabelled"
            assert not rig.kube.read
            assert not rig.service.calls
            messages.append(rig.said())
    assert messages[0] == messages[1]
    assert messages[0].startswith(
        "spec.credentials.secretRef: there is no Secret azure in namespace team with the label "
        "ams-operator.dev/use: credentials"
    )


async def test_a_label_that_comes_is_found_and_one_that_is_taken_away_ends_what_it_gave() -> None:
    rig = asking()
    async with rig.running():
        rig.apply_account()
        await settle()
        looking = next(one for one in rig.sweeps.turned_away())
        await rig.sweeps._asked_again(looking)
        await settle()
        assert rig.ready(OWNER)[1] == "SecretNotLabelled"
        rig.kube.labels_of_secrets["azure"] = "credentials"
        await rig.sweeps._asked_again(looking)
        await settle()
        assert rig.ready(OWNER) == ("True", "InSync")
        rig.transform("one")
        await settle()
        assert rig.ready("one") == ("True", "InSync")
        rig.kube.labels_of_secrets["azure"] = ""
        await rig.sweep()
        assert rig.ready(OWNER)[1] == "SecretNotLabelled"
        assert rig.engine.accounts.known[OWNER].backend is None
        asked = len(rig.service.calls)
        rig.transform("two")
        await settle()
        assert len(rig.service.calls) == asked


async def test_trouble_with_a_label_lasts_while_nothing_changes() -> None:
    """It is looked after every ten seconds, which begins nothing anew: somebody is told in the end."""
    rig = asking()
    async with rig.running():
        rig.apply_account()
        await settle()
        since = rig.engine.accounts.known[OWNER].trouble
        assert since is not None
        for _ in range(3):
            await rig.clock.advance(10.0)
            for owner in rig.sweeps.turned_away():
                await rig.sweeps._asked_again(owner)
            await settle()
        now = rig.engine.accounts.known[OWNER].trouble
        assert now is not None
        assert now.since == since.since


async def given(rig: Rig, kind: str, spec: JSON) -> tuple[references.Given, Resource]:
    """What a manifest's names come to, once its account is there."""
    more: dict[str, Any] = {"uid": kind}
    resource = rig.see(kind, "sample", spec, **more)
    return await references.given(rig.engine, resource, parse_spec(rig.engine, resource), None), resource


@pytest.mark.parametrize(
    ("kind", "spec", "field", "use"),
    [
        ("LiveEvent", TOKEN, "spec.input.accessTokenSecretRef", "access-token"),
        (
            "StreamingEndpoint",
            AKAMAI,
            "spec.accessControl.akamai.akamaiSignatureHeaderAuthenticationKeyList[0].base64KeySecretRef",
            "base64-key",
        ),
    ],
)
async def test_each_use_needs_its_own_label(kind: str, spec: JSON, field: str, use: str) -> None:
    """A credential is no access token: whoever sends it to the service as one could read it there."""
    for label in ("", "credentials", None):
        rig = asking(label, "ingest")
        found, _ = await given(rig, kind, spec)
        assert found.partial
        (hold,) = [one for one in found.holds if one.reason == "SecretNotLabelled"]
        assert hold.message.startswith(
            f"{field}: there is no Secret ingest in namespace team with the label ams-operator.dev/use: {use}"
        )
        assert not rig.kube.read
        assert "s3cret" not in str(found.values)
    rig = asking(use, "ingest")
    found, resource = await given(rig, kind, spec)
    assert "s3cret" in found.values.values()
    rig.kube.labels_of_secrets["ingest"] = ""
    assert await references.rotated(rig.engine, resource)
    found, _ = await given(rig, kind, spec)
    assert "s3cret" not in found.values.values()


async def test_what_was_read_for_one_use_is_not_used_for_another() -> None:
    """Also where the label changes between the look at it and the reading of the values."""
    rig = asking("access-token", "ingest")
    _, resource = await given(rig, "LiveEvent", TOKEN)
    memory = rig.engine.store.memory[resource.uid]
    held = memory.secrets["ingest"]
    memory.secrets["ingest"] = type(held)(held.version, held.data, "credentials")
    found, _ = await given(rig, "LiveEvent", TOKEN)
    assert "s3cret" not in found.values.values()


@pytest.mark.parametrize("interval", ["0s", "24h"])
@pytest.mark.parametrize("back", ["", None], ids=["the label", "the Secret"])
async def test_who_was_lent_something_does_not_choose_how_long_he_keeps_it(interval: str, back: str | None) -> None:
    """Sweeps would find out that it was taken back, and how seldom they are stands in his manifest."""
    rig = asking("credentials")
    async with rig.living():
        rig.apply_account(driftInterval=interval)
        await settle()
        assert rig.ready(OWNER) == ("True", "InSync")
        await rig.clock.advance(120)
        assert rig.ready(OWNER) == ("True", "InSync")
        rig.kube.labels_of_secrets["azure"] = back
        await rig.clock.advance(62)
        assert rig.ready(OWNER)[1] == "SecretNotLabelled"
        assert rig.engine.accounts.known[OWNER].backend is None


async def test_what_goes_with_its_namespace_is_not_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """There the Secret often goes first, and what was made has to be deleted yet."""
    rig = asking("credentials")

    async def ending(_kind: str, _namespace: str) -> tuple[bool, bool]:
        return False, True

    async with rig.living():
        rig.apply_account()
        await settle()
        monkeypatch.setattr(rig.kube, "terminating", ending)
        rig.kube.labels_of_secrets["azure"] = None
        await rig.clock.advance(130)
        assert rig.engine.accounts.known[OWNER].backend is not None


async def test_an_account_that_is_always_being_deleted_keeps_nothing_that_was_lent() -> None:
    """Deletions go on with what is in memory, and what lies in an account keeps its end waiting as long as it likes."""
    rig = asking("credentials")
    async with rig.living():
        spec = rig.apply_account().spec
        await settle()
        rig.transform("old")
        more = rig.transform("more").spec
        await settle()
        rig.see("MediaServicesAccount", "default", spec, uid=OWNER, deleting="2024-01-01T00:00:00Z")
        rig.kube.labels_of_secrets["azure"] = ""
        await rig.clock.advance(130)
        asked = len(rig.service.calls)
        rig.transform("new")
        rig.transform("old", "ContentAwareEncoding")
        await rig.clock.advance(130)
        assert rig.ready("new") == rig.ready("old") == ("False", "WaitingForAccount")
        assert len(rig.service.calls) == asked
        rig.see("Transform", "more", more, deleting="2024-01-01T00:00:00Z")
        await settle()
        assert rig.service.writes()["DELETE more"] == 1
        rig.kube.labels_of_secrets["azure"] = "credentials"
        await rig.clock.advance(70)
        assert rig.ready("old") == ("True", "InSync")
