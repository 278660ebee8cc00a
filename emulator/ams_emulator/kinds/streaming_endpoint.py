"""Streaming endpoints: what viewers watch through. `default` appears with each account."""

# All handlers have one signature.
# ruff: noqa: ARG001
from __future__ import annotations

from typing import Any

from ams_emulator import crud, streaming_operations
from ams_emulator.call import Answer, Call
from ams_emulator.errors import ArmError, BadInputError, conflict
from ams_emulator.kinds import tracked
from ams_emulator.kinds.access_control import cross_site, ip_access
from ams_emulator.kinds.base import Kind, Target
from ams_emulator.operations import Failure
from ams_emulator.regions import host_code, region_name
from ams_emulator.schema import Enum, Flag, ListOf, Member, Moment, Number, Object, Text
from ams_emulator.state import Resource
from ams_emulator.world import World

JSON = dict[str, Any]
TYPE = "Microsoft.Media/mediaservices/streamingEndpoints"
SEGMENT = "streamingendpoints"  # ids spell it in lower case, types don't
MOST_UNITS = 50
NO_CDN = (
    "Streaming endpoint CdnEnabled property can't be set to true as CDN capability is unavailable "
    "in the current region."
)
_LABEL = "[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(\.{_LABEL})+"
_PROVIDERS = ("StandardVerizon", "PremiumVerizon", "StandardAkamai")
_UNITS = Number(whole=True, minimum=0, maximum=MOST_UNITS)
_SCALE = Object({"scaleUnit": Member(_UNITS, required=True)})
# Documented: these change while an endpoint is Stopped.
_ONLY_STOPPED = frozenset({"cdnEnabled", "cdnProvider", "cdnProfile", "customHostNames"})


def streaming_endpoint() -> Kind:
    """Limits: 2 per account, `default` included (documented in the service's quotas)."""
    return Kind(
        path=("mediaservices", "streamingendpoints"),
        type=TYPE,
        segment=SEGMENT,
        schema=_schema(),
        name=Text(r"[a-zA-Z0-9]+(-*[a-zA-Z0-9])*", "letters, digits and inner hyphens", max_length=24),
        verbs={
            "PUT": lambda world, call, target: tracked.put(world, call, target, BEHAVIOUR),
            "GET": tracked.get,
            "LIST": crud.list_all,
            "PATCH": lambda world, call, target: tracked.patch(world, call, target, BEHAVIOUR),
            "DELETE": delete,
            "start": start,
            "stop": stop,
            "scale": scale,
            "GET skus": skus,
        },
        tracked=True,
        limit=2,
        words="streamingEndpoints",
        operations="streamingendpointoperations",
        blank=blank,
    )


def _schema() -> Object:
    key = Object({"identifier": Member(Text()), "base64Key": Member(Text()), "expiration": Member(Moment())})
    akamai = Object({"akamaiSignatureHeaderAuthenticationKeyList": Member(ListOf(key), shown_null=True)})
    access = Object({"akamai": Member(akamai, shown_null=True), "ip": ip_access()})
    properties = Object(
        {
            "description": Member(Text(), default=""),
            "scaleUnits": Member(_UNITS, default=0),
            "availabilitySetName": Member(Text(), shown_null=True),
            "accessControl": Member(access, shown_null=True),
            "maxCacheAge": Member(Number(whole=True, minimum=0, maximum=2**31 - 1), shown_null=True),
            "customHostNames": Member(ListOf(Text(_HOST, "a host name such as video.example.com", 253)), default=[]),
            "cdnEnabled": Member(Flag(), default=False),
            "cdnProvider": Member(Enum(_PROVIDERS), shown_null=True),
            "cdnProfile": Member(Text()),
            "crossSiteAccessPolicies": Member(cross_site(), shown_null=True),
            "hostName": Member(Text(), read_only=True),
            "provisioningState": Member(Text(), read_only=True),
            "resourceState": Member(Text(), read_only=True),
            "freeTrialEndTime": Member(Moment(), read_only=True),
            "created": Member(Moment(), read_only=True),
            "lastModified": Member(Moment(), read_only=True),
        }
    )
    members = crud.tracked_members() | {"sku": Member(Object(), read_only=True)}
    return Object(members | {"properties": Member(properties, required=True)})


