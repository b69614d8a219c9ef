"""A client as a process of its own: some connections that ask without a pause, each the whole list of requests in an order
of its own.

It reads a plan from its input (`url`, `token`, `connections`, `seconds`, `requests` as pairs of a name and a path) and writes
the milliseconds each request took, by name.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to ask. With `seconds` 0 every request is made once, shared out among the connections."""

    port: int
    token: str
    connections: int
    requests: Sequence[tuple[str, str]]
    seconds: float = 0.0


def ask(plan: Plan) -> dict[str, list[float]]:
    """Run the client; how long each request took, in ms. Raises RuntimeError when one failed."""
    members = {name: getattr(plan, name) for name in Plan.__slots__}
    argv = [sys.executable, "-m", "tests.bench.load_client"]
    done = subprocess.run(argv, input=json.dumps(members), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    times: dict[str, list[float]] = json.loads(done.stdout)
    return times


async def _ask_all(plan: Plan) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name, _ in plan.requests}
    deadline_s = time.perf_counter() + plan.seconds

    async def connect(number: int) -> None:
        connection = await Connection.open(plan.port, plan.token)
        mine = list(plan.requests if plan.seconds else plan.requests[number :: plan.connections])
        chance = random.Random(number)
        while mine:
            chance.shuffle(mine)
            for name, path in mine:
                start_s = time.perf_counter()
                await connection.get(path)
                times[name].append((time.perf_counter() - start_s) * 1000)
                if plan.seconds and time.perf_counter() > deadline_s:
                    break
            if time.perf_counter() > deadline_s:
                break
        connection.close()

    await asyncio.gather(*(connect(number) for number in range(plan.connections)))
    return times


class Connection:
    """One connection that is kept open, made for little work of its own: it asks and drops what comes back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader = reader
        self._writer = writer
        self._headers = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"

    @classmethod
    async def open(cls, port: int, token: str) -> "Connection":
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        return cls(reader, writer, token)

    async def get(self, path: str) -> bytes:
        """The body. Raises RuntimeError for anything but 200."""
        status, body = await self.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"{status} for {path}: {body[:300]!r}")
        return body

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body."""
        size = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body or method != "GET" else ""
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{self._headers}{size}\r\n".encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        return int(head[9:12]), await self._body(head)

    async def _body(self, head: bytes) -> bytes:
        if b"content-length:" in head:
            return await self._reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))
        parts = []
        while b"chunked" in head:
            size = int(await self._reader.readline(), 16)
            parts.append((await self._reader.readexactly(size + 2))[:-2])
            if size == 0:
                break
        return b"".join(parts)

    def close(self) -> None:
        self._writer.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_ask_all(Plan(**json.load(sys.stdin))))))
