"""Regions: their names, display names, and the code in host names.

Only `usw22` (West US 2) is recorded as a host code; the others are made up from the name and opaque to clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_DISPLAY_NAMES = (
    "Australia Central",
    "Australia East",
    "Australia Southeast",
    "Brazil South",
    "Canada Central",
    "Canada East",
    "Central India",
    "Central US",
    "East Asia",
    "East US",
    "East US 2",
    "France Central",
    "France South",
    "Germany North",
    "Germany West Central",
    "Japan East",
    "Japan West",
    "Korea Central",
    "Korea South",
    "North Central US",
    "North Europe",
    "Norway East",
    "Norway West",
    "South Africa North",
    "South Central US",
    "South India",
    "Southeast Asia",
    "Sweden Central",
    "Switzerland North",
    "Switzerland West",
    "UAE North",
    "UK South",
    "UK West",
    "West Central US",
    "West Europe",
    "West India",
    "West US",
    "West US 2",
    "West US 3",
)
_HOST_CODES: Mapping[str, str] = MappingProxyType({"westus2": "usw22"})


def region_name(location: str) -> str:
    """`West US 2` and `WestUS2` are both `westus2`."""
    return location.replace(" ", "").lower()


REGIONS: Mapping[str, str] = MappingProxyType({region_name(display): display for display in _DISPLAY_NAMES})


def host_code(region: str) -> str:
    return _HOST_CODES.get(region, region)
