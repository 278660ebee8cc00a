"""What a guest reads of the account that he lies in: no more of his host's than he needs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig, recipe_of
from tests.unit.test_guests import HOST, guest, message, open_house, said

from ams_operator.api.reasons import Reason
from ams_operator.domain import transform
from ams_operator.domain.answers import NotSent
from ams_operator.engine.store import ACCOUNT


@pytest.mark.parametrize("taken", ["managed", "in the service", "free"])
async def test_a_guest_does_not_learn_which_names_are_in_use(taken: str) -> None:
    rig = Rig()
    async with rig.running():
        await open_house(rig, namePrefix="guest-")
        if taken == "managed":
            rig.transform("secret-project")
        elif taken == "in the service":
            rig.service.put_transform("secret-project", recipe_of("H264SingleBitrate720p"))
        await settle()
        asked = len(rig.service.calls)
        guest(rig, "curious", "secret-project", adoptionPolicy="Always")
        await settle()
        assert len(rig.service.calls) == asked, "how long an answer takes tells, too"
        assert message(rig, "guest-curious") == (
            "spec.azureName: MediaServicesAccount default of namespace team lets other namespaces use only names "
            "in the service that begin with guest-: choose one in a new object"
        )


@pytest.mark.parametrize("trouble", ["no Secret", "refused", "refused to him"])
async def test_a_guest_does_not_learn_what_his_hosts_secrets_are_called(trouble: str) -> None:
    rig = Rig()
    async with rig.running():
        refused = NotSent(Reason.CREDENTIAL_REJECTED, "401")
        if trouble == "no Secret":
            rig.kube.labels_of_secrets["azure"] = None
        elif trouble == "refused":
            rig.service.broken["contoso"] = refused
        await open_house(rig)
        if trouble == "refused to him":
            rig.service.broken["one"] = refused
        guest(rig, "one")
        await settle()
        assert rig.ready("guest-one")[0] == "False"
        assert "azure" not in message(rig, "guest-one")
        assert "azure" in rig.said() or trouble == "refused to him"
        rig.transform("mine")
        await settle()
        assert "azure" in message(rig, "mine") or trouble == "refused to him", "its owner's objects say what is wrong"


async def test_a_guest_does_not_learn_what_his_hosts_account_waits_for() -> None:
    rig = Rig()
    async with rig.running():
        await rig.usable()
        spec = rig.kube.objects[OWNER].spec
        rig.see(ACCOUNT, "second", {**spec, "allowedNamespaces": {"from": "All"}}, uid="second")
        await settle()
        assert rig.ready("second") == ("False", "Claimed")
        guest(rig, "one", accountRef={**HOST, "name": "second"})
        rig.transform("mine", more={"accountRef": {"name": "second"}})
        await settle()
        assert message(rig, "guest-one") == "MediaServicesAccount second is not ready yet"
        assert "MediaServicesAccount default manages the same" in message(rig, "mine")


async def test_a_guest_for_whom_there_is_no_place_does_not_learn_who_has_them() -> None:
    rig = Rig()
    rig.engine.kinds = {**rig.engine.kinds, "Transform": replace(transform.KIND, quota=1)}
    async with rig.running():
        await open_house(rig, namePrefix="guest-")
        rig.service.most = 1
        rig.transform("secret-project")
        await settle()
        guest(rig, "guest-a")
        await settle()
        assert rig.ready("guest-guest-a") == ("False", "QuotaExceeded")
        rig.service.refusal = (403, "Forbidden")
        guest(rig, "guest-b")
        await settle()
        assert rig.ready("guest-guest-b") == ("False", "QuotaExceeded")
        assert "secret-project" not in str(said(rig, "guest-guest-a")) + str(said(rig, "guest-guest-b"))


async def test_an_account_that_nobody_can_read_and_an_absent_one_read_the_same() -> None:
    """To whom it never let in. Who has something in it hears what is the matter, and keeps what he has."""
    there, absent = Rig(), Rig()
    for rig in (there, absent):
        async with rig.running():
            if rig is there:
                await open_house(rig)
                guest(rig, "admitted")
                await settle()
                assert rig.ready("guest-admitted") == ("True", "InSync")
                rig.apply_account(allowedNamespaces={"from": "All"}, managementPolicy="nonsense")
                await settle()
                assert rig.ready(OWNER)[1] == "InvalidSpec"
            guest(rig, "stranger")
            await settle()
            await rig.clock.advance(1)
    assert said(there, "guest-stranger") == said(absent, "guest-stranger")
    assert there.ready("guest-admitted") == ("False", "WaitingForAccount")
    assert "guest-admitted" in there.engine.store.claimed
