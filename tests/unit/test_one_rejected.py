"""One resource for which the service answers 401, though the credential is good."""

from __future__ import annotations

from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NotSent


async def test_one_resource_for_which_a_good_credential_is_refused_keeps_no_other_waiting() -> None:
    """The account is read with it, which ends its trouble: the resource must not bring that back each time."""
    rig = Rig()
    async with rig.living():
        await rig.usable()
        rig.service.broken["bad"] = NotSent(Reason.CREDENTIAL_REJECTED, "401")
        rig.transform("bad")
        await settle()
        await rig.clock.advance(60)
        known = rig.engine.accounts.known[OWNER]
        for number in range(10):
            assert known.trouble is None
            rig.transform(f"good-{number}")
            await settle()
            assert rig.ready(f"good-{number}") == ("True", "InSync")
            await rig.clock.advance(60)
        assert rig.ready("bad") == ("False", "CredentialRejected")
        rig.service.broken.clear()
        await rig.clock.advance(600)
        assert rig.ready("bad") == ("True", "InSync")


async def test_one_that_is_refused_alone_still_finds_out_what_is_refused_to_all() -> None:
    rig = Rig()
    async with rig.living():
        await rig.usable()
        refused = NotSent(Reason.CREDENTIAL_REJECTED, "401")
        rig.service.broken["bad"] = refused
        rig.transform("bad")
        await settle()
        await rig.clock.advance(60)
        assert rig.engine.accounts.known[OWNER].trouble is None
        rig.service.broken["contoso"] = refused
        rig.transform("bad", "ContentAwareEncoding")
        await rig.clock.advance(600)
        assert rig.ready(OWNER) == ("False", "CredentialRejected")
