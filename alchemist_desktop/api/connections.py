"""How much patience the server has with its connections, and how many of them it keeps."""

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from alchemist_desktop.api.errors import ProblemError, problem_response
from alchemist_desktop.api.front_door import reply_headers

_MOST_HEAD_BYTES = 16 * 1024
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """`most` connections are kept at a time. The head of a request must be there `head_s` after the connection is open, or
    after the reply before it. A body or a reply under way that moves less than `pace_bytes_s` for `stalled_s` ends.
    """

    most: int = 512
    head_s: float = 15.0
    stalled_s: float = 60.0
    pace_bytes_s: int = 1024
    look_every_s: float = 5.0


class ConnectionKeeper:
    """Looks after the connections of one server, on its loop.

    Who waits for its client can be cut off; who waits for this program never is. When there are too many, the connection
    whose client has been silent for the longest makes room: then a crowd of idle connections keeps nobody else out.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._connections: dict[KeptConnection, None] = {}  # the one that was silent longest first
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._connections)

    def add(self, connection: "KeptConnection") -> None:
        self._connections[connection] = None
        if len(self._connections) > self.limits.most:
            silent = (known for known in self._connections if known.is_clients_turn)
            self._cut(next(silent, connection))
        self._arm()

    def heard(self, connection: "KeptConnection") -> None:
        """Its client has sent something."""
        if connection in self._connections:
            del self._connections[connection]
            self._connections[connection] = None

    def remove(self, connection: "KeptConnection") -> None:
        self._connections.pop(connection, None)

    def _cut(self, connection: "KeptConnection") -> None:
        self.remove(connection)
        connection.transport.abort()

    def _arm(self) -> None:
        if self._timer is None and self._connections:
            self._timer = asyncio.get_running_loop().call_later(self.limits.look_every_s, self._look)

    def _look(self) -> None:
        self._timer = None
        now_s = asyncio.get_running_loop().time()
        for connection in list(self._connections):
            if connection.is_overdue(now_s):
                self._cut(connection)
        self._arm()


class KeptConnection(H11Protocol):
    """One connection, known to a keeper; what is no HTTP gets a problem document for an answer."""

    def __init__(
        self,
        keeper: ConnectionKeeper,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._keeper = keeper
        self._limits = keeper.limits
        self._since_s = self.loop.time()  # the client has kept us waiting since then
        self._received_bytes = 0
        self._unsent_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._keeper.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._keeper.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received_bytes += len(data)
        self._keeper.heard(self)
        if not self._refuses_head(data):
            super().data_received(data)

    def on_response_complete(self) -> None:
        self._since_s = self.loop.time()
        if not self._refuses_head(b""):  # the next request may be here already
            super().on_response_complete()

    def _refuses_head(self, data: bytes) -> bool:
        """Whether what is here is too much to be looked into: it could be thousands of headers."""
        if not self._awaits_head or self.conn.their_state not in {h11.IDLE, h11.DONE}:
            return False
        here = self.conn.trailing_data[0] + data
        if len(here) <= _MOST_HEAD_BYTES or _END_OF_HEAD in here[:_MOST_HEAD_BYTES]:
            return False
        self.send_400_response("The head of the request is too long.")
        return True

    @property
    def is_clients_turn(self) -> bool:
        return self._awaits_head or self._awaits_body or self.flow.write_paused

    @property
    def _awaits_head(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _awaits_body(self) -> bool:
        return self.cycle.more_body and not self.flow.read_paused

    def is_overdue(self, now_s: float) -> bool:
        """Whether the client has used up our patience. To be asked every `look_every_s`: it compares with the time before."""
        unsent_bytes = self.transport.get_write_buffer_size()
        moved_bytes = max(self._received_bytes, self._unsent_bytes - unsent_bytes)
        self._received_bytes, self._unsent_bytes = 0, unsent_bytes
        if self._awaits_head and not self.flow.write_paused:
            return now_s - self._since_s > self._limits.head_s
        if not self.is_clients_turn or moved_bytes >= self._limits.pace_bytes_s * self._limits.look_every_s:
            self._since_s = now_s
        return now_s - self._since_s > self._limits.stalled_s

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            request_id = str(uuid.uuid4())
            problem = ProblemError(400, "MALFORMED_REQUEST", msg)
            response = problem_response(problem, path=None, request_id=request_id)
            headers = [*response.raw_headers, *reply_headers(request_id), (b"connection", b"close")]
            parts = (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=bytes(response.body)),
                h11.EndOfMessage(),
            )
            self.transport.write(b"".join(self.conn.send(part) or b"" for part in parts))
        self.transport.close()
