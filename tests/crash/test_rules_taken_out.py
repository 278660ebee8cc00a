"""Each rule of the core taken out once: the harness has to notice. A rule that nobody misses is not proved.

Two rules have no mutant here. Whether the finalizer comes just before the note or just after it makes no difference:
nothing is sent before both are there. And an act without a look after it is only slower, as if that GET's answer were
lost, which is one of the faults; the table of calls notices it.
"""

from __future__ import annotations

from collections import Counter

import pytest
from tests.crash import mutants, mutants_of_holds, mutants_on_air
from tests.crash.history import Prepared, Result
from tests.crash.interferences import INTERFERENCES
from tests.crash.lab import Lab
from tests.crash.mutants import Mutant
from tests.crash.product import Product
from tests.crash.scenarios import SCENARIOS
from tests.crash.tell import again
from tests.crash.test_calls import CALLS

CAUGHT: dict[Mutant, tuple[str, str, str]] = {
    mutants.identity_not_compared: ("update", "foreign stranger", "I4: patch hits what is not ours"),
    mutants.digest_not_compared: ("create", "foreign stranger", "I4: something foreign is taken for made by us"),
    mutants.no_finalizer: ("create", "user deletes", "I5: put without finalizer"),
    mutants.finalizer_after_the_act: ("create", "user deletes", "I6: orphan transform/one"),
    mutants.unanswered_blocks_nothing: ("update", "spec changes", "I9: patch while another request is under way"),
    mutants.no_quiet_time: ("create", "user deletes", "I6: created after its object was let go"),
    mutants.adopted_is_deleted: ("delete adopted", "vanishes", "I7/I8/I10: delete without consent"),
    mutants.nothing_protects_the_air: ("event: interrupting change held", "drifts", "I7/I8/I10: stop without consent"),
    mutants.run_state_drift_is_corrected: ("event: stopped outside", "drifts", "I7/I8/I10: start without consent"),
    mutants.note_in_memory_only: ("create", "user deletes", "I4: something foreign is taken for made by us"),
    mutants.update_not_noted: ("update", "user lets go", "note: patch is not what was noted"),
    mutants.note_without_what_was_settled: (
        "event: create and start",
        "user deletes",
        "record: what is ours is forgotten",
    ),
    mutants.get_before_note: ("create", "foreign stranger", "I4: put hits what is not ours"),
    mutants.nomination_settles: ("left out by LIST", "user deletes", "I6: orphan transform/one"),
    mutants.older_observation_accepted: (
        "event: interrupt",
        "user deletes",
        "I6: orphan liveevent/one",
    ),
    mutants.answer_taken_for_a_look: ("update", "drifts", "I13: Ready on a look that is older than the last write"),
    mutants_on_air.run_state_recorded_with_the_note: (
        "event: start",
        "user deletes",
        "truth: one: held as StoppedOutside for nothing",
    ),
    mutants_on_air.first_sight_is_an_order: (
        "event: asked before it was known",
        "user deletes",
        "I7/I8/I10: start without consent",
    ),
    mutants_on_air.recordings_not_asked_for: (
        "event: stop",
        "recording begins",
        "I7: stop without asking for recordings",
    ),
    mutants_on_air.every_stop_ends_recordings: (
        "event: recording keeps it on air",
        "user deletes",
        "I7: stop ends recordings",
    ),
    mutants_on_air.refusals_guard_recordings: (
        "event: recording keeps it on air, cascading",
        "user deletes",
        "I7: stop ends recordings",
    ),
    mutants_on_air.stop_for_a_change_keeps_the_run_state: (
        "event: interrupt",
        "user deletes",
        "truth: one: held as StoppedOutside for nothing",
    ),
    mutants_on_air.requests_not_recorded: ("event: asked to reset", "user deletes", "once: reset is repeated"),
    mutants_on_air.unseen_reset_is_repeated: ("event: asked to reset", "user deletes", "once: reset is repeated"),
    mutants_on_air.ended_recording_is_made_again: (
        "recording: ended by others",
        "user deletes",
        "recording: a recording begins in an asset that holds one",
    ),
    mutants_on_air.taken_assets_are_free: (
        "recording: a second one in its asset",
        "user deletes",
        "recording: a recording begins in an asset that holds one",
    ),
    mutants_on_air.unseen_recording_is_begun_again: (
        "recording: begin",
        "vanishes",
        "recording: a recording begins in an asset that holds one",
    ),
    mutants_on_air.recording_begins_in_a_reset: (
        "recording: event reset",
        "user deletes",
        "I7: reset ends recordings",
    ),
    mutants_of_holds.what_is_changed_back_is_set_again: (
        "drift, for the fifth time",
        "user deletes",
        "haste: what others change back again and again is set at once",
    ),
    mutants_of_holds.what_does_not_stay_is_started_again: (
        "event: stopped outside again and again",
        "user deletes",
        "haste: what does not stay on air is started again and again",
    ),
    mutants_of_holds.absences_are_few: (
        "most of an account vanish",
        "user deletes",
        "absence: made anew before a second look confirmed that so much is gone",
    ),
    mutants_of_holds.one_sweep_is_enough: (
        "most of an account vanish",
        "user deletes",
        "absence: made anew before a second look confirmed that so much is gone",
    ),
    mutants_of_holds.differences_are_few: (
        "most of an account differ for another version",
        "user deletes",
        "version: changed with much else since another version is at work",
    ),
    mutants_of_holds.what_is_left_out_is_in_sync: (
        "most of an account differ for another version, half seen",
        "user deletes",
        "version: changed with much else since another version is at work",
    ),
    mutants_of_holds.lost_files_are_hidden: (
        "asset: vanished",
        "user deletes",
        "absence: what held files is made anew unasked",
    ),
    mutants_of_holds.owner_tags_mean_nothing: (
        "event: of another cluster",
        "user deletes",
        "I4: what belongs to another object is adopted",
    ),
    mutants_of_holds.one_look_is_enough: (
        "deleted while the service denies its account",
        "user deletes",
        "I6: orphan transform/one",
    ),
    mutants_of_holds.a_look_of_a_former_process_is_old: (
        "deleted while the service denies its account",
        "user deletes",
        "I6: orphan transform/one",
    ),
    mutants_of_holds.what_is_unreadable_claims_nothing: (
        "two objects, one can't be read any more",
        "user deletes",
        "I4: what belongs to another object is adopted",
    ),
    mutants_of_holds.who_pauses_claims_nothing: (
        "two objects, one is paused",
        "user deletes",
        "I4: what belongs to another object is adopted",
    ),
}
"""each mutant, with the scenario and the interference that notice it, and how"""


