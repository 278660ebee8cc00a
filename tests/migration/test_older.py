"""A list of version 3 that is not given: it is asked for again, and what was compared before is not undone by it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.cli.migrate_read import Aloud
from ams_operator.domain.answers import Lane, NoAnswer, NotSent, PortError
from ams_operator.domain.model import AccountId
from ams_operator.migration import reporting
from ams_operator.migration.below import Reader
from ams_operator.migration.census import again
from ams_operator.migration.conditions import Finding, Type, judge
from ams_operator.migration.inputs import Inputs, InventoryRead, Remembered
from ams_operator.migration.inventory import Inventory
from ams_operator.migration.kept import Kept
from ams_operator.migration.model import Known, Progress
from ams_operator.migration.patience import LISTING, TRIES, Patience
from ams_operator.migration.version3 import Version3

from .accounts import NOW, done, inventory, said
from .conftest import Source
from .test_meanwhile import SEAL, Lossy, delivery, read, version_3

LISTS = {"assets": "/assets$", "locators": "/streamingLocators$"}
HOUR = 3600.0


def questions(source: Source) -> int:
    """To version 2."""
    return sum("/api/" in entry["path"] for entry in source.log())


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("lost", sorted(LISTS))
async def test_a_page_that_is_lost_costs_one_more_question(source: Source, lost: str, status: int) -> None:
    kept = Kept("a", SEAL)
    await read(source, kept)
    once, before = questions(source), delivery(kept)
    source.emulator.control.fault("answer", {"path": LISTS[lost], "count": 1}, status=status, retryAfter=0)
    await read(source, kept)
    assert (kept.whole, delivery(kept)) == (True, before)
    assert questions(source) == 2 * once, "nothing of version 2 is read for that"


@dataclass
class Lists:
    """Version 3, which gives its only page after these troubles."""

    troubles: list[PortError]
    asked: int = 0

    async def items(self, account: AccountId, kind: str, lane: Lane, next: str | None) -> tuple[Sequence[Any], None]:
        self.asked += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return [{"name": "a", "properties": {"assetId": "b", "created": "c"}}], None


@dataclass
class Nights:
    """Whoever sleeps makes it later."""

    now: float = NOW
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def test_our_own_budgets_patience_is_waited_for_as_version_2s_is() -> None:
    """It is closed by any 429 of the credential, also one that another account got."""
    nights = Nights()
    closed = [NotSent(Reason.THROTTLED, "closed", NOW + 200.0) for _ in range(2 * TRIES)]
    lists = Lists([*closed, NoAnswer(Reason.PROGRESSING, "the service answers 503", NOW + 250.0)])
    await Version3(lists, AccountId("s", "g", "a")).assets(lambda _: None, Patience(lambda: nights.now, nights.sleep))
    assert nights.slept[0] == 200.0
    assert lists.asked == 2 * TRIES + 2


async def test_version_2_is_read_although_version_3_asks_for_patience_without_end(source: Source) -> None:
    kept, nights, read = Kept("a", SEAL), Nights(time.time()), dict[str, float]()
    closed = [NotSent(Reason.THROTTLED, "closed", nights.now + 9 * HOUR) for _ in range(999)]

    def hear(progress: Progress) -> None:
        if progress.done:
            read[progress.name] = sum(nights.slept)

    target = Version3(Lists([*closed]), source.account)
    known = Known(datetime.now(UTC))
    work = Inventory(
        "a", source.client(), target, kept, known, now=lambda: nights.now, tell=hear, sleep=nights.sleep
    )  # fmt: skip
    found = await work.run()
    assert (found.complete, found.again >= {"Assets", "Locators"}) == (True, True)
    assert max(read.values()) <= 2 * LISTING


@pytest.mark.parametrize(
    ("reason", "asked"), [(Reason.FORBIDDEN, 1), (Reason.WAITING_FOR_ACCOUNT, 1), (Reason.BAD_ANSWER, TRIES)]
)
async def test_a_refusal_is_an_answer_and_trouble_ends(reason: Reason, asked: int) -> None:
    nights, lists = Nights(), Lists([NotSent(reason, "no") for _ in range(99)])
    with pytest.raises(PortError):
        await Version3(lists, AccountId("s", "g", "a")).asset_names(
            lambda _: None, Patience(lambda: nights.now, nights.sleep)
        )
    assert lists.asked == asked


async def test_at_a_terminal_a_list_that_is_not_given_now_is_told() -> None:
    said = list[str]()
    lists = Lists([NoAnswer(Reason.PROGRESSING, "the service answers 503"), NotSent(Reason.FORBIDDEN, "403")])
    aloud = Aloud(cast("Reader", None), lists, said.append)
    for troubled in (True, True, False):
        with pytest.raises(PortError) if troubled else nullcontext():
            await aloud.items(AccountId("s", "g", "a"), "Asset", Lane.SWEEP, None)
    assert said == ["the service answers 503", "", ""], "a refusal is said by the report"


def told(kept: Kept) -> dict[str, Finding]:
    """As a teller judges what is kept now, of an account that was done."""
    return {one.type: one for one in judge(_inputs(kept))}


def _inputs(kept: Kept) -> Inputs:
    census = kept.census()
    found = InventoryRead(
        kept.read(HOUR), HOUR, "", census.units, census.compared, tuple(census.notes), kept.before(), kept.asked,
        kept.again, kept.since,
    )  # fmt: skip
    before = replace(done(), now=time.time())
    return replace(before, inventory=found, access=replace(before.access, at=time.time()))


@pytest.mark.parametrize("lost", [*sorted(LISTS), "published"])
async def test_what_was_compared_before_stands_for_a_list_that_is_not_given(source: Source, lost: str) -> None:
    kept, republish = Kept("a", SEAL), lost == "published"
    await read(source, kept, republish=republish)
    kept.begun = (kept.begun or 0.0) - HOUR
    before, sets, begun = delivery(kept, republish=republish), dict(kept.sets), kept.census().begun
    assert not kept.since
    lossy = Lossy(version_3(source), lost)
    heard = set[Finding]()

    async def again_in_vain(kept: Kept) -> Kept:
        def hear(_: Progress) -> None:
            heard.add(delivery(kept, republish=republish))

        await read(source, kept, lossy, republish=republish, hear=hear)
        assert kept.uncompared, "it is tried again"
        return Kept.newest("a", SEAL, (kept.pack(),))  # a restart changes nothing

    kept = await again_in_vain(await again_in_vain(kept))  # the second is of what could not be compared alone
    assert heard == {before}, "neither in between nor afterwards"
    assert delivery(kept, republish=republish) == before
    stood = {name for name, one in kept.sets.items() if one.at == sets[name].at}
    assert stood == kept.again
    assert "Locators" in stood
    assert (kept.since, kept.census().begun) == (begun, begun), "nothing in the report is older than it says"
    word = f"as of {begun}: no newer list (version 3 does not list what"
    assert {kind for kind, one in told(kept).items() if word in one.message} == {
        Type.INVENTORY, Type.DELIVERY, Type.PROTECTION,
    }  # fmt: skip
    inputs = _inputs(kept)
    notes = reporting.content(inputs, judge(inputs), kept.census())["notes"]
    assert (notes[0], len(notes)) == (f"what is compared with version 3 is told as of {begun}", 2)

    await read(source, kept, republish=republish)
    assert (kept.whole, kept.since, kept.census().notes) == (True, "", [])
    assert delivery(kept, republish=republish) == before
    assert kept.census().compared == {"Assets": "Listed", "Locators": kept.tried["Locators"]}
    again_read = {name for name, one in kept.sets.items() if one.at != sets[name].at}
    assert again_read == set(sets)


async def test_what_was_never_compared_stands_for_nothing(source: Source) -> None:
    kept = Kept("a", SEAL)
    for _ in range(2):
        await read(source, kept, Lossy(version_3(source), "locators"))
        assert (delivery(kept).done, kept.since, kept.uncompared) == (0, "", True)


async def test_a_set_that_is_given_again_and_not_compared_is_no_failed_one(source: Source) -> None:
    kept, control = Kept("a", SEAL), source.emulator.control
    await read(source, kept)
    control.fault("answer", {"path": "/api/Locators$", "count": 0}, status=500)
    await read(source, kept)
    assert kept.sets["Locators"].failed
    control.clear_faults()
    await read(source, kept, Lossy(version_3(source), "locators"))
    assert not any(one.failed for one in kept.sets.values())
    assert kept.since


@pytest.mark.parametrize("lost", ["Failed", "Unjoined"])
def test_what_was_complete_stays_so_while_a_list_is_not_given(lost: str) -> None:
    """Else version 2 may end before there is another, and nobody could ever say that all was done."""
    found, complete = inventory(), Remembered(complete=True, completed=True)
    waiting = again({"Locators": lost})
    assert waiting

    def whole(remembered: Remembered = complete, **changes: Any) -> Finding:
        changed = replace(found, compared={"Assets": "Listed", "Locators": lost}, again=waiting, **changes)
        return said(done(inventory=changed, remembered=remembered))[Type.COMPLETE]

    assert (whole().status, whole().completed) == ("Unknown", True)
    assert not whole(Remembered()).completed
    old = {name: replace(one, at=NOW - 9 * HOUR) for name, one in found.sets.items() if name in waiting}
    assert whole(sets={**found.sets, **old}).completed, "what was compared before has grown stale"
    other = {"Tasks": replace(found.sets["Tasks"], at=NOW - 9 * HOUR)}
    assert not whole(sets={**found.sets, **other}).completed, "who knows what version 2 has by now"
    stood = replace(found, again=waiting, since=f"{datetime.fromtimestamp(NOW, UTC):%FT%TZ}")
    assert said(done(inventory=stood))[Type.COMPLETE].reason == "Complete"
