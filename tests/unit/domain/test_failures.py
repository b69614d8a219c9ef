"""FFmpeg's words, as the real program says them, and the cause they stand for."""

from pathlib import Path

import pytest

from alchemist_desktop.domain.explanation import CATALOGUE
from alchemist_desktop.domain.failures import explain_ffmpeg_failure
from tests.support.media import ffmpeg_path, make_clip
from tests.support.provoke import provoke

GENERIC = (
    "[vost#0:0/hevc_nvenc @ 0x5566d5a0] Error while opening encoder - maybe incorrect parameters such as bit_rate, rate,"
    " width or height.\n[vf#0:0 @ 0x5566d5a0] Error sending frames to consumers: Operation not permitted\n"
    "[out#0/matroska @ 0x5566d5a0] Nothing was written into output file, because at least one of its streams received no"
    " packets.\nConversion failed!\n"
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("failures") / "nvenc cancelled amf.mkv", duration_s=0.4)


CASES: list[tuple[str, list[str], str]] = [
    ("a name for a filter that is none", ["-i", "IN", "-vf", "no_such_filter", "OUT.mkv"], "encoder_parameter_mismatch"),
    ("an unknown encoder", ["-i", "IN", "-c:v", "hevc_nonsense", "OUT.mkv"], "encoder_unavailable"),
    ("an unknown preset", ["-i", "IN", "-c:v", "libx264", "-preset", "quick", "OUT.mkv"], "encoder_parameter_mismatch"),
    ("text as a number", ["-i", "IN", "-c:v", "libsvtav1", "-preset", "medium", "OUT.mkv"], "encoder_parameter_mismatch"),
    ("a missing source", ["-i", "IN.gone", "OUT.mkv"], "source_missing"),
    ("a missing output folder", ["-i", "IN", "gone/OUT.mkv"], "finalize_failed"),
    ("an unmuxable codec", ["-i", "IN", "-c", "copy", "-f", "webm", "OUT.webm"], "muxer_failed"),
    ("an odd size", ["-i", "IN", "-vf", "crop=319:179:exact=1", "-pix_fmt", "yuv420p", "-c:v", "libx264", "OUT.mkv"],
     "unsupported_pixel_format"),
    ("a layout libopus refuses", ["-f", "lavfi", "-i", "sine=d=1", "-af", "aformat=channel_layouts=5.1(side)", "-c:a", "libopus",
     "OUT.mkv"], "encoder_parameter_mismatch"),
    ("a GPU that is not there", ["-i", "IN", "-c:v", "hevc_amf", "OUT.mkv"], "hardware_backend_failure"),
    ("an upload without a device", ["-i", "IN", "-vf", "hwupload", "OUT.mkv"], "encoder_parameter_mismatch"),
    ("a full disk", ["-i", "IN", "-f", "matroska", "/dev/full"], "disk_full"),
    ("a subtitle that is not there", ["-i", "IN", "-vf", "subtitles=nothing.srt", "OUT.mkv"], "burn_input_unreadable"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_real_failures(clip: Path, tmp_path: Path, arguments: list[str], code: str) -> None:
    words = [word.replace("IN", str(clip)).replace("OUT", str(tmp_path / "vaapi qsv")) for word in arguments]
    stderr = provoke(ffmpeg_path(), words)
    explanation = explain_ffmpeg_failure(stderr, argv=words, input_path=str(clip), output_path=words[-1])
    assert explanation.code == code, stderr
    assert "maybe incorrect parameters" not in explanation.detail


def test_damaged_sources(tmp_path: Path) -> None:
    source = tmp_path / "No space left on device.mkv"
    source.write_bytes(b"nothing of the kind" * 200)
    stderr = provoke(ffmpeg_path(), ["-i", str(source), str(tmp_path / "o.mkv")])
    explanation = explain_ffmpeg_failure(stderr, input_path=str(source))
    assert explanation.code == "corrupt_or_unreadable_media"


# Machines with such hardware are rare, so these are given as they were recorded.
RECORDED = [
    ("[hevc_nvenc @ 0x55] Cannot load libcuda.so.1\n", "hardware_backend_failure"),
    ("[hevc_qsv @ 0x55] Error creating a MFX session: -9.\n", "hardware_backend_failure"),
    ("[hevc_amf @ 0x55] DLL libamfrt64.so.1 failed to open\n", "hardware_backend_failure"),
    ("[h264_nvenc @ 0x55] OpenEncodeSessionEx failed: out of memory (10): (no details)\n", "nvenc_resource_exhausted"),
    ("[h264_videotoolbox @ 0x55] Error: cannot create compression session: -12903\n", "videotoolbox_session_failure"),
    ("x265 [error]: malloc of size 4 failed\nCannot allocate memory\n", "resource_exhausted"),
    ("[matroska,webm @ 0x55] File ended prematurely at pos. 5 (0x5)\n", "source_truncated"),
    ("/films/a.mkv: Permission denied\n", "permission_denied"),
]


@pytest.mark.parametrize(("stderr", "code"), RECORDED)
def test_recorded_failures_before_the_usual_tail(stderr: str, code: str) -> None:
    assert explain_ffmpeg_failure(stderr + GENERIC).code == code


def test_the_tail_alone_says_that_the_encoder_did_not_open() -> None:
    assert explain_ffmpeg_failure(GENERIC).code == "encoder_open_failed"


def test_the_answer_of_vaapi_without_a_device() -> None:
    words = "Impossible to convert between the formats supported by the filter 'a' and the filter 'b'\n"
    assert explain_ffmpeg_failure(words + GENERIC, argv=["-c:0", "hevc_vaapi"]).code == "hardware_backend_failure"
    assert explain_ffmpeg_failure(words, argv=["-c:0", "libx265"]).code == "unknown_ffmpeg_failure"


@pytest.mark.parametrize("name", ["No space left on device.mkv", "Permission denied.mp4", "amf Cannot load libcuda.mkv"])
def test_names_play_no_part(name: str) -> None:
    path = f"/films/{name}"
    stderr = (
        f"[in#0 @ 0x1] Error opening input: Invalid data found when processing input\nError opening input file file:{path}.\n"
    )
    found = explain_ffmpeg_failure(stderr, argv=["-i", f"file:{path}"], input_path=path)
    assert found.code == "corrupt_or_unreadable_media"


@pytest.mark.parametrize("stderr", ["", "\n\n", "something nobody has heard of\n"])
def test_the_unknown_is_said_to_be_unknown(stderr: str) -> None:
    explanation = explain_ffmpeg_failure(stderr)
    assert explanation.code == "unknown_ffmpeg_failure"
    assert explanation.detail
    assert explanation.code in CATALOGUE
