"""Heavy attacks on a running program, each a process of its own: `python -m tests.support.attacks NAME PORT TOKEN`.

It writes one JSON object: how often each answer came, as `status code`, or `closed` for a connection that ended without one.
"""

import asyncio
import gzip
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.support.target import OWNER, Target, fresh_address

Answers = Counter[str]
_BOUNDARY = "----attack"
_PART = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mkv"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()


@dataclass
class Attacker:
    """Whoever attacks: it knows the port, and a token where the attack is one of an insider."""

    port: int
    token: str
    answers: Answers = field(default_factory=Counter)

    async def connect(self, address: str | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address or fresh_address(), 0))

    def head(self, method: str, path: str, *lines: str, is_insider: bool = True) -> bytes:
        credential = [f"Authorization: Bearer {self.token}"] if is_insider else []
        return "\r\n".join((f"{method} /api/v1{path} HTTP/1.1", "Host: localhost", *credential, *lines, "", "")).encode()

    async def answer(self, reader: asyncio.StreamReader) -> str:
        """Read one reply and count it."""
        try:
            found = await _read_answer(reader)
        except (ConnectionError, asyncio.IncompleteReadError):
            found = "closed"
        self.answers[found] += 1
        return found

    async def send(self, pieces: Sequence[bytes] | AsyncIterator[bytes], address: str | None = None) -> str:
        """Send a request, whether it is listened to or not, and count the answer."""
        reader, writer = await self.connect(address)
        try:
            if isinstance(pieces, Sequence):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
            else:
                async for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
        except ConnectionError:
            pass  # an answer may have come before all was sent
        try:
            return await self.answer(reader)
        finally:
            writer.transport.abort()


