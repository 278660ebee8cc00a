"""A client of the control API, and one plain way to send a request."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import re
import ssl
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

JSON = dict[str, Any]


class EmulatorError(Exception):
    """The emulator didn't start, or the control API refused: the message says why."""


class Control:
    """The control API, synchronous. Each method is one request; refusals are EmulatorError."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._token = token

    def call(self, method: str, path: str, body: object = None, *, timeout: float = 70) -> Any:
        status, _, value = send(self.url, method, path, body, {"X-Ams-Emulator": self._token}, timeout=timeout)
        if status >= 400:
            raise EmulatorError(f"{method} {path}: {status} {value['error'] if isinstance(value, dict) else value}")
        return value

    # what exists
    def add_group(self, name: str, **options: str) -> JSON:
        return _json(self.call("POST", "/groups", {"name": name, **options}))

    def add_account(self, name: str, **options: str) -> JSON:
        """Options: resourceGroup, location, subscriptionId, scenario."""
        return _json(self.call("POST", "/accounts", {"name": name, **options}))

    def get_out_of_band(self, resource_id: str) -> JSON:
        return _json(self.call("GET", f"/resources?id={quote(resource_id)}"))

    def stored_ids(self, below: str = "") -> list[str]:
        """Ids of everything that the service holds below an id."""
        return list(self.call("GET", f"/resources/ids?below={quote(below)}")["ids"])

    def put_out_of_band(self, resource_id: str, body: JSON) -> JSON:
        return _json(self.call("PUT", "/resources", {"id": resource_id, "body": body}))

    def patch_out_of_band(self, resource_id: str, patch: JSON) -> JSON:
        return _json(self.call("PATCH", "/resources", {"id": resource_id, "patch": patch}))

    def delete_out_of_band(self, resource_id: str) -> None:
        self.call("DELETE", f"/resources?id={quote(resource_id)}")

    def act(self, resource_id: str, action: str, **body: object) -> JSON:
        """What somebody else does: `stop`, `start`, `delete` ...; refusals of the service are EmulatorError."""
        return _json(self.call("POST", "/resources/act", {"id": resource_id, "action": action, "body": body}))

    # people and what they notice
    def attach_encoder(self, event_id: str, **options: object) -> JSON:
        """An encoder that sends to an event; options: url, address, follow (takes over new URLs)."""
        return _snake(self.call("POST", "/encoders", {"eventId": event_id, **options}))

    def attach_viewer(self, endpoint_id: str, content_id: str, **options: object) -> JSON:
        """One who watches a live output or an asset through an endpoint; options: address."""
        name = "outputId" if "/liveoutputs/" in content_id.lower() else "assetId"
        return _snake(self.call("POST", "/viewers", {"endpointId": endpoint_id, name: content_id, **options}))

    def encoders(self) -> list[JSON]:
        return [_snake(item) for item in self.call("GET", "/encoders")["encoders"]]

    def viewers(self) -> list[JSON]:
        return [_snake(item) for item in self.call("GET", "/viewers")["viewers"]]

    def detach(self, attached: JSON) -> None:
        """Take one encoder or viewer away: what `attach_...` gave."""
        kind = str(attached["id"]).partition("-")[0]
        self.call("DELETE", f"/{kind}s/{attached['id']}")

    def detach_all(self, below: str = "") -> None:
        """All encoders and viewers of what is at or below an id."""
        self.call("DELETE", f"/people?below={quote(below)}")

    def meters(self, below: str = "") -> JSON:
        """Totals by meter (`meters.METERS`) and `byResource`, of what is at or below an id."""
        return _json(self.call("GET", f"/meters?below={quote(below)}"))

    def reset_meters(self, below: str = "") -> None:
        self.call("DELETE", f"/meters?below={quote(below)}")

    def container(self, asset_id: str) -> JSON:
        """What is in an asset's container: storageAccountName, container, recordings, files."""
        return _json(self.call("GET", f"/containers?assetId={quote(asset_id)}"))

    def upload(self, asset_id: str, *files: str) -> None:
        """Put files (only names) into an asset's container."""
        self.call("POST", "/containers", {"assetId": asset_id, "files": list(files)})

    # version 2
    def v2_rows(self, account_id: str, set_name: str) -> list[JSON]:
        """Rows of an entity set as they are stored; members of the emulator's own begin with an underscore."""
        query = urlencode({"accountId": account_id, "set": set_name})
        return list(self.call("GET", f"/v2/rows?{query}")["rows"])

    def v2_put(self, account_id: str, set_name: str, **row: object) -> JSON:
        """Add a row behind every client's back; what isn't given is a default, the id is new."""
        return _json(self.call("PUT", "/v2/rows", {"accountId": account_id, "set": set_name, "row": row}))

    def v2_patch(self, account_id: str, set_name: str, entity: str, **patch: object) -> JSON:
        body = {"accountId": account_id, "set": set_name, "id": entity, "patch": patch}
        return _json(self.call("PATCH", "/v2/rows", body))

    def v2_delete(self, account_id: str, set_name: str, entity: str) -> None:
        query = urlencode({"accountId": account_id, "set": set_name, "id": entity})
        self.call("DELETE", f"/v2/rows?{query}")

    def v2_link(self, account_id: str, set_name: str, entity: str, navigation: str, target: str) -> None:
        body = {"accountId": account_id, "set": set_name, "id": entity, "navigation": navigation, "target": target}
        self.call("POST", "/v2/links", body)

    def v2_act(self, account_id: str, set_name: str, entity: str, action: str) -> None:
        """What somebody else does, such as `Stop` or `Delete`; `Cancel` for a job."""
        self.call("POST", "/v2/act", {"accountId": account_id, "set": set_name, "id": entity, "action": action})

    def v2_account(self, account_id: str, **changes: bool) -> JSON:
        """Changes: enabled, disabled, storageLost, retired, runJobs. How it stands after them."""
        return _json(self.call("POST", "/v2/accounts", {"accountId": account_id, **changes}))

    # time and settings
    def clock(self) -> JSON:
        return _json(self.call("GET", "/clock"))

    def advance(self, seconds: float) -> JSON:
        return _json(self.call("POST", "/clock/advance", {"seconds": seconds}))

    def settings(self, **changes: object) -> JSON:
        """Change settings (the fields of `config.Settings`); all of them after it."""
        return _snake(self.call("POST", "/settings", {_camel(name): value for name, value in changes.items()}))

    # who
    def token(self, **options: object) -> str:
        """A token; options: clientId, audience, seconds (negative: an expired one)."""
        return str(self.call("POST", "/tokens", options)["token"])

    def add_client(self, **options: str) -> JSON:
        return _json(self.call("POST", "/clients", options))

    def federate(self, issuer: str, subject: str, jwks: JSON, **options: str) -> None:
        """Have an application believe tokens of an issuer; options: clientId, audience."""
        self.call("POST", "/clients/federate", {"issuer": issuer, "subject": subject, "jwks": jwks, **options})

    def revoke_tokens(self, client_id: str | None = None) -> None:
        self.call("POST", "/tokens/revoke", {"clientId": client_id} if client_id else {})

    def deny(self, **options: object) -> None:
        """Take rights away; options: clientId, scope, rights (of read, write, delete, action)."""
        self.call("POST", "/denials", options)

    def allow_all(self) -> None:
        self.call("DELETE", "/denials")

    # what goes wrong
    def fault(self, type: str, match: JSON | None = None, **action: object) -> str:
        """Add a fault; its id. A `throttle` without `match` closes its bucket at once."""
        body: JSON = {"action": {"type": type, **action}}
        if match is not None or type != "throttle":
            body["match"] = match or {}
        return str(self.call("POST", "/faults", body)["id"])

    def faults(self) -> list[JSON]:
        return list(self.call("GET", "/faults")["faults"])

    def apply_late(self, fault_id: str) -> list[int]:
        return list(self.call("POST", f"/faults/{fault_id}/apply")["statuses"])

    def clear_faults(self) -> None:
        self.call("DELETE", "/faults")

    def barrier(self, stage: str = "before", **match: object) -> Barrier:
        """Hold a request; match: method, path, kind, clientId, userAgent, bucket, nth."""
        return Barrier(self, self.call("POST", "/barriers", {"match": match, "stage": stage})["id"])

    def clear_barriers(self) -> None:
        self.call("DELETE", "/barriers")

    def variants(self, **answers: str) -> JSON:
        """Choose answers, then what is chosen by name. Names as keys: `**{"patch.depth": "merge"}`."""
        value = self.call("POST", "/variants", answers)
        return {item["name"]: item["chosen"] for item in value["variants"]}

    # what was asked
    def log(self, since: int = 0, **equal: object) -> list[JSON]:
        """Requests (fields of `log.Entry`); filters: method, path (beginning), kind, clientId, userAgent, status."""
        query = urlencode({"since": since, **equal})
        return [_snake(entry) for entry in self.call("GET", f"/log?{query}")["requests"]]

    def counts(self) -> JSON:
        return _json(self.call("GET", "/log/counts"))

    def wait_log(self, count: int = 1, timeout: float = 30, since: int = 0, **equal: object) -> list[JSON]:
        """Wait until `count` matching requests have ended. Raises EmulatorError when time is up."""
        query = urlencode({"count": count, "timeout": timeout, "since": since, **equal})
        found = [_snake(entry) for entry in self.call("GET", f"/log/wait?{query}")["requests"]]
        if len(found) < count:
            raise EmulatorError(f"{len(found)} of {count} requests like {equal} after {timeout} s")
        return found

    def reset_log(self) -> None:
        self.call("DELETE", "/log")


