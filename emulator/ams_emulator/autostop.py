"""The service's own stop: an encoding live event that nobody feeds and that has no outputs ends after 12 hours."""

from __future__ import annotations

from collections.abc import Callable

from ams_emulator.clock import Clock
from ams_emulator.onair import OnAir
from ams_emulator.state import Key, Resource, Store, key_of

AFTER_SECONDS = 12 * 3600.0
_ENCODING = ("Standard", "Premium1080p")  # pass-through events are never stopped


class AutoStop:
    """Watches for silence. `stop` is told the live event when it lasted long enough."""

    def __init__(self, store: Store, clock: Clock, on_air: OnAir) -> None:
        self._store, self._clock, self._on_air = store, clock, on_air
        self._silent: dict[Key, object] = {}
        self.stop: Callable[[Resource], None] = lambda _: None

    def changed(self, resource_id: str) -> None:
        """Something was stored or deleted."""
        key = key_of(resource_id)
        if key[-2] == "liveoutputs":
            key = key[:-2]
        if key[-2] == "liveevents":
            self._watch(key)

    def encoders_changed(self, event_ids: set[str]) -> None:
        for event_id in event_ids:
            self._watch(key_of(event_id))

    def _watch(self, key: Key) -> None:
        event = self._store.get(key)
        if event is None or not self._is_silent(event, key):
            self._silent.pop(key, None)
        elif key not in self._silent:
            self._silent[key] = silence = object()
            self._clock.call_later(AFTER_SECONDS, lambda: self._ring(key, silence))

    def _is_silent(self, event: Resource, key: Key) -> bool:
        properties = event.properties
        if properties.get("resourceState") != "Running" or self._on_air.fed(event.id):
            return False
        encoding = (properties.get("encoding") or {}).get("encodingType")
        return encoding in _ENCODING and not self._store.collection((*key, "liveoutputs")).items

    def _ring(self, key: Key, silence: object) -> None:
        if self._silent.get(key) is not silence:
            return
        del self._silent[key]
        event = self._store.get(key)
        if event is not None:
            self.stop(event)
