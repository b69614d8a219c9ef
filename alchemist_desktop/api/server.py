"""The web server inside the program's own loop: its socket, its start and its quick end."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from alchemist_desktop.api.connections import ConnectionKeeper, ConnectionLimits, KeptConnection
from alchemist_desktop.domain.errors import BugError, UnavailableError

_GRACE_S = 2  # for requests that run when the server stops
_STOP_LIMIT_S = 3.0
_HANDSHAKE_LIMIT_S = 10.0
_VANISHED_MS = 60_000  # a client that acknowledges nothing for so long is gone
# How many connections may wait to be taken up, and so how many may be open beyond the keeper's limit for a moment.
_BACKLOG = 256


class _Server(uvicorn.Server):
    """uvicorn without its hands on the program's signals, telling when it listens, its connections looked after."""

    def __init__(self, config: uvicorn.Config, keeper: ConnectionKeeper) -> None:
        super().__init__(config)
        self._keeper = keeper
        self.is_listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn has it, with a limit for handshakes: what is no connection yet is known to nobody else."""
        await self.lifespan.startup()
        self.servers = [
            await asyncio.get_running_loop().create_server(
                partial(KeptConnection, self._keeper, self.config, self.server_state, self.lifespan.state),
                sock=sock,
                ssl=self.config.ssl,
                backlog=self.config.backlog,
                ssl_handshake_timeout=_HANDSHAKE_LIMIT_S if self.config.ssl else None,
            )
            for sock in sockets or ()
        ]
        self.started = True
        self.is_listening.set()


class EmbeddedServer:
    """Serves `app` on the running loop: `bind`, `start`, `stop`, in this order; afterwards it may begin anew.

    The first free one of `port` and `fallback_ports` is taken; port 0 takes any. `stop_event` is set by `stop`, so that
    open event streams end by themselves. With a `certificate`, its file and that of its key, connections are encrypted.
    `limits` say what connections may cost.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        stop_event: asyncio.Event,
        host: str = "127.0.0.1",
        port: int = 3000,
        fallback_ports: Sequence[int] = (),
        certificate: tuple[Path, Path] | None = None,
        limits: ConnectionLimits | None = None,
    ) -> None:
        self._app = app
        self._stop_event = stop_event
        self._host = host
        self._ports = (port, *fallback_ports)
        self._certificate = certificate
        self._keeper = ConnectionKeeper(limits or ConnectionLimits())
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port in use; the wanted one before `bind`."""
        if self._socket is None or self._socket.fileno() < 0:
            return self._ports[0]
        return int(self._socket.getsockname()[1])

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def bind(self) -> None:
        """Take a port. Raises UnavailableError (PORT_UNAVAILABLE) when none can be had."""
        reason: Exception | None = None
        for port in self._ports:
            try:
                self._socket = _listening_socket(self._host, port)
                return
            except (OSError, OverflowError) as error:  # the latter for a port above 65535
                reason = error
        tried = str(self._ports[0]) if len(self._ports) == 1 else f"{self._ports[0]} to {self._ports[-1]}"
        advice = "Choose another port with --port or ALCHEMIST_SERVER_PORT."
        message = f"The HTTP server cannot use port {tried} on {self._host}: {reason}. {advice}"
        raise UnavailableError(message, code="PORT_UNAVAILABLE") from reason

    async def start(self) -> None:
        """Serve in the background; returns when requests are answered. Binds first where that was not done."""
        if self._socket is None:
            self.bind()
        if self._socket is None or self._task is not None:
            raise BugError("the server runs already")
        self._stop_event.clear()
        self._server = _Server(_config(self._app, self._certificate), self._keeper)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="http server")
        listening = asyncio.create_task(self._server.is_listening.wait())
        await asyncio.wait({self._task, listening}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if self._task.done():
            await self.stop()
            raise UnavailableError("The HTTP server ended while it started.", code="PORT_UNAVAILABLE")

    async def stop(self) -> None:
        """End streams and requests, then the server, within three seconds. Does nothing when it does not run."""
        self._stop_event.set()
        if self._task is not None and self._server is not None:
            self._server.should_exit = True
            await asyncio.wait({self._task}, timeout=_STOP_LIMIT_S)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._socket is not None:
            self._socket.close()
        self._socket = self._server = self._task = None


def _config(app: ASGIApp, certificate: tuple[Path, Path] | None) -> uvicorn.Config:
    certificate_file, key_file = certificate or (None, None)
    return uvicorn.Config(
        app,
        http="h11",
        backlog=_BACKLOG,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        ssl_certfile=certificate_file,
        ssl_keyfile=key_file,
    )


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only with the protocol named does asyncio switch off Nagle's algorithm for the connections.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        # Connections inherit these from the socket that listens.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if sys.platform == "linux":
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _VANISHED_MS)
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except (OSError, OverflowError):
        sock.close()
        raise
    return sock
