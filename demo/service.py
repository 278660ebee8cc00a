"""The emulated Media Services seen by somebody else than the operator, and what its log says of the operator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ams_emulator.testing import Control, send
from demo.errors import DemoError

JSON = dict[str, Any]
OPERATOR: Final = "ams-operator/"
"""How the operator's User-Agent begins."""
_API_VERSION: Final = "2022-07-01"
_TOKEN_SECONDS: Final = 7 * 86400


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

    def transform_id(self, account: str, name: str) -> str:
        """Resource id of a transform."""
        return f"{self.account_id(account)}/transforms/{name}"


class Service:
    """A colleague with rights of his own in the service, who knows nothing of Kubernetes."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._control = Control(place.control_url, place.control_token)
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

    def stored(self) -> frozenset[str]:
        """Ids of all that the service holds, in lower case; not asked through the API, so in no request count."""
        return frozenset(name.lower() for name in self._control.stored_ids())

    def now(self) -> int:
        """The number of the last request: what comes later has a higher one."""
        return int(self._control.counts()["last"])

    def operator_requests(self, since: int = 0) -> Counter[str]:
        """What the operator sent after the request `since`, counted by kind, such as `PATCH transforms`."""
        return Counter(entry["kind"] for entry in self._entries(since))

    def operator_writes(self, resource_id: str) -> int:
        """How many writes to a resource the operator ever sent."""
        wanted = resource_id.lower()
        return sum(1 for entry in self._entries(0) if entry["method"] != "GET" and entry["path"].lower() == wanted)

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
