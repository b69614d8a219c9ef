"""Reads the outermost structure of a file to learn where it should end; no demuxer is needed, and nearly nothing is read."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEAD_BYTES = 4096
_TOLERATED_BYTES = 1024  # some writers miscount a little
_EBML, _SEGMENT = b"\x1aE\xdf\xa3", b"\x18\x53\x80\x67"
_MP4_BOXES = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"meta", b"uuid", b"sidx", b"styp", b"pnot"}
)
_NEEDED_BOXES = frozenset({b"moov", b"mdat", b"moof"})
_SYNC = 0x47
_TS_PACKETS = ((188, 0), (192, 4), (204, 0))  # length of a packet, and where in it the sync byte stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How far the file says it reaches, None when it does not say, and how far it does.

    `ends_inside_packet` is told of transport streams, which never say how long they are.
    """

    size_bytes: int
    announced_bytes: int | None = None
    ends_inside_packet: bool = False

    @property
    def missing_bytes(self) -> int:
        """What is missing at the end; 0 as well for so little that it may be a fault in counting."""
        missing = (self.announced_bytes or 0) - self.size_bytes
        return missing if missing > _TOLERATED_BYTES else 0


def read_extent(path: str) -> Extent:
    """The extent of a file by its content, whatever its name. Raises OSError."""
    with Path(path).open("rb") as file:
        size_bytes = file.seek(0, os.SEEK_END)
        file.seek(0)
        head = file.read(_HEAD_BYTES)
        announced = None
        if head.startswith(_EBML):
            announced = _matroska_end(file)
        elif head[:4] == b"RIFF":
            announced = _riff_end(file, size_bytes)
        elif head[4:8] in _MP4_BOXES:
            announced = _mp4_end(file, size_bytes)
        inside = announced is None and _ends_inside_packet(head, size_bytes)
        return Extent(size_bytes=size_bytes, announced_bytes=announced, ends_inside_packet=inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One EBML element: where its content begins, and how long that is; None when the writer did not know."""

    id: bytes
    start: int
    size_bytes: int | None


def read_element(file: BinaryIO) -> Element | None:
    """The element that begins at the file's position, which is left at its content; None where there is none."""
    identifier = _read_number(file, keep_marker=True)
    size = _read_number(file, keep_marker=False)
    if identifier is None or size is None:
        return None
    number = int.from_bytes(size, "big")
    is_unknown = number == (1 << 7 * len(size)) - 1  # all bits set
    return Element(id=identifier, start=file.tell(), size_bytes=None if is_unknown else number)


def _read_number(file: BinaryIO, *, keep_marker: bool) -> bytes | None:
    """A number of one to eight bytes; the leading zero bits of the first tell how many, the first one bit is the marker."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    length = 9 - first[0].bit_length()
    rest = file.read(length - 1)
    if len(rest) < length - 1:
        return None
    if keep_marker:
        return first + rest
    return bytes([first[0] & (0xFF >> length)]) + rest


def segment_of(file: BinaryIO) -> Element | None:
    """Matroska's second element, which holds all the rest."""
    file.seek(0)
    header = read_element(file)
    if header is None or header.size_bytes is None:
        return None
    file.seek(header.start + header.size_bytes)
    segment = read_element(file)
    return segment if segment is not None and segment.id == _SEGMENT else None


def _matroska_end(file: BinaryIO) -> int | None:
    segment = segment_of(file)
    return None if segment is None or segment.size_bytes is None else segment.start + segment.size_bytes


def _riff_end(file: BinaryIO, size_bytes: int) -> int | None:
    """The end of the last RIFF chunk; large AVI files have several. A recorder that was stopped leaves a length of 0."""
    end = 0
    while end < size_bytes:
        file.seek(end)
        head = file.read(8)
        if head[:4] != b"RIFF" or len(head) < 8:
            break
        length = int.from_bytes(head[4:], "little")
        if length == 0:
            return None
        end += 8 + length + length % 2
    return end


def _mp4_end(file: BinaryIO, size_bytes: int) -> int | None:
    """Where the last box that is needed ends; what follows the boxes is nobody's business."""
    end = None
    for kind, box_end in _boxes(file, size_bytes):
        if kind in _NEEDED_BOXES:
            end = box_end
    return end


def _boxes(file: BinaryIO, size_bytes: int) -> Iterator[tuple[bytes, int]]:
    position = 0
    while position + 8 <= size_bytes:
        file.seek(position)
        head = file.read(16)
        kind, length = head[4:8], int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        elif length == 0:  # up to the end of the file
            length = size_bytes - position
        if kind not in _MP4_BOXES or length < 8:
            return
        position += length
        yield kind, position


def _ends_inside_packet(head: bytes, size_bytes: int) -> bool:
    """Whether a transport stream stops in the middle of a packet, as a cut one does."""
    for length, offset in _TS_PACKETS:
        for start in range(length):
            marks = head[start + offset :: length][:8]
            if len(marks) == 8 and all(mark == _SYNC for mark in marks):
                return (size_bytes - start) % length != 0
    return False
