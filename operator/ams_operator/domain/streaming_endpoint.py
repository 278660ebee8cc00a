"""StreamingEndpoint: the origin from which players and CDNs load.

Source of the table: defaults as recorded. The service documents that CDN and host names change only while it is
Stopped, and says nothing of the rest; so while it runs just description and tags change, and scale units by their own
action, which it takes in both states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ams_operator.api.streaming_endpoint import StreamingEndpointSpec
from ams_operator.api.wire import NOTHING
from ams_operator.domain import normal, running
from ams_operator.domain.kind import Field, Kind, Reset
from ams_operator.domain.model import (
    JSON,
    AccountId,
    Action,
    Address,
    Chain,
    Desired,
    Effect,
    Observed,
    Record,
)
from ams_operator.domain.running import STOPPED, absent, any_case, needing
from ams_operator.domain.values import MISSING, at

DEFAULT = "default"
"""the endpoint that appears with its account"""
CDN_PROVIDER, CDN_PROFILE = "StandardVerizon", "AzureMediaStreamingPlatformCdnProfile"
_AKAMAI = "properties.accessControl.akamai.akamaiSignatureHeaderAuthenticationKeyList"
_TOUCHABLE = ("description", "scaleUnits", "cdnEnabled", "customHostNames", "accessControl", "maxCacheAge")
TABLE = {
    **running.TRACKED,
    "properties.description": Field(reset="", normal=normal.text),
    "properties.scaleUnits": Field(reset=Reset.LEAVE, by="scale"),
    "properties.availabilitySetName": needing(STOPPED, None, normal.text),
    **running.access_rows("properties.accessControl", STOPPED),
    _AKAMAI: needing(STOPPED),
    f"{_AKAMAI}[].identifier": needing(STOPPED, form=normal.text),
    f"{_AKAMAI}[].base64Key": needing(STOPPED),
    f"{_AKAMAI}[].expiration": needing(STOPPED, form=normal.moment),
    "properties.maxCacheAge": needing(STOPPED, None),
    "properties.customHostNames": replace(needing(STOPPED, []), unordered=True),
    "properties.customHostNames[]": needing(STOPPED, form=any_case),
    "properties.cdnEnabled": needing(STOPPED, False, absent(False)),
    "properties.cdnProvider": needing(STOPPED, None, normal.word(CDN_PROVIDER)),
    "properties.cdnProfile": needing(STOPPED, "", normal.word(CDN_PROFILE)),
    **running.cross_site_rows(),
}


def address(account: AccountId, name: str) -> Address:
    """A streaming endpoint lies directly in its account."""
    return Address("StreamingEndpoint", account, (name,))


def body(spec: StreamingEndpointSpec, given: Mapping[str, str] = NOTHING) -> JSON:
    """The declared members, as ARM JSON, with the account's region and the keys that were given."""
    return running.body(spec, given)


def actions(desired: Desired, observed: Observed, record: Record, core: Action | None) -> tuple[Chain, ...]:
    """Start, stop, and updates between them."""
    return running.actions(running.Steps(TABLE, ("stop", "start"), _step), desired, observed, record, core)


def _step(verb: str, desired: Desired, observed: Observed) -> Action:
    if verb == "start":
        return running.start()
    return Action("stop", "POST", frozenset({Effect.INTERRUPT}), verb="stop")


def scale(declared: JSON) -> JSON:
    """The body of the scale action: its one member is in the singular."""
    return {"scaleUnit": declared["properties"]["scaleUnits"]}


def facts(raw: JSON) -> JSON:
    """The states, the host from which players load, and what costs money."""
    units, cdn = (at(raw, ("properties", name)) for name in ("scaleUnits", "cdnEnabled"))
    return running.facts(raw) | running.present(
        hostName=running.text(raw, "hostName"),
        scaleUnits=units if isinstance(units, int) and not isinstance(units, bool) else None,
        cdnEnabled=cdn if isinstance(cdn, bool) else None,
    )


def remark(desired: Desired, raw: JSON) -> str | None:
    """Scale units that are declared no more are left to whoever scales it, and go on being billed."""
    units = at(raw, ("properties", "scaleUnits"))
    if not isinstance(units, int) or units < 1 or "scaleUnits" in desired.body["properties"]:
        return None
    return f"its scale units ({units}) are not declared and stay as they are: spec.scaleUnits: 0 gives them back"


def pristine(raw: JSON) -> bool:
    """The account's own endpoint as it came: stopped, of type Standard, and nobody has set anything."""
    if str(raw.get("name")).lower() != DEFAULT or running.state(raw).now != "Stopped":
        return False
    touched = (at(raw, ("properties", name)) for name in _TOUCHABLE)
    return not raw.get("tags") and not any(value for value in touched if value is not MISSING)


KIND = Kind(
    name="StreamingEndpoint",
    collection="streamingEndpoints",
    address=address,
    body=body,
    state=running.state,
    actions=actions,
    facts=facts,
    identity=running.created,
    created=running.created,
    shows=("resourceState", "provisioningState", "hostName", "scaleUnits", "cdnEnabled"),
    table=TABLE,
    always=frozenset({"location"}),
    query={"autoStart": "false"},
    asks={"scale": scale},
    leads_to={verb: end for verb, end in running.LEADS_TO.items() if verb != "standby"},
    permanent=frozenset({DEFAULT}),
    missing="DataLost",
    remark=remark,
    pristine=pristine,
    quota=2,
)
