"""A whole program that is set up, and the clients that test it: honest ones, raw ones, and one that only watches."""

import http.client
import itertools
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from tests.support.program import Overrides, Program

OWNER, PASSWORD = "owner", "a long enough password"
TIMEOUT_S = 30.0

_QUIET: dict[str, dict[str, object]] = {
    "scanner": {"scan_on_start": False},
    "system": {"min_free_space_gb": 0, "metrics_enabled": True},
}
_addresses = itertools.count(2)


def fresh_address() -> str:
    """An address of this computer that nobody has called from yet: what one client used up does not count for another."""
    number = next(_addresses)
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{2 + number % 250}"


@dataclass(frozen=True, slots=True)
class RawReply:
    """A reply as it came over the wire; status 0 when the connection was closed without one."""

    status: int
    head: str
    body: bytes

    @property
    def code(self) -> str:
        """The code of the problem document, if it is one."""
        return str(json.loads(self.body)["code"]) if "application/problem+json" in self.head else ""


class Target:
    """A running program with an owner. As a context manager it starts with `overrides` and ends with the block."""

    def __init__(
        self,
        folder: Path,
        overrides: Overrides | None = None,
        *,
        is_set_up: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.library = folder / "library"
        self.library.mkdir(parents=True, exist_ok=True)
        settings = {**_QUIET}
        for section, values in (overrides or {}).items():
            settings[section] = {**settings.get(section, {}), **values}
        self.program = Program(folder / "home", settings, environment)
        self._is_set_up = is_set_up
        self._stack = ExitStack()
        self.url = ""
        self.token = ""

    def __enter__(self) -> Self:
        self._stack.enter_context(self.program)
        self.program.start("serve", "--port", "0")
        self.url = self.program.wait_ready()
        if self._is_set_up:
            self.token = self._set_up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _set_up(self) -> str:
        client = self.client(token=None)
        settings = client.get("/settings/bundle").raise_for_status().json()["settings"]
        settings["scanner"]["directories"] = [str(self.library)]
        body = {"username": OWNER, "password": PASSWORD, "settings": settings}
        client.post("/setup/complete", json=body).raise_for_status()
        client.post("/engine/pause").raise_for_status()
        made = client.post("/settings/api-tokens", json={"name": "tests", "access_level": "full_access"})
        return str(made.raise_for_status().json()["plaintext_token"])

    @property
    def log(self) -> str:
        """Everything the program wrote into its log."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted((self.program.home / "logs").iterdir()))

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def client(
        self, *, token: str | None = "", address: str | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Client:
        """A client of the API with an address of its own; the owner's unless another token or None is given."""
        chosen = self.token if token == "" else token
        credential = {"Authorization": f"Bearer {chosen}"} if chosen else {}
        transport = httpx.HTTPTransport(local_address=address or fresh_address(), verify=False)  # its own certificate
        client = httpx.Client(
            base_url=f"{self.url}/api/v1", headers={**credential, **(headers or {})}, transport=transport, timeout=TIMEOUT_S
        )
        return self._stack.enter_context(client)

    def session(self) -> str:
        """The cookie of a new session of the owner."""
        reply = self.client(token=None).post("/auth/login", json={"username": OWNER, "password": PASSWORD}).raise_for_status()
        return reply.headers["set-cookie"].partition(";")[0]

    def connect(self, address: str | None = None) -> socket.socket:
        """A bare connection, encrypted where the program's are."""
        made = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_S, (address or fresh_address(), 0))
        if self.url.startswith("https"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return context.wrap_socket(made)
        return made

    def send(self, request: bytes, address: str | None = None) -> RawReply:
        """What the program answers to these very bytes."""
        with self.connect(address) as connection:
            connection.sendall(request)
            return read_reply(connection)


def read_reply(connection: socket.socket) -> RawReply:
    reply = http.client.HTTPResponse(connection)
    try:
        reply.begin()
        return RawReply(reply.status, str(reply.headers), reply.read())
    except (http.client.HTTPException, ConnectionError):
        return RawReply(0, "", b"")
    finally:
        reply.close()


@dataclass
class Bystander(threading.Thread):
    """Somebody else, who asks for `/health` and `/ready` all the time, with a new connection each time, while its block runs.

    Afterwards `latencies_s` holds how long each answer took, and `failures` what went wrong.
    """

    url: str
    every_s: float = 0.04
    latencies_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self._source = (fresh_address(), 0)

    def __hash__(self) -> int:
        return id(self)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join(TIMEOUT_S)
        assert not self.is_alive(), "nobody answers any more"

    def run(self) -> None:
        for path in itertools.cycle(("health", "ready")):
            began_s = time.perf_counter()
            try:
                self._ask(f"/api/v1/{path}")
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{path}: {error!r}")
            else:
                self.latencies_s.append(time.perf_counter() - began_s)
            if self._over.wait(self.every_s):
                return

    def _ask(self, path: str) -> None:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, TIMEOUT_S, self._source)
        try:
            connection.request("GET", path)
            status = connection.getresponse().status
            if status != 200:
                self.failures.append(f"{path}: {status}")
        finally:
            connection.close()


def json_of(reply: httpx.Response) -> Any:
    return reply.raise_for_status().json()
