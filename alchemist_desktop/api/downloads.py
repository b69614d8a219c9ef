"""Sends files to clients, as long as they are when the sending begins."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

_CHUNK = 256 * 1024


async def file_response(
    request: Request, path: Path, *, name: str, media_type: str, on_sent: Callable[[], Awaitable[None]] | None = None
) -> Response:
    """The file as an attachment called `name`. `on_sent` is awaited when the client took all of it. Raises OSError.

    HEAD shows what would be sent; the file is not read for it.
    """
    file = await asyncio.to_thread(path.open, "rb")
    size_bytes = await asyncio.to_thread(_size_of, file)
    headers = {"Content-Disposition": _attachment(name), "Content-Length": str(size_bytes)}
    if request.method == "HEAD":
        await asyncio.to_thread(file.close)
        return Response(media_type=media_type, headers=headers)
    return StreamingResponse(_content(file, size_bytes, on_sent), media_type=media_type, headers=headers)


async def _content(file: BinaryIO, size_bytes: int, on_sent: Callable[[], Awaitable[None]] | None) -> AsyncIterator[bytes]:
    with file:
        left = size_bytes  # a log grows while it is sent
        while left:
            chunk = await asyncio.to_thread(file.read, min(_CHUNK, left))
            if not chunk:
                raise OSError("the file became shorter while it was sent")
            left -= len(chunk)
            yield chunk
    if on_sent is not None:
        await on_sent()


def _size_of(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _attachment(name: str) -> str:
    plain = "".join(char if " " <= char <= "~" and char not in '"\\' else "_" for char in name)
    if plain == name:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'))}"