def start(world: World, call: Call, target: Target) -> Answer:
    return tracked.run(world, call, target, BEHAVIOUR, "start", out_of=("Stopped",), through="Starting", to="Running")


def stop(world: World, call: Call, target: Target) -> Answer:
    return tracked.run(world, call, target, BEHAVIOUR, "stop", out_of=("Running",), through="Stopping", to="Stopped")


def scale(world: World, call: Call, target: Target) -> Answer:
    """200 at once while Stopped, as recorded; while Running it is a variant."""
    units = _SCALE.read(call.json(), "", world.rules(call.api_version))["scaleUnit"]
    found = tracked.find(world, target)
    tracked.require_idle(world, found)
    state = found.properties["resourceState"]
    if state not in ("Stopped", "Running"):
        raise tracked.wrong_state(world, found, "scale")
    _check_units(world, units, "scaleUnit")
    if state == "Stopped" or world.variants.is_("endpoint.scale-running", "at-once"):
        world.store.put(with_units(found, units))
        return Answer(200)
    between = shown(world, found, "Scaling")
    world.store.put(between)

    def done(now: Resource, failure: Failure | None) -> None:
        world.store.put(shown(world, now if failure else with_units(now, units), "Running"))

    seconds = world.seconds(target.kind.words, "scale")
    return Answer(202, None, streaming_operations.begin(world, call, target.kind, between, done, seconds=seconds))


def skus(world: World, call: Call, target: Target) -> Answer:
    tracked.find(world, target)
    capacity = {"scaleType": "Automatic", "default": 1, "minimum": 1, "maximum": 10}
    return Answer.of(200, {"value": [{"resourceType": TYPE, "capacity": capacity, "sku": {"name": "Premium"}}]})


def delete(world: World, call: Call, target: Target) -> Answer:
    """202 and an operation; one that runs must be stopped first. 204 when there was nothing."""
    found = crud.deletable(world, target)
    if found is None:
        return Answer(204)
    tracked.require_idle(world, found)
    if found.properties["resourceState"] != "Stopped":
        raise tracked.wrong_state(world, found, "delete", "; stop it first")
    return tracked.remove(world, call, target, BEHAVIOUR, found)


# --- parts -----------------------------------------------------------------------------------------------------------


def shown(world: World, endpoint: Resource, state: str) -> Resource:
    return with_units(
        tracked.with_properties(endpoint, resourceState=state), endpoint.properties.get("scaleUnits") or 0
    )


def with_units(endpoint: Resource, units: int) -> Resource:
    sku = {"name": "Premium" if units else "Standard", "capacity": units}
    changed = tracked.with_properties(endpoint, scaleUnits=units)
    return changed.with_body({**changed.body, "sku": sku})


def complete(world: World, target: Target, found: Resource | None, stored: JSON) -> None:
    """CDN rules, unique host names, and what the service chooses."""
    properties = stored["properties"]
    if properties["cdnEnabled"]:
        _check_cdn(world, properties)
        properties["cdnProvider"] = properties["cdnProvider"] or "StandardVerizon"
        properties["cdnProfile"] = properties.get("cdnProfile") or "AzureMediaStreamingPlatformCdnProfile"
    else:
        _check_alone(world, properties, found.properties if found else {})
    if "cdnProfile" not in properties:
        properties["cdnProfile"] = found.properties.get("cdnProfile") if found else ""
    _check_host_names(world, target, properties["customHostNames"])
    if found is None or properties["scaleUnits"] != found.properties["scaleUnits"]:
        _check_units(world, properties["scaleUnits"], "properties.scaleUnits")
    if found is None:
        account, name = target.names
        again = name.lower() == "default" and world.variants.is_("endpoint.default-host", "same")
        properties |= _first(account if again else f"{name}-{account}", stored["location"])
    elif properties["scaleUnits"] != found.properties["scaleUnits"] and not _patch_scales(world):
        raise BadInputError("properties.scaleUnits", "is changed by the scale operation only")


