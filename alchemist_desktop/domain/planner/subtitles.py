"""Plans every subtitle on its own: copied, converted, burnt in, written beside the output, or left out with a note."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alchemist_desktop.domain.languages import normal_language
from alchemist_desktop.domain.plan import StreamAction, StreamKind, StreamPlan
from alchemist_desktop.domain.planner.containers import Container
from alchemist_desktop.domain.probe import SubtitleStream
from alchemist_desktop.domain.profile import EncodingRules, SubtitleMode
from alchemist_desktop.domain.wording import codec_name, container_name

_SIDECAR_EXTENSIONS = {"ass": "ass", "ssa": "ass", "webvtt": "vtt"}
_STYLED = frozenset({"ass", "ssa"})
_UNDECODABLE_TEXT = frozenset({"ttml"})  # FFmpeg writes it but cannot read it
_NOT_ALNUM = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtitleWish:
    """What is wanted of the subtitles here; `burn` is the one drawn into the picture, if any."""

    mode: SubtitleMode
    burn: SubtitleStream | None = None
    keep_languages: tuple[str, ...] = ()


def burn_candidate(subtitles: Sequence[SubtitleStream]) -> SubtitleStream | None:
    """The text subtitle that is burnt in: a forced one, else the default, else the first."""
    able = [s for s in subtitles if s.is_text and s.codec not in _UNDECODABLE_TEXT]
    return max(able, key=lambda s: (s.is_forced, s.is_default, -s.index), default=None)


def plan_subtitles(subtitles: Sequence[SubtitleStream], wish: SubtitleWish, container: Container) -> tuple[StreamPlan, ...]:
    """One plan per subtitle stream."""
    names: Counter[str] = Counter()
    return tuple(_plan_one(subtitle, wish, container, names) for subtitle in subtitles)


def wish_for(rules: EncodingRules, burn: SubtitleStream | None) -> SubtitleWish:
    return SubtitleWish(mode=rules.subtitle_mode, burn=burn, keep_languages=rules.stream_rules.keep_subtitle_languages)


def _plan_one(subtitle: SubtitleStream, wish: SubtitleWish, container: Container, names: Counter[str]) -> StreamPlan:
    if subtitle is wish.burn:
        return _stream(subtitle, StreamAction.BURN, note=f"{_named(subtitle)} is drawn into the picture.")
    if wish.mode is SubtitleMode.NONE:
        return _drop(subtitle, "subtitles are not wanted")
    if _is_unwanted(subtitle, wish.keep_languages):
        return _drop(subtitle, "its language is not on the list of languages that stay")
    is_readable = subtitle.is_text and subtitle.codec not in _UNDECODABLE_TEXT
    if wish.mode is SubtitleMode.EXTRACT and is_readable:
        suffix = _sidecar_suffix(subtitle, names)
        note = f"{_named(subtitle)} is written to a file of its own ({suffix})."
        return _stream(subtitle, StreamAction.EXTRACT, sidecar=suffix, note=note)
    kept = _keep(subtitle, container)
    if wish.mode is SubtitleMode.EXTRACT and kept.is_in_output:
        return replace(kept, note=f"{_named(subtitle)} stays in the file: only text can be written beside it.")
    if wish.mode is SubtitleMode.BURN and wish.burn is None and kept.is_in_output and kept.note is None:
        return replace(kept, note=f"{_named(subtitle)} stays in the file: it cannot be drawn into the picture.")
    return kept


def _is_unwanted(subtitle: SubtitleStream, languages: tuple[str, ...]) -> bool:
    language = normal_language(subtitle.language)
    return bool(languages) and language is not None and language not in {normal_language(word) for word in languages}


def _keep(subtitle: SubtitleStream, container: Container) -> StreamPlan:
    if subtitle.codec in container.subtitles:
        return _stream(subtitle, StreamAction.COPY, codec=subtitle.codec)
    target = container.subtitle_text
    if target is None or not subtitle.is_text or subtitle.codec in _UNDECODABLE_TEXT:
        return _drop(subtitle, f"{container_name(container.muxer)} cannot hold {codec_name(subtitle.codec) or 'this format'}")
    lost = " and loses its styling" if subtitle.codec in _STYLED else ""
    return _stream(subtitle, StreamAction.CONVERT, codec=target, note=f"{_named(subtitle)} becomes {codec_name(target)}{lost}.")


def _sidecar_suffix(subtitle: SubtitleStream, names: Counter[str]) -> str:
    """`.eng.srt`, and `.eng.2.srt` for the next one of the same name."""
    language = _NOT_ALNUM.sub("_", (subtitle.language or "und").lower()).strip("_") or "und"
    extension = _SIDECAR_EXTENSIONS.get(subtitle.codec, "srt")
    names[f"{language}.{extension}"] += 1
    count = names[f"{language}.{extension}"]
    return f".{language}.{extension}" if count == 1 else f".{language}.{count}.{extension}"


def _named(subtitle: SubtitleStream) -> str:
    words = ", ".join(word for word in (subtitle.title, subtitle.language, codec_name(subtitle.codec)) if word)
    return f"Subtitle {subtitle.index} ({words})" if words else f"Subtitle {subtitle.index}"


def _stream(
    subtitle: SubtitleStream,
    action: StreamAction,
    *,
    codec: str | None = None,
    sidecar: str | None = None,
    note: str | None = None,
) -> StreamPlan:
    return StreamPlan(
        index=subtitle.index,
        kind=StreamKind.SUBTITLE,
        action=action,
        codec=codec,
        language=subtitle.language,
        title=subtitle.title,
        dispositions=subtitle.dispositions,
        sidecar=sidecar,
        note=note,
    )


def _drop(subtitle: SubtitleStream, reason: str) -> StreamPlan:
    return _stream(subtitle, StreamAction.DROP, note=f"{_named(subtitle)} is left out: {reason}.")
