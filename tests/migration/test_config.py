"""`spec.migration`: what absence means, and what is said."""

from __future__ import annotations

import pytest
from tests.api.test_models import ACCEPTED

from ams_operator.api.account import MediaServicesAccountSpec
from ams_operator.api.migration import MigrationSpec
from ams_operator.api.wire import to_wire
from ams_operator.migration.config import config
from ams_operator.migration.inputs import DAY, Config, Units

FULL = ACCEPTED["account, every setting of a migration"]["spec"]


def test_absence() -> None:
    assert config(None, same=True) == config(MigrationSpec(), same=True) == Config()
    assert config(None, same=False) == Config(republish=True)


def test_everything() -> None:
    found = config(MigrationSpec.model_validate(FULL["migration"]), same=True)
    assert found.quiet == 3.5 * DAY
    assert found.lookback == 30 * DAY
    assert found.freeze == 1685570400.5
    assert found.republish
    assert found.not_used == {"encoding", "live_streaming", "delivery", "content_protection"}
    assert found.retired == {"nb:chid:uuid:6f2a1c3e-0d5b-4c4f-9b0a-3a1f6d2e8c71", "v2-aac-audio"}
    assert {name: one.evidence for name, one in found.acknowledged.items()} == {
        "sas-locators": "12-0123456789abcdef", "hds": "",
    }  # fmt: skip
    assert {name: one.evidence for name, one in found.declared.items()} == {
        "slate": "NotUsed",
        "ad-markers": "Replaced",
    }
    assert found.units == Units("S3", 10)
    assert found.verified_by == "playback team"
    assert found.inventory_every == 1800


def test_what_admission_would_have_refused() -> None:
    with pytest.raises(ValueError, match="freezeJobsAfter"):
        config(MigrationSpec.model_construct(freeze_jobs_after="soon"), same=True)


def test_nothing_of_it_reaches_the_service() -> None:
    """An account that is only used stays one: its body is empty, with and without."""
    with_it = to_wire(MediaServicesAccountSpec.model_validate(FULL))
    bare = {name: value for name, value in FULL.items() if name != "migration"}
    assert with_it == to_wire(MediaServicesAccountSpec.model_validate(bare)) == {"properties": {}}
