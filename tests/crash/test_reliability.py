"""`make reliability`, with few rounds: each table counts what happened, and its rows come from the registry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bench.reliability import cut_off, histories_text
from bench.reliability.__main__ import main
from bench.reliability.document import sections_of
from bench.reliability.histories import HARMS, OTHER, Histories, harm_of, play
from bench.reliability.soak import Soak, soak
from bench.reliability.takeover import Takeovers, judge, text
from tests.crash import mutants, mutants_on_air
from tests.crash.history import Result
from tests.crash.mutants import Mutant
from tests.crash.scenarios import SCENARIOS
from tests.crash.tell import again
from tests.crash.test_rules_taken_out import CAUGHT

from ams_operator.api.kinds import KINDS

QUIET = 10**9
"""one in so many histories with interference: none"""


def mute(_: str) -> None: ...


def played(name: str) -> Histories:
    return play([one for one in SCENARIOS if one.name == name], QUIET, mute)


def test_sections_are_written_into_their_places_and_the_others_stay(tmp_path: Path) -> None:
    out = tmp_path / "reliability.md"
    short = [f"--out={out}", "--scenario=event: interrupting change held", f"--part={QUIET}"]
    assert main([*short, "--only=crash", "--only=soak", "--hours=1", "--objects=20"]) == 0
    first = sections_of(out.read_text())
    assert set(first) == {"crash", "soak"}
    assert "| seconds off air that nobody asked for | 0 |" in first["soak"]
    assert "No history ended in a violation." in first["crash"]
    assert main([*short[:1], "--only=soak", "--hours=1", "--objects=20", "--seed=2"]) == 0
    second = sections_of(out.read_text())
    assert second["crash"] == first["crash"]
    assert "--seed 2" in second["soak"]


def test_rows_come_from_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    found = played("create")
    rows = [str(row[0]) for row in histories_text._by_fault(found)]
    assert list(dict.fromkeys(rows)) == [kind.kind for kind in KINDS]
    assert {str(row[1]) for row in histories_text._by_fault(found) if row[0] == "Transform"} == set(
        map(str, histories_text.FAULTS)
    )
    later = replace(KINDS[-1], kind="Later")
    monkeypatch.setattr(histories_text, "KINDS", (*KINDS, later))
    assert [str(row[:2]) for row in histories_text._by_fault(found)][-1] == "['Later', 'no scenario of its own']"


@pytest.mark.parametrize(
    ("mutant", "name", "column"),
    [
        (mutants.nothing_protects_the_air, "event: interrupting change held", "blocked requests sent"),
        (mutants_on_air.ended_recording_is_made_again, "recording: ended by others", "recordings harmed"),
    ],
)
def test_a_rule_taken_out_is_counted_in_its_column(
    mutant: Mutant, name: str, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)
    found = played(name)
    assert sum(tally.harms[column] for tally in found.faults.values()) > 0
    assert found.violations


def test_seconds_off_air_are_those_that_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(name: str) -> float:
        return sum(tally.off_air for tally in played(name).faults.values())

    assert seconds("event: interrupting change held") == 0
    assert seconds("event: stop") == 0, "its manifest says so"
    late = again("event: asked to stop | its answer is lost at 4 | copy restored at 8")
    assert late.off_air == 0, "it was asked for, though the object that asked is gone"
    mutants.nothing_protects_the_air(monkeypatch)
    assert seconds("event: interrupting change held") > 0


def test_every_violation_has_a_column() -> None:
    columns = {harm_of(violation) for _, _, violation in CAUGHT.values()}
    assert columns == {*HARMS, OTHER} - {"made twice"}
    assert harm_of("I4: created twice") == "made twice"


def test_what_never_happens_would_be_shown() -> None:
    found = Histories(1)
    found.scenarios["Transform"] += 1
    found.add(
        "Transform", Result("x | crash before it at 3 | user deletes at 2", violations=("I6: orphan transform/x",))
    )
    text = histories_text.histories(found)
    assert "| Transform | crash before it | 1 | 1 | 0 |" in text
    assert "| user deletes | 1 | 1 | 0 |" in text
    assert "I6: orphan transform/x" in text


class TestSoak:
    def test_a_seed_gives_the_same_run(self) -> None:
        one, same, other = (soak(1, 40, seed, mute) for seed in (7, 7, 8))
        assert (one.violations, one.sweeps_writes, one.restart_writes) == ([], 0, 0)
        assert self.trace(one) == self.trace(same) != self.trace(other)
        assert one.faults.total() > 0
        assert one.deeds.total() > 0

    def test_a_rule_taken_out_is_noticed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        mutants.unanswered_blocks_nothing(monkeypatch)
        assert soak(1, 80, 1, mute).violations != []

    def trace(self, found: Soak) -> list[object]:
        return [found.calls, found.faults, found.deeds, [hour.service_writes for hour in found.seen]]


def test_a_write_of_a_former_term_is_counted() -> None:
    def entry(term: int, access: str = "write") -> dict[str, str]:
        return {"user_agent": f"ams-operator/1 x term={term}", "access": access}

    found = Takeovers()
    judge(found, [entry(1), entry(2), entry(1, "read"), entry(2), {"user_agent": "others", "access": "write"}])
    assert (found.terms, found.writes, found.interleaved) == (2, 3, 0)
    sleeper = Takeovers()
    judge(sleeper, [entry(1), entry(2), entry(1), entry(2)])
    assert sleeper.interleaved == 1
    sleeper.seconds["SIGSTOP"] += [10.0, 12.0]
    assert "| stands still for 15 s, and wakes | 2 | 10.0 | 11.0 | 12.0 |" in text(sleeper)


def test_what_a_cut_off_leader_leaves_wrong_is_counted() -> None:
    good = cut_off.Case("answers nobody", other=True, taken=10.25, settled=1.0, puts=1, wrong=[])
    bad = cut_off.Case("turns everybody away", other=False, taken=None, settled=2.0, puts=2, wrong=["sent 2 times"])
    found = cut_off.CutOff([good, bad])
    assert found.violations == ["cut off (turns everybody away): sent 2 times"]
    shown = text(Takeovers(seconds={"SIGSTOP": [1.0]}), cut_off.text(found))
    assert "| answers nobody | yes | 10.2 | 1.0 | 1 | 0 |" in shown
    assert "| turns everybody away | no |  | 2.0 | 2 | 1 |" in shown
