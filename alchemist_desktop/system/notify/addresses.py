"""Finds the address behind a name, refuses private ones, and hands out the very address that was checked."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from alchemist_desktop.domain.notification_target import invalid

_LOOKUP_TIMEOUT_S = 3.0
_NAT64 = ip_network("64:ff9b::/96")  # an IPv4 address in its last 32 bits

Address = IPv4Address | IPv6Address


def is_public(address: Address) -> bool:
    """Whether the address lies in the open internet, whatever form it is written in."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    is_site = isinstance(address, IPv6Address) and address.is_site_local  # out of use, yet still inside where it is used
    return address.is_global and not (address.is_multicast or address.is_reserved or is_site)


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


async def resolve(host: str, port: int, *, allow_local: bool) -> str:
    """The address to connect to. Whoever connects must use it as it is: a second look-up may answer otherwise.

    Raises InvalidRequestError (NOTIFICATION_TARGET_INVALID) for a name without an address, and for one with any address
    that is not public, unless `allow_local`.
    """
    try:
        async with asyncio.timeout(_LOOKUP_TIMEOUT_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise invalid(f"The host {host} has no address.") from error
    texts = [str(entry[4][0]) for entry in found]
    if not allow_local and (host.rstrip(".").lower() == "localhost" or not all(_is_public_text(text) for text in texts)):
        raise invalid(
            f"The host {host} is on this computer or in the local network. Switch on 'allow local notifications' to use it."
        )
    return texts[0]


def _is_public_text(text: str) -> bool:
    try:
        return is_public(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
