"""What comes after the acts: the summary, and what to try where all is left running."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import Final

from demo import access, manifests
from demo.manifests import ACCOUNT, NAMESPACE
from demo.stage import Stage
from demo.tour import Tour, spelled

_YOURS: Final = "mine"
_FOREVER: Final = float("inf")


def summarise(tour: Tour) -> None:
    """How many requests it all took, on both sides."""
    screen, service = tour.screen, tour.stage.service
    counts = service.operator_requests()
    screen.line()
    screen.line("Summary", "bold")
    screen.pairs(
        [
            ("Time", f"{time.monotonic() - tour.began:.0f} s from the first manifest, {screen.elapsed} in all"),
            ("Requests of the operator to the service", f"{counts.total()}: {spelled(counts)}"),
            ("Requests for tokens and discovery", f"{service.token_requests()}"),
            ("Writes of the operator to the API server", f"{tour.stage.operator.cluster_writes()}"),
        ]
    )


def keep(tour: Tour) -> None:
    """Say what can be tried, then show the objects until somebody ends it; returns never."""
    screen, stage = tour.screen, tour.stage
    text = manifests.simplest(stage.service.place)
    simplest = access.write_text(stage.directory / "simplest.yaml", text)
    screen.chapter("All is left running.", "The simplest manifest that works, for an account that exists already:")
    for line in text.splitlines():
        screen.line(f"    {line}", "dim")
    screen.line("In another terminal:", "bold")
    screen.command(lines_to_try(stage, simplest))
    screen.line()
    screen.line(f"Ctrl-C here ends it and cleans up, and so does: kill {os.getpid()}")
    screen.line()
    screen.wait("running; Ctrl-C ends it", lambda: None, tour.rows, patience=_FOREVER)


def lines_to_try(stage: Stage, simplest: Path) -> str:
    """Shell lines, one comment before each."""
    place = stage.service.place
    header = stage.directory / "authorization"
    access.write_text(header, f"Authorization: Bearer {stage.service.new_token()}\n")
    adaptive = f"{place.url}{place.transform_id(ACCOUNT, 'adaptive')}?api-version=2022-07-01"
    curl = f"curl -s --cacert {shlex.quote(str(place.ca_file))} -H @{shlex.quote(str(header))}"
    body = '{"properties": {"outputs": [{"preset": {"@odata.type": "#Microsoft.Media.BuiltInStandardEncoderPreset", '
    body += '"presetName": "AACGoodQualityAudio"}}]}}'
    lines = [
        f"export KUBECONFIG={shlex.quote(str(stage.cluster.kubeconfig))}",
        f"kubectl get ams -n {NAMESPACE}",
        f"kubectl get -n {NAMESPACE} transform adaptive -o yaml",
        f"kubectl edit -n {NAMESPACE} transform adaptive",
        f"kubectl create namespace {_YOURS} && kubectl apply -n {_YOURS} -f {shlex.quote(str(simplest))}",
        f"kubectl wait -n {_YOURS} --for=condition=Ready transform/adaptive",
    ]
    lines += ["# look at the service itself, and change something behind the operator's back", f"{curl} '{adaptive}'"]
    lines += [f"{curl} -X PATCH -H 'Content-Type: application/json' -d '{body}' '{adaptive}'"]
    return "\n".join(lines)
