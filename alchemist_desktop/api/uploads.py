"""Reads a file out of a multipart request while it arrives, within a limit; nothing of it is kept in memory."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from alchemist_desktop.api.errors import ProblemError

_FLUSH_AT = 1024 * 1024
_MOST_HEADER_BYTES = 16 * 1024
_MOST_OTHER_BYTES = 64 * 1024  # around the file


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadCodes:
    """What the ways of failing are called by the route that reads an upload."""

    missing: str
    malformed: str
    too_large: str
    write_failed: str


@dataclass(slots=True, kw_only=True)
class UploadedPart:
    """The first part of a request: its field, its file name, and how much of it there was."""

    field: str | None = None
    file_name: str | None = None
    size_bytes: int = 0


async def receive_part(request: Request, target: Path, *, max_bytes: int, codes: UploadCodes) -> UploadedPart:
    """Write the first part's content to `target`, a new file. Raises ProblemError; then the file may be there in part."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > max_bytes + _MOST_OTHER_BYTES:
        raise _too_large(max_bytes, codes)
    reader = _PartReader(_boundary(request), max_bytes, codes)
    received_bytes = 0
    try:
        file = await asyncio.to_thread(target.open, "xb")
        with file:
            async for chunk in request.stream():
                received_bytes += len(chunk)
                if received_bytes > max_bytes + _MOST_OTHER_BYTES:  # what follows the first part counts too
                    raise _too_large(max_bytes, codes)
                reader.feed(chunk)
                if len(reader.pending) >= _FLUSH_AT:
                    await asyncio.to_thread(reader.flush_into, file)
            reader.end()
            await asyncio.to_thread(reader.flush_into, file)
    except OSError as error:
        raise ProblemError(500, codes.write_failed, f"The upload could not be stored: {error.strerror}.") from error
    return reader.part


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 256:
        raise ProblemError(400, "MULTIPART_REQUIRED", "Send the file as multipart/form-data with a boundary.")
    return boundary


class _PartReader:
    """Takes the pieces of a request and keeps the content of its first part until that is written."""

    def __init__(self, boundary: bytes, max_bytes: int, codes: UploadCodes) -> None:
        self.part = UploadedPart()
        self.pending = bytearray()
        self._max_bytes = max_bytes
        self._codes = codes
        self._parts = 0
        self._is_whole = False
        self._header = (bytearray(), bytearray())
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_header_field": lambda data, start, end: self._on_header(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._on_header(1, data[start:end]),
                "on_header_end": self._on_header_end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise ProblemError(400, self._codes.malformed, f"The upload is malformed: {error}.") from error

    def end(self) -> None:
        if self._parts == 0:
            raise ProblemError(400, self._codes.missing, "The upload holds no file.")
        if not self._is_whole:
            raise ProblemError(400, self._codes.malformed, "The upload ended too early.")

    def flush_into(self, file: BinaryIO) -> None:
        content, self.pending = self.pending, bytearray()
        file.write(content)

    def _on_part_begin(self) -> None:
        self._parts += 1

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._parts != 1:
            return
        self.part.size_bytes += end - start
        if self.part.size_bytes > self._max_bytes:
            raise _too_large(self._max_bytes, self._codes)
        self.pending += data[start:end]

    def _on_part_end(self) -> None:
        self._is_whole = True

    def _on_header(self, which: int, data: bytes) -> None:
        self._header[which].extend(data)
        if len(self._header[which]) > _MOST_HEADER_BYTES:
            raise ProblemError(400, self._codes.malformed, "A header of the upload is too long.")

    def _on_header_end(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._header = (bytearray(), bytearray())
        if self._parts == 1 and name.lower() == b"content-disposition":
            _, options = parse_options_header(value)
            self.part.field = _text(options.get(b"name"))
            self.part.file_name = _text(options.get(b"filename"))


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


def _too_large(max_bytes: int, codes: UploadCodes) -> ProblemError:
    return ProblemError(413, codes.too_large, f"The upload is larger than {max_bytes} bytes.")
