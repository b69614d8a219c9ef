"""The HTTP face as a part of the program's life: on while the context is entered, as the settings and options say."""

import logging
from types import TracebackType
from typing import Self

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.core import Core

logger = logging.getLogger(__name__)

_FALLBACK_PORTS = 9


class WebFace:
    """Async context manager around the server. Raises UnavailableError (PORT_UNAVAILABLE) on entering."""

    def __init__(self, core: Core) -> None:
        self._core = core
        settings, options = core.services.settings.current, core.options
        api_options = ApiOptions(
            cookie_secure=options.is_cookie_secure,
            setup_token=options.setup_token,
            trusted_proxies=settings.system.trusted_proxies,
        )
        port = settings.server.port if options.server_port is None else options.server_port
        fallback = () if options.server_port is not None else tuple(range(port + 1, port + 1 + _FALLBACK_PORTS))
        self._host = options.server_host or ("0.0.0.0" if settings.server.lan else "127.0.0.1")
        self._is_wanted = settings.server.enabled
        self._server = EmbeddedServer(
            create_app(core.services, core.bus, api_options),
            stop_event=api_options.stop,
            host=self._host,
            port=port,
            fallback_ports=fallback,
        )

    @property
    def url(self) -> str:
        return f"http://{'127.0.0.1' if self._host == '0.0.0.0' else self._host}:{self._server.port}"

    async def __aenter__(self) -> Self:
        if self._is_wanted:
            await self._server.start()
            logger.info("Listening on %s", self.url)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._server.stop()
