"""What a ServiceAccount's owner takes back, and when that is found."""

from __future__ import annotations

from tests.unit.engine_fakes import OWNER, FakeService, settle
from tests.unit.test_identity import Signing

from ams_operator.domain.answers import Federation, Lane, Page
from ams_operator.domain.model import AccountId


async def test_annotations_that_are_taken_away_take_back_what_they_lent() -> None:
    """Also in an account that is being deleted, and that whoever it was lent to keeps from its end."""
    rig = Signing()
    async with rig.living():
        await rig.signed_in()
        spec = rig.kube.objects[OWNER].spec
        rig.transform("old")
        more = rig.transform("more").spec
        await settle()
        rig.see("MediaServicesAccount", "default", spec, uid=OWNER, deleting="2024-01-01T00:00:00Z")
        rig.kube.identities["team", "media"] = Federation("team", "media", "one", "2", "", "")
        await rig.clock.advance(130)
        rig.transform("new")
        rig.transform("old", "ContentAwareEncoding")
        await rig.clock.advance(130)
        assert rig.service.writes()["PUT new"] == rig.service.writes()["PATCH old"] == 0
        assert rig.ready("new") == rig.ready("old") == ("False", "WaitingForAccount")
        rig.see("Transform", "more", more, deleting="2024-01-01T00:00:00Z")
        await settle()
        assert rig.service.writes()["DELETE more"] == 1


class Slow(FakeService):
    """Its LISTs take an hour, all pages together."""

    begun = 0

    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, next: str | None) -> Page:
        self.begun += 1
        await self.clock.sleep(3600)
        return await super().list(account, kind, parents, lane, next)


async def test_a_sweep_that_lasts_is_the_only_one_of_its_account() -> None:
    rig = Signing()
    rig.service = slow = Slow(rig.clock)
    async with rig.living():
        await rig.signed_in()
        for _ in range(10):
            await rig.clock.advance(60)
        assert (rig.sweeps.running, slow.begun) == ({OWNER}, 1)


async def test_a_sweep_that_lasts_keeps_nothing_that_was_taken_back() -> None:
    """How much there is to compare is chosen by him to whom it was lent."""
    rig = Signing()
    rig.service = Slow(rig.clock)
    async with rig.living():
        await rig.signed_in()
        await rig.clock.advance(1)
        assert rig.sweeps.running == {OWNER}
        rig.kube.identities.clear()
        await rig.clock.advance(130)
        assert rig.ready(OWNER)[1] == "ServiceAccountNotFound"
        assert rig.engine.accounts.known[OWNER].backend is None
