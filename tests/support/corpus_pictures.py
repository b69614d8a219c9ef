"""Recipes for the corpus: pictures with an unusual format, size, brightness, orientation or timing."""

from pathlib import Path

from tests.support.bitstreams import add_dolby_vision
from tests.support.corpus_containers import AAC, AC3, MPEG2, PCM, VP9, X265
from tests.support.corpus_recipe import DONE, PICTURE, SKIPPED, TONE, X264, Build, Recipe, clip, ffmpeg
from tests.support.media import make_clip, run_ffmpeg

LOSSLESS = ("-c:v", "ffv1")
FAST = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "10")
MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
HDR10_PARAMS = f"log-level=error:crf=8:repeat-headers=1:hdr10=1:master-display={MASTERING}:max-cll=1000,400"


def _hdr(transfer: str, primaries: str = "bt2020") -> tuple[str, ...]:
    """A filter that turns the picture into 10 bit and declares its colours; the encoders take them from there."""
    declared = f"color_primaries={primaries}:color_trc={transfer}:colorspace=bt2020nc:range=tv"
    return ("-vf", f"format=yuv420p10le,setparams={declared}")


def recipes() -> list[Recipe]:
    return [*_formats(), *_brightness(), *_geometry(), *_timing()]


def _formats() -> list[Recipe]:
    return [
        Recipe(name="h264 hi10.mkv", build=clip((*FAST, "-pix_fmt", "yuv420p10le")), expect=DONE, why="10-bit H.264"),
        Recipe(name="h264 422.mkv", build=clip((*FAST, "-pix_fmt", "yuv422p10le")), expect=DONE, why="10-bit 4:2:2"),
        Recipe(name="h264 444.mkv", build=clip((*FAST, "-pix_fmt", "yuv444p")), expect=DONE, why="4:4:4"),
        Recipe(name="h264 gray.mkv", build=clip((*FAST, "-pix_fmt", "gray")), expect=DONE, why="no colour planes"),
        Recipe(
            name="h264 rgb.mkv",
            build=clip(("-c:v", "libx264rgb", "-preset", "ultrafast", "-crf", "10", "-pix_fmt", "rgb24")),
            expect=DONE,
            why="RGB inside H.264",
        ),
        Recipe(
            name="h264 full range.mp4",
            build=clip((*FAST, "-pix_fmt", "yuvj420p", "-color_range", "pc")),
            expect=DONE,
            why="full brightness range, as phones record",
        ),
        Recipe(
            name="hevc 12 bit 444.mkv",
            build=clip((*X265, "-pix_fmt", "yuv444p12le")),
            expect=DONE | SKIPPED,
            why="12 bit 4:4:4",
        ),
        Recipe(
            name="vp9 12 bit.webm",
            build=clip((*VP9, "-pix_fmt", "yuv420p12le"), ("-c:a", "libopus")),
            expect=DONE,
            why="12-bit VP9",
        ),
        Recipe(
            name="vp9 alpha.webm",
            build=clip((*VP9, "-pix_fmt", "yuva420p", "-auto-alt-ref", "0"), ("-c:a", "libopus")),
            expect=DONE,
            why="an alpha channel beside the picture",
        ),
        Recipe(
            name="ffv1 16 bit.mkv",
            build=clip((*LOSSLESS, "-pix_fmt", "yuv422p16le"), PCM, size="160x90"),
            expect=DONE,
            why="16 bit",
        ),
    ]


def _brightness() -> list[Recipe]:
    hdr10 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", HDR10_PARAMS)
    hdr = DONE | SKIPPED
    return [
        Recipe(
            name="hdr10.mkv",
            build=clip((*hdr10, *_hdr("smpte2084"))),
            expect=hdr,
            why="HDR10 with mastering display and light levels",
        ),
        Recipe(
            name="hlg.mp4",
            build=clip((*X265, "-tag:v", "hvc1", *_hdr("arib-std-b67"))),
            expect=hdr,
            why="HLG broadcast",
        ),
        Recipe(
            name="pq without primaries.mkv",
            build=clip((*FAST, *_hdr("smpte2084", "unknown"))),
            expect=DONE,
            why="half of the colour description is missing",
        ),
        Recipe(
            name="dolby vision 5.mp4",
            build=_dolby_vision(5, 0),
            expect=SKIPPED,
            why="Dolby Vision without a base picture others can show must be left alone",
        ),
        Recipe(
            name="dolby vision 8.mp4",
            build=_dolby_vision(8, 1),
            expect=hdr,
            why="Dolby Vision over an HDR10 base picture",
        ),
    ]


def _dolby_vision(profile: int, compatibility_id: int) -> Build:
    def build(out: Path, bench: Path) -> None:
        base = bench / "base.mp4"
        video = (*X265, "-tag:v", "hvc1", *_hdr("smpte2084"))
        make_clip(base, duration_s=1.2, video=video, audio=AAC)
        out.write_bytes(add_dolby_vision(base.read_bytes(), profile=profile, compatibility_id=compatibility_id))

    return build


