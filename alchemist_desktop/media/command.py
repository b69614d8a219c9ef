"""Spells a plan as FFmpeg's argument list; pure."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from alchemist_desktop.domain.languages import normal_language
from alchemist_desktop.domain.plan import AudioEncode, Plan, StreamAction, StreamKind, StreamPlan, VideoEncode
from alchemist_desktop.domain.probe import Probe, Stream, VideoStream
from alchemist_desktop.media.encoders.families import family_of
from alchemist_desktop.media.sources import source_options, source_url

NO_PATHS: Mapping[int, str] = MappingProxyType({})
_MOV_FAMILY = frozenset({"mp4", "mov"})
_ANY_LANGUAGE = frozenset({"matroska", "webm"})
# MOV knows languages by a fixed list, which has only one of the two codes these have.
_MOV_LANGUAGES = {
    "fre": "fra", "deu": "ger", "nld": "dut", "ell": "gre", "isl": "ice", "zho": "chi", "sqi": "alb", "rum": "ron",
    "cze": "ces", "slo": "slk", "mkd": "mac",
}  # fmt: skip
_TEXT_ENCODERS = {"subrip": "srt", "mov_text": "mov_text", "webvtt": "webvtt"}
_SIDECAR_FORMATS = {"ass": ("ass", "ass"), "vtt": ("webvtt", "webvtt"), "srt": ("srt", "srt")}
_PICTURE_TYPES = {"mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png"), "gif": ("gif", "image/gif")}
_DISPOSITIONS = frozenset(
    {
        "default", "dub", "original", "comment", "lyrics", "karaoke", "forced", "hearing_impaired", "visual_impaired",
        "clean_effects", "captions", "descriptions", "dependent", "non_diegetic",
    }
)  # fmt: skip
# Measurements of the source's tracks that some muxers write; on an encoded track they would be lies.
_STATISTICS = ("BPS", "DURATION", "NUMBER_OF_BYTES", "NUMBER_OF_FRAMES", "_STATISTICS_")
_BRAND_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
_COMMON_TAGS = _BRAND_TAGS | {
    "title", "artist", "album", "album_artist", "composer", "comment", "genre", "date", "copyright", "description",
    "synopsis", "show", "episode_id", "network", "creation_time",
}  # fmt: skip


def build_command(
    ffmpeg: str,
    plan: Plan,
    probe: Probe,
    *,
    output: str,
    sidecars: Mapping[int, str] = NO_PATHS,
    pictures: Mapping[int, str] = NO_PATHS,
    log_level: str = "warning",
) -> list[str]:
    """The arguments that carry out `plan`.

    `sidecars` gives the path for each stream the plan extracts, by source index; those without a path are not written.
    `pictures` gives, for the streams `pictures_to_extract` names, the files made by `build_picture_command`; without a
    file the picture is left out. FFmpeg's standard input must stay open: it is asked to stop by `q`.
    """
    sources = {stream.index: stream for stream in probe.streams}
    attached = {stream.index for stream in pictures_to_extract(plan)}
    mapped = [stream for stream in plan.output_streams if stream.index not in attached]
    argv = [ffmpeg, *_head(plan, probe, log_level)]
    for stream in mapped:
        argv += ["-map", f"0:{stream.index}"]
    for position, stream in enumerate(mapped):
        argv += _stream_options(position, stream, sources[stream.index], plan)
    argv += _attach(plan, pictures, first=len(mapped))
    argv += ["-map_metadata", "0", "-map_chapters", "0" if plan.keep_chapters else "-1"]
    argv += _muxer_options(plan, probe)
    argv += ["-max_muxing_queue_size", "9999", "-f", plan.muxer, source_url(output)]
    for stream in plan.streams:
        if stream.action is StreamAction.EXTRACT and stream.index in sidecars:
            argv += _sidecar(stream, sidecars[stream.index])
    return argv


def pictures_to_extract(plan: Plan) -> tuple[StreamPlan, ...]:
    """Cover pictures that this muxer keeps as attached files, which FFmpeg can only read from files of their own."""
    if plan.muxer != "matroska":
        return ()
    return tuple(stream for stream in plan.output_streams if stream.kind is StreamKind.PICTURE)


def build_picture_command(ffmpeg: str, probe: Probe, pictures: Mapping[int, str]) -> list[str]:
    """The arguments that write cover pictures, by source index, to the given paths; run it before the plan's command."""
    argv = [ffmpeg, "-hide_banner", "-v", "warning", "-nostdin", "-y", *source_options(probe.path)]
    for index, path in pictures.items():
        argv += ["-map", f"0:{index}", "-c", "copy", "-frames:v", "1", "-f", "image2pipe", source_url(path)]
    return argv


def _head(plan: Plan, probe: Probe, log_level: str) -> list[str]:
    argv = ["-hide_banner", "-v", log_level, "-nostats", "-progress", "pipe:1", "-stats_period", "0.5", "-y"]
    if plan.video is not None:
        family = family_of(plan.video.encoder)
        argv += family.device_options(plan.video.encoder)
        if plan.video.hardware_decode:
            argv += family.decode_options(plan.video.encoder)
        if plan.video.threads > 0:
            argv += ["-threads", str(plan.video.threads)]
    if probe.container == "avi":  # AVI has no presentation times, which other containers ask for
        argv += ["-fflags", "+genpts"]
    return [*argv, *source_options(probe.path)]


