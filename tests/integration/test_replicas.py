"""Several replicas, of which one acts. What is decided about the Lease is tested in `property/test_lease.py`; here are
processes, a real API server, and the service's log as the witness."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.integration.operators import Operator
from tests.integration.rig import Rig
from tests.patience import until


@pytest.fixture
def pair(rig: Rig, tmp_path: Path) -> Iterator[tuple[Operator, Operator]]:
    """Two that share a home; neither is started."""
    one = rig.operator
    other = Operator(one.kubeconfig, one.namespaces, one.home, tmp_path / "other.log", env={"POD_NAME": "other"})
    one.env["POD_NAME"] = "one"
    yield one, other
    for each in (one, other):
        if each.process is not None and each.process.poll() is None:
            each.kill()


def leads(operator: Operator, term: int) -> None:
    until(lambda: f"leads, term {term}\n" in operator.probe("/healthz")[1], f"leads in term {term}; see {operator.log}")


def stands_by(operator: Operator, leader: str) -> None:
    """Ready, though it does nothing."""
    until(lambda: f"stands by for {leader}_" in operator.probe("/healthz")[1], f"stands by; see {operator.log}")
    assert operator.is_ready()
    assert operator.metric("ams_operator_leading") == 0
    assert operator.metric("ams_operator_service_requests_total") == 0
    assert operator.writes() == 0


def made(rig: Rig, name: str) -> None:
    """A transform, by whoever leads."""
    rig.transform(name)
    rig.cluster.ready("Transform", name)


def term(entry: dict[str, Any]) -> int:
    return int(entry["user_agent"].partition(" term=")[2] or 0)


def test_one_acts_whatever_becomes_of_it(rig: Rig, pair: tuple[Operator, Operator]) -> None:
    one, other = pair
    one.start()
    leads(one, 1)
    other.start()
    stands_by(other, "one")
    rig.ready_account()
    made(rig, "first")

    # A clean exit hands over at once: nobody waits until the Lease runs out.
    assert one.stop() == 0
    assert "gave the Lease ams-operator up" in one.text()
    leads(other, 2)
    made(rig, "second")

    # A leader that stands still, with a look under way after which it would write, and wakes in another's term.
    one.start()
    stands_by(one, "other")
    held = rig.emulator.control.barrier("before", method="GET", path=".*/transforms/asleep.*")
    rig.transform("asleep")
    held.wait()
    assert other.process is not None
    other.process.send_signal(signal.SIGSTOP)
    held.release("apply")
    rig.emulator.control.clear_barriers()
    leads(one, 3)
    made(rig, "third")
    other.process.send_signal(signal.SIGCONT)
    assert other.process.wait(60) == 1, "what it remembers is worth nothing"
    assert "another replica leads" in other.text()

    # A leader that is killed.
    other.start()
    stands_by(other, "one")
    one.kill()
    leads(other, 4)
    made(rig, "fourth")

    # A Lease that is deleted under its holder comes back, in the same term.
    lease = f"/apis/coordination.k8s.io/v1/namespaces/{other.home}/leases/ams-operator"
    uid = rig.cluster.call("GET", lease)[1]["metadata"]["uid"]
    assert rig.cluster.call("DELETE", lease)[0] == 200
    again = until(lambda: (found := rig.cluster.call("GET", lease))[0] == 200 and found[1], "it is made again")
    assert again["metadata"]["uid"] != uid
    assert again["spec"]["holderIdentity"].startswith("other_")
    made(rig, "fifth")
    leads(other, 4)

    log = [entry for entry in rig.emulator.control.log() if "ams-operator/" in entry["user_agent"]]
    assert {term(entry) for entry in log} == {1, 2, 3, 4}
    writes = [entry for entry in log if entry["access"] == "write"]
    assert all(term(before) <= term(after) for before, after in pairwise(writes)), "terms never interleave"
    assert [term(entry) for entry in writes if entry["path"].endswith("/asleep")] in ([], [3]), "none of the sleeper's"
