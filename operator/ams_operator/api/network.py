"""Who may connect, and which pages may: settings that live events and streaming endpoints have in common.

Source: IPAccessControl, IPRange and CrossSiteAccessPolicies of Microsoft.Media, api-version 2022-08-01.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import ApiModel, Matches, Rule

_OCTET: Final = r"(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
IpAddress = Annotated[
    str,
    Field(max_length=45),
    Matches(
        rf"({_OCTET}\.){{3}}{_OCTET}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*",
        "must be one IP address such as 203.0.113.0; for a range set subnetPrefixLength beside it",
    ),
]
Policy = Annotated[str, Field(max_length=16384)]


class IpRange(ApiModel):
    """One address, or a range of them."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.subnetPrefixLength) || self.subnetPrefixLength <= 32 || self.address.contains(':')",
            "subnetPrefixLength of an IPv4 address must be 0 to 32",
            ".subnetPrefixLength",
        ),
    )

    name: Annotated[str, Field(max_length=256)] | None = None
    """A name for people. The service's default is none."""
    address: IpAddress
    """The address, or the first one of the range. 0.0.0.0 with subnetPrefixLength 0 is everybody."""
    subnet_prefix_length: Annotated[int, Field(ge=0, le=128)] | None = None
    """Length of the range's prefix, as in CIDR. Absent means this address alone."""


class IpAccessControl(ApiModel):
    """Access by address."""

    allow: Annotated[list[IpRange], Field(max_length=100)] | None = None
    """The addresses that may connect. Absent means none."""


class AccessControl(ApiModel):
    """Who may connect."""

    ip: IpAccessControl | None = None
    """Access by address. Absent means that nobody has it."""


class CrossSiteAccessPolicies(ApiModel):
    """Which other sites' pages may load from here; for players that are plug-ins."""

    client_access_policy: Policy | None = None
    """Content of clientaccesspolicy.xml (Silverlight). The service's default is none."""
    cross_domain_policy: Policy | None = None
    """Content of crossdomain.xml (Flash). The service's default is none."""
