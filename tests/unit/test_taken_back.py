"""What a ServiceAccount's owner takes back by its annotations."""

from __future__ import annotations

from tests.unit.engine_fakes import OWNER, settle
from tests.unit.test_identity import Signing

from ams_operator.domain.answers import Federation


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
