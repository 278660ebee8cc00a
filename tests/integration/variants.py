"""Both answers to what nobody could verify: which of them a test of what is on air runs with.

A test that asks for `variant` runs once, with one of PROFILES, drawn by its name: each run covers all of them, and the
name in the brackets says which it was. `AMS_VARIANTS=all` runs each test with all of them; `AMS_VARIANTS=strict,seed:7`
with these.
"""

from __future__ import annotations

import os
import random
import zlib

PROFILES = ("strict", "lenient", "seed:4")


def profiles_of(test: str, chosen: str | None = None) -> tuple[str, ...]:
    """The profiles that a test runs with; `chosen` instead of the environment's AMS_VARIANTS."""
    chosen = os.environ.get("AMS_VARIANTS", "") if chosen is None else chosen
    if chosen == "all":
        return PROFILES
    if chosen:
        return tuple(part.strip() for part in chosen.split(","))
    return (PROFILES[zlib.crc32(test.encode()) % len(PROFILES)],)


def answers_of(profile: str, names: list[str]) -> dict[str, str]:
    """`strict` or `lenient` for each question; `seed:N` mixes them. Raises ValueError for any other profile."""
    if profile in ("strict", "lenient"):
        return dict.fromkeys(names, profile)
    kind, _, seed = profile.partition(":")
    if kind != "seed" or not seed.isdigit():
        raise ValueError(f"AMS_VARIANTS: {profile!r} is none of strict, lenient, seed:N or all")
    # A draw for each name, so that a new question changes none of the other answers.
    return {name: random.Random(f"{seed}/{name}").choice(("strict", "lenient")) for name in names}
