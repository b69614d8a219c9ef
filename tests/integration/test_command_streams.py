"""Plans carried out by the real FFmpeg: what a file has is in the result, or the plan says why not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import pytest

from alchemist_desktop.domain.languages import normal_language
from alchemist_desktop.domain.plan import Action, Plan, StreamAction
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.profile import AudioMode, CpuPreset, OutputCodec, SubtitleMode
from alchemist_desktop.media.parity import compare_inventory
from alchemist_desktop.media.probe import probe_file
from tests.support.carry_out import FAST, carry_out, probed
from tests.support.media import make_clip, run_ffmpeg
from tests.support.probes import CPU_ONLY

SRT = "1\n00:00:00,000 --> 00:00:00,900\n{}\n"
CHAPTERS = ";FFMETADATA1\ntitle=The film\nDIRECTOR=Somebody\n" + "".join(
    f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={start + 500}\ntitle=Part {start}\n" for start in (0, 500)
)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sound tracks, two subtitles, a font, a cover, chapters and tags."""
    folder = tmp_path_factory.mktemp("rich")
    clip = make_clip(folder / "clip.mkv", duration_s=1.0)
    for name in ("one", "two"):
        (folder / f"{name}.srt").write_text(SRT.format(name))
    (folder / "chapters.txt").write_text(CHAPTERS)
    (folder / "font.ttf").write_bytes(b"\0\1\0\0" + bytes(60))
    run_ffmpeg(["-i", clip, "-frames:v", "1", folder / "cover.png"])
    inputs: list[str | Path] = []
    for name in ("clip.mkv", "one.srt", "two.srt", "chapters.txt"):
        inputs += ["-i", folder / name]
    out = folder / "rich.mkv"
    marks = ["-metadata:s:1", "language=eng", "-metadata:s:2", "language=ger", "-metadata:s:2", "title=Kommentar"]
    marks += ["-disposition:1", "default", "-disposition:2", "comment", "-disposition:3", "forced", "-disposition:4", "0"]
    marks += ["-metadata:s:3", "language=eng", "-metadata:s:4", "language=ger"]
    attached: list[str | Path] = [
        "-attach",
        folder / "font.ttf",
        "-metadata:s:5",
        "mimetype=font/ttf",
        "-metadata:s:5",
        "filename=font.ttf",
    ]
    attached += ["-attach", folder / "cover.png", "-metadata:s:6", "mimetype=image/png", "-metadata:s:6", "filename=cover.png"]
    maps = ["-map", "0:v", "-map", "0:a", "-map", "0:a", "-map", "1", "-map", "2", "-map_metadata", "3", "-map_chapters", "3"]
    run_ffmpeg([*inputs, *maps, "-c", "copy", *marks, *attached, out])
    return out


def _facts(file: Probe) -> list[tuple[str, str, str | None, str | None, frozenset[str]]]:
    return [(type(s).__name__, s.codec, s.language, s.title, s.dispositions) for s in file.streams[1:]]


@pytest.mark.parametrize("remux", [False, True])
def test_everything_is_in_the_result(rich: Path, tmp_path: Path, remux: bool) -> None:
    source = probed(rich)
    rules = replace(FAST, codec=OutputCodec.HEVC, remux_only=remux)
    plan, result = carry_out(source, rules, tmp_path)
    assert plan.notes == ()
    assert [s.codec for s in result.videos] == ["h264" if remux else "hevc"]
    assert _facts(result) == _facts(source)
    assert [(s.filename, s.mimetype) for s in result.attachments] == [("font.ttf", "font/ttf")]
    assert [picture.codec for picture in result.pictures] == ["png"]
    assert [(c.start_s, c.end_s, c.title) for c in result.chapters] == [(0.0, 0.5, "Part 0"), (0.5, 1.0, "Part 500")]
    tags = {name.lower(): value for name, value in result.tags.items()}
    assert (tags["title"], tags["director"]) == ("The film", "Somebody")


