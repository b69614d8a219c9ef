from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.probe import DolbyVision
from alchemist_desktop.media.probe_dump import clockwise, read_dump

DUMP = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from '':
  Metadata:
    title           : Stream #0:7: Video: fake
  Duration: 00:00:02.00, start: 0.000000, bitrate: 605 kb/s
  Stream #0:0[0x1](und): Video: hevc (Main 10) (dvh1 / 0x31687664), 1 reference frame, yuv420p10le(tv, bt2020nc/bt2020/\
smpte2084, progressive, topleft), 320x180 [SAR 1:1 DAR 16:9], 598 kb/s, 25 fps, 25 tbr, 12800 tbn (default)
    Metadata:
      handler_name    : Display Matrix: rotation of 45.00 degrees
    Side data:
      Display Matrix: rotation of 90.00 degrees
      DOVI configuration record: version: 1.0, profile: 8, level: 6, rpu flag: 1, el flag: 0, bl flag: 1, \
compatibility id: 4, compression: 0
  Stream #0:1[0x2](eng): Data: none (tmcd / 0x64636D74), 0 kb/s
  Stream #0:2: Attachment: ttf
  Stream #0:3(eng): Subtitle: hdmv_pgs_subtitle (default)
  Stream #0:4: Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 71 kb/s
"""


def test_codecs_and_tags_are_read_for_every_kind_of_stream() -> None:
    streams = read_dump(DUMP)
    assert {index: (stream.codec, stream.codec_tag) for index, stream in streams.items()} == {
        0: ("hevc", "dvh1"),
        1: ("", "tmcd"),
        2: ("ttf", ""),
        3: ("hdmv_pgs_subtitle", ""),
        4: ("aac", "mp4a"),
    }


def test_side_data_belongs_to_the_stream_above_it() -> None:
    video, timecode = read_dump(DUMP)[0], read_dump(DUMP)[1]
    assert video.dolby_vision == DolbyVision(profile=8, level=6, compatibility_id=4)
    assert (video.rotation, video.chroma_location) == (270, "topleft")
    assert (timecode.rotation, timecode.chroma_location, timecode.dolby_vision) == (0, None, None)


@given(st.floats(min_value=-720, max_value=720))
def test_rotations_are_right_angles(degrees: float) -> None:
    assert clockwise(degrees) in {0, 90, 180, 270}


@given(st.sampled_from([-270, -180, -90, 0, 90, 180, 270]), st.integers(-2, 2))
def test_a_turn_and_its_undoing_cancel_out(degrees: int, turns: int) -> None:
    assert (clockwise(degrees + 360 * turns) + clockwise(-degrees)) % 360 == 0


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert all(index >= 0 for index in read_dump(text))
