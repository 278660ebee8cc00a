"""LiveEvent: a channel that an encoder sends to, and that people watch while it runs.

Source of the table: defaults as recorded. A change is taken while it is Stopped; host name and access also in StandBy,
useStaticHostname there only; while it runs just description and tags (what more the service takes then is nowhere
documented). What `settled` marks is settled at creation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ams_operator.api.live_event import CLEAR, LiveEventSpec
from ams_operator.api.wire import NOTHING
from ams_operator.domain import normal, running
from ams_operator.domain.kind import Field, Kind, Reset
from ams_operator.domain.model import (
    JSON,
    UNLISTED,
    AccountId,
    Action,
    Address,
    Chain,
    Desired,
    Effect,
    Observed,
    Record,
)
from ams_operator.domain.running import STOPPED, absent, any_case, needing, settled
from ams_operator.domain.values import MISSING, at

OUTPUTS = "LiveOutput"
LONGEST_URL = 2048
_OPEN = frozenset({"Stopped", "StandBy"})
_STAND_BY = frozenset({"StandBy"})
_KEY_FRAMES = "PT2S"
_ENCODING = frozenset({"standard", "premium1080p"})


def _key_frames(value: Any) -> Any:
    """The distance of key frames, which is two seconds where nobody says anything."""
    return normal.duration(value or _KEY_FRAMES)


TABLE = {
    **running.TRACKED,
    "properties.description": Field(reset="", normal=normal.text),
    "properties.input.streamingProtocol": settled(Reset.CANNOT),
    "properties.input.accessToken": settled(Reset.CANNOT),
    "properties.input.keyFrameIntervalDuration": needing(STOPPED, "", normal.setting),
    **running.access_rows("properties.input.accessControl", _OPEN),
    **running.access_rows("properties.preview.accessControl", _OPEN),
    "properties.preview.previewLocator": settled(Reset.CANNOT, any_case),
    "properties.preview.streamingPolicyName": settled(CLEAR, absent(CLEAR)),
    "properties.preview.alternativeMediaId": settled(None, normal.text),
    "properties.encoding.encodingType": settled("None", normal.word("None")),
    "properties.encoding.presetName": settled(Reset.CANNOT, any_case),
    "properties.encoding.stretchMode": needing(STOPPED, "AutoSize", normal.word("AutoSize")),
    "properties.encoding.keyFrameInterval": needing(STOPPED, _KEY_FRAMES, _key_frames),
    "properties.transcriptions": needing(STOPPED, []),
    "properties.transcriptions[]*": needing(STOPPED, form=normal.text),
    "properties.useStaticHostname": needing(_STAND_BY, False, absent(False)),
    "properties.hostnamePrefix": needing(_OPEN, None, normal.text),
    "properties.streamOptions": settled([], unordered=True),
    "properties.streamOptions[]": settled(Reset.DROP),
    **running.cross_site_rows(),
}
OWNED = frozenset({"properties.input.endpoints", "properties.preview.endpoints"})


def address(account: AccountId, name: str) -> Address:
    """A live event lies directly in its account."""
    return Address("LiveEvent", account, (name,))


def body(spec: LiveEventSpec, given: Mapping[str, str] = NOTHING) -> JSON:
    """The declared members, as ARM JSON, with the account's region and the token that were given."""
    return running.body(spec, given)


def actions(desired: Desired, observed: Observed, record: Record, core: Action | None) -> tuple[Chain, ...]:
    """Start, stop, standby, reset, and updates between them."""
    steps = running.Steps(TABLE, ("stop", "standby", "start", "reset"), _step)
    return running.actions(steps, desired, observed, record, core)


def _step(verb: str, desired: Desired, observed: Observed) -> Action:
    """Stopping and resetting end recordings; outputs that nobody listed are assumed to record."""
    if verb == "start":
        return running.start()
    if verb == "standby":
        return running.standby()
    outputs = observed.children.get(OUTPUTS)
    if outputs is not None and verb == "stop":  # the service refuses to where there is one that was not listed
        outputs = tuple(one for one in outputs if UNLISTED not in one)
    recording = outputs is None or bool(outputs)
    effects = frozenset({Effect.INTERRUPT, Effect.END_RECORDING} if recording else {Effect.INTERRUPT})
    if verb == "reset":
        return Action("reset", "POST", effects, verb="reset", needs=frozenset({"Running"}))
    # Without this the service refuses to stop while there is an output, also one that began after we looked.
    consented = recording and desired.policy.disruption == "EndRecordings"
    return Action("stop", "POST", effects, verb="stop", body={"removeOutputsOnStop": True} if consented else None)


def connection(raw: JSON) -> Mapping[str, str]:
    """The URLs for encoder and preview, by their keys in the connection Secret; none while it shows none.

    RTMP has two doors for each of `rtmp` and `rtmps`, FragmentedMP4 one or two over HTTP; the first shown is primary.
    """
    found: dict[str, str] = {}
    for url in _urls(raw, "input"):
        scheme = url.partition("://")[0].lower()
        door = scheme if scheme in ("rtmp", "rtmps") else "ingest"
        key = f"{door}-primary" if f"{door}-primary" not in found else f"{door}-secondary"
        found.setdefault(key, url)
    for url in _urls(raw, "preview")[:1]:
        found["preview"] = url
    return found


def _urls(raw: JSON, member: str) -> list[str]:
    endpoints = at(raw, ("properties", member, "endpoints"))
    found = [at(item, ("url",)) for item in endpoints] if isinstance(endpoints, list) else []
    return [url for url in found if isinstance(url, str) and "://" in url and len(url) <= LONGEST_URL]


def remark(desired: Desired, raw: JSON) -> str | None:
    """Without a rule the service admits nobody, which is not what its absence looks like."""
    if at(raw, ("properties", "input", "accessControl", "ip", "allow")) in (MISSING, None, []):
        return "nobody may send to it: spec.input.accessControl.ip.allow names no address"
    return None


def stops_by_itself(raw: JSON) -> bool:
    """Documented: what encodes ends when nobody has sent to it for 12 hours, what passes the input through never."""
    found = at(raw, ("properties", "encoding", "encodingType"))
    return isinstance(found, str) and found.lower() in _ENCODING


KIND = Kind(
    name="LiveEvent",
    collection="liveEvents",
    address=address,
    body=body,
    state=running.state,
    actions=actions,
    facts=running.facts,
    identity=running.created,
    created=running.created,
    shows=("resourceState", "provisioningState", "connectionSecret", "firstRunningAt", "firstRunningFor"),
    table=TABLE,
    owned=OWNED,
    always=frozenset({"location"}),
    query={"autoStart": "false"},
    children=(OUTPUTS,),
    leads_to=running.LEADS_TO,
    returns_to={"reset": "Running"},
    remark=remark,
    auto_stop=stops_by_itself,
    connection=connection,
    quota=5,
)
