"""Which addresses a connector's URL may lead to: a tool server must be no way into the company's network."""

import asyncio
import ipaddress
import socket
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from bot.domain.errors import Refusal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BadUrl(Refusal):
    """This connector's URL cannot be used: {why}."""


class AddressRefused(Refusal):
    """{host} is {what}; {advice}."""

    kind = "forbidden"


class NoSuchHost(Refusal):
    """The host name {host} cannot be found; check the connector’s URL."""

    kind = "unavailable"


class Reach(StrEnum):
    """How far inward connector URLs may lead; addresses of cloud metadata are out of reach always."""

    PUBLIC = "public"
    """Addresses of the public internet only."""
    LOOPBACK = "loopback"
    """These, and this machine; for development."""
    PRIVATE = "private"
    """These, and the private networks."""


_METADATA: Final = frozenset(
    {
        ipaddress.ip_address("fd00:ec2::254"),  # AWS over IPv6
        ipaddress.ip_address("100.100.100.200"),  # Alibaba Cloud
        ipaddress.ip_address("192.0.0.192"),  # Oracle Cloud
        ipaddress.ip_address("168.63.129.16"),  # Azure's wire server
    }
)
"""Metadata services outside 169.254.0.0/16; who reads one holds the machine's identity.

Source: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 and the other
clouds' manuals.
"""

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

_NEVER: Final = "connectors may never go there"
_WIDER: Final = "if it is your own server, set the connector reach to {reach}"


def check_url(url: str, reach: Reach) -> None:
    """Refuses a URL that no connector may have; a host name's addresses are checked when it is connected.

    Raises:
        BadUrl: not http or https, no host, or a password in it.
        AddressRefused: the host is an address out of reach.
    """
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise BadUrl(why="it is not a valid URL") from None
    if parts.scheme not in {"http", "https"}:
        raise BadUrl(why="it must begin with http:// or https://")
    if not parts.hostname or not port_is_valid:
        raise BadUrl(why="it names no server; write for example https://tools.example.com/mcp")
    if parts.username is not None or parts.password is not None:
        raise BadUrl(why="it holds a user name or password; give them as a header")
    address = _literal(parts.hostname)
    if address is not None:
        check_address(parts.hostname, address, reach)


def check_address(host: str, address: Address, reach: Reach) -> None:
    """Refuses an address out of reach; one that wraps an IPv4 address counts as that.

    Raises:
        AddressRefused: it is out of reach.
    """
    inner = _unwrapped(address)
    if inner.is_link_local or inner in _METADATA:
        raise AddressRefused(host=host, what="an address that cloud metadata is served from", advice=_NEVER)
    if inner.is_multicast or inner.is_unspecified or (inner.is_reserved and not inner.is_loopback):
        raise AddressRefused(host=host, what="no address of a server", advice=_NEVER)
    if inner.is_loopback:
        if reach is Reach.PUBLIC:
            advice = _WIDER.format(reach=Reach.LOOPBACK)
            raise AddressRefused(host=host, what="this machine itself", advice=advice)
    elif not inner.is_global and reach is not Reach.PRIVATE:
        advice = _WIDER.format(reach=Reach.PRIVATE)
        raise AddressRefused(host=host, what="in a private network", advice=advice)


async def addresses_of(host: str, port: int, reach: Reach) -> tuple[Address, ...]:
    """Gives the host's addresses, in the resolver's order, if every one of them is within reach.

    Raises:
        NoSuchHost: the name cannot be resolved.
        AddressRefused: some address is out of reach.
    """
    literal = _literal(host)
    if literal is None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NoSuchHost(host=host) from None
        addresses = tuple(dict.fromkeys(ipaddress.ip_address(info[4][0]) for info in found))
    else:
        addresses = (literal,)
    for address in addresses:
        check_address(host, address, reach)
    return addresses


def _literal(host: str) -> Address | None:
    """Gives the address that the host spells, in any spelling the system's resolver would read as one."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
