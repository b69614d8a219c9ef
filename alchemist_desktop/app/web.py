"""The HTTP face as a part of the program's life: it listens where the settings and options say, and follows them."""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from alchemist_desktop import __version__
from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions, own_host_names
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.events import Published, SettingsChanged
from alchemist_desktop.domain.network import NetworkStatus
from alchemist_desktop.system.certificate import Certificate, own_certificate
from alchemist_desktop.system.discovery import advertised

logger = logging.getLogger(__name__)

_FALLBACK_PORTS = 9
_EVERYWHERE = "0.0.0.0"
_HERE = {_EVERYWHERE: "127.0.0.1", "::": "::1"}  # how this computer itself reaches a server that listens everywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the server is to listen; a change of any member means to begin anew."""

    host: str
    port: int
    is_port_fixed: bool
    is_tls: bool

    @property
    def is_lan(self) -> bool:
        return self.host in _HERE

    def url(self, port: int) -> str:
        host = _HERE.get(self.host, self.host)
        return f"{'https' if self.is_tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


class WebFace:
    """Async context manager around the server. Raises UnavailableError (PORT_UNAVAILABLE) on entering.

    While it is entered the server follows the settings; where it cannot go it stays. `interfaces` are the addresses
    on which the program is advertised, all where none are given.
    """

    def __init__(self, core: Core, *, interfaces: tuple[str, ...] = ()) -> None:
        self._core = core
        self._interfaces = interfaces
        self._place: _Place | None = None
        self._running = AsyncExitStack()
        self._changed = asyncio.Event()
        self._follow: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return self._core.services.network.status().url or ""

    async def __aenter__(self) -> Self:
        place = self._wanted()
        if place is not None:
            await self._open(place)
        self._unsubscribe = self._core.bus.subscribe(self._on_event)
        self._follow = asyncio.create_task(self._follow_settings(), name="server settings")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._unsubscribe()
        if self._follow is not None:
            self._follow.cancel()
            await asyncio.gather(self._follow, return_exceptions=True)
        await self._close()

    def _wanted(self) -> _Place | None:
        settings, options = self._core.services.settings.current, self._core.options
        if not settings.server.enabled:
            return None
        return _Place(
            host=options.server_host or (_EVERYWHERE if settings.server.lan else "127.0.0.1"),
            port=settings.server.port if options.server_port is None else options.server_port,
            is_port_fixed=options.server_port is not None,
            is_tls=settings.server.tls,
        )

    def _on_event(self, published: Published) -> None:
        if isinstance(published.event, SettingsChanged):
            self._changed.set()

    async def _follow_settings(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = self._wanted()
            if wanted != self._place:
                await self._move(wanted)

    async def _move(self, wanted: _Place | None) -> None:
        """Requests under way, also the one that changed the setting, are answered first."""
        before, port = self._place, self._core.services.network.status().port
        await self._close()
        try:
            if wanted is not None:
                stays = before is not None and before.port == wanted.port
                await self._open(wanted, preferred=port if stays else None)
        except KnownError as error:
            logger.error("The server stays where it was: %s", error.message)
            await self._return_to(before, port, error.message)

    async def _return_to(self, place: _Place | None, port: int | None, reason: str) -> None:
        try:
            if place is not None:
                await self._open(place, preferred=port)
                self._place = self._wanted()  # tried: not again before another change
        except KnownError as error:
            logger.error("The server does not listen any more: %s", error.message)
            self._core.services.network.report(NetworkStatus(error=reason))

    async def _open(self, place: _Place, *, preferred: int | None = None) -> None:
        core = self._core
        certificate = await self._certificate() if place.is_tls else None
        options = ApiOptions(
            cookie_secure=core.options.is_cookie_secure or place.is_tls,
            setup_token=core.options.setup_token,
        )
        ports = [place.port] if place.is_port_fixed else list(range(place.port, place.port + 1 + _FALLBACK_PORTS))
        first, *others = ports if preferred is None else [preferred, *ports]
        server = EmbeddedServer(
            create_app(core.services, core.bus, options),
            stop_event=options.stop,
            host=place.host,
            port=first,
            fallback_ports=tuple(others),
            certificate=(certificate.certificate_file, certificate.key_file) if certificate else None,
        )
        await server.start()
        self._running.push_async_callback(server.stop)
        self._place = place
        url = place.url(server.port)
        fingerprint = certificate.fingerprint if certificate else None
        logger.info("Listening on %s%s", url, " for the whole local network" if place.is_lan else "")
        core.services.network.report(NetworkStatus(url=url, port=server.port, is_lan=place.is_lan, fingerprint=fingerprint))
        if place.is_lan:
            interfaces = self._interfaces or None
            advertisement = advertised(port=server.port, version=__version__, is_tls=place.is_tls, interfaces=interfaces)
            await self._running.enter_async_context(advertisement)

    async def _certificate(self) -> Certificate:
        folder = self._core.paths.database.with_name("tls")
        return await asyncio.to_thread(own_certificate, folder, own_host_names(), self._core.parts.clock.now())

    async def _close(self) -> None:
        await self._running.aclose()
        self._running = AsyncExitStack()
        self._place = None
        self._core.services.network.report(NetworkStatus())
