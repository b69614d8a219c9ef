"""The bytes made by hand are read by FFmpeg as what they are meant to be."""

import re
import subprocess
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bitstreams import add_dolby_vision, flip_bits, pgs_subtitles, timecode_to_telemetry, zero_tail
from tests.support.media import ffmpeg_path, make_clip


def _described(path: Path) -> str:
    done = subprocess.run([ffmpeg_path(), "-hide_banner", "-i", str(path)], capture_output=True, check=False)
    return done.stderr.decode(errors="replace")


def test_pgs_subtitles_are_decoded_with_their_bar(tmp_path: Path) -> None:
    path = tmp_path / "a.sup"
    path.write_bytes(pgs_subtitles([(0.0, 0.5), (2.0, 2.5)]))
    with av.open(str(path)) as media:
        stream = media.streams.subtitles[0]
        times = [float(packet.pts * packet.time_base) for packet in media.demux(stream) if packet.pts is not None]
    assert min(times) == pytest.approx(0.0)
    assert max(times) == pytest.approx(2.5)
    bars = subprocess.run(
        [ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", "color=black:s=320x180:d=3", "-i", path,
         "-filter_complex", "[0][1]overlay,format=gray", "-ss", "0.2", "-frames:v", "1", "-f", "rawvideo", "-"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert sum(value > 200 for value in bars) == 160 * 16


@pytest.mark.parametrize(("profile", "compatibility_id"), [(5, 0), (8, 1)])
def test_dolby_vision_record_is_read_back(tmp_path: Path, profile: int, compatibility_id: int) -> None:
    plain = make_clip(tmp_path / "plain.mp4", duration_s=0.4)
    marked = tmp_path / "marked.mp4"
    marked.write_bytes(add_dolby_vision(plain.read_bytes(), profile=profile, compatibility_id=compatibility_id))
    assert re.search(
        rf"DOVI configuration record: .*profile: {profile}, .*compatibility id: {compatibility_id}", _described(marked)
    )
    with av.open(str(marked)) as media:
        assert sum(1 for _ in media.decode(video=0)) == 10


def test_telemetry_track_has_its_tag(tmp_path: Path) -> None:
    plain = make_clip(tmp_path / "plain.mp4", duration_s=0.4, extra=("-timecode", "01:00:00:00"))
    marked = tmp_path / "marked.mp4"
    marked.write_bytes(timecode_to_telemetry(plain.read_bytes()))
    assert "Data: bin_data (gpmd" in _described(marked)


@given(data=st.binary(min_size=100, max_size=400), count=st.integers(1, 20), seed=st.integers())
def test_flipping_changes_single_bits_inside_the_payload(data: bytes, count: int, seed: int) -> None:
    damaged = flip_bits(data, count=count, seed=seed)
    changed = [index for index, (old, new) in enumerate(zip(data, damaged, strict=True)) if old != new]
    assert len(changed) == count
    assert all((data[index] ^ damaged[index]).bit_count() == 1 for index in changed)
    assert min(changed) >= int(len(data) * 0.2)
    assert max(changed) < int(len(data) * 0.9)


@given(data=st.binary(min_size=1), keep=st.floats(0, 1))
def test_zero_tail_keeps_the_length(data: bytes, keep: float) -> None:
    cut = zero_tail(data, keep=keep)
    kept = int(len(data) * keep)
    assert cut == data[:kept] + bytes(len(data) - kept)
