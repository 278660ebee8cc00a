"""Jobs, tasks and templates: what is encoded, by which recipe, and whether anything still runs."""

from __future__ import annotations

from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata
from ams_operator.migration.mapping import presets
from ams_operator.migration.model import Judgement, Known, gap, maps, not_needed

STATES: Final = ("Queued", "Scheduled", "Processing", "Finished", "Error", "Canceled", "Canceling")
"""of jobs, by their numbers"""
OVER: Final = (3, 4, 5)
IN_FLIGHT: Final = tuple(state for state in range(len(STATES)) if state not in OVER)
_SYSTEM: Final = 0

_RETIRED: Final = (
    # part of the processor's name, gap; the names of analytics are [inferred]: no source has them word for word
    ("premium workflow", "premium-workflow"),
    ("hyperlapse", "no-analytics"),
    ("motion detect", "no-analytics"),
    ("summarization", "no-analytics"),
    ("thumbnail", "no-analytics"),
    ("packager", "static-packaging"),
    ("encryptor", "static-packaging"),
    ("decrypt", "static-packaging"),
    ("ocr", "legacy-analytics"),
    ("content moderator", "legacy-analytics"),
    ("face detector", "legacy-analytics"),
)
_STANDARD: Final = ("media encoder standard", "azure media encoder")
_OBEYS_UNITS: Final = ("premium workflow", "indexer")


def job(row: JSON, _: Known) -> Judgement:
    """Records end after 90 days by themselves, and no job of version 2 is one of version 3."""
    state = state_of(row)
    evidence = (("notifications", "job that notifies"),) if row.get("JobNotificationSubscriptions") else ()
    if isinstance(state, str):
        return Judgement(gap("undocumented", "a job in a state that nobody documented"), evidence)
    if state in IN_FLIGHT:
        return Judgement(
            not_needed("it ends in version 2; new jobs are made in version 3"), evidence, ("job-in-flight",)
        )
    return Judgement(not_needed("it is over, and its record ends 90 days after it was made"), evidence)


def state_of(row: JSON) -> int | str:
    """A job's state, which comes as a number and may come as a word; a text where nobody documented it."""
    given = row.get("State")
    number = STATES.index(given) if given in STATES else odata.whole(given)
    return number if number is not None and 0 <= number < len(STATES) else str(given)


def template(row: JSON, _: Known) -> Judgement:
    """Its task templates hold the recipes."""
    if is_the_services("JobTemplates", row):
        return Judgement(not_needed("a template of the service"))
    return Judgement(maps("Transform", presets.named(odata.text(row.get("Name")), str(row["Id"])),
                          "one transform with an output for each task template"))  # fmt: skip


def is_the_services(name: str, row: JSON) -> bool:
    """Whether a row is a template that every account has: nobody has to carry over what is below it."""
    return name == "JobTemplates" and odata.whole(row.get("TemplateType")) == _SYSTEM


def used(row: JSON) -> str:
    """When a task was worked on last, as `odata.sortable`; empty where it does not say."""
    return odata.sortable(row.get("EndTime")) or odata.sortable(row.get("StartTime"))


def _lately(row: JSON, known: Known) -> bool:
    last = used(row)
    return not last or last >= known.since


def task(row: JSON, known: Known) -> Judgement:
    """The recipe of a task or a task template: tasks with the same one become one transform."""
    name = known.processors.get(str(row.get("MediaProcessorId")).lower(), "").lower()
    if row.get("Protected"):
        why = "a configuration that is encrypted"
        return Judgement(gap("protected-configuration", why, inferred=True), (("protected-configuration", why),))
    blockers = ("units-still-obeyed",) if _obeys_units(name) and _lately(row, known) else ()
    for part, identifier in _RETIRED:
        if part in name:
            why = f"processor {name[:60]}"
            return Judgement(gap(identifier, why), ((identifier, why),), blockers)
    text = odata.text(row.get("Configuration")).strip()
    if "indexer" in name:
        # The mode Basic finds out no language; the indexer's default was English.
        analyzer = {"@odata.type": "#Microsoft.Media.AudioAnalyzerPreset", "mode": "Basic", "audioLanguage": "en-US"}
        recipe = presets.Recipe(analyzer, "indexer", near="in English, which was the default: say another language")
    elif "redactor" in name:
        recipe = presets.Recipe({"@odata.type": "#Microsoft.Media.FaceDetectorPreset"}, "redactor")
    elif any(part in name for part in _STANDARD):
        recipe = presets.recipe(text, legacy="standard" not in name)
    elif not name:
        recipe = presets.recipe(text)  # it is not listed any more; what can be read needs no name
    else:
        why = f"processor {name[:60]}"
        return Judgement(gap("unreadable-preset", why, inferred=True), (("unreadable-preset", why),))
    return _judged(recipe, blockers)


def _judged(recipe: presets.Recipe, blockers: tuple[str, ...]) -> Judgement:
    if recipe.preset is None:
        identifier = recipe.gaps[-1][0] if recipe.gaps else "unreadable-preset"
        why = "a configuration that can't become a preset"
        return Judgement(gap(identifier, why, inferred=True), recipe.gaps, blockers)
    name = presets.named(recipe.label, recipe.distinct)
    fields = {"outputs": [{"preset": recipe.preset}]}
    beside = {"jobInputs": [recipe.job_input]} if recipe.job_input else {}
    why = "one transform for all tasks of this recipe"
    return Judgement(maps("Transform", name, why, fields, note=recipe.near, beside=beside), recipe.gaps, blockers)


def _obeys_units(name: str) -> bool:
    """Premium Workflow and the first Indexer; its successor's page says so, too."""
    return any(part in name for part in _OBEYS_UNITS)
