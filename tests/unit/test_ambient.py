"""Attacks on the operator's own identity: who may create an account would use it wherever it has a role."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig
from tests.unit.scenes import ORIGIN

from ams_operator.api.backend import MediaServicesBackendSpec
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Federated, NotSent

TEAM = {"from": "Selector", "selector": {"matchLabels": {"media": "yes"}}}
HERE = [{"subscriptionId": "SUB", "resourceGroup": "Group"}]


class Lending(Rig):
    """An operator with an identity of its own, in a namespace that is labelled; what backends are made with is kept."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.given: list[Any] = []
        self.engine.ambient = Federated("", "", "", "tenant", "client", self._assertion, own=True)
        self.kube.labels_of_namespaces["team"] = {"media": "yes"}
        self.service.put_account()

    async def _assertion(self) -> str:
        return "the operator's own token"

    def _connect(self, policy: Any, account: Any, credentials: Any, *, namespace: str) -> Any:
        self.given.append((account.resource_group, credentials))
        return self.service

    def lent(self, **policy: Any) -> None:
        """What the administrator says."""
        spec = {"type": "armCompatible", "endpoint": ORIGIN, "authority": ORIGIN, **policy}
        self.see("MediaServicesBackend", "default", spec, uid="MediaServicesBackend")

    async def asks(self, **more: Any) -> None:
        self.apply_account(credentials={"ambient": {}}, **more)
        await settle()

    def refused(self) -> str:
        assert self.ready(OWNER)[1] == "IdentityNotAvailable"
        assert not self.given
        assert not self.service.calls
        return self.said()


async def test_it_is_lent_to_whom_the_administrator_names_and_where() -> None:
    rig = Lending()
    async with rig.running():
        rig.lent(ambientNamespaces=TEAM, ambientScopes=HERE)
        await rig.asks()
        assert rig.ready(OWNER) == ("True", "InSync")
        ((_, given),) = rig.given
        assert (given.tenant, given.client, given.own) == ("tenant", "client", True)
        assert await given.assertion() == "the operator's own token"


REFUSED: dict[str, dict[str, Any]] = {
    "nobody": {},
    "other namespaces": {"ambientNamespaces": {"from": "Selector", "selector": {"matchLabels": {"media": "no"}}}},
    "another group": {"ambientNamespaces": TEAM, "ambientScopes": [{"subscriptionId": "sub", "resourceGroup": "g"}]},
    "another subscription": {"ambientNamespaces": TEAM, "ambientScopes": [{"subscriptionId": "s"}]},
}


async def test_nobody_else_acts_as_the_operator_itself_or_learns_anything_by_trying() -> None:
    """Whether there is such an identity, who else may use it and where: all refusals are one sentence."""
    messages = set()
    for policy in REFUSED.values():
        for has_one in (True, False):
            rig = Lending()
            rig.engine.ambient = rig.engine.ambient if has_one else None
            async with rig.running():
                rig.lent(**policy)
                await rig.asks()
                messages.add(rig.refused())
    assert len(messages) == 1
    assert messages.pop().startswith("spec.credentials.ambient: the operator's own identity is not there")


async def test_to_whom_it_would_be_lent_is_told_that_there_is_none_and_that_no_nodes_identity_is_used() -> None:
    rig = Lending()
    rig.engine.ambient = None
    async with rig.running():
        rig.lent(ambientNamespaces={"from": "All"})
        await rig.asks()
        message = rig.refused()
    for word in ("AZURE_FEDERATED_TOKEN_FILE", "the managed identity of a node is not supported"):
        assert word in message


@pytest.mark.parametrize("taken", ["label", "namespaces", "scopes"])
async def test_what_was_taken_back_is_not_used_on(taken: str) -> None:
    rig = Lending()
    async with rig.running():
        rig.lent(ambientNamespaces=TEAM, ambientScopes=HERE)
        await rig.asks()
        rig.transform("one")
        await settle()
        assert rig.ready("one") == ("True", "InSync")
        asked = len(rig.service.calls)
        if taken == "label":
            rig.kube.labels_of_namespaces["team"] = {}
            await rig.sweep()  # nothing tells that a namespace's labels changed
        elif taken == "namespaces":
            rig.lent(ambientScopes=HERE)
        else:
            rig.lent(ambientNamespaces=TEAM, ambientScopes=[{"subscriptionId": "other"}])
        rig.transform("two")
        await settle()
        assert rig.ready(OWNER)[1] == "IdentityNotAvailable"
        assert len(rig.service.calls) == asked, "not even the sweep that found it asks on"
        rig.kube.labels_of_namespaces["team"] = {"media": "yes"}
        rig.lent(ambientNamespaces=TEAM)
        await settle()
        await rig.clock.advance(30)
        assert rig.ready("two") == ("True", "InSync")


