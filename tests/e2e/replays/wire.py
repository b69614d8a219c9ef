"""What the replays of real clients share: strict decoding, patience with the rate limit, and the stream of events."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter

GUARD_S = 120.0  # against a hang; nothing here takes that long

Decoded = TypeVar("Decoded")


class Read(BaseModel):
    """What a client decodes of an object: a member without a default must be there, one with None may be missing or
    null, and every member has exactly its JSON type. Other members do not matter to the client."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def decode(kind: type[Decoded], reply: httpx.Response, *, status: int = 200) -> Decoded:
    """The reply's body as this client decodes it."""
    assert reply.status_code == status, f"{reply.request.method} {reply.request.url}: {reply.status_code} {reply.text}"
    assert reply.headers["content-type"] == "application/json"
    return TypeAdapter(kind).validate_json(reply.content)


def until(ask: Callable[[], Decoded], is_reached: Callable[[Decoded], bool]) -> Decoded:
    """What `ask` answers once that is what is waited for; as the clients do, it asks again and again."""
    deadline_s = time.monotonic() + GUARD_S
    while not is_reached(answer := ask()):
        assert time.monotonic() < deadline_s, answer
        time.sleep(0.1)
    return answer


class Http:
    """One client's connection. A replay asks faster than any person clicks, so it waits where the rate limit says so."""

    def __init__(self, base_url: str, headers: dict[str, str] | None = None) -> None:
        self.client = httpx.Client(base_url=base_url, headers=headers, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.client.close()

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        while True:
            reply = self.client.request(method, path, **request)
            if reply.status_code != 429 or reply.json()["code"] != "RATE_LIMIT_EXCEEDED":
                return reply
            time.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a stream."""

    name: str
    data: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class EventReader(threading.Thread):
    """Reads an event stream as all clients do: `event:` and `data:` lines, trimmed, and a blank line dispatches.

    It ends when the server ends the stream. `on_frame` sees each frame first.
    """

    def __init__(self, http: Http, path: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(name=f"events of {path}")
        self._http = http
        self._path = path
        self._headers = headers or {}
        self._changed = threading.Condition()
        self._frames: list[Frame] = []
        self._is_open = False

    def run(self) -> None:
        with self._http.client.stream("GET", self._path, headers=self._headers, timeout=GUARD_S) as reply:
            assert reply.status_code == 200
            assert reply.headers["content-type"] == "text/event-stream"
            with self._changed:
                self._is_open = True
                self._changed.notify_all()
            name = data = ""
            for line in reply.iter_lines():
                field, _, value = line.partition(":")
                if field == "event":
                    name = value.strip()
                elif field == "data":
                    data = value.strip()
                elif not line and data:
                    self._add(Frame(name, data))
                    name = data = ""

    def open(self) -> None:
        """Start reading; returns when the headers are there."""
        self.start()
        self._wait(lambda: self._is_open)

    def frames(self) -> list[Frame]:
        """Everything that came so far."""
        with self._changed:
            return list(self._frames)

    def wait_for(self, name: str, /, **members: object) -> Frame:
        """The first frame of this name that has these members, as soon as it has come."""

        def find() -> Frame | None:
            return next((f for f in self._frames if f.name == name and f.json.items() >= members.items()), None)

        self._wait(lambda: find() is not None)
        found = find()
        assert found is not None
        return found

    def _add(self, frame: Frame) -> None:
        with self._changed:
            self._frames.append(frame)
            self._changed.notify_all()

    def _wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, GUARD_S), self._frames[-20:]
