"""Where files say they end, and the checksums they carry."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.media.content_sample import sample_digest
from alchemist_desktop.media.matroska_crc import compare_checksums
from alchemist_desktop.media.structure import read_extent
from tests.support.media import make_clip

CONTAINERS = ("mkv", "mp4", "avi", "webm", "mov")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    vp8 = ("-c:v", "libvpx", "-b:v", "500k", "-deadline", "realtime")
    made = {kind: make_clip(folder / f"clip.{kind}", duration_s=0.6) for kind in (*CONTAINERS, "ts") if kind != "webm"}
    return made | {"webm": make_clip(folder / "clip.webm", duration_s=0.6, video=vp8, audio=("-c:a", "libopus"))}


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_what_is_missing_is_told_to_the_byte(clips: dict[str, Path], tmp_path: Path, kind: str, share: float) -> None:
    data = clips[kind].read_bytes()
    whole = read_extent(str(clips[kind]))
    assert whole.missing_bytes == 0
    assert whole.announced_bytes == len(data)
    cut = tmp_path / "no extension"
    cut.write_bytes(data[: int(len(data) * share)])
    missing = read_extent(str(cut)).missing_bytes
    if kind in {"mp4", "mov"}:  # their pictures come first, the index after them; what is left of the cut box counts
        assert 0 < missing <= len(data) - int(len(data) * share)
    else:
        assert missing == len(data) - int(len(data) * share)


@pytest.mark.parametrize("kind", CONTAINERS)
def test_what_follows_the_media_is_nobodys_business(clips: dict[str, Path], tmp_path: Path, kind: str) -> None:
    longer = tmp_path / "longer"
    longer.write_bytes(clips[kind].read_bytes() + b"\xde\xad\xbe\xef" * 1000)
    assert read_extent(str(longer)).missing_bytes == 0


def test_a_transport_stream_that_stops_inside_a_packet(clips: dict[str, Path], tmp_path: Path) -> None:
    data = clips["ts"].read_bytes()
    assert not read_extent(str(clips["ts"])).ends_inside_packet
    part = tmp_path / "part.ts"
    for cut, is_inside in ((188 * 100, False), (188 * 100 + 50, True)):
        part.write_bytes(data[:cut])
        assert read_extent(str(part)).ends_inside_packet == is_inside
        part.write_bytes(b"\x00\x47junk" * 5 + data[:cut])
        assert read_extent(str(part)).ends_inside_packet == is_inside


def test_a_box_with_a_long_length_and_one_up_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    head = struct.pack(">I4s", 16, b"ftyp") + b"isom\0\0\0\0"
    path.write_bytes(head + struct.pack(">I4sQ", 1, b"mdat", 5_000_000_000) + bytes(100))
    assert read_extent(str(path)).announced_bytes == len(head) + 5_000_000_000
    path.write_bytes(head + struct.pack(">I4s", 0, b"mdat") + bytes(100))
    assert read_extent(str(path)).missing_bytes == 0


@given(data=st.binary(max_size=300), start=st.sampled_from([b"", b"\x1aE\xdf\xa3", b"RIFF", b"\0\0\0\x10ftyp"]))
def test_any_bytes_are_read(tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    path.write_bytes(start + data)
    extent = read_extent(str(path))
    assert extent.size_bytes == len(start + data)
    assert extent.missing_bytes >= 0
    assert compare_checksums(str(path), lambda: False).damaged_at == ()


def test_one_changed_bit_anywhere_in_a_cluster_is_found(clips: dict[str, Path], tmp_path: Path) -> None:
    data = clips["mkv"].read_bytes()
    whole = compare_checksums(str(clips["mkv"]), lambda: False)
    assert whole.checked >= 1
    assert whole.damaged_at == ()
    path = tmp_path / "flipped.mkv"
    for share in (0.3, 0.5, 0.8):
        flipped = bytearray(data)
        flipped[int(len(data) * share)] ^= 1
        path.write_bytes(flipped)
        assert len(compare_checksums(str(path), lambda: False).damaged_at) == 1


def test_comparing_ends_when_nobody_wants_it_any_more(clips: dict[str, Path]) -> None:
    assert compare_checksums(str(clips["mkv"]), lambda: True).checked == 0


def test_files_that_are_no_matroska_have_nothing_to_compare(clips: dict[str, Path]) -> None:
    assert compare_checksums(str(clips["mp4"]), lambda: False).checked == 0


def test_samples_tell_files_apart_that_differ_at_either_end_or_in_the_middle(tmp_path: Path) -> None:
    data = bytearray(1_000_000)
    path = tmp_path / "a"
    digests = set()
    for position in (None, 0, 500_000, 999_999):
        changed = bytearray(data)
        if position is not None:
            changed[position] = 1
        path.write_bytes(changed)
        digests.add(sample_digest(str(path)))
    assert len(digests) == 4
    path.write_bytes(data)
    assert sample_digest(str(path)) in digests
    path.write_bytes(b"")
    assert sample_digest(str(path)) not in digests
