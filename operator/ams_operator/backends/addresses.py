"""Which addresses a connection may lead to. Asked with the address that is connected to, after all resolving: a name
that an administrator allowed may lead to a private network tomorrow, and a token goes where the connection goes.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Final

from aiohttp.connector import AddrInfoType

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_CARRIERS: Final = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))
"""IPv6 addresses that end in the IPv4 one that they lead to: NAT64's, and those of RFC 4291, 2.5.5.1"""
_SITE: Final = ipaddress.IPv6Network("fec0::/10")
"""private once, and public by the registry since nobody was to use it any more"""
_CLOUD: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "100.100.100.200/32",  # Alibaba Cloud, ECS: Instance metadata
            "168.63.129.16/32",  # Azure: What is IP address 168.63.129.16; by the registry a public one
            "192.0.0.0/24",  # Oracle Cloud Classic: 192.0.0.192; the rest is nobody's host (RFC 6890)
            "fd00:42::42/128",  # Scaleway, Instances: metadata over IPv6
            "fd00:100::100:200/128",  # Alibaba Cloud, ECS: Instance metadata, over IPv6
            "fd00:a9fe:a9fe::1/128",  # Akamai (Linode): Overview of the Metadata service, over IPv6
            "fd00:c1::a9fe:a9fe/128",  # Oracle Cloud Infrastructure: the endpoint of its SDKs over IPv6
            "fd00:ec2::/32",  # AWS, EC2: Access instance metadata (::254); EKS: Pod Identity Agent (::23)
            "fd20:ce::254/128",  # Google Cloud, Compute Engine: About VM metadata, over IPv6
        ),
    )
)
"""where a cloud's platform answers its machines with what they may do, by whose documents; beside link-local addresses,
which are most clouds' (169.254.169.254) and Amazon's for containers (169.254.170.2 and .23)"""
_REFUSED: Final = (
    "has no public address. If that is meant, as with a private cloud or the emulator, set allowPrivate: true in the "
    "MediaServicesBackend"
)
_NEVER: Final = (
    "leads to an address that no MediaServicesBackend can allow, such as one at which a cloud answers its own "
    "machines: correct the name, or what it resolves to"
)


class NotPublic(OSError):
    """A connection that was not tried. `said`: why, as the end of a sentence about the origin."""

    def __init__(self, *, never: bool) -> None:
        """`never`: no MediaServicesBackend can allow the address."""
        super().__init__(errno.EACCES, "its address is not allowed")
        self.said = _NEVER if never else _REFUSED


def public_only(info: AddrInfoType) -> socket.socket:
    """A socket for an address of the internet. Raises NotPublic."""
    return _socket(info, private=False)


def also_private(info: AddrInfoType) -> socket.socket:
    """A socket for a machine's address, this one's included. Raises NotPublic."""
    return _socket(info, private=True)


def _socket(info: AddrInfoType, *, private: bool) -> socket.socket:
    family, kind, proto, _, address = info
    if not allowed(str(address[0]), private=private):
        raise NotPublic(never=not allowed(str(address[0]), private=True))
    return socket.socket(family, kind, proto)


def allowed(host: str, *, private: bool) -> bool:
    """Whether an address may be connected to. `private`: also those of private networks and of this machine, but never
    those that clouds answer at with a machine's own credentials."""
    try:
        address = _plain(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:  # nothing that the system would make an address of: 127.1, 0x7f000001
        return False
    if (
        any(address in network for network in _CLOUD)
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    ):
        return False
    if private:
        return True
    return address.is_global and not address.is_reserved and address not in _SITE


def _plain(address: Address) -> Address:
    """What an IPv6 address that carries an IPv4 one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in network for network in _CARRIERS) and int(address) > 1:  # those two are IPv6's own
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
