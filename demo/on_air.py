"""What runs and is watched: nobody is surprised, and at the end meters say so."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Final

from demo import manifests
from demo.cluster import JSON
from demo.errors import DemoError, Refused
from demo.manifests import DRIFT_INTERVAL, NAMESPACE
from demo.processes import request
from demo.rows import is_ready
from demo.tour import Tour, expect

_MATCH: Final = "liveEvents/match"
_TAPE: Final = "match-2030-01-31"
_OUTPUT: Final = f"{_MATCH}/liveOutputs/{_TAPE}"
_STUDIO: Final = "liveEvents/studio"
_PREMIUM: Final = "streamingEndpoints/premium"
_STADIUM: Final = {"name": "stadium", "address": "203.0.113.0", "subnetPrefixLength": 24}


@dataclass
class People:
    """Who takes part in the match."""

    encoder: JSON = field(default_factory=dict)
    viewers: dict[str, JSON] = field(default_factory=dict)
    """By the endpoint that they load from."""


def tell(tour: Tour) -> None:
    """These acts. Raises DemoError where something does not happen."""
    people = People()
    go_on_air(tour, people)
    change_on_air(tour, people)
    stop_outside(tour, people)
    delete_on_air(tour, people)
    end_the_broadcast(tour, people)


def go_on_air(tour: Tour, people: People) -> None:
    """Until an encoder sends, an asset fills, and two people watch."""
    screen, service, cluster = tour.screen, tour.stage.service, tour.stage.cluster
    screen.chapter(
        "6. On air",
        "A match with its recording, and two endpoints to watch it through. The recording waits for its event.",
    )
    files = " ".join(f"-f examples/{name}.yaml" for name in manifests.ON_AIR)
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} {files}")
    for document in manifests.on_air():
        tour.apply(document)
    screen.wait("waiting until all are Ready", tour.all_ready, tour.rows)
    data = (cluster.get("Secret", "match-connection", NAMESPACE) or {}).get("data", {})
    expect("rtmp-primary" in data, "the Secret match-connection has no rtmp-primary")
    screen.proof("secret", f"match-connection has {', '.join(sorted(data))}")
    people.encoder = service.encode(tour.place(_MATCH), b64decode(data["rtmp-primary"]).decode())
    for name in ("default", "premium"):
        people.viewers[name] = service.watch(tour.place(f"streamingEndpoints/{name}"), tour.place(_OUTPUT))
    expect(service.arrives(people.encoder), "the encoder's feed does not arrive at match")
    for name, viewer in people.viewers.items():
        expect(bool(service.viewer(viewer)["sees"]), f"who watches through {name} sees nothing")
    screen.proof("people", "an encoder sends to rtmp-primary of that Secret; two viewers watch, one at each endpoint")
    tour.prove_status(_TAPE, kind="LiveOutput")


def change_on_air(tour: Tour, people: People) -> None:
    """A harmless change is made, one that would interrupt waits."""
    screen, since = tour.screen, tour.stage.service.now()
    screen.chapter(
        "7. Two changes while on air",
        "The match gets another description, which nobody notices; then only the stadium may send, which needs a stop.",
    )
    document = tour.example("match", "LiveEvent")
    document["spec"]["description"] = "The final"
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f match.yaml    # description: The final")
    tour.apply(document)
    seconds = tour.ready_after_edit("match", "LiveEvent")
    screen.proof("service", f"described as {tour.properties(_MATCH)['description']!r}, {seconds:.1f} s after the edit")
    document["spec"]["input"]["accessControl"] = {"ip": {"allow": [_STADIUM]}}
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f match.yaml    # ... allow: 203.0.113.0/24")
    tour.apply(document)
    held = tour.held("match", "LiveEvent", "WouldInterrupt", "WouldEndRecording")
    screen.proof("status", held)
    expect(tour.stage.service.arrives(people.encoder), "the encoder was cut off")
    screen.proof("people", f"the encoder still sends, {_gaps(tour)}")
    tour.prove_requests(since)


def stop_outside(tour: Tour, people: People) -> None:
    """The same thing happens twice and is answered in two ways: an endpoint comes back, an event stays stopped."""
    screen, service = tour.screen, tour.stage.service
    screen.chapter(
        "8. Two stops behind the operator's back",
        "studio goes on air too. Then somebody on call stops it, and somebody else the endpoint premium. Endpoints are "
        f"brought back at the next sweep (each {DRIFT_INTERVAL}); whoever stops an event has a reason.",
    )
    document = tour.example("studio", "LiveEvent")
    document["spec"]["runState"] = "Running"
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f studio.yaml    # runState: Running")
    tour.apply(document)
    tour.ready_after_edit("studio", "LiveEvent")
    since, before = service.now(), service.viewer(people.viewers["premium"])["gap_seconds"]
    for path in (_STUDIO, _PREMIUM):
        screen.command(f"POST .../{path}/stop")
        service.act(tour.place(path), "stop")

    def back() -> float | None:
        """Seconds without a picture, once there is one again."""
        viewer = service.viewer(people.viewers["premium"])
        gap = float(viewer["gap_seconds"]) - before
        return gap if viewer["sees"] and gap > 0 else None

    tour.asked_gap = screen.wait("waiting until premium is back", back)
    screen.proof("service", f"premium runs again; its viewer had no picture for {tour.asked_gap:.1f} s")
    screen.proof("status", tour.held("studio", "LiveEvent", "StoppedOutside"))
    state, writes = _state(tour, _STUDIO), service.operator_writes(tour.place(_STUDIO), since)
    expect(state == "Stopped" and writes == 0, f"studio is {state}; writes of the operator to it since: {writes}")
    screen.proof("service", f"studio is {state}; writes of the operator to it since: {writes}")
    tour.prove_requests(since)
    screen.command(f"ams-operator request start liveevent/studio -n {NAMESPACE}")
    request(tour.stage.cluster.kubeconfig, "start", "liveevent/studio", NAMESPACE)
    seconds = tour.seconds_until("waiting until studio runs", lambda: _is_back(tour))
    screen.proof("service", f"studio is {_state(tour, _STUDIO)}, {seconds:.1f} s after the request")


def delete_on_air(tour: Tour, people: People) -> None:
    """Refused where the manifest does not say what it means; released where it says so."""
    screen, service = tour.screen, tour.stage.service
    screen.chapter(
        "9. Deletion on air",
        "Somebody deletes the match, whose manifest does not say what that means. The manifest of premium says it.",
    )
    since = service.now()
    screen.command(f"kubectl delete -n {NAMESPACE} liveevent match")
    screen.proof("refused", _refusal(tour, "LiveEvent", "match"))
    document = tour.example("premium", "StreamingEndpoint")
    document["spec"]["deletionPolicy"] = "Retain"
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f premium.yaml    # deletionPolicy: Retain")
    tour.apply(document)
    screen.command(f"kubectl delete -n {NAMESPACE} streamingendpoint premium")
    tour.delete("StreamingEndpoint", "premium")
    _until_gone(tour, "StreamingEndpoint", "premium")
    state = _state(tour, _PREMIUM)
    expect(state == "Running", f"premium is {state}")
    expect(service.viewer(people.viewers["premium"])["sees"], "who watches through premium sees nothing")
    screen.proof("service", f"premium is released: its object is gone, it is {state} and still watched")
    tour.prove_requests(since)


def end_the_broadcast(tour: Tour, people: People) -> None:
    """The recording ends because its manifest says so, then the event stops and the change that waited is made."""
    screen, service = tour.screen, tour.stage.service
    screen.chapter(
        "10. The end of the broadcast",
        "The match is over and everybody leaves. The recording ends, the event stops; its change has waited for that.",
    )
    since = service.now()
    service.leave(*people.viewers.values(), people.encoder)
    document = tour.example(_TAPE, "LiveOutput")
    document["spec"]["deletionPolicy"] = "Delete"
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f recording.yaml    # deletionPolicy: Delete")
    tour.apply(document)
    screen.command(f"kubectl delete -n {NAMESPACE} liveoutput {_TAPE}")
    tour.delete("LiveOutput", _TAPE)
    _until_gone(tour, "LiveOutput", _TAPE)
    recorded = service.recorded(tour.place(f"assets/{_TAPE}"))
    expect(len(recorded) == 1 and recorded[0] > 0, f"the asset {_TAPE} has the recordings {recorded}")
    screen.proof("service", f"the asset {_TAPE} keeps one recording of {recorded[0]:.0f} s")
    document = tour.example("match", "LiveEvent")
    document["spec"]["runState"] = "Stopped"
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f match.yaml    # runState: Stopped")
    tour.apply(document)
    seconds = tour.ready_after_edit("match", "LiveEvent")
    found = tour.properties(_MATCH)
    allowed = [item["address"] for item in found["input"]["accessControl"]["ip"]["allow"]]
    expect(
        found["resourceState"] == "Stopped" and allowed == [_STADIUM["address"]],
        f"match is {found['resourceState']} and lets in {allowed}",
    )
    screen.proof("service", f"Stopped, and only {allowed[0]}/24 may send, after {seconds:.1f} s")
    tour.prove_status("match", kind="LiveEvent")
    tour.prove_requests(since)


def _state(tour: Tour, path: str) -> str:
    return str(tour.properties(path).get("resourceState"))


def _is_back(tour: Tour) -> bool:
    return _state(tour, _STUDIO) == "Running" and is_ready(tour.item("LiveEvent", "studio"))


def _gaps(tour: Tour) -> str:
    meters = tour.stage.service.meters()
    return f"feeds lost {meters['feedsLost']}, viewers' gap {meters['viewerGapSeconds']:.0f} s"


def _refusal(tour: Tour, kind: str, name: str) -> str:
    """What the API server says to the deletion. Raises DemoError where it accepts it."""
    try:
        tour.stage.cluster.delete(kind, name, NAMESPACE)
    except Refused as refused:
        return str(refused).partition("denied request: ")[2] or str(refused)
    raise DemoError(f"the {kind} {name} is on air, and the API server accepted its deletion")


def _until_gone(tour: Tour, kind: str, name: str) -> None:
    tour.screen.wait(f"waiting until {name} is gone", lambda: tour.stage.cluster.get(kind, name, NAMESPACE) is None)
