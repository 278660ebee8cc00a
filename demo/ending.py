"""What comes after the acts: the summary, and what to try where all is left running."""

from __future__ import annotations

import math
import os
import shlex
import sys
import time
from pathlib import Path
from shutil import which
from typing import Final

from demo import access, manifests
from demo.manifests import ACCOUNT, DRIFT_INTERVAL, NAMESPACE, SOURCE, USED
from demo.stage import Stage
from demo.tour import Tour, expect

_YOURS: Final = "mine"


def summarise(tour: Tour) -> None:
    """How many requests it all took, on both sides, and what people noticed of it."""
    screen, service = tour.screen, tour.stage.service
    screen.line()
    screen.line("Summary", "bold")
    screen.counts("Requests of the operator to the service", service.operator_requests())
    screen.counts("Writes of the operator to the API server", tour.stage.operator.cluster_writes())
    show_meters(tour)
    screen.line(f"  {time.monotonic() - tour.began:.0f} s from the first manifest on, {screen.elapsed} in all")


def show_meters(tour: Tour) -> None:
    """What people noticed and what it cost, as the service measured it. Raises DemoError where nobody asked for it."""
    screen, found = tour.screen, tour.stage.service.meters(tour.place(""))
    unasked = max(0.0, round(found["viewerGapSeconds"] - tour.asked_gap, 1))
    lines = (
        ("Recordings overwritten", found["recordingsOverwritten"], ""),
        ("Feeds of encoders lost", found["feedsLost"], ""),
        ("Viewers' gap seconds that nobody asked for", unasked, ""),
        ("Viewers' gap seconds, endpoint stopped by hand", tour.asked_gap, "until the operator started it again"),
        ("Billed seconds", found["billedSeconds"], "of events and endpoints"),
    )
    screen.line("  Meters of the service")
    for name, value, remark in lines:
        screen.line(f"    {name:<46}{value:>7.0f}  {remark}".rstrip())
    harm = [f"{name}: {value:.1f}" for name, value, _ in lines[:3] if value]
    expect(not harm, f"people were harmed: {', '.join(harm)}")


def keep(tour: Tour) -> None:
    """Say what can be tried, then show the objects until somebody ends it; returns never."""
    screen, stage = tour.screen, tour.stage
    text = manifests.simplest(stage.service.place)
    simplest = access.write_text(stage.directory / "simplest.yaml", text)
    functions = access.write_text(stage.directory / "service.sh", shell_function(stage))
    screen.chapter("All is left running", f"The simplest file that works, for the account {USED} that exists already:")
    for line in text.splitlines():
        screen.line(f"    {line}", "dim")
    screen.line("In another terminal:")
    for why, commands in lines_to_try(stage, simplest, functions):
        screen.line(f"  # {why}", "dim")
        for command in commands:
            screen.command(command)
    screen.line()
    screen.line(f"Ctrl-C here ends it and cleans up; so does: kill {os.getpid()}", "bold")
    screen.line()
    screen.wait("running; Ctrl-C ends it", lambda: None, tour.rows, patience=math.inf)


def lines_to_try(stage: Stage, simplest: Path, functions: Path) -> list[tuple[str, list[str]]]:
    """Shell lines, each group with what it is good for."""
    kubeconfig, programs = shlex.quote(str(stage.cluster.kubeconfig)), Path(sys.executable).parent
    inside = f"-n {NAMESPACE}"
    plan = '\'{"spec": {"managementPolicy": "Plan", "description": "In three sizes"}}\''
    ingest = '\'{{index .data "rtmp-primary" | base64decode}}{{"\\n"}}\''
    theirs = '\'{"properties": {"description": "somebody was here"}}\''
    report, page = (shlex.quote(str(stage.directory / f"{SOURCE}.{form}")) for form in ("yaml", "html"))

    def state(name: str) -> str:
        return f"kubectl wait {inside} --for=jsonpath='{{.status.resourceState}}'={name} liveevent/studio --timeout=1m"

    alias = [f"alias kubectl={shlex.quote(str(stage.kubectl))}"] if stage.kubectl and not which("kubectl") else []
    return [
        ("look around", [f"export KUBECONFIG={kubeconfig}", *alias, f"kubectl get ams {inside}"]),
        ("everything that is known of one object", [f"kubectl describe {inside} transform adaptive"]),
        (
            "change it, and wait until the service has the change",
            [
                f"kubectl edit {inside} transform adaptive",
                f"kubectl wait {inside} --for=condition=Ready transform/adaptive",
            ],
        ),
        (
            "apply the simplest file",
            [
                f"kubectl create namespace {_YOURS}",
                f"kubectl apply -n {_YOURS} -f {shlex.quote(str(simplest))}",
                f"kubectl wait -n {_YOURS} --for=condition=Ready transform/adaptive liveevent/studio",
            ],
        ),
        (
            "how far the move from version 2 is, as a page",
            [
                f"kubectl get {inside} migrationreport {SOURCE} -o yaml > {report}",
                f"{programs / 'ams-operator'} migrate report --from {report} -o html --file {page}",
            ],
        ),
        (
            "have a change shown first, then approve it",
            [
                f"kubectl patch {inside} transform h264-ladder --type merge -p {plan}",
                f"kubectl get {inside} transform h264-ladder -o jsonpath='{{.status.plan}}{{\"\\n\"}}'",
                f"{programs / 'ams-operator'} request approve transform/h264-ladder {inside}",
            ],
        ),
        (
            "where the encoder of the event on air sends; then stop it and start it, and see a deletion refused",
            [
                f"kubectl get {inside} secret studio-connection -o go-template={ingest}",
                f"{programs / 'ams-operator'} request stop liveevent/studio {inside}",
                state("Stopped"),  # pasted at once, the deletion would meet an event that is off air, and be done
                f"{programs / 'ams-operator'} request start liveevent/studio {inside}",
                state("Running"),
                f"kubectl delete {inside} liveevent studio",
            ],
        ),
        (
            f"ask the service itself, and change something behind the operator's back (see {DRIFT_INTERVAL} later)",
            [
                f". {shlex.quote(str(functions))}",
                "service GET transforms/audio-only",
                f"service PATCH transforms/audio-only {theirs}",
            ],
        ),
    ]


def shell_function(stage: Stage) -> str:
    """A shell function `service METHOD PATH [BODY]` that asks the REST API of the demo's account."""
    place = stage.service.place
    header = access.write_text(
        stage.directory / "headers",
        f"Authorization: Bearer {stage.service.new_token()}\nContent-Type: application/json\n",
    )
    trust = f"--cacert {shlex.quote(str(place.ca_file))} -H @{shlex.quote(str(header))}"
    url = f"{place.url}{place.account_id(ACCOUNT)}"
    return f'''service() {{ curl -sS {trust} -X "$1" "{url}/$2?api-version=2022-07-01" ${{3:+-d "$3"}}; echo; }}\n'''