async def _read_answer(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = head.split(" ", 2)[1]
    length = next((line for line in head.lower().splitlines() if line.startswith("content-length:")), None)
    body = await reader.readexactly(int(length.partition(":")[2])) if length else b""
    return f"{status} {json.loads(body)['code']}" if "application/problem+json" in head else status


async def _crowd(count: int, at_once: int, work: Callable[[int], Awaitable[object]]) -> None:
    turns = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with turns:
            await work(number)

    await asyncio.gather(*(one(number) for number in range(count)))


def _login(password: str) -> bytes:
    return json.dumps({"username": OWNER, "password": password}).encode()


async def _guess(attacker: Attacker, addresses: Sequence[str], count: int) -> None:
    """Wrong passwords, over connections that stay open."""

    async def guess_from(address: str) -> None:
        reader, writer = await attacker.connect(address)
        for number in range(count // len(addresses)):
            body = _login(f"guess {number}")
            lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
            writer.write(attacker.head("POST", "/auth/login", *lines, is_insider=False) + body)
            if await attacker.answer(reader) == "closed":
                reader, writer = await attacker.connect(address)
        writer.transport.abort()

    await asyncio.gather(*(guess_from(address) for address in addresses))


async def sign_ins(attacker: Attacker) -> None:
    await _guess(attacker, [fresh_address()] * 4, 10_000)


async def sign_ins_from_many_addresses(attacker: Attacker) -> None:
    await _guess(attacker, [fresh_address() for _ in range(400)], 10_000)


async def slow_heads(attacker: Attacker) -> None:
    """A thousand connections that send a head, a byte a second, for longer than they are waited for."""
    await _trickle(attacker, 1000, lambda: attacker.head("GET", "/health", is_insider=False)[:-2] + b"X-Pad: " + b"a" * 100)


async def idle_connections(attacker: Attacker) -> None:
    await _trickle(attacker, 1500, lambda: b"")


async def slow_bodies(attacker: Attacker) -> None:
    """Heads that promise more than comes."""
    lines = ("Content-Type: application/json", "Content-Length: 5000")
    whole = attacker.head("POST", "/auth/login", *lines, is_insider=False)
    await _trickle(attacker, 600, lambda: b'{"username": "' + b"a" * 200, first=whole)


async def _trickle(
    attacker: Attacker, count: int, content: Callable[[], bytes], *, first: bytes = b"", seconds: int = 22
) -> None:
    ends_s = time.monotonic() + seconds

    async def one(number: int) -> None:
        await asyncio.sleep(number / count * 5)
        try:
            reader, writer = await attacker.connect()
        except ConnectionError:
            attacker.answers["closed"] += 1
            return
        answering = asyncio.create_task(attacker.answer(reader))
        writer.write(first)
        for byte in content():
            await asyncio.wait({answering}, timeout=1)
            if answering.done() or time.monotonic() > ends_s:
                break
            writer.write(bytes([byte]))
        await asyncio.wait({answering}, timeout=max(0.0, ends_s - time.monotonic()))
        if not answering.done():
            answering.cancel()
            attacker.answers["still open"] += 1
        writer.transport.abort()

    await asyncio.gather(*(one(number) for number in range(count)))


async def big_json(attacker: Attacker) -> None:
    """Bodies beyond the limit: announced, and in chunks without an end, with a credential and without."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    async def one(number: int) -> None:
        is_insider = number % 2 == 0
        path = "/settings/config/validate" if is_insider else "/auth/login"
        if number % 4 < 2:
            length = f"Content-Length: {200 * 2**20}"
            await attacker.send([attacker.head("POST", path, "Content-Type: application/json", length, is_insider=is_insider)])
        else:
            lines = ("Content-Type: application/json", "Transfer-Encoding: chunked")
            await attacker.send([attacker.head("POST", path, *lines, is_insider=is_insider), *[chunk] * 64])

    await _crowd(200, 20, one)


async def deep_json(attacker: Attacker) -> None:
    """As large as it may be, and all of it brackets, members or digits."""
    most = 2 * 2**20
    bodies = (
        b"[" * (most - 1),
        b'{"a":' * (most // 5 - 1),
        b'{"raw_toml": "' + b"[" * (most - 100) + b'"}',
        b'{"raw_toml": "' + b"a=[" * (80_000) + b'"}',
        b'{"raw_toml": "' + b"a." * 100_000 + b'=1"}',
        b'{"raw_toml": ' + b"9" * (most - 100) + b"}",
        b"{" + b",".join(b'"k%d":1' % number for number in range(150_000)) + b"}",
    )
    paths = ("/settings/config/validate", "/settings/bundle", "/jobs/batch", "/settings/notifications")

    async def one(number: int) -> None:
        body, path = bodies[number % len(bodies)], paths[number // len(bodies) % len(paths)]
        method = "PUT" if path == "/settings/bundle" else "POST"
        lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
        await attacker.send([attacker.head(method, path, *lines), body])

    await _crowd(2 * len(bodies) * len(paths), 4, one)


async def header_crowds(attacker: Attacker) -> None:
    """Heads of many lines, of one endless line, and endless ones."""

    async def one(number: int) -> None:
        whole = attacker.head("GET", "/health", is_insider=False)[:-2]
        kinds = (
            [whole, b"".join(b"X-%d: y\r\n" % n for n in range(5000)), b"\r\n"],
            [whole, b"X-Long: " + b"z" * 200_000, b"\r\n\r\n"],
            [b"G" * 300_000],
            [whole, *[b"X-More: y\r\n" * 1000] * 50],
        )
        await attacker.send(kinds[number % len(kinds)])

    await _crowd(400, 40, one)


async def gzip_bombs(attacker: Attacker) -> None:
    """Small files that would become enormous: zeros, zeros that call themselves a database, and bombs within bombs."""
    page, pages = 65536, 2**19  # 32 GiB
    header = b"SQLite format 3\0" + b"\0\x01" + bytes(10) + pages.to_bytes(4, "big") + bytes(100)
    assert page
    bomb = gzip.compress(header + bytes(200 * 2**20))
    bombs = (bomb, gzip.compress(bytes(100 * 2**20)), gzip.compress(bomb), bomb[: len(bomb) // 2], b"PK\x03\x04" + bytes(1000))

    async def one(number: int) -> None:
        await attacker.send(_upload(attacker, "/system/backup/validate-restore", bombs[number % len(bombs)], "backup"))

    await _crowd(40, 8, one)


async def gzipped_requests(attacker: Attacker) -> None:
    """Request bodies that claim to be packed: nobody unpacks them."""
    body = gzip.compress(b" " * (100 * 2**20) + _login("x"))
    lines = ("Content-Type: application/json", "Content-Encoding: gzip", f"Content-Length: {len(body)}")

    async def one(_number: int) -> None:
        await attacker.send([attacker.head("POST", "/jobs/batch", *lines), body])

    await _crowd(100, 20, one)


async def endless_uploads(attacker: Attacker) -> None:
    """Uploads past the limit of 2 GiB: announced, then in pieces after a small first part."""
    path = "/system/backup/validate-restore"
    kind = f"Content-Type: multipart/form-data; boundary={_BOUNDARY}"
    first = _PART.replace(b"file", b"backup", 1) + f"x\r\n--{_BOUNDARY}\r\n\r\n".encode()
    piece = b"y" * 2**20
    chunk = b"100000\r\n" + piece + b"\r\n"

    async def one(number: int) -> None:
        if number:
            await attacker.send([attacker.head("POST", path, kind, f"Content-Length: {3 * 2**30}"), first, *[piece] * 20])
        else:
            head = attacker.head("POST", path, kind, "Transfer-Encoding: chunked")
            await attacker.send([head, b"%x\r\n" % len(first) + first + b"\r\n", *[chunk] * 2100])

    await _crowd(10, 5, one)


async def dropped_streams(attacker: Attacker) -> None:
    """Two hundred event streams, opened at once, never read, and dropped; five times."""
    head = attacker.head("GET", "/events")

    async def one(number: int) -> asyncio.StreamWriter:
        reader, writer = await attacker.connect()
        writer.write(head)
        found = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
        attacker.answers[found] += 1
        writer.transport.pause_reading() if number % 2 else None  # type: ignore[attr-defined]  # a socket's has it
        return writer

    for _ in range(5):
        writers = await asyncio.gather(*(one(number) for number in range(200)))
        for number, writer in enumerate(writers):
            writer.transport.abort() if number % 2 else writer.close()
        await asyncio.sleep(0.5)


def _upload(attacker: Attacker, path: str, content: bytes, field_name: str) -> list[bytes]:
    body = _PART.replace(b'"file"', f'"{field_name}"'.encode(), 1) + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    lines = (f"Content-Type: multipart/form-data; boundary={_BOUNDARY}", f"Content-Length: {len(body)}")
    return [attacker.head("POST", path, *lines), body]


ATTACKS: dict[str, Callable[[Attacker], Awaitable[None]]] = {
    attack.__name__: attack
    for attack in (
        sign_ins,
        sign_ins_from_many_addresses,
        slow_heads,
        idle_connections,
        slow_bodies,
        big_json,
        deep_json,
        header_crowds,
        gzip_bombs,
        gzipped_requests,
        endless_uploads,
        dropped_streams,
    )
}


def attack(name: str, target: Target, *, timeout_s: float = 240.0) -> Answers:
    """Carry an attack out in a process of its own; the answers it got."""
    argv = [sys.executable, "-m", "tests.support.attacks", name, str(target.port), target.token]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return Counter(json.loads(done.stdout))


async def _carry_out(name: str, attacker: Attacker) -> None:
    await ATTACKS[name](attacker)
    sys.stdout.write(json.dumps(attacker.answers))


if __name__ == "__main__":
    asyncio.run(_carry_out(sys.argv[1], Attacker(int(sys.argv[2]), sys.argv[3])))
