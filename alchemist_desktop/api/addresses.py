"""Who is calling: the client's address behind trusted proxies, and whether it belongs to the LAN."""

import logging
import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

_LOGGER = logging.getLogger(__name__)
_LAN = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
_WITH_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::[0-9]+)?")
Address = IPv4Address | IPv6Address


def parse_address(text: str) -> Address | None:
    """The address, IPv4 in IPv6 unwrapped, or None for anything else."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_lan(text: str) -> bool:
    address = parse_address(text)
    return address is not None and any(address in network for network in _LAN)


class ClientAddresses:
    """Tells a connection's client address. Forwarding headers count only from the trusted proxies `proxies` tells of."""

    def __init__(self, proxies: Callable[[], tuple[str, ...]]) -> None:
        self._proxies = proxies
        self._known: tuple[str, ...] = ()
        self._trusted: frozenset[Address] = frozenset()

    def of(self, connection: HTTPConnection) -> str:
        self._follow_proxies()
        peer = peer_of(connection)
        if not self._trusted or not self._is_trusted(parse_address(peer)):
            return peer
        hops = [hop for header in connection.headers.getlist("x-forwarded-for") for hop in header.split(",")]
        # Whoever is forwarded with a list could have written the single address beside it.
        client = self._first_untrusted(hops) if hops else parse_address(connection.headers.get("x-real-ip", ""))
        return peer if client is None else str(client)

    def _follow_proxies(self) -> None:
        texts = self._proxies()
        if texts == self._known:
            return
        self._known = texts
        parsed = {text: parse_address(text) for text in texts}
        self._trusted = frozenset(address for address in parsed.values() if address is not None)
        for text, address in parsed.items():
            if address is None:
                _LOGGER.warning("Ignoring trusted proxy %r: it is not an IP address.", text)

    def _first_untrusted(self, hops: Sequence[str]) -> Address | None:
        """Walk from the nearest hop outwards; one that is no address ends the walk."""
        for hop in reversed(hops):
            address = parse_address(_without_port(hop.strip()))
            if address is None or not self._is_trusted(address):
                return address
        return None

    def _is_trusted(self, address: Address | None) -> bool:
        return address is not None and (address.is_loopback or address in self._trusted)


def network_of(client: str) -> str:
    """What counts as one client when calls are counted: an IPv6 client has a whole network of addresses to call from."""
    address = parse_address(client)
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else client


def _without_port(hop: str) -> str:
    """Some proxies write the port along."""
    match = _WITH_PORT.fullmatch(hop)
    return hop if match is None else match[1] or match[2]


def peer_of(connection: HTTPConnection) -> str:
    """The address at the other end of the TCP connection."""
    return connection.client.host if connection.client is not None else ""
