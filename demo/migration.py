"""An account with a past in version 2 is annotated, and says how far its move is."""

from __future__ import annotations

from typing import Any, Final

from demo import manifests
from demo.cluster import JSON
from demo.manifests import NAMESPACE, SOURCE
from demo.rows import condition
from demo.tour import Tour, expect

_ENGINE: Final = frozenset({"Ready", "Reconciling", "Stalled", "Synced"})
_ALL: Final = 11
_COUNTED_AS_ASSETS: Final = "Combinations"
_READ: Final = "V2InventoryReady"


def tell(tour: Tour) -> None:
    """This act. Raises DemoError where something does not happen."""
    screen, service = tour.screen, tour.stage.service
    screen.chapter(
        "11. The move from version 2",
        "A broadcaster has an account that was used with version 2 for years. Annotated as a source, it is read, and "
        "says what is done, what blocks, and what to do next. Nothing is written to version 2.",
    )
    since = service.now()
    document = manifests.source(service.place)
    service.add_account(SOURCE, scenario="broadcaster")
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f examples/migration/source.yaml")
    tour.apply(document)
    seconds = tour.seconds_until("waiting until all of version 2 is read", lambda: _is_read(tour))
    for one in _conditions(tour.item("MediaServicesAccount", SOURCE)):
        screen.proof(one["status"], f"{one['type']} {one['reason']}: {one['message']}")
    report = tour.item("MigrationReport", SOURCE)["status"]
    rows = sum(one["rows"] for one in report["sets"] if one["name"] != _COUNTED_AS_ASSETS)
    made = sum(report.get("becomes", {}).values())
    screen.proof(
        "report",
        f"{rows} entities in {len(report['sets'])} sets, {made} new objects in version 3, "
        f"{len(report.get('gaps', ()))} gaps and questions; read in {seconds:.1f} s",
    )
    screen.command(f"kubectl get migrationreport {SOURCE} -n {NAMESPACE} -o yaml")
    written = service.writes_to_version_2(since)
    expect(written == 0, f"version 2 got {written} writes")
    screen.proof("requests", f"writes to version 2: {written}")


def _is_read(tour: Tour) -> bool:
    item = tour.item("MediaServicesAccount", SOURCE)
    found = condition(item, _READ) or {}
    return found.get("status") == "True" and len(_conditions(item)) == _ALL and _is_reported(tour)


def _is_reported(tour: Tour) -> bool:
    report = tour.stage.cluster.get("MigrationReport", SOURCE, NAMESPACE) or {}
    inventory: dict[str, Any] = report.get("status", {}).get("inventory", {})
    return bool(inventory) and inventory.get("done") == inventory.get("all")


def _conditions(item: JSON) -> list[JSON]:
    return [one for one in item.get("status", {}).get("conditions", ()) if one["type"] not in _ENGINE]