@pytest.mark.parametrize("mutant", CAUGHT, ids=lambda mutant: mutant.__name__)
def test_a_rule_taken_out_is_noticed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    name, interference, violation = CAUGHT[mutant]
    scenario = next(one for one in SCENARIOS if one.name == name)
    chosen = tuple(one for one in INTERFERENCES if one.name == interference)
    mutant(monkeypatch)
    product = Product(scenario, Prepared.of(Lab(), scenario))
    found: set[str] = set()

    def noticed(result: Result) -> bool:
        found.update(result.violations)
        return violation in found

    alone = any(noticed(result) for result in product.each())
    assert alone or any(noticed(history()) for history in product.disturbed(chosen)), sorted(found)


@pytest.mark.parametrize("name", ["create", "update", "delete", "event: start"])
def test_no_look_after_the_act_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = next(one for one in SCENARIOS if one.name == name)
    mutants.no_look_again(monkeypatch)
    plain = Prepared.of(Lab(), scenario).run()
    assert Counter(plain.calls[: plain.settled]) != CALLS[name]


def test_a_rule_that_one_history_needs_is_noticed_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants_on_air.event_stops_in_a_beginning(monkeypatch)
    mutants_on_air.unseen_recording_is_begun_again(monkeypatch)
    name = "recording: event stops while it begins | its answer is lost at 16 | Secret is rotated at 5"
    assert again(name).violations == ("recording: a recording begins in an asset that holds one",)