class Barrier:
    """One barrier: wait until it holds a request, then let it go on."""

    def __init__(self, control: Control, barrier_id: str) -> None:
        self._control = control
        self.id = barrier_id

    def wait(self, timeout: float = 30) -> JSON:
        """The request that is held. Raises EmulatorError when none comes in time."""
        value = self._control.call("GET", f"/barriers/{self.id}/wait?timeout={timeout}")
        if value["request"] is None:
            raise EmulatorError(f"no request ran into {self.id} within {timeout} s")
        return _json(value["request"])

    def release(self, outcome: str = "apply", **answer: object) -> JSON:
        """Go on: `apply`, `apply-drop` (effect, no answer), `drop`, or `answer` with status, headers, body."""
        return _json(self._control.call("POST", f"/barriers/{self.id}/release", {"outcome": outcome, **answer}))

    async def wait_async(self, timeout: float = 30) -> JSON:
        return await asyncio.to_thread(self.wait, timeout)

    async def release_async(self, outcome: str = "apply", **answer: object) -> JSON:
        return await asyncio.to_thread(self.release, outcome, **answer)


class AsyncControl:
    """`Control` for coroutines: every method runs in a thread."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._control, name)

        async def in_thread(*args: Any, **options: Any) -> Any:
            return await asyncio.to_thread(method, *args, **options)

        return in_thread


def send(
    url: str,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    ca_file: str | None = None,
    *,
    timeout: float = 30,
) -> tuple[int, Mapping[str, str], Any]:
    """One request over a connection of its own; `body` is sent as JSON unless it is bytes."""
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=ca_file)
        connection = http.client.HTTPSConnection(parts.netloc, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
    with contextlib.closing(connection):
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} if raw is not None else {}
        connection.request(method, path.replace(" ", "%20"), raw, {**given, **(headers or {})})
        response = connection.getresponse()
        data = response.read()
        answer_headers = {name.lower(): value for name, value in response.getheaders()}
    is_json = "json" in answer_headers.get("content-type", "")
    return response.status, answer_headers, json.loads(data) if data and is_json else data or None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _snake(members: Any) -> JSON:
    return {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): item for name, item in members.items()}


def _json(value: Any) -> JSON:
    assert isinstance(value, dict)
    return value
