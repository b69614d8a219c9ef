"""Plans every sound track on its own: copied where it can be, encoded where it must be or is asked to."""

from collections.abc import Sequence
from dataclasses import replace

from alchemist_desktop.domain.capability import Capabilities
from alchemist_desktop.domain.languages import normal_language
from alchemist_desktop.domain.plan import AudioEncode, StreamAction, StreamKind, StreamPlan
from alchemist_desktop.domain.planner.containers import Container
from alchemist_desktop.domain.probe import AudioStream
from alchemist_desktop.domain.profile import AudioMode, EncodingRules, StreamRules
from alchemist_desktop.domain.wording import codec_name, container_name

# The layouts an encoder takes, by number of channels; others, like 5.1(side), are refused or play badly.
_LAYOUTS = {
    "opus": {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"},
    "aac": {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "7.1", 8: "7.1"},
    "mp3": {1: "mono", 2: "stereo"},
}
_MAX_CHANNELS = {"mp3": 2}
# kbit/s for one channel, up to two, up to six, and more.
_BITRATES = {"aac": (96, 192, 384, 512), "opus": (96, 160, 256, 320), "mp3": (96, 192, 192, 192)}
_ENCODERS = {"opus": "libopus", "mp3": "libmp3lame"}
_WANTED = {AudioMode.AAC: "aac", AudioMode.AAC_STEREO: "aac", AudioMode.OPUS: "opus"}
_LOSSLESS_CODECS = frozenset({"flac", "alac"})


def plan_audio(
    audios: Sequence[AudioStream],
    rules: EncodingRules,
    capabilities: Capabilities,
    container: Container,
    *,
    applies_choices: bool,
) -> tuple[StreamPlan, ...]:
    """One plan per track. Without `applies_choices` (a remux) every track stays, and is encoded only where it must be."""
    if not applies_choices:
        return tuple(_plan_track(audio, None, rules, capabilities, container) for audio in audios)
    reasons = dropped_audio(audios, rules.stream_rules)
    wanted = _WANTED.get(rules.audio_mode)
    plans = [
        _drop(audio, reasons[audio.index])
        if audio.index in reasons
        else _plan_track(audio, wanted, rules, capabilities, container)
        for audio in audios
    ]
    return _with_default(plans, audios)


def dropped_audio(audios: Sequence[AudioStream], rules: StreamRules) -> dict[int, str]:
    """Which tracks go by the person's rules, and why; at least one stays: the default one, else the first."""
    reasons: dict[int, str] = {}
    for audio in audios:
        title = (audio.title or "").casefold()
        if any(text.strip() and text.strip().casefold() in title for text in rules.strip_audio_by_title):
            reasons[audio.index] = "its title is on the list of tracks that go"
    languages = {normal_language(language) for language in rules.keep_audio_languages}
    for audio in audios:
        language = normal_language(audio.language)
        if languages and language is not None and language not in languages:
            reasons.setdefault(audio.index, "its language is not on the list of languages that stay")
    left = [audio for audio in audios if audio.index not in reasons]
    if rules.keep_only_default_audio and not languages and left:
        kept = _default_of(left)
        reasons |= {a.index: "only the default track stays" for a in left if a is not kept}
    elif not left and audios:
        del reasons[_default_of(audios).index]
    return reasons


def _default_of(audios: Sequence[AudioStream]) -> AudioStream:
    return next((audio for audio in audios if audio.is_default), audios[0])


def _with_default(plans: Sequence[StreamPlan], audios: Sequence[AudioStream]) -> tuple[StreamPlan, ...]:
    """When the default track was left out, the first one that stays takes its place."""
    had_default = any(audio.is_default for audio in audios)
    kept = [plan for plan in plans if plan.is_in_output]
    if not had_default or not kept or any("default" in plan.dispositions for plan in kept):
        return tuple(plans)
    first = kept[0]
    return tuple(replace(p, dispositions=p.dispositions | {"default"}) if p is first else p for p in plans)


def _plan_track(
    audio: AudioStream, wanted: str | None, rules: EncodingRules, capabilities: Capabilities, container: Container
) -> StreamPlan:
    is_stereo = wanted is not None and rules.audio_mode is AudioMode.AAC_STEREO
    if not audio.codec:
        return _drop(audio, "its format is unknown")
    fits = audio.codec in container.audio
    if wanted is not None and wanted not in container.audio:
        wanted = None
    if fits and (wanted is None or (audio.codec == wanted and not (is_stereo and audio.channels > 2))):
        return _track(audio, StreamAction.COPY, container.reads_as.get(audio.codec, audio.codec))
    codec = wanted or _codec_for(audio, capabilities, container)
    encode = _encode(audio, _available(codec, capabilities, container), max_channels=2 if is_stereo else 8)
    note = None if wanted else _note(audio, encode, container)
    return replace(_track(audio, StreamAction.ENCODE, encode.codec), audio=encode, note=note)


def _codec_for(audio: AudioStream, capabilities: Capabilities, container: Container) -> str:
    """What a track that cannot be copied becomes: lossless again where the container has a lossless format."""
    lossless = container.lossless
    if audio.is_lossless and lossless in capabilities.audio_encoders and audio.channels <= 8 and lossless is not None:
        return lossless
    return container.lossy


def _available(codec: str, capabilities: Capabilities, container: Container) -> str:
    encoder = _ENCODERS.get(codec, codec)
    if encoder in capabilities.audio_encoders or encoder == "aac":
        return codec
    return "aac" if "aac" in container.audio else codec


def _encode(audio: AudioStream, codec: str, *, max_channels: int) -> AudioEncode:
    channels = min(max(audio.channels, 1), max_channels, _MAX_CHANNELS.get(codec, 8))
    layout = _LAYOUTS.get(codec, {}).get(channels)
    if codec == "aac" and channels == 7:
        channels = 8
    encoder = _ENCODERS.get(codec, codec)
    bitrate_kbps = 0 if codec in _LOSSLESS_CODECS else _bitrate_kbps(audio, codec, channels)
    return AudioEncode(encoder=encoder, codec=codec, bitrate_kbps=bitrate_kbps, channels=channels, channel_layout=layout)


def _bitrate_kbps(audio: AudioStream, codec: str, channels: int) -> int:
    mono, stereo, surround, more = _BITRATES[codec]
    kbps = mono if channels == 1 else stereo if channels == 2 else surround if channels <= 6 else more
    if audio.bitrate_bps and not audio.is_lossless:  # more bits than the source has bring nothing back
        kbps = min(kbps, max(audio.bitrate_bps // 1000, 32 * channels))
    return kbps


def _note(audio: AudioStream, encode: AudioEncode, container: Container) -> str:
    kept = " without loss" if encode.codec in _LOSSLESS_CODECS else ""
    change = f"Sound track {audio.index} ({codec_name(audio.codec)}) becomes {codec_name(encode.codec)}{kept}"
    return f"{change}: {container_name(container.muxer)} cannot hold it as it is."


def _track(audio: AudioStream, action: StreamAction, codec: str | None) -> StreamPlan:
    return StreamPlan(
        index=audio.index,
        kind=StreamKind.AUDIO,
        action=action,
        codec=codec,
        language=audio.language,
        title=audio.title,
        dispositions=audio.dispositions,
    )


def _drop(audio: AudioStream, reason: str) -> StreamPlan:
    named = audio.title or audio.language or codec_name(audio.codec) or "unnamed"
    plan = _track(audio, StreamAction.DROP, None)
    return replace(plan, note=f"Sound track {audio.index} ({named}) is left out: {reason}.")
