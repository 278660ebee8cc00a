"""The story: what is shown, in which order. Each act says why, does something, and proves what came of it."""

from __future__ import annotations

from demo import manifests, migration, on_air
from demo.manifests import ACCOUNT, DRIFT_INTERVAL, NAMESPACE
from demo.rows import condition
from demo.tour import Tour, expect

_FOREIGN = "archive"
_BUILT_IN = "#Microsoft.Media.BuiltInStandardEncoderPreset"


def tell(tour: Tour) -> None:
    """The whole tour. Raises DemoError where something does not happen."""
    for act in (apply_examples, correct_drift, follow_an_edit, reset_a_removed_field, refuse_adoption, delete):
        act(tour)
    on_air.tell(tour)
    migration.tell(tour)


def apply_examples(tour: Tour) -> None:
    """Until everything is Ready."""
    screen = tour.screen
    screen.chapter(
        "Manifests are applied",
        "An account and six transforms. Each gets a status at first sight; the transforms wait for their account.",
    )
    screen.command(
        f"kubectl apply --server-side -n {NAMESPACE} -f examples/simplest.yaml -f 'examples/transform-*.yaml'"
    )
    tour.examples = manifests.examples(tour.stage.service.place)
    for document in tour.examples:
        tour.stage.apply(document)
    screen.wait("waiting until all are Ready", tour.all_ready, tour.rows)


def correct_drift(tour: Tour) -> None:
    """Somebody changes what is declared, and something that is not."""
    screen, service = tour.screen, tour.stage.service
    screen.chapter(
        "1. A change behind the operator's back",
        "Somebody changes the sound of audio-only directly in the service, and describes adaptive, whose manifest has "
        f"no description. The account is swept each {DRIFT_INTERVAL}.",
    )
    since, before = service.now(), tour.transform("audio-only")["metadata"]["generation"]
    other = {"@odata.type": _BUILT_IN, "presetName": "DDGoodQualityAudio"}
    screen.command('PATCH .../transforms/audio-only {"outputs": [{"preset": {... "DDGoodQualityAudio"}}]}')
    service.patch(tour.transform_id("audio-only"), {"properties": {"outputs": [{"preset": other}]}})
    screen.command('PATCH .../transforms/adaptive {"description": "checked by Ana"}')
    service.patch(tour.transform_id("adaptive"), {"properties": {"description": "checked by Ana"}})
    screen.proof("service", f"audio-only makes {_sound(tour)}")
    seconds = tour.seconds_until("waiting until the next sweep finds it", lambda: _sound(tour) == "AACGoodQualityAudio")
    screen.proof("service", f"corrected after {seconds:.1f} s: audio-only makes {_sound(tour)}")
    screen.proof("service", f"left alone, since no manifest says: adaptive is described as {_description(tour)!r}")
    tour.ready_after_edit("audio-only")
    same = " as before: nobody touched the manifest"
    tour.prove_status("audio-only", same if tour.transform("audio-only")["metadata"]["generation"] == before else "")
    tour.prove_requests(since)


def follow_an_edit(tour: Tour) -> None:
    """A value in the manifest changes."""
    screen = tour.screen
    screen.chapter("2. An edit", "The seek bar pictures of thumbnails shall be better: quality 90 instead of 70.")
    document, since = tour.example("thumbnails"), tour.stage.service.now()
    document["spec"]["outputs"][0]["preset"]["standardEncoder"]["codecs"][1]["jpgImage"]["layers"][0]["quality"] = 90
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f thumbnails.yaml    # quality: 90")
    tour.apply(document)
    seconds = tour.ready_after_edit("thumbnails")
    quality = tour.served("thumbnails")["outputs"][0]["preset"]["codecs"][1]["layers"][0]["quality"]
    expect(quality == 90, f"the service has quality {quality} though the status says Ready")
    screen.proof("service", f"quality {quality}, {seconds:.1f} s after the edit")
    tour.prove_status("thumbnails", ": Ready speaks of the edit")
    tour.prove_requests(since)


