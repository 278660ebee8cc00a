"""Histories in which the whole product once found a fault; each commit plays them, though no sample has them."""

from __future__ import annotations

import pytest
from tests.crash.tell import again


@pytest.mark.parametrize(
    "history",
    [
        # Ready on a look from before the trouble, since a user's change came before the retry
        "recording: event stops while it begins | no answer, and its effect comes 3 s later at 29"
        " | Secret is rotated at 21",
        # a status that names a rival which has let go
        "two accounts at once, one id | crash before it at 1 | Secret is rotated at 10",
    ],
)
def test_a_history_that_was_found_once(history: str) -> None:
    assert again(history).violations == ()
