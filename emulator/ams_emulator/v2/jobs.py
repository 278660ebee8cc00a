"""Jobs: Queued, Scheduled, Processing, and an end; with their tasks, and the assets that they leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ams_emulator.clock import timestamp
from ams_emulator.v2.errors import bad, missing
from ams_emulator.v2.model import Row, entity_id
from ams_emulator.v2.place import Place
from ams_emulator.v2.rows import blank
from ams_emulator.v2.sets import SETS
from ams_emulator.v2.url import split

QUEUED, SCHEDULED, PROCESSING, FINISHED, ERROR, CANCELED, CANCELING = range(7)
ENDED = (FINISHED, ERROR, CANCELED)
MOST_TASKS = 30
KEPT = timedelta(days=90)
_TASK_FIELDS = ("Name", "Configuration", "MediaProcessorId", "TaskBody", "Options", "Priority")


def submit(place: Place, job: Row, given: dict[str, Any]) -> None:
    """Add the tasks of a new job, and let it take its course. Raises V2Error; then the job isn't there."""
    try:
        tasks = given.get("Tasks") or []
        if not isinstance(tasks, list) or not 1 <= len(tasks) <= MOST_TASKS:
            raise bad(f"A job has 1 to {MOST_TASKS} tasks.")
        inputs = given.get("InputMediaAssets@odata.bind") or given.get("InputMediaAssets") or []
        sources = [_asset(place, item) for item in inputs]
        rows = [_task(place, job, item) for item in tasks]
    except Exception:
        place.rows("Jobs").remove(job["Id"])
        raise
    for row in rows:
        place.rows("Tasks").put(row)
        for source in sources:
            place.own.links.add("Tasks", "InputMediaAssets", row["Id"], source)
            place.own.links.add("Jobs", "InputMediaAssets", job["Id"], source)
    _set(place, job["Id"], QUEUED)
    run(place, job["Id"], place.world.seconds("jobs", "queue"), place.world.seconds("jobs", "run"))


def run(place: Place, job: str, queued: float, worked: float) -> None:
    """What happens to a job when nobody interferes."""

    def begin() -> None:
        if _state(place, job) in (QUEUED, SCHEDULED):
            _set(place, job, PROCESSING)
        place.world.clock.call_later(worked, end)

    def end() -> None:
        if _state(place, job) == PROCESSING and place.own.storage_lost:
            _set(place, job, ERROR)
        elif _state(place, job) == PROCESSING:
            _set(place, job, FINISHED)
            _deliver(place, job)

    place.world.clock.call_later(queued, begin)


def forget(place: Place) -> None:
    """Jobs older than 90 days are gone, with their tasks. Those that are made on demand are never that old."""
    oldest = timestamp(place.world.clock.now() - KEPT)
    rows = place.rows("Jobs")
    for row in place.own.kept("Jobs"):
        if str(row["Created"]) < oldest:
            for task in place.rows("Tasks").where("_JobId", row["Id"]):
                place.rows("Tasks").remove(task["Id"])
            rows.remove(row["Id"])


def cancel(place: Place, job: str) -> None:
    """Canceling, then Canceled. Raises V2Error for one that has ended, or is being canceled."""
    state = _state(place, job)
    if state is None:
        raise missing(f"Job '{job[:120]}'")
    if state in (*ENDED, CANCELING):
        raise bad(f"Job '{job}' can't be canceled in its state.", "InvalidState")
    _set(place, job, CANCELING)

    def end() -> None:
        if _state(place, job) == CANCELING:
            _set(place, job, CANCELED)

    place.world.clock.call_later(place.world.seconds("jobs", "cancel"), end)


def _state(place: Place, job: str) -> int | None:
    row = place.rows("Jobs").find(job)
    return int(row["State"]) if row else None


def _set(place: Place, job: str, state: int) -> None:
    now = place.world.timestamp()
    for name, rows in (("Jobs", [place.rows("Jobs").find(job)]), ("Tasks", place.rows("Tasks").where("_JobId", job))):
        for row in rows:
            assert row is not None
            changed = {**row, "State": state}
            changed |= {"LastModified": now} if "LastModified" in row else {}
            changed |= {"StartTime": now} if state == PROCESSING else {}
            changed |= {"EndTime": now} if state in ENDED else {}
            changed |= {"Progress": 100.0} if name == "Tasks" and state == FINISHED else {}
            place.rows(name).put(changed)


def _deliver(place: Place, job: str) -> None:
    """The service itself makes the asset that a task leaves."""
    name = str((place.rows("Jobs").find(job) or {}).get("Name"))
    for task in place.rows("Tasks").where("_JobId", job):
        row = {**blank(SETS["Assets"]), "Id": entity_id("cid", place.world.new_id()), "Name": f"{name} - Output"}
        now = place.world.timestamp()
        place.rows("Assets").put(row | {"Created": now, "LastModified": now})
        for owner, entity in (("Tasks", task["Id"]), ("Jobs", job)):
            place.own.links.add(owner, "OutputMediaAssets", entity, row["Id"])


def _task(place: Place, job: Row, given: Any) -> Row:
    if not isinstance(given, dict) or not given.get("MediaProcessorId") or not given.get("TaskBody"):
        raise bad("Each of Tasks needs MediaProcessorId and TaskBody.")
    strangers = sorted(set(given) - set(_TASK_FIELDS))
    if strangers:
        raise bad(f"The property '{strangers[0][:80]}' does not exist on type 'Task'.")
    if place.rows("MediaProcessors").find(str(given["MediaProcessorId"])) is None:
        raise missing(f"MediaProcessor '{str(given['MediaProcessorId'])[:120]}'")
    row = {**blank(SETS["Tasks"]), **given, "Id": place.new_id(SETS["Tasks"]), "_JobId": job["Id"]}
    return row | {"Created": job["Created"], "LastModified": job["LastModified"]}


def _asset(place: Place, given: Any) -> str:
    """One of InputMediaAssets: an address, or an object with one."""
    text = given.get("uri") if isinstance(given, dict) else given
    segments = split(str(text or "").rpartition("/")[2])
    if len(segments) != 1 or segments[0].name != "Assets" or segments[0].key is None:
        raise bad("InputMediaAssets: expected addresses of assets.")
    found = place.rows("Assets").find(segments[0].key)
    if found is None:
        raise missing(f"Asset '{segments[0].key[:120]}'")
    return str(found["Id"])
