"""A client of version 2, as small as can be: discovery, the redirect by hand, one request at a time."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from ams_emulator.testing import Emulator, send

AUDIENCE = "https://rest.media.azure.net"
HEADERS = {
    "x-ms-version": "2.19",
    "DataServiceVersion": "3.0",
    "MaxDataServiceVersion": "3.0",
    "Accept": "application/json",
}
Answer = tuple[int, Mapping[str, str], Any]


class V2:
    """Speaks to one account."""

    def __init__(self, emulator: Emulator, account_id: str) -> None:
        self.emulator, self.account_id = emulator, account_id
        self.token = emulator.control.token(audience=AUDIENCE)
        self._base = ""

    def discovered(self) -> str:
        status, _, body = self.emulator.request("GET", self.account_id, api_version="2015-10-01")
        assert status == 200, body
        (endpoint,) = body["properties"]["apiEndpoints"]
        assert endpoint["majorVersion"] == "2"
        return str(endpoint["endpoint"])

    @property
    def base(self) -> str:
        """Where requests go: what the endpoint redirects to, or the endpoint itself."""
        if not self._base:
            endpoint = self.discovered()
            status, headers, _ = self.to(endpoint, "GET", "")
            self._base = headers["location"] if status == 301 else endpoint
        return self._base

    def to(self, base: str, method: str, path: str, body: object = None, **headers: str | None) -> Answer:
        given = {**HEADERS, "Authorization": f"Bearer {self.token}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        for name, value in headers.items():
            if value is None:
                given.pop(name.replace("_", "-"), None)
        parts = urlsplit(base)
        origin = f"{parts.scheme}://{parts.netloc}"
        return send(origin, method, f"{parts.path}{path}", body, given, self.emulator.ca_file)

    def ask(self, method: str, path: str, body: object = None, **headers: str | None) -> Answer:
        return self.to(self.base, method, path, body, **headers)

    def get(self, path: str, **headers: str | None) -> Any:
        status, _, body = self.ask("GET", path, **headers)
        assert status == 200, (status, body)
        return body

    def rows(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(path)["value"]
        return found

    def row(self, path: str, **equal: object) -> dict[str, Any]:
        """The one row that has these members."""
        (found,) = (row for row in self.rows(path) if all(row[name] == value for name, value in equal.items()))
        return found


def at(set_name: str, key: str) -> str:
    """The path of one row."""
    return f"{set_name}('{quote(key, safe='')}')"
