"""What others do meanwhile: users at the API server, and whoever else writes to the service.

To add one: an `Interference` below, with the side on which it changes something.
"""

from __future__ import annotations

from tests.crash.history import Interference, Scenario, Side
from tests.crash.lab import STUDIO, account_spec
from tests.crash.stage import UNKNOWN, Stage, asset_spec, endpoint_spec, event_spec, output_spec, transform_spec

from ams_operator.domain.model import JSON
from ams_operator.engine.store import ACCOUNT


def _unmanaged(kind: str) -> JSON:
    return {
        "Transform": transform_spec(),
        "Asset": asset_spec(),
        "LiveEvent": event_spec(),
        "LiveOutput": output_spec(),
        "StreamingEndpoint": endpoint_spec(),
        ACCOUNT: account_spec(),
    }[kind]


def _spec(stage: Stage, scenario: Scenario) -> JSON:
    found = stage.world.objects.get(scenario.subject)
    spec = found.spec if found is not None else _unmanaged(scenario.kind)
    return {name: value for name, value in spec.items() if name != UNKNOWN}


def _let_go(stage: Stage, scenario: Scenario) -> None:
    stage.patch(scenario.subject, deletionPolicy="Retain")
    stage.delete(scenario.subject)


def _both_go(stage: Stage, scenario: Scenario) -> None:
    stage.vanish(ACCOUNT, "contoso")
    stage.delete(scenario.subject)


def _both_change(stage: Stage, scenario: Scenario) -> None:
    """The account's way to the service is made anew while its child has work."""
    stage.patch("default", credentials={"secretRef": {"name": "other"}})
    scenario.edit(stage)


def _run(stage: Stage, scenario: Scenario, state: str) -> None:
    """Somebody else starts or stops it; with a recording its event."""
    if scenario.kind == "LiveOutput":
        stage.run(STUDIO, state)
    else:
        stage.run(scenario.azure, state, scenario.kind)


CHILDREN = ("Transform", "Asset", "LiveEvent", "LiveOutput", "StreamingEndpoint")
ON_AIR = ("LiveEvent", "LiveOutput", "StreamingEndpoint")
THEIRS: dict[str, JSON] = {
    "Transform": {"description": "theirs"},
    "Asset": {"description": "theirs"},
    "LiveEvent": {"description": "theirs"},
    "LiveOutput": {"description": "theirs"},
    "StreamingEndpoint": {"description": "theirs"},
    ACCOUNT: {"publicNetworkAccess": "Disabled"},
}
INTERFERENCES = (
    Interference("user deletes", lambda stage, scenario: stage.delete(scenario.subject)),
    Interference("user lets go", _let_go),
    Interference("account and object go", _both_go, CHILDREN, side=Side.BOTH),
    Interference("spec changes", lambda stage, scenario: scenario.edit(stage)),
    Interference("user observes", lambda stage, scenario: stage.patch(scenario.subject, managementPolicy="Observe")),
    Interference(
        "foreign twin",
        lambda stage, scenario: stage.foreign(scenario.kind, scenario.azure, _spec(stage, scenario)),
        side=Side.SERVICE,
        outside=True,
    ),
    Interference(
        "foreign stranger",
        lambda stage, scenario: stage.foreign(
            scenario.kind, scenario.azure, {**_spec(stage, scenario), **THEIRS[scenario.kind]}
        ),
        side=Side.SERVICE,
        outside=True,
    ),
    Interference(
        "vanishes", lambda stage, scenario: stage.vanish(scenario.kind, scenario.azure), side=Side.SERVICE, outside=True
    ),
    Interference(
        "drifts",
        lambda stage, scenario: stage.drift(scenario.kind, scenario.azure, description="drifted"),
        ("Transform", "Asset", "LiveEvent", "StreamingEndpoint"),
        side=Side.SERVICE,
    ),
    Interference(
        "status lost", lambda stage, scenario: stage.lose_status(scenario.subject), side=Side.BOTH, outside=True
    ),
    Interference("copy restored", lambda stage, scenario: stage.copied(scenario.subject), side=Side.BOTH, outside=True),
    Interference(
        "stopped outside",
        lambda stage, scenario: _run(stage, scenario, "Stopped"),
        ON_AIR,
        side=Side.SERVICE,
        outside=True,
    ),
    Interference(
        "started outside",
        lambda stage, scenario: _run(stage, scenario, "Running"),
        ON_AIR,
        side=Side.SERVICE,
        outside=True,
    ),
    Interference("account and object change", _both_change, CHILDREN),
    Interference("LIST leaves it out", lambda stage, _scenario: stage.behind(without=True), side=Side.LIST),
    Interference("Secret is rotated", lambda stage, _scenario: stage.rotate(), side=Side.SECRET),
    Interference(
        "recording begins",
        lambda stage, scenario: stage.record(scenario.azure),
        ("LiveEvent",),
        side=Side.SERVICE,
        outside=True,
    ),
)