def _geometry() -> list[Recipe]:
    return [
        Recipe(name="rotated.mp4", build=_rotated, expect=DONE, why="a phone held upright: display matrix of 90 degrees"),
        Recipe(name="anamorphic.mkv", build=clip((*X264, "-vf", "setsar=64/45")), expect=DONE, why="pixels are not square"),
        Recipe(
            name="odd size.mkv",
            build=clip((*LOSSLESS, "-vf", "scale=161:91", "-pix_fmt", "yuv420p")),
            expect=DONE,
            why="odd width and height with halved colour planes",
        ),
        Recipe(
            name="odd size 444.mkv",
            build=clip((*FAST, "-vf", "scale=161:91", "-pix_fmt", "yuv444p")),
            expect=DONE,
            why="odd width and height, whole colour planes",
        ),
        Recipe(name="tall.mp4", build=clip(size="90x160"), expect=DONE, why="higher than wide"),
        Recipe(
            name="interlaced tff.mkv",
            build=clip((*MPEG2, "-vf", "setfield=tff", "-flags", "+ilme+ildct"), AC3),
            expect=DONE,
            why="interlaced, top field first",
        ),
        Recipe(name="size change.ts", build=_size_change, expect=DONE, why="the picture changes its size in the middle"),
    ]


def _rotated(out: Path, bench: Path) -> None:
    upright = make_clip(bench / "upright.mp4", duration_s=1.2)
    run_ffmpeg(["-display_rotation", "90", "-i", upright, "-c", "copy", out])


def _size_change(out: Path, bench: Path) -> None:
    """The second half carries on with later timestamps, so that only the size changes."""
    first = make_clip(bench / "first.ts", duration_s=1.0, size="320x180")
    later = ("-output_ts_offset", "1.0")
    second = make_clip(bench / "second.ts", duration_s=1.0, size="160x90", extra=later)
    out.write_bytes(first.read_bytes() + second.read_bytes())


def _timing() -> list[Recipe]:
    vfr = ("-fps_mode", "vfr")
    return [
        Recipe(
            name="variable rate.mkv",
            build=clip((*X264, "-vf", "select='lt(n,15)+not(mod(n,4))'", *vfr), duration_s=2.0),
            expect=DONE,
            why="25 and then about 6 frames a second",
        ),
        Recipe(
            name="slideshow.mkv",
            build=clip((*X264, "-g", "1"), duration_s=5.0, fps="1"),
            expect=DONE,
            why="one frame a second",
        ),
        Recipe(name="high rate.mp4", build=clip(fps="120", duration_s=1.0), expect=DONE, why="120 frames a second"),
        Recipe(name="ntsc.mkv", build=clip(fps="24000/1001"), expect=DONE, why="a frame rate that is no whole number"),
        Recipe(
            name="b frames.mp4",
            build=clip((*X264, "-bf", "3", "-x264-params", "b-adapt=0"), extra=("-use_editlist", "0")),
            expect=DONE,
            why="decoding times before zero and no edit list to hide them",
        ),
        Recipe(
            name="late start.ts",
            build=clip(extra=("-output_ts_offset", "3600")),
            expect=DONE,
            why="the first timestamp is an hour",
        ),
        Recipe(
            name="timestamps wrap.ts",
            build=clip(extra=("-output_ts_offset", "95442.9", "-muxdelay", "0")),
            expect=DONE,
            why="the 33-bit clock of a transport stream runs over in the middle",
        ),
        Recipe(
            name="long gop.mkv",
            build=clip((*X264, "-g", "999", "-sc_threshold", "0"), duration_s=3.0),
            expect=DONE,
            why="one key frame in the whole file",
        ),
        Recipe(
            name="gap.mkv",
            build=clip((*X264, "-vf", "setpts='PTS+gte(N,15)*2/TB'", *vfr), duration_s=1.6),
            expect=DONE,
            why="two seconds without a picture",
        ),
        Recipe(
            name="audio longer.mkv",
            build=ffmpeg(*PICTURE, "-f", "lavfi", "-i", "sine=d=3", *X264, *AAC),
            expect=DONE,
            why="the sound goes on after the last picture",
        ),
        Recipe(
            name="video longer.mkv",
            build=ffmpeg(*PICTURE, "-f", "lavfi", "-i", "sine=d=0.4", *X264, *AAC),
            expect=DONE,
            why="the sound ends early",
        ),
        Recipe(
            name="audio late.mkv",
            build=ffmpeg(*PICTURE, "-itsoffset", "0.5", *TONE, *X264, *AAC),
            expect=DONE,
            why="the sound starts half a second after the picture",
        ),
        Recipe(
            name="single frame.mkv",
            build=clip((*X264, "-frames:v", "1"), None, size="640x360"),
            expect=DONE,
            why="one picture is a video too",
        ),
    ]
