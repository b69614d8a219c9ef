"""Spells the picture filters of a plan: deinterlacing, even sizes, tone mapping, burnt-in subtitles, colour tags."""

from dataclasses import replace

from alchemist_desktop.domain.probe import Color
from alchemist_desktop.domain.profile import EncodingRules

SDR_COLOR = Color(primaries="bt709", transfer="bt709", space="bt709", range="tv")
# Reference white of the linear light that `tonemap` works in. It is the scale of the picture, not the brightness of the
# source: with a larger value everything comes out dark.
_REFERENCE_WHITE_NITS = 100

DEINTERLACE = "bwdif=mode=send_frame:parity=auto:deint=interlaced"


def pad_to_even(width: int, height: int) -> str:
    """Adds the line or column that 4:2:0 pictures need; nothing of the picture is cut."""
    return f"pad={width + width % 2}:{height + height % 2}:0:0"


def tonemap(rules: EncodingRules, source: Color, pixel_format: str) -> tuple[str, ...]:
    """From HDR to BT.709; static HDR metadata, which no longer tells the truth, is removed.

    The frames are tagged first: zscale goes by their tags, and refuses those that leave anything open.
    """
    peak = max(rules.tonemap_peak_nits / _REFERENCE_WHITE_NITS, 1.0)
    tags = tag_color(replace(source, range=source.range or "tv"))
    return (
        *((tags,) if tags else ()),
        f"zscale=t=linear:npl={_REFERENCE_WHITE_NITS}",
        "format=gbrpf32le",
        "zscale=p=bt709",
        f"tonemap=tonemap={rules.tonemap_algorithm.value}:desat={rules.tonemap_desat:g}:peak={peak:g}",
        "zscale=t=bt709:m=bt709:r=tv",
        f"format={pixel_format}",
        "sidedata=mode=delete:type=MASTERING_DISPLAY_METADATA",
        "sidedata=mode=delete:type=CONTENT_LIGHT_LEVEL",
    )


def burn_in(path: str, subtitle_position: int, start_s: float) -> tuple[str, ...]:
    """Draws the subtitle stream with this position among the file's subtitles.

    The filter reads the file with its own time stamps, while FFmpeg lets a file begin at zero: both are put in step.
    """
    subtitles = f"subtitles=filename={escape('file:' + path)}:si={subtitle_position}"
    if abs(start_s) < 0.01:
        return (subtitles,)
    return (f"setpts=PTS+({start_s:.6f})/TB", subtitles, f"setpts=PTS-({start_s:.6f})/TB")


def tag_color(color: Color) -> str | None:
    """States the colour description on the frames, which is where encoders take it from; None when nothing is known."""
    known = (
        ("color_primaries", color.primaries),
        ("color_trc", color.transfer),
        ("colorspace", color.space),
        ("range", color.range),
    )
    pairs = [f"{name}={value}" for name, value in known if value]
    return "setparams=" + ":".join(pairs) if pairs else None


def escape(value: str) -> str:
    """An option value that survives both of FFmpeg's parsers: that of the filter's options, then that of the graph."""
    option = _with_backslashes(value, "\\':")
    return _with_backslashes(option, "\\'[],;")


def _with_backslashes(text: str, special: str) -> str:
    return "".join(f"\\{char}" if char in special else char for char in text)
