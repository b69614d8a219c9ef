"""Compares the checksums that Matroska files carry; they tell of every changed bit, also where a decoder would hide it."""

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from alchemist_desktop.media.structure import Element, read_element, segment_of

_CLUSTER = b"\x1f\x43\xb6\x75"
_VOID = b"\xec"
_CRC32, _CRC32_BYTES = b"\xbf", 6  # the checksum's own element: id, length and four bytes
_CHUNK_BYTES = 1 << 20
_MOST_DAMAGED = 20  # more would say nothing new


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksumReport:
    """How many clusters (some seconds of pictures and sound each) carry a checksum, and where those begin that differ."""

    checked: int = 0
    damaged_at: tuple[int, ...] = ()


def compare_checksums(path: str, is_cancelled: Callable[[], bool]) -> ChecksumReport:
    """Read a Matroska file whole and compare. Other files, and those without checksums, have nothing to compare.

    Only clusters count: programs that change tags in place may leave the checksums of those as they were. Raises OSError.
    """
    with Path(path).open("rb") as file:
        segment = segment_of(file)
        if segment is None:
            return ChecksumReport()
        checked = 0
        damaged: list[int] = []
        while not is_cancelled() and len(damaged) < _MOST_DAMAGED:
            position = file.tell()
            element = read_element(file)
            if element is None or element.size_bytes is None or not _is_outermost(element):
                break
            if element.id == _CLUSTER:
                is_right = _is_right(file, element, is_cancelled)
                if is_right is not None:
                    checked += 1
                    if not is_right:
                        damaged.append(position)
            file.seek(element.start + element.size_bytes)
        return ChecksumReport(checked=checked, damaged_at=tuple(damaged))


def _is_outermost(element: Element) -> bool:
    """Anything else means that the walk lost its way in damage."""
    return len(element.id) == 4 or element.id in {_VOID, _CRC32}


def _is_right(file: BinaryIO, cluster: Element, is_cancelled: Callable[[], bool]) -> bool | None:
    """Whether the content is as its checksum says; None without a checksum, for half a cluster, or when given up."""
    assert cluster.size_bytes is not None
    file.seek(0, io.SEEK_END)
    if cluster.start + cluster.size_bytes > file.tell():
        return None
    file.seek(cluster.start)
    head = file.read(_CRC32_BYTES)
    if head[:1] != _CRC32 or head[1:2] != b"\x84":
        return None
    left, sum_ = cluster.size_bytes - _CRC32_BYTES, 0
    while left > 0:
        if is_cancelled():
            return None
        chunk = file.read(min(left, _CHUNK_BYTES))
        if not chunk:
            return None
        sum_ = zlib.crc32(chunk, sum_)
        left -= len(chunk)
    return sum_ == int.from_bytes(head[2:6], "little")
