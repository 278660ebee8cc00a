"""Attacks on identities: a tenant signs in as somebody else, or goes on doing so after it was taken back."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, FakeService, settle
from tests.unit.rig import Rig

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Federated, Federation, NoAnswer, NotSent
from ams_operator.domain.model import JSON

MEDIA = {"serviceAccountRef": {"name": "media"}}
HIS = {"secretRef": {"name": "his"}}
RECIPE: JSON = {
    "outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}],
    "azureName": "one",
}


class Signing(Rig):
    """What the backend is made with is kept."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.given: list[Any] = []
        refusal = NotSent(Reason.CREDENTIAL_REJECTED, "it is of nobody")
        self.refusing = FakeService(self.clock, broken={"contoso": refusal, "one": refusal})
        """the service to who has no right"""

    def _connect(self, policy: Any, account: Any, credentials: Any, *, namespace: str) -> Any:
        self.given.append(credentials)
        return self.service if namespace == "team" else self.refusing

    def annotated(self, uid: str = "one", namespace: str = "team", tenant: str = "T", client: str = "C") -> None:
        self.kube.identities[namespace, "media"] = Federation(namespace, "media", uid, uid, tenant, client)

    async def signed_in(self) -> None:
        """An account of the service, and its object with a ServiceAccount that says for whom it stands."""
        self.service.put_account()
        self.annotated()
        self.apply_account(credentials=MEDIA)
        await settle()


async def test_an_account_signs_in_as_the_service_account_of_its_namespace() -> None:
    rig = Signing()
    async with rig.running():
        await rig.signed_in()
        assert rig.ready(OWNER) == ("True", "InSync")
        (given,) = rig.given
        assert isinstance(given, Federated)
        assert (given.namespace, given.uid, given.tenant, given.client) == ("team", "one", "T", "C")
        assert await given.assertion() == "token of one"


async def test_the_identity_of_another_namespace_is_out_of_reach_and_reads_like_none() -> None:
    messages = []
    for there in (True, False):
        rig = Signing()
        async with rig.running():
            rig.service.put_account()
            if there:
                rig.annotated(namespace="neighbour")
            rig.apply_account(credentials=MEDIA)
            await settle()
            assert rig.ready(OWNER)[1] == "ServiceAccountNotFound"
            assert not rig.given
            messages.append(rig.said())
    assert messages[0] == messages[1]


@pytest.mark.parametrize("missing", ["tenant", "client"])
async def test_a_service_account_has_to_say_for_whom_it_stands(missing: str) -> None:
    rig = Signing()
    async with rig.running():
        rig.annotated(**{missing: ""})
        rig.apply_account(credentials=MEDIA)
        await settle()
        assert rig.ready(OWNER)[1] == "KeyNotFound"
        assert rig.said().startswith(
            "spec.credentials.serviceAccountRef: ServiceAccount team/media: it has no annotation "
            f"azure.workload.identity/{missing}-id"
        )


async def test_what_was_taken_back_is_not_used_on() -> None:
    rig = Signing()
    async with rig.running():
        rig.service.put_account()
        rig.annotated()
        rig.apply_account(credentials=MEDIA)
        rig.transform("one")
        await settle()
        assert rig.ready("one") == ("True", "InSync")
        rig.kube.identities.clear()
        await rig.sweep()
        assert rig.ready(OWNER)[1] == "ServiceAccountNotFound"
        assert rig.engine.accounts.known[OWNER].backend is None
        asked = len(rig.service.calls)
        rig.transform("two")
        await settle()
        assert len(rig.service.calls) == asked
        rig.annotated(uid="two")
        await rig.clock.advance(30)
        await rig.sweep()
        await rig.clock.advance(30)
        assert rig.ready(OWNER) == ("True", "InSync"), "one that is granted anew is another one"
        assert [one.uid for one in rig.given] == ["one", "two"]


