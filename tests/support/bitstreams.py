"""Bytes that no encoder at hand writes: PGS subtitles, a Dolby Vision record, a telemetry track, and damage done on purpose."""

import random
import struct
from collections.abc import Sequence

_PGS_CLOCK_HZ = 90_000
_PCS, _WDS, _PDS, _ODS, _END = 0x16, 0x17, 0x14, 0x15, 0x80
_BOXES_TO_SAMPLE_ENTRY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_VISUAL_SAMPLE_ENTRY_BYTES = 86  # box header and fixed fields, before the boxes inside


def pgs_subtitles(shows: Sequence[tuple[float, float]], *, width: int = 320, height: int = 180) -> bytes:
    """A `.sup` file that shows a white bar near the lower edge during each (start, end) in seconds."""
    bar_width, bar_height = width // 2, 16
    x, y = width // 4, height - 2 * bar_height
    data = bytearray()
    for number, (start_s, end_s) in enumerate(shows):
        window = struct.pack(">BBHHHH", 1, 0, x, y, bar_width, bar_height)
        composition = struct.pack(">HHBHBBBB", width, height, 0x10, 2 * number, 0x80, 0, 0, 1)
        placed = struct.pack(">HBBHH", 0, 0, 0, x, y)
        picture = _pgs_bar(bar_width, bar_height)
        data += _pgs_segment(start_s, _PCS, composition + placed)
        data += _pgs_segment(start_s, _WDS, window)
        data += _pgs_segment(start_s, _PDS, bytes([0, 0, 1, 235, 128, 128, 255]))
        data += _pgs_segment(start_s, _ODS, picture)
        data += _pgs_segment(start_s, _END, b"")
        cleared = struct.pack(">HHBHBBBB", width, height, 0x10, 2 * number + 1, 0, 0, 0, 0)
        data += _pgs_segment(end_s, _PCS, cleared) + _pgs_segment(end_s, _WDS, window) + _pgs_segment(end_s, _END, b"")
    return bytes(data)


def _pgs_segment(at_s: float, kind: int, payload: bytes) -> bytes:
    return b"PG" + struct.pack(">IIBH", round(at_s * _PGS_CLOCK_HZ), 0, kind, len(payload)) + payload


def _pgs_bar(width: int, height: int) -> bytes:
    """An object segment of one colour: per line one run (14-bit length, palette entry 1) and the end-of-line mark."""
    line = struct.pack(">BHB", 0, 0xC000 | width, 1) + b"\0\0"
    pixels = line * height
    size = len(pixels) + 4
    return struct.pack(">HBB", 0, 0, 0xC0) + size.to_bytes(3, "big") + struct.pack(">HH", width, height) + pixels


def add_dolby_vision(mp4: bytes, *, profile: int, compatibility_id: int, level: int = 1) -> bytes:
    """The same MP4 with a Dolby Vision record in the first track's sample entry.

    The `moov` box must come last and the picture track first, as FFmpeg's muxer writes them, so that no offset changes.
    """
    bits = (profile << 9) | (level << 3) | 0b101  # a base layer and its metadata, no enhancement layer
    record = struct.pack(">BBHB", 1, 0, bits, compatibility_id << 4) + bytes(19)
    name = b"dvvC" if profile >= 8 else b"dvcC"
    box = struct.pack(">I4s", 8 + len(record), name) + record
    data = bytearray(mp4)
    start, end = 0, len(data)
    parents = []
    for kind in _BOXES_TO_SAMPLE_ENTRY:
        start, end = _find_box(data, kind, start, end)
        parents.append(start)
        start += 8
    entry = start + 8  # behind the version and the entry count of `stsd`
    end = entry + int.from_bytes(data[entry : entry + 4], "big")
    assert end - entry > _VISUAL_SAMPLE_ENTRY_BYTES, "the first track is no picture"
    data[end:end] = box
    for parent in (*parents, entry):
        size = int.from_bytes(data[parent : parent + 4], "big") + len(box)
        data[parent : parent + 4] = size.to_bytes(4, "big")
    return bytes(data)


def _find_box(data: bytearray, kind: bytes, start: int, end: int) -> tuple[int, int]:
    at = start
    while at + 8 <= end:
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == kind:
            return at, at + size
        assert size >= 8, f"unexpected box size {size}"
        at += size
    raise AssertionError(f"no {kind!r} box")


def timecode_to_telemetry(mp4: bytes) -> bytes:
    """The same MP4 with its timecode track declared as an action camera's telemetry (`gpmd`), which no muxer writes anew."""
    handler = b"hdlr" + bytes(8)
    assert handler + b"tmcd" in mp4, "no timecode track"
    data = mp4.replace(handler + b"tmcd", handler + b"meta")
    before, _, after = data.rpartition(b"tmcd")  # the last one is the track's sample entry
    return before + b"gpmd" + after


def flip_bits(data: bytes, *, count: int, seed: int, keep_start: float = 0.2, keep_end: float = 0.1) -> bytes:
    """`count` single bits changed, none of them in the first `keep_start` and the last `keep_end` share of the bytes."""
    chance = random.Random(seed)
    damaged = bytearray(data)
    first, last = int(len(data) * keep_start), int(len(data) * (1 - keep_end))
    for position in chance.sample(range(first, last), count):
        damaged[position] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def zero_tail(data: bytes, *, keep: float) -> bytes:
    """The first `keep` share of the bytes, then zeros up to the old length: a download that never got further."""
    kept = int(len(data) * keep)
    return data[:kept] + bytes(len(data) - kept)
