"""Names are somebody else's words: scripts call jobs by the signed URLs that they work on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ams_operator.migration import sources, verdicts
from ams_operator.migration.model import Known, not_needed


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("News at 7", "News at 7"),
        ("https://u:pa55@host/clip.mp4?sv=2019&sig=pa55%3D", "https://host/clip.mp4?sv&sig"),
        ("clip.mp4?sig=pa55&sv=2019", "clip.mp4?sig=&sv="),
        ("a=b", "a=b"),
        ("x@y", "x@y"),
    ],
)
def test_a_name_that_is_a_signed_url_is_kept_without_what_is_secret_in_it(name: str, kept: str) -> None:
    row = {"Id": "nb:jid:UUID:1", "Name": name, "State": 3}
    assert verdicts.label("Jobs", row) == kept
    shown = sources.source("Jobs", row, not_needed("done"), Known(datetime.now(UTC)))
    assert shown is not None
    assert shown["Name"] == kept
