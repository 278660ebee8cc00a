"""From a path to what it is about, without regard to case; and the order in which a request is refused or answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from ams_emulator import locations, permissions, resource_manager, streaming_operations
from ams_emulator.access import Access
from ams_emulator.call import ERROR_TYPE, Answer, Call
from ams_emulator.errors import ArmError
from ams_emulator.kinds.base import Kind, Target
from ams_emulator.v2 import arm
from ams_emulator.world import World

PROVIDER = "microsoft.media"
_API_VERSION = re.compile(r"20\d\d-\d\d-\d\d(-preview)?")
# What the service of 2023 also had and this emulator has not yet: said plainly instead of a 404.
LATER = frozenset(
    {
        "tracks",
        "assetfilters",
        "accountfilters",
        "contentkeypolicies",
        "streamingpolicies",
        "streaminglocators",
        "jobs",
        "privateendpointconnections",
        "privatelinkresources",
    }
)


def split_path(path: str) -> list[str]:
    """Decoded segments; an encoded slash stays inside its segment."""
    return [unquote(part) for part in path.split("/") if part]


class Router:
    """Answers ARM requests against one world."""

    def __init__(self, world: World, kinds: dict[tuple[str, ...], Kind], access: Access) -> None:
        self._world = world
        self.kinds = kinds
        self._access = access

    def answer(self, call: Call) -> Answer:
        """The answer to one request, with its effect. Never raises ArmError."""
        try:
            return self._answer(call)
        except ArmError as error:
            general = self._world.variants.is_("errors.codes", "general")
            body = error.body(general_codes=general)
            return Answer(error.status, body, error.headers, content_type=ERROR_TYPE)

    def _answer(self, call: Call) -> Answer:
        parts = split_path(call.raw_path)
        lower = [part.lower() for part in parts]
        self._check_api_version(call)
        handler = self._without_subscription(call, lower)
        if handler is not None:
            return handler()
        if len(parts) < 2 or lower[0] != "subscriptions":
            raise _no_route(call)
        if lower[1] not in self._world.store.subscriptions:
            raise ArmError(404, "SubscriptionNotFound", f"The subscription '{parts[1]}' could not be found.")
        handler = self._below_subscription(call, parts, lower)
        self._access.check(call, parts, verb_of(call, parts))
        return handler()

    def _check_api_version(self, call: Call) -> None:
        given = call.query.get("api-version", "")
        if not given:
            if self._world.variants.is_("api-version.missing", "refuse"):
                message = "The api-version query parameter (?api-version=) is required for all requests."
                raise ArmError(400, "MissingApiVersionParameter", message)
            call.api_version = resource_manager.API_VERSIONS[-1]
            return
        known = given in (*resource_manager.API_VERSIONS, arm.API_VERSION)
        path = call.path.lower()
        ours = f"/providers/{PROVIDER}" in path and not path.rstrip("/").endswith("/".join(permissions.SEGMENTS))
        if not known and _API_VERSION.fullmatch(given) and ours:
            self._check_known(given)
        if not _API_VERSION.fullmatch(given):
            message = f"api-version: '{given}' is not of the form YYYY-MM-DD."
            raise ArmError(400, "InvalidApiVersionParameter", message, target="api-version", general="BadRequest")
        call.api_version = given

    def _check_known(self, given: str) -> None:
        """Resource Manager knows the versions of a provider; the wording is its general one."""
        if self._world.variants.is_("api-version.unknown", "refuse"):
            message = (
                f"No registered resource provider found for API version '{given}' of Microsoft.Media. "
                f"The supported api-versions are '{', '.join(resource_manager.API_VERSIONS)}'."
            )
            raise ArmError(400, "NoRegisteredProviderFound", message)

    def _without_subscription(self, call: Call, lower: list[str]) -> Callable[[], Answer] | None:
        world, kinds = self._world, list(self.kinds.values())
        if call.method != "GET":
            return None
        match lower:
            case ["tenants"]:
                return lambda: resource_manager.tenants(world, call)
            case ["subscriptions"]:
                return lambda: resource_manager.subscriptions(world, call)
            case ["providers", "microsoft.media"]:
                return lambda: resource_manager.provider(world, call, kinds, None)
            case ["providers", "microsoft.media", "operations"]:
                return lambda: resource_manager.provider_operations(world, call, kinds)
        return None

    def _below_subscription(self, call: Call, parts: list[str], lower: list[str]) -> Callable[[], Answer]:
        world, subscription = self._world, parts[1]
        match lower[2:]:
            case [] if call.method == "GET":
                return lambda: resource_manager.subscription(world, call, subscription)
            case ["locations"] if call.method == "GET":
                return lambda: resource_manager.locations(world, call, subscription)
            case ["resourcegroups"] if call.method == "GET":
                return lambda: resource_manager.groups(world, call, subscription)
            case ["resourcegroups", _]:
                return lambda: resource_manager.group(world, call, subscription, parts[3])
            case ["providers", "microsoft.media"] if call.method == "GET":
                kinds = list(self.kinds.values())
                return lambda: resource_manager.provider(world, call, kinds, subscription)
            case ["providers", "microsoft.media", "locations", *rest]:
                return self._location(call, subscription, parts[5:], rest)
            case ["providers", "microsoft.media", "mediaservices"] if call.method == "GET":
                kind = self.kinds[("mediaservices",)]
                target = Target(kind, subscription, None, (), "LIST")
                return lambda: kind.verbs["LIST"](world, call, target)
            case ["resourcegroups", _, *_, "providers", "microsoft.authorization", "permissions"] if (
                call.method == "GET"
            ):
                return lambda: permissions.permissions(self._access, call, parts)
            case ["resourcegroups", _, "providers", "microsoft.media", *_] if call.api_version == arm.API_VERSION:
                return lambda: arm.answer(world, call, parts)
            case ["resourcegroups", _, "providers", "microsoft.media", *_]:
                return self._operation(call, parts) or (lambda: self._resource(call, subscription, parts))
        raise _no_route(call)

    def _location(self, call: Call, subscription: str, parts: list[str], lower: list[str]) -> Callable[[], Answer]:
        world = self._world
        match [call.method, *lower]:
            case ["POST", region, "checknameavailability"]:
                return lambda: locations.check_name(world, call, locations.known_region(region))
            case ["GET", region, "mediaservicesoperationstatuses", _]:
                return lambda: locations.operation_status(world, call, subscription, region, parts[2])
            case ["GET", region, "mediaservicesoperationresults", _]:
                return lambda: locations.operation_result(world, call, subscription, region, parts[2])
        raise _no_route(call)

    def _operation(self, call: Call, parts: list[str]) -> Callable[[], Answer] | None:
        """The documents of asynchronous operations below an account."""
        world, lower = self._world, [part.lower() for part in parts]
        if call.method != "GET" or len(parts) < 8:
            return None
        if lower[-2] == streaming_operations.OPERATION_LOCATIONS:
            return lambda: streaming_operations.location(world, call, parts)
        for kind in self.kinds.values():
            if len(parts) == 10 and kind.operations == lower[8]:
                return lambda: streaming_operations.status(world, call, kind, parts)
        return None

    def _resource(self, call: Call, subscription: str, parts: list[str]) -> Answer:
        target = self._target(call, subscription, parts)
        return target.kind.verbs[target.verb](self._world, call, target)

    def _target(self, call: Call, subscription: str, parts: list[str]) -> Target:
        """`.../providers/Microsoft.Media/type/name/type/name[/action]` as a kind, names and a verb."""
        rest = parts[6:]
        path, names = tuple(part.lower() for part in rest[0::2]), tuple(rest[1::2])
        verb = call.method
        if len(path) > len(names):
            if path in self.kinds:
                verb = "LIST" if call.method == "GET" else f"{call.method} COLLECTION"
            elif path[:-1] in self.kinds and call.method == "POST":
                path, verb = path[:-1], path[-1]
            elif path[:-1] in self.kinds and f"{call.method} {path[-1]}" in self.kinds[path[:-1]].verbs:
                path, verb = path[:-1], f"{call.method} {path[-1]}"
        kind = self.kinds.get(path)
        if kind is None or verb not in kind.verbs:
            raise _not_served(call, path, kind if verb.isupper() else None)
        group = resource_manager.find_group(self._world, subscription, parts[3])
        return Target(kind, subscription, group, names, verb)


def verb_of(call: Call, parts: list[str]) -> str:
    """The right that a request needs: read, write, delete or action."""
    rights = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
    return rights.get(call.method, f"{parts[-1]}/action")


def subject(parts: list[str]) -> tuple[str, bool]:
    """What a path is about: its last type segment in lower case, and whether it names a collection of it."""
    lower = [part.lower() for part in parts]
    if PROVIDER in lower:
        rest = lower[lower.index(PROVIDER) + 1 :]
        if rest[:1] == ["locations"]:
            return rest[2] if len(rest) > 2 else "locations", False
    else:
        rest = lower[2:] if lower[:1] == ["subscriptions"] and len(lower) > 2 else lower
    if not rest:
        return "providers", False
    return (rest[-2], False) if len(rest) % 2 == 0 else (rest[-1], True)


def _no_route(call: Call) -> ArmError:
    return ArmError(
        404, "InvalidResourceType", f"{call.method} {call.path} is nothing that this service has.", general="NotFound"
    )


def _not_served(call: Call, path: tuple[str, ...], kind: Kind | None) -> ArmError:
    if set(path) & LATER:
        return _later(call)
    return resource_manager.method_not_allowed(call) if kind is not None else _no_route(call)


def _later(call: Call) -> ArmError:
    message = f"{call.method} {call.path}: the service had this, the emulator has it not yet."
    return ArmError(501, "NotInThisEmulator", message)
