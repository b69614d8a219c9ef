"""Tells the local network that the program is here, as `_alchemist._tcp`, for as long as other computers are let in."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zeroconf import Zeroconf

logger = logging.getLogger(__name__)

SERVICE = "_alchemist._tcp.local."


@contextlib.asynccontextmanager
async def advertised(*, port: int, version: str, is_tls: bool, interfaces: Sequence[str] | None = None) -> AsyncIterator[None]:
    """The advertisement, for the time of the block. A network without multicast is logged and harms nothing.

    `interfaces` are addresses of this computer; all of its interfaces are used without.
    """
    responder = await asyncio.to_thread(_begin, port, version, is_tls, interfaces)
    try:
        yield
    finally:
        if responder is not None:
            await asyncio.to_thread(responder.close)


def _begin(port: int, version: str, is_tls: bool, interfaces: Sequence[str] | None) -> "Zeroconf | None":
    """The library runs in a thread of its own; its calls wait for the network and belong into one too."""
    from zeroconf import Error, InterfaceChoice, ServiceInfo, Zeroconf

    host = socket.gethostname().partition(".")[0] or "computer"
    responder = None
    try:
        responder = Zeroconf(interfaces=list(interfaces) if interfaces else InterfaceChoice.All)
        info = ServiceInfo(
            SERVICE,
            f"Alchemist on {host} ({port}).{SERVICE}",  # the port tells apart what several people run on one computer
            port=port,
            properties={"version": version, "path": "/api/v1", "scheme": "https" if is_tls else "http"},
            server=f"{host}.local.",
            parsed_addresses=list(interfaces) if interfaces else own_addresses(),
        )
        responder.register_service(info, allow_name_change=True)
    except (OSError, Error) as error:
        logger.warning("The program cannot tell the network that it is here: %s", error)
        if responder is not None:
            responder.close()
        return None
    return responder


def own_addresses() -> list[str]:
    """The addresses other computers can use: the server listens on all of IPv4, and a loopback one leads them to themselves."""
    import psutil

    entries = [entry for found in psutil.net_if_addrs().values() for entry in found]
    return [entry.address for entry in entries if entry.family == socket.AF_INET and not entry.address.startswith("127.")]
