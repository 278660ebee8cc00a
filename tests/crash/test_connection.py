"""The Secret of an event's URLs: what keeps it from being written keeps nothing else from being told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.crash.lab import STUDIO
from tests.crash.test_recordings import Set

from ams_operator.domain.answers import KubeRefused


def test_a_secret_that_the_api_server_refuses_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be immutable, or a quota or policy of the cluster says no."""
    the = Set()
    kube = type(the.driver.engine.kube)
    publish = kube.publish

    async def refused(*_: Any) -> None:
        raise KubeRefused("field is immutable when `immutable` is set")

    monkeypatch.setattr(kube, "publish", refused)
    the.studio()
    the.driver.settle()
    status = the.world.objects[STUDIO].status
    assert status["resourceState"] == "Running"
    assert "act" not in status["record"]
    (hold,) = [one for one in status["holds"] if one["reason"] == "SecretRefused"]
    assert "studio-connection" in hold["message"]
    assert "field is immutable" in hold["message"]
    monkeypatch.setattr(kube, "publish", publish)
    the.world.advance(the.world.now + 60)
    the.driver.settle()
    assert "SecretRefused" not in str(the.world.objects[STUDIO].status)
    assert "studio-connection" in the.world.published
