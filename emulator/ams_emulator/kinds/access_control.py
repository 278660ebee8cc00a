"""Members that live events and streaming endpoints share: IP lists and cross-site policies."""

# All shapes read with one signature.
# ruff: noqa: ARG002
from __future__ import annotations

import ipaddress
from typing import Any

from ams_emulator.errors import BadInputError
from ams_emulator.schema import ListOf, Member, Number, Object, Rules, Shape, Text, expect, shorten


class IpAddress(Shape):
    """An IPv4 or IPv6 address, or a range in CIDR notation."""

    def read(self, value: Any, path: str, rules: Rules) -> str:
        text: str = expect(value, str, "a string", path)
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise BadInputError(path, f"{shorten(text)} is not an IP address") from None
        return text


class _Range(Object):
    """An IPv4 address has 32 bits."""

    def read(self, value: Any, path: str, rules: Rules) -> dict[str, Any]:
        stored = super().read(value, path, rules)
        length = stored.get("subnetPrefixLength")
        if stored.get("address") and ":" not in stored["address"] and length is not None and length > 32:
            raise BadInputError(f"{path}.subnetPrefixLength", f"{length} is more than the 32 bits of an IPv4 address")
        return stored


def ip_access() -> Member:
    """`{"allow": [{"name", "address", "subnetPrefixLength"}]}`; what is left out shows as null, as recorded."""
    item = _Range(
        {
            "name": Member(Text(), shown_null=True),
            "address": Member(IpAddress(), shown_null=True),
            "subnetPrefixLength": Member(Number(whole=True, minimum=0, maximum=128), shown_null=True),
        }
    )
    return Member(Object({"allow": Member(ListOf(item), shown_null=True)}), shown_null=True)


def cross_site() -> Object:
    return Object({name: Member(Text(), shown_null=True) for name in ("clientAccessPolicy", "crossDomainPolicy")})