async def test_a_deletion_goes_on_with_what_is_in_memory() -> None:
    """`kubectl delete -f` removes the ServiceAccount first."""
    rig = Signing()
    async with rig.running():
        rig.service.put_account()
        rig.annotated()
        spec = rig.apply_account(credentials=MEDIA).spec
        await settle()
        rig.kube.identities.clear()
        rig.see("MediaServicesAccount", "default", spec, uid=OWNER, deleting="2024-01-01T00:00:00Z")
        rig.engine.accounts.known[OWNER].stale = True
        await settle()
        assert rig.engine.accounts.known[OWNER].backend is not None


async def test_another_application_is_taken_by_the_next_sweep() -> None:
    rig = Signing()
    async with rig.running():
        await rig.signed_in()
        rig.kube.identities["team", "media"] = Federation("team", "media", "one", "2", "T", "other")
        await rig.sweep()
        assert [one.client for one in rig.given] == ["C", "other"]
        await rig.sweep()
        assert len(rig.given) == 2, "and one that stays is not made again"


@pytest.mark.parametrize("credentials", [MEDIA, {"ambient": {}}], ids=["an identity he has not", "none"])
async def test_who_has_no_right_to_an_account_keeps_nobody_from_it(credentials: JSON) -> None:
    """A tenant who guesses ids makes objects before their owner does: being older helps him nothing."""
    rig = Signing()
    spec = {"azureName": "contoso", "subscriptionId": "sub", "resourceGroup": "group", "credentials": credentials}
    recipe = {"outputs": [{"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}]}
    async with rig.running():
        rig.service.put_account()
        rig.backend()
        rig.see("MediaServicesAccount", "default", spec, uid="squatter", namespace="elsewhere")
        rig.see("Transform", "first", {**recipe, "azureName": "one"}, uid="squats", namespace="elsewhere")
        await settle()
        rig.clock.time += 1
        asked = len(rig.service.calls)
        rig.apply_account()
        rig.transform("one")
        await settle()
        await rig.clock.advance(60)
        assert rig.ready(OWNER) == ("True", "InSync")
        assert rig.ready("one") == ("True", "InSync")
        assert rig.ready("squatter")[0] == rig.ready("squats")[0] == "False"
        assert len(rig.service.calls) > asked


async def test_who_keeps_himself_from_being_tried_keeps_nobody_from_an_account_for_good() -> None:
    """An authority that is asked too much answers no more, and who asks it chooses that."""
    rig = Signing()
    away = NotSent(Reason.ENDPOINT_UNREACHABLE, "the authority gives no token (429)")
    rig.refusing.broken = {"contoso": away}
    spec = {"azureName": "contoso", "subscriptionId": "sub", "resourceGroup": "group", "credentials": HIS}
    async with rig.running():
        rig.service.put_account()
        rig.backend()
        rig.see("MediaServicesAccount", "default", spec, uid="squatter", namespace="elsewhere")
        await settle()
        rig.clock.time += 1
        rig.apply_account()
        rig.transform("one")
        await rig.clock.advance(300)
        assert rig.ready(OWNER)[1] == "Claimed", "an outage proves nothing"
        await rig.clock.advance(400)
        assert rig.ready(OWNER) == rig.ready("one") == ("True", "InSync")


OVER: JSON = {"deleting": "2024-01-01T00:00:00Z", "finalizers": ("example.com/his",)}


@pytest.mark.parametrize(
    ("account", "child", "kept", "child_kept"),
    [
        ({"managementPolicy": "Pause"}, {}, {}, {}),
        ({}, {"managementPolicy": "Pause"}, {}, {}),
        ({"managementPolicy": "Observe"}, {"managementPolicy": "Pause"}, {}, {}),
        ({}, {}, OVER, {}),
        ({}, {}, OVER, OVER),
    ],
    ids=["paused", "child paused", "observing", "over", "all over"],
)
async def test_who_is_never_tried_keeps_nobody_from_an_account(
    account: JSON, child: JSON, kept: JSON, child_kept: JSON
) -> None:
    """He who does nothing would never show that he has no right to it."""
    rig = Signing()
    spec = {"azureName": "contoso", "subscriptionId": "sub", "resourceGroup": "group", "credentials": HIS, **account}
    async with rig.running():
        rig.service.put_account()
        rig.backend()
        rig.see("MediaServicesAccount", "default", spec, uid="squatter", namespace="elsewhere", **kept)
        rig.see("Transform", "first", RECIPE | child, uid="squats", namespace="elsewhere", **child_kept)
        await settle()
        rig.clock.time += 1
        rig.apply_account()
        rig.transform("one")
        await settle()
        await rig.clock.advance(60)
        assert rig.ready(OWNER) == rig.ready("one") == ("True", "InSync")


async def test_what_lies_in_an_account_that_is_claimed_claims_nothing() -> None:
    rig = Signing()
    async with rig.running():
        rig.service.put_account()
        rig.apply_account()
        await settle()
        rig.clock.time += 1
        spec = {**rig.kube.objects[OWNER].spec, "credentials": HIS}
        rig.see("MediaServicesAccount", "default", spec, uid="squatter", namespace="elsewhere")
        rig.see("Transform", "first", RECIPE, uid="squats", namespace="elsewhere")
        await settle()
        assert rig.ready("squatter")[1] == "CredentialRejected"
        rig.clock.time += 1
        rig.transform("one")
        await settle()
        assert rig.ready("one") == ("True", "InSync")


@pytest.mark.parametrize("name", ["one", "none"])
async def test_what_somebody_has_in_his_account_is_not_found_by_guessing_its_name(name: str) -> None:
    """Who knows an account's ids makes an object of it, with any credential, and objects with names that he guesses."""
    rig = Signing()
    async with rig.running():
        await rig.usable()
        rig.transform("one")
        await settle()
        rig.clock.time += 1
        spec = {**rig.kube.objects[OWNER].spec, "credentials": HIS}
        rig.see("MediaServicesAccount", "default", spec, uid="squatter", namespace="elsewhere")
        rig.see("Transform", "guess", RECIPE | {"azureName": name}, uid="guess", namespace="elsewhere")
        await settle()
        for _ in range(3):
            assert rig.ready("guess") == ("False", "CredentialRejected")
            assert [hold["reason"] for hold in rig.kube.objects["guess"].status["holds"]] == ["CredentialRejected"]
            await rig.clock.advance(60)
            rig.see("Transform", "guess", rig.kube.objects["guess"].spec, uid="guess", namespace="elsewhere")
            await settle()


async def test_a_pause_gives_away_nothing_that_was_had() -> None:
    rig = Signing()
    async with rig.running():
        await rig.usable()
        rig.transform("one")
        await settle()
        rig.transform("one", more={"managementPolicy": "Pause"})
        rig.transform("two", "ContentAwareEncoding", more={"azureName": "one"})
        await settle()
        assert rig.ready("two")[1] == "Claimed"


async def test_who_came_first_and_has_a_right_stays_first() -> None:
    """Trouble of other kinds proves nothing: the claim does not change hands with each outage."""
    rig = Signing()
    async with rig.running():
        rig.apply_account()
        rig.service.broken["contoso"] = NoAnswer(Reason.ENDPOINT_UNREACHABLE, "away")
        await settle()
        rig.clock.time += 1
        spec = {
            "azureName": "contoso",
            "subscriptionId": "sub",
            "resourceGroup": "group",
            "credentials": {"secretRef": {"name": "a"}},
        }
        asked = len(rig.service.calls)
        rig.see("MediaServicesAccount", "twin", spec, uid="twin")
        await settle()
        assert len(rig.service.calls) == asked
        await rig.clock.advance(60)
        assert rig.ready("twin")[1] == "Claimed"
        rig.service.broken.clear()
        rig.service.put_account()
        await rig.clock.advance(60)
        assert rig.ready(OWNER) == ("True", "InSync")
        assert rig.ready("twin")[1] == "Claimed"