def _stream_options(position: int, stream: StreamPlan, source: Stream, plan: Plan) -> list[str]:
    argv = _codec_options(position, stream, source, plan)
    if stream.kind is not StreamKind.ATTACHMENT:
        argv += [f"-disposition:{position}", _disposition(stream)]
    if stream.language:
        argv += [f"-metadata:s:{position}", f"language={_language(stream.language, plan.muxer)}"]
    if stream.title:
        # MP4 and MOV have no titles of tracks; players show the name of the handler instead.
        key = "handler_name" if plan.muxer in _MOV_FAMILY else "title"
        argv += [f"-metadata:s:{position}", f"{key}={stream.title}"]
    if stream.action is not StreamAction.COPY:
        for name in _stale_tags(source):
            argv += [f"-metadata:s:{position}", f"{name}="]
    return argv


def _language(code: str, muxer: str) -> str:
    """Matroska stores any code, other containers those of three letters only."""
    if muxer in _ANY_LANGUAGE:
        return code
    language = code if len(code) == 3 else normal_language(code) or code
    return _MOV_LANGUAGES.get(language, language) if muxer == "mov" else language


def _codec_options(position: int, stream: StreamPlan, source: Stream, plan: Plan) -> list[str]:
    if stream.action is StreamAction.ENCODE and stream.audio is not None:
        return _audio_options(position, stream.audio)
    if stream.action is StreamAction.ENCODE and plan.video is not None and isinstance(source, VideoStream):
        return _video_options(position, plan.video, source, plan.muxer)
    if stream.action is StreamAction.CONVERT:
        return [f"-c:{position}", _TEXT_ENCODERS[stream.codec or "subrip"]]
    argv = [f"-c:{position}", "copy", *_tag(position, stream.codec, plan.muxer)]
    if plan.muxer == "avi" and stream.codec == "h264":  # as other containers store it, AVI's muxer refuses it
        argv += [f"-bsf:{position}", "h264_mp4toannexb"]
    return argv


def _video_options(position: int, video: VideoEncode, source: VideoStream, muxer: str) -> list[str]:
    family = family_of(video.encoder)
    uploads = family.upload_filters(video)
    argv = [f"-c:{position}", video.encoder.name]
    for name, value in family.options(video):
        argv += [f"-{name}:{position}", value]
    argv += [f"-g:{position}", str(_keyframe_interval(video, source))]
    chain = (*video.filters, *uploads)
    if chain:
        argv += [f"-filter:{position}", ",".join(chain)]
    if not uploads:
        argv += [f"-pix_fmt:{position}", video.pixel_format]
    if muxer != "avi":  # every frame keeps its own time; AVI alone knows only a fixed rate
        argv += [f"-fps_mode:{position}", "passthrough", f"-enc_time_base:{position}", "demux"]
    return argv + _tag(position, video.encoder.codec.value, muxer)


def _keyframe_interval(video: VideoEncode, source: VideoStream) -> int:
    return max(round((source.fps or 25.0) * video.keyframe_interval_s), 1)


def _audio_options(position: int, audio: AudioEncode) -> list[str]:
    argv = [f"-c:{position}", audio.encoder]
    if audio.bitrate_kbps:
        argv += [f"-b:{position}", f"{audio.bitrate_kbps}k"]
    if audio.channel_layout:
        return [*argv, f"-filter:{position}", f"aformat=channel_layouts={audio.channel_layout}"]
    return [*argv, f"-ac:{position}", str(audio.channels)]


def _tag(position: int, codec: str | None, muxer: str) -> list[str]:
    """Apple's players take HEVC only under this tag."""
    return [f"-tag:{position}", "hvc1"] if codec == "hevc" and muxer in _MOV_FAMILY else []


def _disposition(stream: StreamPlan) -> str:
    """Stated for every stream: left to itself FFmpeg makes the first one of a kind the default."""
    flags = sorted(stream.dispositions & _DISPOSITIONS)
    if stream.kind is StreamKind.PICTURE:
        flags.append("attached_pic")
    return "+".join(flags) or "0"


def _stale_tags(source: Stream) -> list[str]:
    return sorted(name for name in source.tags if name.upper().startswith(_STATISTICS))


def _attach(plan: Plan, pictures: Mapping[int, str], *, first: int) -> list[str]:
    argv: list[str] = []
    given = [stream for stream in pictures_to_extract(plan) if stream.index in pictures]
    for count, stream in enumerate(given):
        extension, mimetype = _PICTURE_TYPES[stream.codec or "mjpeg"]
        name = f"cover.{extension}" if count == 0 else f"cover_{count + 1}.{extension}"
        argv += ["-attach", source_url(pictures[stream.index])]
        argv += [f"-metadata:s:{first + count}", f"mimetype={mimetype}"]
        argv += [f"-metadata:s:{first + count}", f"filename={name}"]
    return argv


def _muxer_options(plan: Plan, probe: Probe) -> list[str]:
    if plan.muxer in _MOV_FAMILY:
        # Without these tags' own atom only common tags are kept; with it, cover pictures are not.
        has_picture = any(stream.kind is StreamKind.PICTURE for stream in plan.output_streams)
        keeps_all = not has_picture and _has_rare_tags(probe.tags)
        flags = "+faststart+use_metadata_tags" if keeps_all else "+faststart"
        # A timecode track would be one that no plan lists; the start value stays as a tag.
        return ["-movflags", flags, "-write_tmcd", "0"]
    argv: list[str] = []
    for name in sorted(name for name in probe.tags if name.lower() in _BRAND_TAGS):
        argv += ["-metadata", f"{name}="]  # they describe the old container
    return argv


def _has_rare_tags(names: Iterable[str]) -> bool:
    return any(name.lower() not in _COMMON_TAGS for name in names)


def _sidecar(stream: StreamPlan, path: str) -> list[str]:
    extension = (stream.sidecar or ".srt").rsplit(".", 1)[-1]
    encoder, muxer = _SIDECAR_FORMATS[extension]
    return ["-map", f"0:{stream.index}", "-c:0", encoder, "-f", muxer, source_url(path)]
