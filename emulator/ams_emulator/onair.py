"""People at both ends of a broadcast: encoders that send to a live event, viewers that watch through an endpoint.

Both only notice what the service does. An encoder is bound to one URL, as an appliance is; a viewer keeps the player
open. What they miss counts from the first moment at which they had it: waiting for the start is nobody's fault.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ams_emulator.clock import Clock
from ams_emulator.containers import Containers, Recording
from ams_emulator.errors import ArmError
from ams_emulator.meters import Meters, is_below
from ams_emulator.state import Key, Resource, Store, key_of

_KINDS = frozenset({"mediaservices", "liveevents", "liveoutputs", "streamingendpoints", "assets"})
ADDRESS = "203.0.113.10"  # where encoders and viewers are unless they say otherwise


@dataclass
class Encoder:
    """Sends to `url`, or to the first that there is; with `follow` somebody gives it each new one."""

    id: str
    event_id: str
    url: str
    address: str
    follow: bool
    arrives: bool = False
    arrived: bool = False  # once, at any time
    lost_seconds: float = 0.0
    waited_seconds: float = 0.0


@dataclass
class Viewer:
    """Watches a live output or an asset through a streaming endpoint."""

    id: str
    endpoint_id: str
    content_id: str
    address: str
    sees: bool = False
    saw: bool = False  # once, at any time
    gap_seconds: float = 0.0
    waited_seconds: float = 0.0


class OnAir:
    """Who is attached, and what of it works. Time is accounted for whenever something changes."""

    def __init__(self, store: Store, clock: Clock, containers: Containers, meters: Meters) -> None:
        self._store, self._clock, self._containers, self._meters = store, clock, containers, meters
        self.encoders: dict[str, Encoder] = {}
        self.viewers: dict[str, Viewer] = {}
        self._last = clock.time()
        self._sequence = 0
        self._on_air: set[str] = set()  # lower-case ids of live events that ever were, as long as somebody sends
        self._recording: list[Recording] = []

    # --- who is there ------------------------------------------------------------------------------------------------

    def attach_encoder(self, event_id: str, url: str, address: str, *, follow: bool) -> Encoder:
        self.settle()
        self._sequence += 1
        encoder = Encoder(f"encoder-{self._sequence}", event_id, url, address, follow)
        self.encoders[encoder.id] = encoder
        self._look()
        return encoder

    def attach_viewer(self, endpoint_id: str, content_id: str, address: str) -> Viewer:
        self.settle()
        self._sequence += 1
        viewer = Viewer(f"viewer-{self._sequence}", endpoint_id, content_id, address)
        self.viewers[viewer.id] = viewer
        self._look()
        return viewer

    def detach(self, below: Key = (), one: str | None = None) -> None:
        """Take away one (ArmError 404 when it isn't there), or all whose event or content is below a path."""
        self.settle()
        if one is not None:
            if self.encoders.pop(one, None) is None and self.viewers.pop(one, None) is None:
                raise ArmError(404, "NotFound", f"no such encoder or viewer: {one}")
        else:
            self.encoders = {key: item for key, item in self.encoders.items() if not is_below(item.event_id, below)}
            self.viewers = {key: item for key, item in self.viewers.items() if not is_below(item.content_id, below)}
        self._look()

    # --- what works --------------------------------------------------------------------------------------------------

    def fed(self, event_id: str) -> bool:
        """Whether a feed arrives at a live event."""
        return any(item.arrives for item in self.encoders.values() if item.event_id.lower() == event_id.lower())

    def changed(self, resource_id: str) -> None:
        """Something was stored or deleted."""
        if (self.encoders or self.viewers) and key_of(resource_id)[-2] in _KINDS:
            self.settle()
            self._look()

    def settle(self) -> None:
        """Account for the time since the last look."""
        now = self._clock.time()
        seconds, self._last = now - self._last, now
        if seconds <= 0:
            return
        for encoder in self.encoders.values():
            if not encoder.arrived:
                encoder.waited_seconds += seconds
            elif not encoder.arrives:
                encoder.lost_seconds += seconds
                self._meters.add("feedLostSeconds", encoder.event_id, seconds)
        for event_id in self._on_air:
            if not self.fed(event_id):
                self._meters.add("offAirSeconds", event_id, seconds)
        for viewer in self.viewers.values():
            if not viewer.saw:
                viewer.waited_seconds += seconds
            elif not viewer.sees:
                viewer.gap_seconds += seconds
                self._meters.add("viewerGapSeconds", viewer.content_id, seconds)
        for recording in self._recording:
            recording.seconds += seconds

    def _look(self) -> None:
        for encoder in self.encoders.values():
            arrives = self._arrives(encoder)
            if encoder.arrives and not arrives:
                self._meters.add("feedsLost", encoder.event_id, 1)
            encoder.arrives, encoder.arrived = arrives, encoder.arrived or arrives
        sending = {encoder.event_id.lower() for encoder in self.encoders.values()}
        self._on_air = {event_id for event_id in sending if event_id in self._on_air or self.fed(event_id)}
        self._recording = list(self._recordings())
        for viewer in self.viewers.values():
            viewer.sees = self._sees(viewer)
            viewer.saw = viewer.saw or viewer.sees

    def _arrives(self, encoder: Encoder) -> bool:
        event = self._store.get(key_of(encoder.event_id))
        if event is None or event.properties.get("resourceState") != "Running":
            return False
        ingest = event.properties.get("input") or {}
        urls = [item["url"] for item in ingest.get("endpoints") or []]
        if urls and (encoder.follow or not encoder.url):
            encoder.url = urls[0]
        right = any(encoder.url == url or encoder.url.startswith(f"{url}/") for url in urls)
        return right and allows(ingest.get("accessControl"), encoder.address, unset=False)

    def _recordings(self) -> Iterator[Recording]:
        for event_id in self._on_air:
            if not self.fed(event_id):
                continue
            for output in self._store.collection((*key_of(event_id), "liveoutputs")).items.values():
                recording = self._containers.recording_of(output.id)
                if recording is not None and output.properties.get("resourceState") == "Running":
                    yield recording

    def _sees(self, viewer: Viewer) -> bool:
        endpoint = self._store.get(key_of(viewer.endpoint_id))
        content = self._store.get(key_of(viewer.content_id))
        if endpoint is None or content is None or not streams(endpoint, viewer.address):
            return False
        if content.kind == "assets":
            container = self._containers.of(content)
            return container.plays or any(item in self._recording for item in container.recordings)
        return self._containers.recording_of(content.id) in self._recording


def streams(endpoint: Resource, address: str) -> bool:
    """Whether an endpoint delivers to this address; without access control it does to everybody."""
    running = endpoint.properties.get("resourceState") in ("Running", "Scaling")
    return running and allows(endpoint.properties.get("accessControl"), address, unset=True)


def allows(access: Any, address: str, *, unset: bool) -> bool:
    """Whether a list of IP ranges lets an address in; `unset` is the answer where there is no list."""
    ranges = ((access or {}).get("ip") or {}).get("allow")
    if ranges is None:
        return unset
    return any(_covers(item, ipaddress.ip_address(address)) for item in ranges)


def _covers(item: dict[str, Any], address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    given, length = item.get("address"), item.get("subnetPrefixLength")
    if not given:
        return False
    text = given if length is None or "/" in given else f"{given}/{length}"
    try:
        return address in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
