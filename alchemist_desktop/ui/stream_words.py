"""The streams of a file before and after, in words: pure functions over probe and plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from alchemist_desktop.domain.plan import Plan, StreamAction, StreamKind, StreamPlan
from alchemist_desktop.domain.probe import (
    AttachmentStream,
    AudioStream,
    DynamicRange,
    Probe,
    Stream,
    SubtitleStream,
    VideoStream,
)
from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import Tone

_GROUP_FROM = 4  # so many attachments are told in one line

ACTION_WORDS: Mapping[StreamAction, str] = {
    StreamAction.COPY: "Kept",
    StreamAction.ENCODE: "Encoded",
    StreamAction.CONVERT: "Converted",
    StreamAction.BURN: "Drawn in",
    StreamAction.EXTRACT: "Own file",
    StreamAction.DROP: "Left out",
}
ACTION_TONES: Mapping[StreamAction, Tone] = {
    StreamAction.COPY: Tone.NEUTRAL,
    StreamAction.ENCODE: Tone.ACCENT,
    StreamAction.CONVERT: Tone.INFO,
    StreamAction.BURN: Tone.INFO,
    StreamAction.EXTRACT: Tone.INFO,
    StreamAction.DROP: Tone.WARNING,
}
_RANGES: Mapping[DynamicRange, str] = {
    DynamicRange.HDR10: "HDR10",
    DynamicRange.HLG: "HLG",
    DynamicRange.DOLBY_VISION: "Dolby Vision",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRow:
    """One line of the comparison; without a plan `action` is None and `after` empty."""

    kind: str
    before: str
    action: StreamAction | None = None
    after: str = ""
    note: str = ""


def stream_rows(probe: Probe, plan: Plan | None) -> tuple[StreamRow, ...]:
    """Every stream of the source and what happens to it; a crowd of like attachments is one line."""
    plans = {s.index: s for s in plan.streams} if plan is not None else {}
    attachments = [s for s in probe.streams if isinstance(s, AttachmentStream)]
    fates = {_fate(plans.get(s.index)) for s in attachments}
    is_grouped = len(attachments) >= _GROUP_FROM and len(fates) == 1
    shown = [s for s in probe.streams if not (is_grouped and isinstance(s, AttachmentStream))]
    rows = [_row(stream, plans.get(stream.index), plan) for stream in shown]
    if is_grouped:
        rows.append(_group_row(attachments, plans.get(attachments[0].index)))
    return tuple(rows)


def describe(stream: Stream) -> str:
    """What a stream is: codec, format, language and title."""
    if isinstance(stream, VideoStream):
        parts = _video_parts(stream)
    elif isinstance(stream, AudioStream):
        parts = _audio_parts(stream)
    elif isinstance(stream, AttachmentStream):
        parts = [words.shown_path(stream.filename or stream.codec or "file")]
    else:
        parts = [words.codec(stream.codec)]
    marks = [word for word in ("default", "forced", "hearing_impaired") if word in stream.dispositions]
    named = [stream.language or "", words.shown_path(stream.title or ""), *(mark.replace("_", " ") for mark in marks)]
    return " · ".join(part for part in (*parts, *named) if part)


def kind_word(stream: Stream) -> str:
    if isinstance(stream, VideoStream):
        return "Cover" if stream.is_attached_picture else "Video"
    if isinstance(stream, AudioStream):
        return "Audio"
    if isinstance(stream, SubtitleStream):
        return "Subtitle"
    return "Attachment" if isinstance(stream, AttachmentStream) else "Data"


def _row(stream: Stream, planned: StreamPlan | None, plan: Plan | None) -> StreamRow:
    row_kind, before = kind_word(stream), describe(stream)
    if planned is None or plan is None:
        return StreamRow(kind=row_kind, before=before)
    after = _after(planned, plan)
    return StreamRow(kind=row_kind, before=before, action=planned.action, after=after, note=planned.note or "")


def _group_row(attachments: list[AttachmentStream], planned: StreamPlan | None) -> StreamRow:
    before = words.count(len(attachments), "attachment")
    if planned is None:
        return StreamRow(kind="Attachment", before=before)
    return StreamRow(kind="Attachment", before=before, action=planned.action, note=planned.note or "")


def _fate(planned: StreamPlan | None) -> tuple[StreamAction, str | None] | None:
    return (planned.action, planned.note) if planned is not None else None


def _after(planned: StreamPlan, plan: Plan) -> str:
    if planned.action is StreamAction.EXTRACT:
        return words.shown_path(planned.sidecar or "")
    if planned.action is StreamAction.ENCODE and planned.kind is StreamKind.VIDEO and plan.video is not None:
        video = plan.video
        parts = [words.codec(planned.codec), f"{video.width}×{video.height}", f"{video.bit_depth} bit"]
        return " · ".join([*parts, *filter(None, [_RANGES.get(video.dynamic_range)]), video.encoder.name])
    if planned.action is StreamAction.ENCODE and planned.audio is not None:
        audio = planned.audio
        channels = audio.channel_layout or words.count(audio.channels, "channel")
        return " · ".join([words.codec(audio.codec), channels, f"{audio.bitrate_kbps} kb/s"])
    return words.codec(planned.codec) if planned.action in {StreamAction.CONVERT, StreamAction.ENCODE} else ""


def _video_parts(stream: VideoStream) -> list[str]:
    if stream.is_attached_picture:
        return [words.codec(stream.codec), f"{stream.width}×{stream.height}"]
    return [
        words.codec(stream.codec),
        f"{stream.width}×{stream.height}",
        f"{stream.bit_depth} bit" if stream.bit_depth else "",
        _RANGES.get(stream.dynamic_range, ""),
        f"{stream.fps:.5g} fps" if stream.fps else "",
        "interlaced" if stream.is_interlaced else "",
        words.bit_rate(stream.bitrate_bps) if stream.bitrate_bps else "",
    ]


def _audio_parts(stream: AudioStream) -> list[str]:
    return [
        words.codec(stream.codec),
        stream.channel_layout or (words.count(stream.channels, "channel") if stream.channels else ""),
        words.bit_rate(stream.bitrate_bps) if stream.bitrate_bps else "",
    ]
