"""What the API server may answer to a write, or not at all: the act of which it speaks is neither lost nor repeated."""

from __future__ import annotations

from tests.integration import on_air
from tests.integration.api_proxy import ApiProxy, Outcome, finalized, notes, released, reports
from tests.integration.operators import QUIET, Operator
from tests.integration.rig import Rig
from tests.patience import until

REFUSAL = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "reason": "Invalid",
    "message": 'Transform "refused" is invalid: status.conditions[0].message: Too long: may not be longer than 1024',
    "code": 422,
}


def status(rig: Rig, name: str) -> str:
    return rig.cluster.path("Transform", name) + "/status"


def described(rig: Rig, name: str) -> str | None:
    served = rig.in_service(name)
    return None if served is None else served["properties"].get("description")


def test_conflicts_and_refusals_of_notes_and_outcomes(rig: Rig, proxy: ApiProxy) -> None:
    """The object changes while its note, or its outcome, is on its way (409); an outcome is refused for good (422)."""
    with rig.running():
        rig.ready_account()
        rig.emulator.control.reset_log()
        note = proxy.barrier("before", "PATCH", status(rig, "noted"), notes("create"))
        outcome = proxy.barrier("before", "PATCH", status(rig, "done"), reports)
        refused = proxy.barrier("before", "PATCH", status(rig, "refused"), reports)
        for name in ("done", "refused", "noted"):
            rig.transform(name, description="first")
        for barrier in (outcome, refused, note):
            barrier.wait()
        for name in ("noted", "done"):
            rig.transform(name, description="second")
        for barrier in (note, outcome):
            barrier.release("apply")
            assert barrier.effect() == 409
        refused.release("answer", 422, REFUSAL)
        assert "Too long" in rig.cluster.reason("Transform", "refused", "StatusRejected")
        rig.transform("refused", description="second")
        for name in ("noted", "done", "refused"):
            record = rig.cluster.ready("Transform", name)["status"]["record"]
            assert (record["how"], described(rig, name)) == ("Created", "second")
        assert sorted(on_air.writes(rig)) == [
            ("PATCH", "transforms/done"),
            ("PATCH", "transforms/refused"),
            ("PUT", "transforms/done"),
            ("PUT", "transforms/noted"),
            ("PUT", "transforms/refused"),
        ]


def test_writes_whose_answers_or_effects_are_lost(rig: Rig, proxy: ApiProxy) -> None:
    """The connection breaks while a finalizer, a note, an outcome or a release is on its way, before its effect and
    after it: the process that lives on looks at what became of it."""
    rig.operator.quiet = QUIET  # it does not know whether what a note came back with was sent by itself
    with rig.running() as operator:
        rig.ready_account()
        for name in ("released-drop", "released-apply-drop"):
            rig.transform(name)
            rig.cluster.ready("Transform", name)
        rig.emulator.control.reset_log()
        lost: tuple[Outcome, ...] = ("drop", "apply-drop")
        sent = [
            (f"{name}-{outcome}", rig.emulator.control.barrier("before", method="PUT", path=f"/{name}-{outcome}$"))
            for outcome in lost
            for name in ("note", "finalizer")
        ]
        for outcome in lost:
            for name, end, holds in (
                ("released", "", released),
                ("outcome", "/status", reports),
                ("note", "/status", notes("create")),
                ("finalizer", "", finalized),
            ):
                place = rig.cluster.path("Transform", f"{name}-{outcome}") + end
                barrier = proxy.barrier("before", "PATCH", place, holds)
                if name == "released":
                    rig.cluster.delete("Transform", f"{name}-{outcome}")
                else:
                    rig.transform(f"{name}-{outcome}", description="x")
                barrier.wait()
                barrier.release(outcome)
                assert barrier.effect() == (0 if outcome == "drop" else 200)
                until(operator.is_ready, "the API server answers the others")
        for name, create in sent:
            create.wait()
            found = rig.cluster.get("Transform", name) or {}
            assert (finalized(found), notes("create")(found)) == (True, True), "both last before anything is sent"
            create.release("apply")
        for outcome in lost:
            rig.cluster.gone("Transform", f"released-{outcome}")
            for name in ("outcome", "note", "finalizer"):
                found = rig.cluster.ready("Transform", f"{name}-{outcome}")
                assert found["status"]["record"]["how"] == "Created"
                assert finalized(found)
        made = [
            ("PUT", f"transforms/{name}-{outcome}") for name in ("outcome", "note", "finalizer") for outcome in lost
        ]
        gone = [("DELETE", f"transforms/released-{outcome}") for outcome in lost]
        assert sorted(on_air.writes(rig)) == sorted(made + gone), "each once"


def may_not_write(operator: Operator) -> bool:
    """It says that it is not ready, and has had no time to renew its Lease in which a write may begin."""
    return operator.probe("/readyz")[0] == 503 and "may not write now" in operator.probe("/healthz")[1]


def test_an_api_server_that_answers_nobody_for_a_while(rig: Rig, proxy: ApiProxy) -> None:
    """No connection is refused, and nothing is answered: for longer than a write may take. What was made meanwhile is
    noted when it goes on; what users did meanwhile is done then; nothing is done twice."""
    with rig.running() as operator:
        rig.ready_account()
        for name in ("calm", "edited", "deleted"):
            rig.transform(name, description="first")
        for name in ("calm", "edited", "deleted"):
            rig.cluster.ready("Transform", name)
        rig.emulator.control.reset_log()
        made = rig.emulator.control.barrier("before", method="PUT", path="/transforms/made$")
        rig.transform("made", description="first")
        made.wait()
        proxy.pause()
        made.release("apply")
        rig.transform("edited", description="second")
        rig.cluster.delete("Transform", "deleted")
        until(lambda: may_not_write(operator), "it says that it may not write")
        assert operator.probe("/healthz")[0] == 200
        assert on_air.writes(rig) == [("PUT", "transforms/made")]
        proxy.go_on()
        until(operator.is_ready, "it is ready again")
        rig.cluster.gone("Transform", "deleted")
        for name, text in (("made", "first"), ("edited", "second"), ("calm", "first")):
            record = rig.cluster.ready("Transform", name)["status"]["record"]
            assert (record["how"], described(rig, name)) == ("Created", text)
        assert "leads, term 1\n" in operator.probe("/healthz")[1], "nobody else was quicker"
        assert sorted(on_air.writes(rig)) == [
            ("DELETE", "transforms/deleted"),
            ("PATCH", "transforms/edited"),
            ("PUT", "transforms/made"),
        ]
