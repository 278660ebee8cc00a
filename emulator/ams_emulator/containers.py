"""The blob containers behind assets: what live outputs recorded into them, and what was uploaded.

A recording can't be taken up again: a second one under the same manifest name overwrites the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ams_emulator.state import Resource


@dataclass
class Recording:
    """What one live output recorded. `seconds` count while a feed arrives."""

    output_id: str
    manifest: str
    seconds: float = 0.0
    overwritten: bool = False


@dataclass
class Container:
    """One container: recordings by live outputs, and the names of other files."""

    storage: str
    name: str
    recordings: list[Recording] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def plays(self) -> bool:
        """Whether there is something to see in it."""
        return bool(self.files) or any(item.seconds > 0 and not item.overwritten for item in self.recordings)

    def holder_of(self, manifest: str) -> Recording | None:
        """The recording that has this manifest name."""
        held = (item for item in self.recordings if item.manifest.lower() == manifest.lower() and not item.overwritten)
        return next(held, None)


class Containers:
    """All containers, by storage account and name. They are no resources of this service, and outlive its account."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Container] = {}
        self._outputs: dict[str, Recording] = {}

    def of(self, asset: Resource) -> Container:
        """The container of an asset; made when it is first asked for."""
        storage, name = asset.properties["storageAccountName"], asset.properties["container"]
        return self._known.setdefault((storage.lower(), name.lower()), Container(storage, name))

    def remove(self, asset: Resource) -> Container:
        container = self.of(asset)
        del self._known[(container.storage.lower(), container.name.lower())]
        return container

    def record(self, asset: Resource, output_id: str, manifest: str) -> Recording | None:
        """Begin a recording; the one that it overwrites, if any."""
        container = self.of(asset)
        victim = container.holder_of(manifest)
        if victim is not None:
            victim.overwritten = True
        recording = Recording(output_id, manifest)
        container.recordings.append(recording)
        self._outputs[output_id.lower()] = recording
        return victim

    def recording_of(self, output_id: str) -> Recording | None:
        """What a live output, present or past, recorded last."""
        return self._outputs.get(output_id.lower())
