"""Scenarios with assets: what holds files is never made anew unasked, and stays when its object goes.

`recordings.py` has assets, too, as what is recorded into.
"""

from __future__ import annotations

from typing import Any

from tests.crash.history import Scenario
from tests.crash.stage import Stage, asset_spec, edit, nothing


def _asset(stage: Stage, **more: Any) -> None:
    stage.apply("Asset", "one", asset_spec(**more))


def _ours(stage: Stage) -> None:
    _asset(stage, deletionPolicy="Delete")


def _theirs(stage: Stage) -> None:
    stage.foreign("Asset", "one", asset_spec("theirs"))


ASSET: dict[str, Any] = {"kind": "Asset", "stride": 5}

ASSETS = (
    Scenario("asset: create", nothing, _ours, edit, **ASSET),
    Scenario("asset: create, slowly", nothing, _ours, edit, work=12.0, **ASSET),
    Scenario("asset: create, kept at its end", nothing, _asset, edit, **ASSET),
    Scenario("asset: adopt", lambda s: s.foreign("Asset", "one", asset_spec()), _ours, edit, **ASSET),
    Scenario("asset: adoption refused", _theirs, _asset, lambda s: s.patch("one", description="theirs"), **ASSET),
    Scenario("asset: adopt and overwrite", _theirs, lambda s: _asset(s, adoptionPolicy="Always"), edit, **ASSET),
    Scenario("asset: update", _ours, lambda s: s.patch("one", description="new"), edit, **ASSET),
    Scenario("asset: removal", _ours, lambda s: s.patch("one", description=None), edit, **ASSET),
    Scenario("asset: drift", _ours, lambda s: s.drift("Asset", "one", description="theirs"), edit, **ASSET),
    Scenario("asset: left out by LIST", _ours, lambda s: s.behind(without=True), edit, **ASSET),
    Scenario("asset: vanished", _ours, lambda s: s.vanish("Asset", "one"), edit, **ASSET),
    Scenario(
        "asset: vanished, and asked for",
        _ours,
        lambda s: s.replace("one"),
        edit,
        before=lambda s: s.vanish("Asset", "one"),
        **ASSET,
    ),
    Scenario("asset: delete", _ours, lambda s: s.delete("one"), edit, **ASSET),
    Scenario("asset: delete, kept", _asset, lambda s: s.delete("one"), edit, **ASSET),
    Scenario(
        "asset: delete what vanished",
        _ours,
        lambda s: s.delete("one"),
        edit,
        before=lambda s: s.vanish("Asset", "one"),
        **ASSET,
    ),
)