def test_everything_into_mp4(rich: Path, tmp_path: Path) -> None:
    rules = replace(FAST, codec=OutputCodec.HEVC, output_extension="mp4")
    plan, result = carry_out(probed(rich), rules, tmp_path)
    assert [s.codec for s in result.subtitles] == ["mov_text", "mov_text"]
    assert [s.language for s in result.audios] == ["eng", "ger"]
    assert [picture.codec for picture in result.pictures] == ["png"]
    assert [c.title for c in result.chapters] == ["Part 0", "Part 500"]
    assert any("font.ttf is left out" in note for note in plan.notes)
    with av.open(str(tmp_path / "result.mp4")) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
        assert container.metadata["title"] == "The film"


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP4 with timed text and a timecode track."""
    folder = tmp_path_factory.mktemp("phone")
    (folder / "text.srt").write_text(SRT.format("hello"))
    clip = make_clip(folder / "clip.mkv", duration_s=1.0)
    maps = ["-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text", "-timecode", "01:00:00:00"]
    run_ffmpeg(["-i", clip, "-i", folder / "text.srt", *maps, "-metadata:s:s:0", "language=eng", folder / "phone.mp4"])
    return folder / "phone.mp4"


@pytest.mark.parametrize(("codec", "action"), [(OutputCodec.H264, Action.REMUX), (OutputCodec.AV1, Action.TRANSCODE)])
def test_timed_text_and_timecode_into_matroska(phone: Path, tmp_path: Path, codec: OutputCodec, action: Action) -> None:
    plan, result = carry_out(probed(phone), replace(FAST, codec=codec), tmp_path)
    assert plan.action is action
    assert [(s.codec, s.language) for s in result.subtitles] == [("subrip", "eng")]
    assert result.data == ()
    assert any("tmcd" in note for note in plan.notes)


def test_extracted_subtitles(rich: Path, tmp_path: Path) -> None:
    rules = replace(FAST, codec=OutputCodec.HEVC, subtitle_mode=SubtitleMode.EXTRACT)
    plan, result = carry_out(probed(rich), rules, tmp_path)
    assert result.subtitles == ()
    assert [s.sidecar for s in plan.streams if s.action is StreamAction.EXTRACT] == [".eng.srt", ".ger.srt"]
    assert "one" in (tmp_path / "result.eng.srt").read_text()
    assert "two" in (tmp_path / "result.ger.srt").read_text()


@pytest.mark.parametrize("name", ["it's a [test], a:b.mkv", "-v 100%d; \\ ‘quoted’.mkv"])
def test_burning_in_from_any_path(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a folder's, [name]"
    folder.mkdir()
    text = folder / "text.srt"
    text.write_text(SRT.format("██████████████"))
    clip = make_clip(folder / "clip.mkv", duration_s=1.0, audio=None)
    run_ffmpeg(
        ["-f", "lavfi", "-i", "color=c=black:s=320x180:d=1", "-i", text, "-c:v", "libx264", "-c:s", "srt", folder / "b.mkv"]
    )
    source_path = (folder / "b.mkv").rename(folder / name)
    clip.unlink()
    rules = replace(FAST, codec=OutputCodec.HEVC, subtitle_mode=SubtitleMode.BURN)
    _, result = carry_out(probed(source_path), rules, tmp_path)
    assert result.subtitles == ()
    assert _brightest(tmp_path / "result.mkv") > 150


def _brightest(path: Path) -> int:
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        return max(bytes(frame.reformat(format="gray").planes[0]))


SOUNDS: list[tuple[Sequence[str], AudioMode, str, tuple[str, int]]] = [
    (("-af", "aformat=channel_layouts=5.1(side)", "-c:a", "flac"), AudioMode.OPUS, "mkv", ("opus", 6)),
    (("-af", "aformat=channel_layouts=5.1(side)", "-c:a", "flac"), AudioMode.AAC, "mkv", ("aac", 6)),
    (("-af", "aformat=channel_layouts=7.1", "-c:a", "flac"), AudioMode.AAC, "mkv", ("aac", 8)),
    (("-af", "aformat=channel_layouts=6.1", "-c:a", "flac"), AudioMode.AAC, "mp4", ("aac", 8)),
    (("-af", "aformat=channel_layouts=2.1", "-c:a", "flac"), AudioMode.OPUS, "webm", ("opus", 3)),
    (("-af", "aformat=channel_layouts=5.1(side)", "-c:a", "flac"), AudioMode.AAC_STEREO, "mp4", ("aac", 2)),
    (("-c:a", "pcm_s24le"), AudioMode.COPY, "mov", ("pcm_s24le", 1)),
    (("-c:a", "flac"), AudioMode.COPY, "mov", ("alac", 1)),
    (("-c:a", "libvorbis"), AudioMode.COPY, "mp4", ("aac", 1)),
]


@pytest.mark.parametrize(("make", "mode", "extension", "expected"), SOUNDS)
def test_sound(tmp_path: Path, make: Sequence[str], mode: AudioMode, extension: str, expected: tuple[str, int]) -> None:
    clip = make_clip(tmp_path / "clip.mkv", duration_s=0.6, audio=make)
    codec = OutputCodec.AV1 if extension == "webm" else OutputCodec.HEVC
    _, result = carry_out(probed(clip), replace(FAST, codec=codec, audio_mode=mode, output_extension=extension), tmp_path)
    (track,) = result.audios
    assert (track.codec, track.channels) == expected


def test_a_second_plan_leaves_the_result_alone(rich: Path, tmp_path: Path) -> None:
    rules = replace(FAST, cpu_preset=CpuPreset.FASTER)
    _, result = carry_out(probed(rich), rules, tmp_path)
    again: Plan = make_plan(result, rules, CPU_ONLY)
    assert (again.action, again.explanation.code) == (Action.SKIP, "already_target_codec")


def test_old_measurements_are_not_carried_over(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "clip.mkv", duration_s=0.6, extra=("-metadata:s:v", "BPS=123456789", "-metadata:s:a", "BPS=96000")
    )
    _, result = carry_out(probed(clip), replace(FAST, codec=OutputCodec.HEVC), tmp_path)
    video = result.main_video
    assert video is not None
    assert "BPS" not in video.tags
    assert result.audios[0].tags["BPS"] == "96000"


@pytest.mark.parametrize("extension", ["mkv", "mp4", "mov", "webm"])
def test_names_and_languages_of_tracks_come_back(tmp_path: Path, extension: str) -> None:
    tags = ("-metadata:s:v:0", "title=Bild", "-metadata:s:a:0", "title=Kommentar — Ünï, 日本", "-metadata:s:a:0", "language=en")
    clip = make_clip(tmp_path / "clip.mkv", duration_s=0.6, extra=tags)
    codec = OutputCodec.AV1 if extension == "webm" else OutputCodec.HEVC
    source = probed(clip)
    plan, result = carry_out(source, replace(FAST, codec=codec, output_extension=extension), tmp_path)
    assert [stream.title for stream in result.streams] == ["Bild", "Kommentar — Ünï, 日本"]
    assert normal_language(result.audios[0].language) == "eng"
    assert list(compare_inventory(plan, source, result)) == []


@pytest.mark.parametrize("extension", ["ts", "avi"])
def test_h264_is_copied_into_old_containers(tmp_path: Path, extension: str) -> None:
    source = probed(make_clip(tmp_path / "clip.mkv", duration_s=0.6))
    plan, result = carry_out(source, replace(FAST, codec=OutputCodec.H264, output_extension=extension), tmp_path)
    assert plan.action is Action.REMUX
    assert [stream.codec for stream in result.streams] == ["h264", "aac"]


def test_the_probe_of_a_result_is_no_failure(rich: Path, tmp_path: Path) -> None:
    carry_out(probed(rich), replace(FAST, output_extension="webm"), tmp_path)
    assert isinstance(probe_file(str(tmp_path / "result.webm")), Probe)
