"""Objects that stand for one field each, what is done to them, and what has to be seen of them afterwards."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from tests.integration import field_samples as samples
from tests.integration import on_air
from tests.integration.field_sample import JSON, Sample, get, named, put, steps
from tests.integration.rig import GROUP, VERSION, Rig

from ams_emulator.testing import EmulatorError
from ams_operator.domain.kind import Field, Reset
from ams_operator.domain.kinds import KINDS
from ams_operator.domain.values import parse, row

COLLECTIONS = {
    "Asset": "assets",
    "LiveEvent": "liveEvents",
    "LiveOutput": "liveEvents/stage/liveOutputs",
    "StreamingEndpoint": "streamingEndpoints",
    "Transform": "transforms",
}
RUN = frozenset({"LiveEvent", "StreamingEndpoint"})
PATIENCE = 30.0
ANYTHING = object()
"""a value that nobody has to expect"""


@dataclass(frozen=True)
class Case:
    """One object, for the sake of one field of it."""

    kind: str
    path: str
    name: str
    live: bool
    """it runs, and people may depend on it"""
    words: tuple[tuple[str, str], ...]

    @property
    def sample(self) -> Sample:
        return samples.SAMPLES[self.kind][self.path]

    @property
    def row(self) -> Field:
        pointer = "".join(f"/{part}" for part in steps(self.path))
        return row(KINDS[self.kind].table, parse(pointer))

    @property
    def settled(self) -> bool:
        """It can't be changed in any state."""
        return self.row.when == frozenset()

    @property
    def secret(self) -> bool:
        """Its value stands in a Secret, so that admission does not see it."""
        return self.sample.at.endswith("SecretRef")

    @property
    def id(self) -> str:
        return f"{COLLECTIONS[self.kind]}/{self.name}"

    def value(self, value: Any) -> Any:
        return named(value, dict(self.words))

    def theirs(self, declared: Any) -> Any:
        """What somebody else makes of it."""
        sample = self.sample
        found = sample.third if sample.third is not None else sample.first
        return self.value(found if found != declared else sample.second)

    def spec(self, value: Any, run_state: str | None = None) -> JSON:
        spec = samples.manifest(self.kind, self.path, value, dict(self.words))
        if self.kind in RUN:
            spec["runState"] = run_state or ("Running" if self.live else "Stopped")
        return spec


@dataclass(frozen=True)
class Expected:
    """What has to be seen of a case: its value in the service, and what its status says."""

    case: Case
    value: Any
    reason: str = ""
    """of Ready; empty: it is Ready"""
    says: str = ""
    """a part of Ready's message"""
    state: str = ""
    """the run state in the service; empty: whatever it is"""


@dataclass
class Stage:
    """The objects in the cluster and in the service, and what deviated so far."""

    rig: Rig
    deviations: list[str]

    def apply(self, case: Case, value: Any, run_state: str | None = None) -> None:
        """Server-side apply, which has to be admitted."""
        status, answer = self._apply(case, value, run_state)
        if status not in (200, 201):
            self.deviations.append(f"{case.kind} {case.path}: {value!r} was refused: {answer.get('message')}")

    def refused(self, case: Case, value: Any, message: str) -> None:
        """Server-side apply, which admission has to refuse."""
        status, answer = self._apply(case, value, None)
        found = str(answer.get("message"))
        if status != 422 or not re.search(message, found):
            self.deviations.append(f"{case.kind} {case.path}: {value!r} got {status} {found}, not 422 {message}")

    def _apply(self, case: Case, value: Any, run_state: str | None) -> tuple[int, JSON]:
        cluster = self.rig.cluster
        spec = case.spec(value, run_state)
        body = {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": case.kind,
            "metadata": {"name": case.name},
            "spec": spec,
        }
        path = f"{cluster.path(case.kind, case.name)}?fieldManager=tests&force=true"
        return cluster.call("PATCH", path, body, "application/apply-patch+yaml")

    def theirs(self, case: Case, declared: Any) -> None:
        """Somebody else changes the field in the service."""
        place = on_air.place(self.rig, case.id)
        try:
            found = self.rig.emulator.control.get_out_of_band(place)
        except EmulatorError as error:  # what is missing was told already: the others say more about why
            self.deviations.append(f"{case.kind} {case.path} ({case.name}): {error}")
            return
        put(found, case.path, case.theirs(declared))
        top = case.path.split(".")[: 2 if case.path.startswith("properties.") else 1]
        member = top[-1].removesuffix("[]")
        holder = found["properties"] if len(top) == 2 else found
        patch = {member: holder[member]}
        self.rig.emulator.control.patch_out_of_band(place, {"properties": patch} if len(top) == 2 else patch)

    def until(self, step: str, expected: Iterable[Expected]) -> None:
        """Wait for everything that is expected; what does not come is a deviation."""
        open_, end = list(expected), time.monotonic() + PATIENCE
        while open_:
            kinds = {one.case.kind for one in open_}
            objects = {kind: self._objects(kind) for kind in kinds}
            resources = {kind: self.resources(kind) for kind in kinds}  # after what the status says of them
            judged = [(one, unmet(one, objects[one.case.kind], resources[one.case.kind])) for one in open_]
            open_ = [one for one, text in judged if text]
            if time.monotonic() > end:
                self.deviations += [f"{step}: {text}" for _, text in judged if text]
                return
            time.sleep(0.2)

    def _objects(self, kind: str) -> dict[str, JSON]:
        """The custom resources of a kind by name."""
        status, found = self.rig.cluster.call("GET", self.rig.cluster.path(kind))
        assert status == 200, found
        return {item["metadata"]["name"]: item for item in found["items"]}

    def resources(self, kind: str) -> dict[str, JSON]:
        """What the service has of a kind by name, asked by somebody else than the operator."""
        status, _, found = self.rig.emulator.request("GET", on_air.place(self.rig, COLLECTIONS[kind]))
        assert status == 200, found
        return {item["name"]: item for item in found["value"]}


