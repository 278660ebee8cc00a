"""The emulated Media Services seen by somebody else than the operator, and what its log says of the operator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ams_emulator.testing import Control, EmulatorError, send
from demo.errors import DemoError

JSON = dict[str, Any]
OPERATOR: Final = "ams-operator/"
"""How the operator's User-Agent begins."""
_API_VERSION: Final = "2022-07-01"
_TOKEN_SECONDS: Final = 7 * 86400
# Starts and stops, which take minutes in Azure, are seen to take a moment. All else is over at once: the operator looks
# after long operations each five seconds, and the tour has many of them.
_DURATIONS: Final = MappingProxyType(
    {
        **{f"{kind}.{step}": 1 for kind in ("liveEvents", "streamingEndpoints") for step in ("start", "stop")},
        **{f"{kind}.{step}": 0 for kind in ("liveEvents", "streamingEndpoints") for step in ("create", "update")},
        **{f"liveOutputs.{step}": 0 for step in ("create", "delete")},
    }
)


@dataclass(frozen=True)
class Place:
    """What `ams-emulator serve --ready-json` prints, and the resource group in which the demo works."""

    url: str
    ca_file: Path
    control_url: str
    control_token: str
    tenant_id: str
    client_id: str
    client_secret: str
    subscription_id: str
    resource_group: str

    @classmethod
    def of(cls, ready: Mapping[str, Any]) -> Place:
        """From the ready line. Raises DemoError where it lacks something."""
        try:
            return cls(
                url=ready["url"],
                ca_file=Path(ready["caFile"]),
                control_url=ready["controlUrl"],
                control_token=ready["controlToken"],
                tenant_id=ready["tenantId"],
                client_id=ready["clientId"],
                client_secret=ready["clientSecret"],
                subscription_id=ready["subscriptionId"],
                resource_group=ready["resourceGroup"],
            )
        except KeyError as error:
            raise DemoError(f"the emulator's ready line has no {error}") from error

    @property
    def group_id(self) -> str:
        """Resource id of the resource group."""
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"

    def account_id(self, name: str) -> str:
        """Resource id of an account."""
        return f"{self.group_id}/providers/Microsoft.Media/mediaservices/{name}"

    def resource_id(self, account: str, path: str) -> str:
        """Resource id of what is at a path in an account, such as `transforms/adaptive`."""
        return f"{self.account_id(account)}/{path}"


class Service:
    """A colleague with rights of his own in the service, who knows nothing of Kubernetes."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._control = Control(place.control_url, place.control_token)
        self._control.settings(durations=dict(_DURATIONS))
        self._client_id = str(self._control.add_client()["clientId"])
        self._token = self.new_token()

    def new_token(self) -> str:
        """A bearer token of the colleague, valid for a week."""
        return self._control.token(clientId=self._client_id, seconds=_TOKEN_SECONDS)

    def get(self, resource_id: str) -> JSON | None:
        """A resource, or None where there is none."""
        status, body = self._call("GET", resource_id)
        return body if status == 200 else None

    def put(self, resource_id: str, body: JSON) -> None:
        """Create a resource, or replace it."""
        self._write("PUT", resource_id, body)

    def patch(self, resource_id: str, body: JSON) -> None:
        """Change a resource."""
        self._write("PATCH", resource_id, body)

    def act(self, resource_id: str, action: str) -> None:
        """What somebody does in the portal, such as `stop`; raises DemoError where the service refuses."""
        try:
            self._control.act(resource_id, action)
        except EmulatorError as error:
            raise DemoError(f"the service refused to {action} {resource_id}: {error}") from error

    def add_account(self, name: str, scenario: str) -> None:
        """An account with a past in version 2."""
        self._control.add_account(name, resourceGroup=self.place.resource_group, scenario=scenario)

    def writes_to_version_2(self, since: int = 0) -> int:
        """How many requests of the operator to version 2 were anything but a look."""
        seen = [entry for entry in self._entries(since) if entry["api"] == "v2"]
        return sum(entry["method"] != "GET" or entry["access"] != "read" for entry in seen)

    def encode(self, event_id: str, url: str) -> JSON:
        """Attach an encoder that sends to one of the event's ingest URLs."""
        return self._control.attach_encoder(event_id, url=url)

    def watch(self, endpoint_id: str, output_id: str) -> JSON:
        """Attach a viewer who watches a live output through an endpoint."""
        return self._control.attach_viewer(endpoint_id, output_id)

    def leave(self, *people: JSON) -> None:
        """Encoders and viewers go."""
        for attached in people:
            self._control.detach(attached)

    def arrives(self, encoder: JSON) -> bool:
        """Whether the event receives what this encoder sends."""
        return any(item["arrives"] for item in self._control.encoders() if item["id"] == encoder["id"])

    def viewer(self, attached: JSON) -> JSON:
        """A viewer as of now: `sees`, and `gap_seconds` without a picture since the first one."""
        return next(item for item in self._control.viewers() if item["id"] == attached["id"])

    def recorded(self, asset_id: str) -> list[float]:
        """Seconds of each recording in an asset."""
        return [float(item["seconds"]) for item in self._control.container(asset_id)["recordings"]]

    def meters(self, resource_id: str = "") -> JSON:
        """What went wrong for people, and what it costs, of what is at or below an id."""
        return self._control.meters(resource_id)

    def stored(self) -> frozenset[str]:
        """Ids of all that the service holds, in lower case; not asked through the API, so in no request count."""
        return frozenset(name.lower() for name in self._control.stored_ids())

    def now(self) -> int:
        """The number of the last request: what comes later has a higher one."""
        return int(self._control.counts()["last"])

    def operator_requests(self, since: int = 0) -> Counter[str]:
        """What the operator sent after the request `since`, counted by kind, such as `PATCH transforms`."""
        return Counter(entry["kind"] for entry in self._entries(since))

    def operator_writes(self, resource_id: str, since: int = 0) -> int:
        """How many writes to a resource or one of its actions, such as `.../start`, the operator sent."""
        wanted = resource_id.lower()
        return sum(
            entry["method"] != "GET" and f"{entry['path'].lower()}/".startswith(f"{wanted}/")
            for entry in self._entries(since)
        )

    def _entries(self, since: int) -> list[JSON]:
        return [entry for entry in self._control.log(since) if str(entry["user_agent"]).startswith(OPERATOR)]

    def _write(self, method: str, resource_id: str, body: JSON) -> None:
        status, answer = self._call(method, resource_id, body)
        if status not in (200, 201, 202):
            raise DemoError(f"the service refused {method} {resource_id}: {status} {answer}")

    def _call(self, method: str, resource_id: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "User-Agent": "somebody-else"}
        target = f"{resource_id}?api-version={_API_VERSION}"
        try:
            status, _, answer = send(self.place.url, method, target, body, headers, str(self.place.ca_file), timeout=8)
        except OSError as error:
            raise DemoError(f"the service at {self.place.url} does not answer: {error}") from error
        return status, answer