def reset_a_removed_field(tour: Tour) -> None:
    """A field leaves the manifest: it goes back to the service's default, and does not stay as it was."""
    screen = tour.screen
    screen.chapter(
        "3. A field is removed",
        "relativePriority: Low leaves the manifest of thumbnails. The operator knows that it set it, and resets it.",
    )
    document, since = tour.example("thumbnails"), tour.stage.service.now()
    screen.proof("service", f"relativePriority is {_priority(tour)}")
    del document["spec"]["outputs"][0]["relativePriority"]
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f thumbnails.yaml    # without relativePriority")
    tour.apply(document)
    seconds = tour.ready_after_edit("thumbnails")
    expect(_priority(tour) == "Normal", f"the service has relativePriority {_priority(tour)}")
    screen.proof("service", f"relativePriority is {_priority(tour)}, the service's default, after {seconds:.1f} s")
    tour.prove_status("thumbnails")
    tour.prove_requests(since)


def refuse_adoption(tour: Tour) -> None:
    """What exists and is different is not overwritten."""
    screen, service = tour.screen, tour.stage.service
    screen.chapter(
        "4. An adoption that is refused",
        f"Somebody made a transform {_FOREIGN} in the service long ago. A manifest now declares another one of that "
        "name.",
    )
    theirs = {"@odata.type": _BUILT_IN, "presetName": "AACGoodQualityAudio"}
    screen.command(f'PUT .../transforms/{_FOREIGN} {{"outputs": [{{"preset": {{... "AACGoodQualityAudio"}}}}]}}')
    service.put(tour.transform_id(_FOREIGN), {"properties": {"outputs": [{"preset": theirs}]}})
    ours = {"preset": {"builtInStandardEncoder": {"presetName": "AdaptiveStreaming"}}}
    screen.command(f"kubectl apply --server-side -n {NAMESPACE} -f {_FOREIGN}.yaml    # presetName: AdaptiveStreaming")
    tour.apply(manifests.transform(_FOREIGN, {"outputs": [ours]}))

    def refused() -> bool:
        return (condition(tour.transform(_FOREIGN), "Ready") or {}).get("reason") == "AdoptionRefused"

    screen.wait("waiting until its status says what is wrong", refused)
    ready = condition(tour.transform(_FOREIGN), "Ready") or {}
    screen.proof("status", f"Ready={ready['status']} {ready['reason']}: {ready['message']}")
    preset = tour.served(_FOREIGN)["outputs"][0]["preset"]["presetName"]
    writes = service.operator_writes(tour.transform_id(_FOREIGN))
    expect(preset == theirs["presetName"] and writes == 0, f"{_FOREIGN} was overwritten with {preset}")
    screen.proof("service", f"{_FOREIGN} still makes {preset}; writes of the operator to it: {writes}")


def delete(tour: Tour) -> None:
    """What we made goes, what others made stays."""
    screen, cluster, service = tour.screen, tour.stage.cluster, tour.stage.service
    screen.chapter(
        "5. Deletion",
        f"thumbnails was made by the operator and goes with its object. {_FOREIGN} was not: only its object goes.",
    )
    since = service.now()
    screen.command(f"kubectl delete -n {NAMESPACE} transform thumbnails {_FOREIGN}")
    for name in ("thumbnails", _FOREIGN):
        tour.delete("Transform", name)

    def gone() -> bool:
        return not any(cluster.get("Transform", name, NAMESPACE) for name in ("thumbnails", _FOREIGN))

    seconds = tour.seconds_until("waiting until both objects are gone", gone)
    screen.proof("status", f"both objects are gone after {seconds:.1f} s, no finalizer is left")
    below = tour.transform_id("").lower()
    left = sorted(name.removeprefix(below) for name in service.stored() if name.startswith(below))
    expect(_FOREIGN in left and "thumbnails" not in left, f"the service has {', '.join(left)}")
    screen.proof("service", f"transforms of {ACCOUNT} now: {', '.join(left)}")
    tour.prove_requests(since)


def _sound(tour: Tour) -> str:
    return str(tour.served("audio-only")["outputs"][0]["preset"]["presetName"])


def _description(tour: Tour) -> str:
    return str(tour.served("adaptive").get("description"))


def _priority(tour: Tour) -> str:
    return str(tour.served("thumbnails")["outputs"][0]["relativePriority"])