def unmet(expected: Expected, objects: dict[str, JSON], resources: dict[str, JSON]) -> str:
    """What is not yet as expected; empty: nothing."""
    case = expected.case
    about = f"{case.kind} {case.path} ({case.name})"
    found, resource = objects.get(case.name), resources.get(case.name)
    if found is None or resource is None:
        return f"{about}: is not there"
    ready: JSON = next((one for one in found.get("status", {}).get("conditions", ()) if one["type"] == "Ready"), {})
    current = ready.get("observedGeneration") == found["metadata"]["generation"]
    well = ready.get("reason") == expected.reason if expected.reason else ready.get("status") == "True"
    if not current or not well or expected.says not in ready.get("message", ""):
        return f"{about}: not {expected.reason or 'Ready'} {expected.says!r}: {ready}"
    value, state = get(resource, case.path), resource["properties"].get("resourceState")
    if expected.value is not ANYTHING and not shows(expected.value, value):
        return f"{about}: not {expected.value!r} but {value!r}"
    return f"{about}: not {expected.state} but {state}" if expected.state not in ("", state) else ""


def shows(expected: Any, found: Any) -> bool:
    """Whether the service shows a value: case, spaces, nulls beside it, and how "nothing" is spelled do not count."""
    if expected in (None, "", [], {}):
        return found in (None, "", [], {})
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(shows(value, found.get(name)) for name, value in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(shows, expected, found))
    if isinstance(expected, str):
        return isinstance(found, str) and found.lower().replace(" ", "") == expected.lower()
    return bool(found == expected)


def cases(words: dict[str, str], kinds: Collection[str]) -> list[Case]:
    """An object for each field, and another that runs where the kind runs and the field can change."""
    found = []
    for kind in sorted(kinds):
        for number, path in enumerate(samples.SAMPLES[kind]):
            for live in (False, True):
                name = f"{'live' if live else 'still'}-{number}"
                case = Case(kind, path, name, live, tuple({**words, "NAME": name}.items()))
                if not live or (kind in RUN and not case.settled):
                    found.append(case)
    return found


def bare(case: Case) -> Case:
    """An object that never declared the field, with the same neighbours: what the service makes of that by itself."""
    fields = list(samples.SAMPLES[case.kind].items())
    alike = [sample.around == case.sample.around and not sample.required for _, sample in fields]
    number = alike.index(True)
    name = f"bare-{number}"
    return Case(case.kind, fields[number][0], name, False, tuple({**dict(case.words), "NAME": name}.items()))


def after(case: Case, resources: dict[str, JSON]) -> Any:
    """What the service shows of a field that was taken out of the manifest."""
    if case.row.reset in (Reset.CANNOT, Reset.LEAVE):
        return case.value(case.sample.second)
    return get(resources[bare(case).name], case.path)