async def test_no_new_token_is_got_once_it_is_taken_back() -> None:
    rig = Lending()
    async with rig.running():
        rig.lent(ambientNamespaces=TEAM)
        await rig.asks()
        ((_, given),) = rig.given
        rig.kube.down = True
        with pytest.raises(NotSent) as caught:
            await given.assertion()
        assert caught.value.reason == Reason.CLUSTER_UNREACHABLE
        rig.kube.down = False
        rig.kube.labels_of_namespaces["team"] = {}
        with pytest.raises(NotSent) as caught:
            await given.assertion()
        assert caught.value.reason == Reason.IDENTITY_NOT_AVAILABLE


async def test_a_manifest_that_moves_elsewhere_takes_nothing_along() -> None:
    """The way that was made for one resource group is not used for another one, not even for a moment."""
    rig = Lending()
    async with rig.running():
        rig.lent(ambientNamespaces=TEAM, ambientScopes=HERE)
        await rig.asks()
        rig.transform("one")
        await settle()
        asked = len(rig.service.calls)
        await rig.asks(resourceGroup="treasury")
        rig.transform("two")
        rig.transform("one", "ContentAwareEncoding")
        await settle()
        assert len(rig.service.calls) == asked
        assert rig.ready(OWNER)[1] == "IdentityNotAvailable"
        assert [group for group, _ in rig.given] == ["group"]


async def test_a_deletion_does_not_go_on_with_what_was_taken_back() -> None:
    rig = Lending()
    async with rig.running():
        rig.lent(ambientNamespaces=TEAM)
        await rig.asks()
        spec = rig.kube.objects[OWNER].spec
        rig.kube.labels_of_namespaces["team"] = {}
        rig.see("MediaServicesAccount", "default", spec, uid=OWNER, deleting="2024-01-01T00:00:00Z")
        rig.engine.accounts.known[OWNER].stale = True
        await settle()
        assert rig.engine.accounts.known[OWNER].backend is None


async def test_each_namespace_and_backend_has_tokens_of_its_own() -> None:
    """What is taken back from one must not be kept for it by another's."""
    rig = Lending()
    other = Federated("team", "default", "", "tenant", "client", rig._assertion, own=True)
    async with rig.running():
        rig.lent(ambientNamespaces=TEAM)
        await rig.asks()
        ((_, given),) = rig.given
    assert given == other
    assert given != Federated("guest", "default", "", "tenant", "client", rig._assertion, own=True)
    assert given != Federated("team", "another", "", "tenant", "client", rig._assertion, own=True)
    assert given != Federated("team", "default", "", "tenant", "client", rig._assertion)


def test_where_it_is_lent() -> None:
    def lends(subscription: str, group: str, **policy: Any) -> bool:
        spec = MediaServicesBackendSpec.model_validate({"type": "azure", **policy})
        return spec.lends({"media": "yes"}, [(subscription, group)])

    assert not lends("sub", "group")
    assert lends("sub", "group", ambientNamespaces=TEAM)
    assert lends("sub", "group", ambientNamespaces=TEAM, ambientScopes=HERE), "Azure's names have no case"
    assert not lends("sub", "group2", ambientNamespaces=TEAM, ambientScopes=HERE)
    assert not lends("sub2", "group", ambientNamespaces=TEAM, ambientScopes=HERE)
    assert lends("sub", "any", ambientNamespaces=TEAM, ambientScopes=[{"subscriptionId": "sub"}])


STORAGE = "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Storage/storageAccounts/films"
PERSON = "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x"


@pytest.mark.parametrize(
    ("storage", "person", "lent"),
    [
        (STORAGE.format("Sub", "GROUP"), PERSON.format("sub", "group"), True),
        (STORAGE.format("sub", "elsewhere"), PERSON.format("sub", "group"), False),
        (STORAGE.format("another", "group"), PERSON.format("sub", "group"), False),
        (STORAGE.format("sub", "group"), PERSON.format("sub", "elsewhere"), False),
        (STORAGE.format("sub", "group"), PERSON.format("sub", "group/../elsewhere"), False),
        ("films", PERSON.format("sub", "group"), False),
    ],
)
async def test_nothing_from_elsewhere_is_linked_with_it(storage: str, person: str, lent: bool) -> None:
    """An account reads what lies in its storage: to link one takes a role there, which the operator may have."""
    rig = Lending()
    spec = {
        "location": "West",
        "storageAccounts": [{"id": storage, "type": "Primary"}],
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {person: {}}},
        "managementPolicy": "Plan",
    }
    async with rig.running():
        rig.lent(ambientNamespaces=TEAM, ambientScopes=HERE)
        await rig.asks(**spec)
        assert bool(rig.given) is lent
        if not lent:
            assert not rig.service.calls
            rig.lent(ambientNamespaces=TEAM)
            await settle()
            assert rig.given, "where it lends without scopes, a role is all that counts"