def _patch_scales(world: World) -> bool:
    return world.variants.is_("endpoint.patch-scale-units", "scale")


def _first(host: str, location: str) -> JSON:
    code = host_code(region_name(location))
    return {
        "hostName": f"{host}-{code}.streaming.media.azure.net".lower(),
        "freeTrialEndTime": tracked.YEAR_1,
    }


def _check_cdn(world: World, properties: JSON) -> None:
    if world.settings.cdn == "off":
        raise ArmError(412, "PreconditionFailed", NO_CDN)
    for name in ("customHostNames", "accessControl"):
        if properties[name]:
            raise BadInputError(f"properties.{name}", "can't be combined with cdnEnabled")


def _check_alone(world: World, properties: JSON, before: JSON) -> None:
    """What an endpoint has of the time when it had a CDN is no fault of this request's."""
    for name in ("cdnProvider", "cdnProfile"):
        new = properties.get(name) and properties[name] != before.get(name)
        if new and world.variants.is_("endpoint.cdn-settings-alone", "refuse"):
            raise BadInputError(f"properties.{name}", "can be set only with cdnEnabled")


def _check_units(world: World, units: int, path: str) -> None:
    """Documented as a quota, which support can raise."""
    most = int(world.variants.answer("endpoint.most-units"))
    if units > most and world.settings.quotas != "off":
        status = int(world.variants.answer("quota.status"))
        message = f"{path}: {units} is more than the quota of {most} premium units."
        general = "Forbidden" if status == 403 else "Conflict"
        raise ArmError(status, "QuotaExceeded", message, target=path, general=general)


def _check_host_names(world: World, target: Target, names: list[str]) -> None:
    wanted = {name.lower() for name in names}
    for other in world.store.of_kind(target.kind.label) if wanted else ():
        taken = wanted & {name.lower() for name in other.properties.get("customHostNames") or []}
        if taken and other.id.lower() != f"{target.parent_id}/{SEGMENT}/{target.name}".lower():
            raise conflict("HostNameTaken", f"properties.customHostNames: {min(taken)} belongs to '{other.id}'.")


def allow(world: World, endpoint: Resource, changed: set[str]) -> None:
    """Refuse what may not change in the endpoint's state; the message names it."""
    state = endpoint.properties["resourceState"]
    if state == "Stopped":
        return
    names = {path.partition(".")[0] for path in changed}
    strict = state != "Running" or world.variants.is_("endpoint.patch-running", "refuse")
    refused = names - {"description"} if strict else names & _ONLY_STOPPED
    if refused:
        words = ", ".join(f"properties.{name}" for name in sorted(refused))
        message = f"{words} can't change while the streaming endpoint is {state}."
        raise tracked.refused(world, "InvalidState", message, f"properties.{min(refused)}")


def default_endpoint(world: World, account: Resource) -> Resource:
    """Stopped, Standard, nobody's work: all members of systemData are null, and the host is the account's alone."""
    kind = streaming_endpoint()
    call = crud.nobodys_call()
    made = blank(world, call, kind, account, "default")
    nobody = ("createdBy", "createdByType", "createdAt", "lastModifiedBy", "lastModifiedByType", "lastModifiedAt")
    properties = {**made.properties, "cdnProfile": None, **_first(account.name, account.body["location"])}
    return made.with_body({**made.body, "properties": properties, "systemData": dict.fromkeys(nobody)})


def blank(world: World, call: Call, kind: Kind, parent: Resource, name: str) -> Resource:
    """A stopped Standard endpoint with all defaults."""
    body = {"location": parent.body["location"], "properties": {}}
    stored = kind.schema.read(body, "", world.rules("2022-08-01"))
    stored["properties"] |= {"cdnProfile": ""} | _first(f"{name}-{parent.name}", parent.body["location"])
    return shown(world, tracked.make(world, call, kind, parent.id, name, stored), "Stopped")


BEHAVIOUR = tracked.Behaviour(complete, shown, allow, ("hostName",))
