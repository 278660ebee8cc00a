"""What must not be anywhere: read from the emulator's version 2 by a client that asks for everything."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from ams_emulator.testing import send
from ams_operator.migration import discovery

from .conftest import Source


def SECRETS(source: Source) -> set[str]:  # noqa: N802
    """Key material, token templates' keys, signatures and ingest tokens of the account."""
    ask = _Ask(source)
    found: set[str] = set()
    for row in ask.rows("ContentKeys"):
        found |= {row["EncryptedContentKey"], row["ProtectionKeyId"]}
    for row in ask.rows("ContentKeyAuthorizationPolicyOptions"):
        for restriction in row["Restrictions"]:
            found |= set(re.findall(r">([A-Za-z0-9+/=]{20,})<", restriction["Requirements"] or ""))
        found |= set(re.findall(r'"FairPlayPfx":\s*"([^"]+)"', row["KeyDeliveryConfiguration"] or ""))
    for row in ask.rows("Locators"):
        found |= set(re.findall(r"sig=([0-9a-f]+)", row["Path"] or ""))
    for row in ask.rows("Channels"):
        found |= {one["Url"].rpartition("/")[2] for one in row["Input"]["Endpoints"] if one["Url"].startswith("rtmp")}
    found = {one for one in found if one and len(one) > 12}
    assert len(found) > 10
    return found


class _Ask:
    def __init__(self, source: Source) -> None:
        emulator = source.emulator
        token = emulator.control.token(audience=discovery.AUDIENCE)
        headers = {"Authorization": f"Bearer {token}", "x-ms-version": "2.19", "Accept": "application/json"}
        path = next(entry["path"] for entry in source.log() if entry["kind"] == "LIST v2/Assets").partition("/api/")[0]
        self._emulator, self._path, self._headers = emulator, path, headers

    def rows(self, name: str) -> list[dict[str, Any]]:
        target = f"{self._path}/api/{quote(name)}"
        status, _, body = send(self._emulator.url, "GET", target, None, self._headers, self._emulator.ca_file)
        assert status == 200
        rows: list[dict[str, Any]] = body["value"]
        return rows
