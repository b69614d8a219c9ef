"""How many bits the picture of a file really costs, and how sure that is."""

from dataclasses import dataclass

from alchemist_desktop.domain.probe import AudioStream, Probe, VideoStream
from alchemist_desktop.domain.profile import EncodingRules, OutputCodec

# Below the threshold times this, a file is left alone only if its bit rate was measured or is clearly low: an estimate
# must be further below to stand for a measurement.
ESTIMATE_FACTOR = 0.8
_UHD_PIXELS = 5_000_000  # 3840x1608 is still UHD
_HD_PIXELS = 1_400_000  # 1920x800 and 1440x1080 are still HD
_TYPICAL_KBPS_PER_CHANNEL = 80
# Formats that leave much to gain are worth encoding at a lower density already.
_SOURCE_FACTORS = {"mpeg1video": 0.5, "mpeg2video": 0.5, "mpeg4": 0.5, "msmpeg4v3": 0.5, "vc1": 0.6, "wmv3": 0.6, "h264": 0.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """The bit rate of the picture with its provenance, and the bits per pixel; None where the file does not tell.

    `normalized_bpp` allows for large pictures needing fewer bits per pixel.
    """

    video_bps: float | None
    is_measured: bool
    bpp: float | None
    normalized_bpp: float | None

    @property
    def provenance(self) -> str:
        if self.video_bps is None:
            return "unknown"
        return "measured" if self.is_measured else "estimated"


def duration_of(probe: Probe) -> float | None:
    """The length of the file, by whoever knows it."""
    video = probe.main_video
    known = (probe.duration_s, video.duration_s if video else None, probe.last_packet_s)
    return next((seconds for seconds in known if seconds is not None and seconds > 0), None)


def measure_density(probe: Probe, video: VideoStream) -> Density:
    """The density of the main picture: its own bit rate, else the container's without the sound."""
    is_measured = bool(video.bitrate_bps)
    video_bps = float(video.bitrate_bps) if video.bitrate_bps else _estimated_video_bps(probe)
    pixels = video.width * video.height
    if video_bps is None or video.fps <= 0 or pixels <= 0:
        return Density(video_bps=video_bps, is_measured=is_measured, bpp=None, normalized_bpp=None)
    bpp = video_bps / (pixels * video.fps)
    return Density(video_bps=video_bps, is_measured=is_measured, bpp=bpp, normalized_bpp=bpp * _resolution_factor(pixels))


def bpp_threshold(rules: EncodingRules, source_codec: str, target: OutputCodec, density: Density) -> float:
    """The normalized bits per pixel from which encoding pays off."""
    confidence = 1.0 if density.is_measured else ESTIMATE_FACTOR
    gain = 0.7 if target is OutputCodec.AV1 else 1.0
    return rules.min_bpp_threshold * confidence * gain * _SOURCE_FACTORS.get(source_codec, 1.0)


def _resolution_factor(pixels: int) -> float:
    if pixels >= _UHD_PIXELS:
        return 0.6
    return 0.8 if pixels >= _HD_PIXELS else 1.0


def _estimated_video_bps(probe: Probe) -> float | None:
    total_bps: float | None = probe.bitrate_bps
    duration_s = duration_of(probe)
    if not total_bps and duration_s:
        total_bps = probe.stamp.size_bytes * 8 / duration_s
    if not total_bps:
        return None
    sound_bps = sum(_audio_bps(audio) for audio in probe.audios)
    # Guessed sound may add up to more than there is; some of it is picture all the same.
    return max(total_bps - sound_bps, total_bps * 0.1)


def _audio_bps(audio: AudioStream) -> float:
    if audio.bitrate_bps:
        return audio.bitrate_bps
    channels = max(audio.channels, 1)
    if audio.is_lossless:
        return (audio.sample_rate_hz or 48_000) * channels * 14  # 24 bit, packed without loss
    return channels * _TYPICAL_KBPS_PER_CHANNEL * 1000
