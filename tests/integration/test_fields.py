"""Field by field: changed while it is stopped and while people watch, taken out of the manifest, changed by others.

Generated from the kinds' tables: what a field's row says is what has to be seen in the service, which is asked by
somebody else than the operator. All objects, one or two for each field, go through the same steps together.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration import field_samples as samples
from tests.integration import on_air
from tests.integration.field_sample import SECRET, by_key
from tests.integration.field_stage import ANYTHING, RUN, Case, Expected, Stage, after, bare, cases
from tests.integration.rig import Rig

from ams_operator.domain.kind import Reset

ON_AIR = frozenset({"Asset", "LiveEvent", "LiveOutput", "StreamingEndpoint"})
"""kinds that need each other; the two tests run side by side"""
WAY_OUT = "create another|leave it out"


@pytest.mark.parametrize("kind", samples.MODELS)
def test_every_field_has_a_sample_or_a_reason(kind: str) -> None:
    """A new field joins by its sample, a removed one leaves with it; a new kind is found here, too."""
    tried, untried = set(samples.SAMPLES.get(kind, ())), set(samples.UNTRIED.get(kind, ()))
    assert tried | untried == samples.fields_of(kind)
    assert not tried & untried


@pytest.mark.usefixtures("variant")
@pytest.mark.parametrize("kinds", [ON_AIR, frozenset(samples.SAMPLES) - ON_AIR], ids=["on air", "others"])
def test_every_field_in_every_situation(rig: Rig, kinds: frozenset[str]) -> None:
    """In five steps, each for all objects: made, changed, changed back and taken out, changed by others, stopped."""
    rig.emulator.control.settings(quotas="off")
    stage = Stage(rig, [])
    with rig.running():
        everything = cases(_prepared(rig, kinds), kinds)
        _made(stage, everything)
        _changed(stage, everything)
        _settled(stage, [case for case in everything if case.settled])
        _changed_by_others(stage, everything)
        stage.deviations += [f"{path}: nobody asked for it" for path in _posts(rig, "stop") if "/live-" in path]
        _stopped_and_taken_out(stage, [case for case in everything if not case.settled])
    assert not stage.deviations, "\n".join(stage.deviations)


def _prepared(rig: Rig, kinds: frozenset[str]) -> dict[str, str]:
    """The account, what the live outputs need, and the words that samples leave open."""
    storage = rig.emulator.control.get_out_of_band(on_air.account_id(rig))["properties"]["storageAccounts"][0]["id"]
    keyed = [sample for kind in kinds for sample in samples.SAMPLES[kind].values() if sample.written is by_key]
    values = [value for sample in keyed for value in (sample.first, sample.second)]
    rig.cluster.secret(SECRET, {value: value for value in values})
    rig.ready_account()
    if "LiveOutput" in kinds:
        on_air.event(rig, "stage", runState="Running")
        for number in range(len(samples.SAMPLES["LiveOutput"])):
            on_air.asset(rig, f"tape-still-{number}")
    return {"STORAGE": storage.rpartition("/")[2], "ACCOUNT": rig.account_name}


def _made(stage: Stage, everything: list[Case]) -> None:
    """With the field and, to learn what the service makes of it by itself, without."""
    for case in everything:
        stage.apply(case, case.sample.first)
    without = {bare(case) for case in everything if not (case.settled or case.sample.required)}
    for case in without:
        stage.apply(case, None)
    stage.until("made without", [Expected(case, ANYTHING) for case in without])
    state = {True: "Running", False: "Stopped"}
    stage.until(
        "made",
        [
            Expected(case, case.value(case.sample.first), state=state[case.live] if case.kind in RUN else "")
            for case in everything
        ],
    )


def _held(case: Case) -> bool:
    """It runs, and the change would interrupt those who depend on that."""
    return case.live and case.row.when is not None


def _changed(stage: Stage, everything: list[Case]) -> None:
    """What can't change is refused at admission; what would interrupt is held, and no longer once it is taken back."""
    for case in everything:
        if case.settled and not case.secret:
            stage.refused(case, case.sample.second, rf"can't change: .*({WAY_OUT})")
        else:
            stage.apply(case, case.sample.second)
    changing = [case for case in everything if not case.settled]
    keyed = [case for case in everything if case.settled and case.secret]
    stage.until(
        "changed",
        [
            *(_waits(case, case.sample.first) for case in changing if _held(case)),
            *(Expected(case, case.value(case.sample.second)) for case in changing if not _held(case)),
            *(Expected(case, case.value(case.sample.first), "CannotChange") for case in keyed),
        ],
    )
    back = [case for case in everything if _held(case)] + keyed
    for case in back:
        stage.apply(case, case.sample.first)
    stage.until("changed back", [Expected(case, case.value(case.sample.first)) for case in back])


def _waits(case: Case, value: Any) -> Expected:
    """Held, with the way out."""
    says = '"disruptionPolicy":"Interrupt"'
    return Expected(case, case.value(value), "WouldInterrupt", says, "Running")


def _settled(stage: Stage, fixed: list[Case]) -> None:
    """Taken out of the manifest: refused, or reported where admission can't know."""
    for case in fixed:
        if case.sample.comes_and_goes or case.secret:
            stage.apply(case, None)
        elif case.sample.required:
            stage.refused(case, None, "set input|Required value|can't change")
        else:
            stage.refused(case, None, rf"can't change: .*({WAY_OUT})")
    gone = [case for case in fixed if case.sample.comes_and_goes or case.secret]
    stage.until(
        "taken out",
        [Expected(case, case.value(case.sample.first), "CannotUnset" if case.secret else "") for case in gone],
    )
    for case in gone:
        stage.apply(case, case.sample.first)
    stage.until("declared again", [Expected(case, case.value(case.sample.first)) for case in gone])


def _changed_by_others(stage: Stage, everything: list[Case]) -> None:
    """Corrected where that disturbs nobody, else reported and left as it is."""
    expected = []
    for case in everything:
        declared = case.sample.first if case.settled or _held(case) else case.sample.second
        stage.theirs(case, declared)
        if case.settled:
            expected.append(Expected(case, case.theirs(declared), case.sample.drift))
        elif _held(case):
            expected.append(_waits(case, case.theirs(declared)))
        else:
            expected.append(Expected(case, case.value(declared)))
    stage.until("changed by others", expected)


def _stopped_and_taken_out(stage: Stage, changing: list[Case]) -> None:
    """What waited for a stop is made after it; what was taken out of the manifest is as if it had never been there."""
    expected, resources = [], {kind: stage.resources(kind) for kind in {case.kind for case in changing}}
    for case in changing:
        if case.live:
            stage.apply(case, case.sample.second, "Stopped")
            expected.append(Expected(case, case.value(case.sample.second), state="Stopped"))
        elif case.sample.required:
            stage.refused(case, None, "set outputs|Required value")
        else:
            stage.apply(case, None)
            expected.append(
                Expected(
                    case, after(case, resources[case.kind]), "CannotUnset" if case.row.reset is Reset.CANNOT else ""
                )
            )
    stage.until("stopped and taken out", expected)


def _posts(rig: Rig, verb: str) -> list[str]:
    return [path for method, path in on_air.writes(rig) if method == "POST" and path.endswith(f"/{verb}")]
