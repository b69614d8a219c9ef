"""Compares the streams of an output with what its plan promised of the source; pure.

A plan's dispositions and tags are compared as far as the container can carry them, which was measured for each of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from alchemist_desktop.domain.explanation import Measured
from alchemist_desktop.domain.languages import normal_language
from alchemist_desktop.domain.plan import Plan, StreamKind, StreamPlan
from alchemist_desktop.domain.probe import AttachmentStream, AudioStream, Probe, Stream, SubtitleStream, VideoStream

_CODEC_SYNONYMS = {"srt": "subrip", "pgs": "hdmv_pgs_subtitle", "tx3g": "mov_text", "ssa": "ass", "dca": "dts"}
_CARRIED_DISPOSITIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "matroska": frozenset({"default", "dub", "original", "comment", "forced", "hearing_impaired", "visual_impaired"}),
        "webm": frozenset({"default", "forced"}),
        "mp4": frozenset({"default", "dub", "comment", "forced", "hearing_impaired", "visual_impaired"}),
    }
)
_TITLE_MUXERS = frozenset({"matroska", "webm", "mp4", "mov"})
_LANGUAGE_MUXERS = frozenset({"matroska", "webm", "mp4"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One way in which an output is not what it should be: a sentence, and the numbers behind it."""

    sentence: str
    measured: Mapping[str, Measured] = field(default_factory=dict)


def compare_inventory(plan: Plan, source: Probe, output: Probe) -> Iterator[Mismatch]:
    """Everything that is missing from, or foreign in, the output's list of streams, chapters and titles."""
    yield from _compare_counts(plan, output)
    for position, (planned, found) in enumerate(pair_streams(plan, output)):
        name = f"{planned.kind.value} stream {position}"
        yield from _compare_stream(plan.muxer, planned, found, name)
    yield from _compare_attachments(plan, source, output)
    if plan.keep_chapters and len(output.chapters) != len(source.chapters):
        yield Mismatch(
            sentence=f"The output has {len(output.chapters)} chapters, the source {len(source.chapters)}.",
            measured={"chapters": len(output.chapters), "expected_chapters": len(source.chapters)},
        )
    title = source.tags.get("title")
    if title and plan.muxer in _TITLE_MUXERS and output.tags.get("title") != title:
        yield Mismatch(sentence="The output lost the title of the source.")


def pair_streams(plan: Plan, output: Probe) -> list[tuple[StreamPlan, Stream]]:
    """Planned streams with those found for them: the first of a kind with the first of that kind, and so on."""
    found: dict[StreamKind, list[Stream]] = {}
    for stream in output.streams:
        found.setdefault(kind_of(stream), []).append(stream)
    pairs = []
    for planned in plan.output_streams:
        if queue := found.get(planned.kind):
            pairs.append((planned, queue.pop(0)))
    return pairs


def kind_of(stream: Stream) -> StreamKind:
    match stream:
        case VideoStream(is_attached_picture=True):
            return StreamKind.PICTURE
        case VideoStream():
            return StreamKind.VIDEO
        case AudioStream():
            return StreamKind.AUDIO
        case SubtitleStream():
            return StreamKind.SUBTITLE
        case AttachmentStream():
            return StreamKind.ATTACHMENT
    return StreamKind.DATA


def _compare_counts(plan: Plan, output: Probe) -> Iterator[Mismatch]:
    planned = Counter(stream.kind for stream in plan.output_streams)
    found = Counter(kind_of(stream) for stream in output.streams)
    for kind in StreamKind:
        # Muxers add data tracks of their own, for chapters say; a planned one must be there all the same.
        is_right = found[kind] >= planned[kind] if kind is StreamKind.DATA else found[kind] == planned[kind]
        if not is_right:
            yield Mismatch(
                sentence=f"The output has {found[kind]} {kind.value} streams instead of {planned[kind]}.",
                measured={f"{kind.value}_streams": found[kind], f"expected_{kind.value}_streams": planned[kind]},
            )


def _compare_stream(muxer: str, planned: StreamPlan, found: Stream, name: str) -> Iterator[Mismatch]:
    if planned.kind is not StreamKind.ATTACHMENT and planned.codec is not None:
        wanted = _normal_codec(planned.codec)
        if _normal_codec(found.codec) != wanted:
            yield Mismatch(sentence=f"In the output {name} is {found.codec} instead of {planned.codec}.")
    if muxer in _LANGUAGE_MUXERS and not _is_language_kept(planned.language, found.language):
        yield Mismatch(sentence=f"The language of {name} is {found.language} instead of {planned.language}.")
    if muxer in _TITLE_MUXERS and planned.title and found.title != planned.title:
        yield Mismatch(sentence=f"The title of {name} was lost.")
    lost = (planned.dispositions & _CARRIED_DISPOSITIONS.get(muxer, frozenset())) - found.dispositions
    added = (found.dispositions & {"forced"}) - planned.dispositions
    if lost or added:
        words = ", ".join(sorted(lost | added))
        yield Mismatch(sentence=f"The flags of {name} are not those of the plan: {words}.")
    audio = planned.audio
    if audio is not None and isinstance(found, AudioStream) and found.channels != audio.channels:
        yield Mismatch(
            sentence=f"In the output {name} has {found.channels} channels instead of {audio.channels}.",
            measured={"channels": found.channels, "expected_channels": audio.channels},
        )


def _is_language_kept(planned: str | None, found: str | None) -> bool:
    wanted = normal_language(planned)
    # Other codes than those of three letters containers replace by what they know, if by anything.
    return wanted is None or len(wanted) != 3 or normal_language(found) == wanted


def _normal_codec(codec: str) -> str:
    return _CODEC_SYNONYMS.get(codec, codec)


def _compare_attachments(plan: Plan, source: Probe, output: Probe) -> Iterator[Mismatch]:
    planned = {stream.index for stream in plan.output_streams if stream.kind is StreamKind.ATTACHMENT}
    wanted = Counter(stream.filename for stream in source.attachments if stream.index in planned)
    lost = wanted - Counter(stream.filename for stream in output.attachments)
    if lost:
        names = ", ".join(str(name) for name in lost)
        yield Mismatch(sentence=f"Attached files are missing from the output: {names}.")
