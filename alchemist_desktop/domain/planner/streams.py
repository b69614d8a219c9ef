"""Gathers the plans of all streams of a file in the order of the output; every source stream gets exactly one."""

from collections.abc import Sequence
from dataclasses import replace

from alchemist_desktop.domain.capability import Capabilities
from alchemist_desktop.domain.plan import StreamAction, StreamKind, StreamPlan
from alchemist_desktop.domain.planner.audio import plan_audio
from alchemist_desktop.domain.planner.containers import Container, PictureForm
from alchemist_desktop.domain.planner.subtitles import plan_subtitles, wish_for
from alchemist_desktop.domain.probe import AttachmentStream, DataStream, Probe, Stream, SubtitleStream, VideoStream
from alchemist_desktop.domain.profile import EncodingRules
from alchemist_desktop.domain.wording import codec_name, container_name

_CHAPTER_TAGS = frozenset({"text", "sbtl"})
_MARKED = frozenset({StreamKind.VIDEO, StreamKind.AUDIO, StreamKind.SUBTITLE})


def plan_streams(
    probe: Probe,
    rules: EncodingRules,
    capabilities: Capabilities,
    container: Container,
    main: StreamPlan,
    *,
    burn: SubtitleStream | None = None,
) -> tuple[StreamPlan, ...]:
    """`main` is the plan of the main picture; the choices about sound apply when that is encoded."""
    others = (video for video in probe.videos if video.index != main.index)
    is_encode = main.action is StreamAction.ENCODE
    streams = (
        main,
        *(_plan_other_video(video, container) for video in others),
        *plan_audio(probe.audios, rules, capabilities, container, applies_choices=is_encode),
        *plan_subtitles(probe.subtitles, wish_for(rules, burn), container),
        *(_plan_attachment(attachment, container) for attachment in probe.attachments),
        *(_plan_data(data, probe) for data in probe.data),
        *_plan_pictures(probe.pictures, container),
    )
    storable = [_with_storable_words(stream, container) for stream in streams]
    if probe.chapters and not container.chapters:
        storable[0] = _noted(storable[0], f"The chapters are left out: {container_name(container.muxer)} does not store them.")
    return _with_forced_defaults(storable) if container.family == "mov" else tuple(storable)


def main_stream(video: VideoStream, action: StreamAction, codec: str, notes: Sequence[str] = ()) -> StreamPlan:
    return _stream(video, StreamKind.VIDEO, action, codec=codec, note=" ".join(notes) or None)


def _with_storable_words(stream: StreamPlan, container: Container) -> StreamPlan:
    """The plan without the marks, title and language its container does not store; the note names those that matter."""
    if not stream.is_in_output or stream.kind not in _MARKED:
        return stream
    marks = sorted(stream.dispositions - container.dispositions - {"default"})
    lost = [f"The mark {', '.join(marks)}"] if marks else []
    lost += [f"The title {stream.title}"] if stream.title and not container.titles else []
    lost += [f"The language {stream.language}"] if stream.language and not container.languages else []
    why = f"is left out: {container_name(container.muxer)} does not store it."
    notes = [f"{what} of stream {stream.index} {why}" for what in lost]
    return replace(
        stream,
        dispositions=stream.dispositions & container.dispositions,
        title=stream.title if container.titles else None,
        language=stream.language if container.languages else None,
        note=" ".join(filter(None, [stream.note, *notes])) or None,
    )


def _noted(stream: StreamPlan, note: str) -> StreamPlan:
    return replace(stream, note=f"{stream.note} {note}" if stream.note else note)


def _with_forced_defaults(streams: Sequence[StreamPlan]) -> tuple[StreamPlan, ...]:
    """In MP4 and MOV one track of each kind is always switched on: the first, when none is the default."""
    settled = list(streams)
    for kind in _MARKED:
        places = [place for place, stream in enumerate(settled) if stream.kind is kind and stream.is_in_output]
        if places and not any("default" in settled[place].dispositions for place in places):
            first = settled[places[0]]
            settled[places[0]] = replace(first, dispositions=first.dispositions | {"default"})
    return tuple(settled)


def _plan_other_video(video: VideoStream, container: Container) -> StreamPlan:
    if video.codec in container.video:
        return _stream(video, StreamKind.VIDEO, StreamAction.COPY, codec=video.codec)
    name = codec_name(video.codec) if video.codec else "its format"
    return _drop(video, StreamKind.VIDEO, f"Video {video.index}", f"{container_name(container.muxer)} cannot hold {name}")


def _plan_attachment(attachment: AttachmentStream, container: Container) -> StreamPlan:
    name = attachment.filename or f"number {attachment.index}"
    # Without a type the file cannot be written into the container again.
    if container.attachments and attachment.filename and attachment.mimetype:
        return _stream(attachment, StreamKind.ATTACHMENT, StreamAction.COPY, codec=attachment.codec)
    reason = "it has no name or type" if container.attachments else f"{container_name(container.muxer)} has no attachments"
    return _drop(attachment, StreamKind.ATTACHMENT, f"The attached file {name}", reason)


def _plan_data(data: DataStream, probe: Probe) -> StreamPlan:
    if data.codec_tag in _CHAPTER_TAGS and probe.chapters:
        note = "The chapter track is written anew from the list of chapters."
        return _stream(data, StreamKind.DATA, StreamAction.DROP, note=note)
    words = data.codec_tag or data.codec or "unknown"
    return _drop(data, StreamKind.DATA, f"Data stream {data.index} ({words})", "players make no use of it in the new file")


def _plan_pictures(pictures: Sequence[VideoStream], container: Container) -> tuple[StreamPlan, ...]:
    return tuple(_plan_picture(picture, container) for picture in pictures)


def _plan_picture(picture: VideoStream, container: Container) -> StreamPlan:
    if container.pictures is not PictureForm.NONE and picture.codec in container.picture_codecs:
        return _stream(picture, StreamKind.PICTURE, StreamAction.COPY, codec=picture.codec)
    reason = f"{container_name(container.muxer)} has no place for it"
    return _drop(picture, StreamKind.PICTURE, f"The cover picture {picture.index}", reason)


def _stream(
    stream: Stream, kind: StreamKind, action: StreamAction, *, codec: str | None = None, note: str | None = None
) -> StreamPlan:
    return StreamPlan(
        index=stream.index,
        kind=kind,
        action=action,
        codec=codec,
        language=stream.language,
        title=stream.title,
        dispositions=stream.dispositions,
        note=note,
    )


def _drop(stream: Stream, kind: StreamKind, what: str, reason: str) -> StreamPlan:
    return _stream(stream, kind, StreamAction.DROP, note=f"{what} is left out: {reason}.")
