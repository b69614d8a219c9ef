"""A browser with the web UI in it, served from the server's own origin: its cookies, and the headers it sends by itself."""

from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.e2e.replays.wire import EventReader, Http, decode

Decoded = TypeVar("Decoded")

_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Browser:
    """Requests as the web UI makes them. The session cookie stays in the jar, as in any browser."""

    def __init__(self, url: str) -> None:
        self._origin = url
        self.http = Http(url, {"User-Agent": _AGENT, "Accept-Language": "en", "Referer": f"{url}/"})

    def get(self, kind: type[Decoded], path: str, /, **query: str) -> Decoded:
        return decode(kind, self.fetch("GET", path, params=query))

    def post(self, kind: type[Decoded], path: str, body: object = None, *, status: int = 200) -> Decoded:
        return decode(kind, self.send("POST", path, body), status=status)

    def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        return self.fetch(method, path) if body is None else self.fetch(method, path, json=body)

    def do(self, method: str, path: str, body: object = None, *, status: int = 200) -> None:
        """A request of which only the status is looked at."""
        reply = self.send(method, path, body)
        assert reply.status_code == status, reply.text

    def error(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Status and message of a refusal, the message from where the UI looks first."""
        reply = self.send(method, path, body)
        assert reply.is_error
        document = reply.json()
        assert document["error"]["code"] == document["code"]
        assert document["docs_url"].startswith("https://")
        return reply.status_code, document.get("message") or document["error"]["message"]

    def upload(self, kind: type[Decoded], path: str, file: Path) -> Decoded:
        content = {"file": (file.name, file.read_bytes(), "video/mp4")}
        return decode(kind, self.fetch("POST", path, files=content))

    def fetch(self, method: str, path: str, **request: Any) -> httpx.Response:
        """`fetch()` by a script of the page."""
        own = {"Accept": "*/*", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
        if method not in {"GET", "HEAD"}:
            own["Origin"] = self._origin
        return self.http.send(method, path, headers=own, **request)

    def navigate(self, path: str) -> httpx.Response:
        """An address or a link that is opened, downloads too."""
        own = {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-User": "?1",
            "Upgrade-Insecure-Requests": "1",
        }
        return self.http.send("GET", path, headers=own)

    def event_source(self) -> EventReader:
        """`new EventSource("/api/events")`."""
        own = {
            "Accept": "text/event-stream",
            "Cache-Control": "no-cache",
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "cors",
            "Sec-Fetch-Dest": "empty",
        }
        return EventReader(self.http, "/api/events", own)
