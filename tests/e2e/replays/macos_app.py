"""The macOS app: how it starts its server, signs in, and sends."""

import os
import time
from contextlib import suppress
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.e2e.replays.macos_shapes import Failure
from tests.e2e.replays.wire import Http, decode
from tests.support.program import Program
from tests.support.receivers import free_port

Decoded = TypeVar("Decoded")

_BIND_S, _EXIT_S = 10.0, 3.0  # after these the app gives its server up, or kills it


def _patience_s(limit_s: float) -> float:
    """The app's own limit, stretched by how overcommitted this machine is: only on one of its own would it be meant."""
    return limit_s * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class Daemon:
    """The server the app brings along: started without arguments, with these variables alone."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.program = Program(
            home,
            variables={
                "ALCHEMIST_DATA_DIR": None,
                "ALCHEMIST_LOG_DIR": None,
                "ALCHEMIST_SERVER_PORT": str(self.port),
                "ALCHEMIST_CONFIG_MUTABLE": "true",
                "RUST_LOG": "info",
            },
        )
        (home / "config.toml").unlink()  # a first start finds no file

    def launch(self) -> None:
        """Returns when it answers; whatever it answers."""
        self.program.start()
        deadline_s = time.monotonic() + _patience_s(_BIND_S)
        while True:
            with suppress(httpx.TransportError):
                httpx.get(f"{self.url}/api/ready", trust_env=False)
                return
            assert time.monotonic() < deadline_s, self.program.output
            time.sleep(0.05)

    def quit(self) -> int:
        return self.program.terminate(_patience_s(_EXIT_S))


class App:
    """The app once its server runs. After signing in it sends the session's token twice: as bearer and as cookie."""

    def __init__(self, url: str) -> None:
        self.http = Http(f"{url}/api/v1", {"User-Agent": "Alchemist/1 CFNetwork/1568 Darwin/24", "Accept": "*/*"})

    def get(self, kind: type[Decoded], path: str) -> Decoded:
        return decode(kind, self._send("GET", path))

    def post(self, kind: type[Decoded], path: str, body: object = None) -> Decoded:
        return decode(kind, self._send("POST", path, body))

    def do(self, method: str, path: str, body: object = None) -> bytes:
        """A request of which any 2xx will do."""
        reply = self._send(method, path, body)
        assert reply.is_success, reply.text
        return reply.content

    def failure(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Status and code of a refusal, as the app would show it."""
        reply = self._send(method, path, body)
        assert reply.is_error
        shown = Failure.model_validate_json(reply.content).error
        assert shown.message
        return reply.status_code, shown.code

    def upload(self, kind: type[Decoded], path: str, file: Path) -> Decoded:
        content = {"file": (file.name, file.read_bytes(), "application/octet-stream")}
        return decode(kind, self._keep_no_cookie(self.http.send("POST", path, files=content)))

    def sign_in(self, username: str, password: str) -> None:
        self.use(self._send("POST", "/auth/login", {"username": username, "password": password}))

    def use(self, reply: httpx.Response) -> None:
        """Take the session's token out of a reply that opened one."""
        assert reply.is_success, reply.text
        token = SimpleCookie(reply.headers["set-cookie"])["alchemist_session"].value
        self.http.client.headers.update({"Authorization": f"Bearer {token}", "Cookie": f"alchemist_session={token}"})

    def raw(self, method: str, path: str, body: object) -> httpx.Response:
        return self._send(method, path, body)

    def _send(self, method: str, path: str, body: object = None) -> httpx.Response:
        request: dict[str, Any] = {} if body is None else {"json": body}
        return self._keep_no_cookie(self.http.send(method, path, **request))

    def _keep_no_cookie(self, reply: httpx.Response) -> httpx.Response:
        """The app's connection has no place for cookies; it sends its own header."""
        self.http.client.cookies.clear()
        return reply
