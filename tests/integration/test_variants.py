"""Which answers to what is guessed the tests of what is on air run with."""

from __future__ import annotations

import pytest
from tests.integration import test_broadcasts, test_no_harm, test_on_air, test_recordings
from tests.integration.variants import PROFILES, answers_of, profiles_of


def test_every_run_covers_every_profile() -> None:
    modules = (test_broadcasts, test_no_harm, test_on_air, test_recordings)
    names = [name for module in modules for name in vars(module) if name.startswith("test_")]
    drawn = {profile for name in names for profile in profiles_of(name, "")}
    assert drawn == set(PROFILES)


def test_all_of_them_and_others_may_be_chosen() -> None:
    assert profiles_of("any", "all") == PROFILES
    assert profiles_of("any", "strict, seed:7") == ("strict", "seed:7")


def test_a_mix_is_repeatable_and_a_mix() -> None:
    names = [f"question.{number}" for number in range(50)]
    assert answers_of("seed:4", names) == answers_of("seed:4", names)
    assert set(answers_of("seed:4", names).values()) == {"strict", "lenient"}
    with pytest.raises(ValueError, match="strict, lenient, seed:N or all"):
        answers_of("wild", names)
