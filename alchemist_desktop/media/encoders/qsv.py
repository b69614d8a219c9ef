"""Intel Quick Sync: av1_qsv, hevc_qsv and h264_qsv.

`global_quality` without a bit rate is "intelligent constant quality", which every generation has, with or without the
low-power units; look-ahead rate control is not asked for, as newer chips lack it. Pictures are taken from main memory.
"""

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.plan import VideoEncode
from alchemist_desktop.domain.profile import OutputCodec, QualityProfile
from alchemist_desktop.media.encoders.base import Options
from alchemist_desktop.media.encoders.scale import bitrate, profile, scale, surface_format

_SCALES = {
    OutputCodec.AV1: scale((22, 26, 31), (1, 51), factor=51 / 63),
    OutputCodec.HEVC: scale((21, 25, 29), (1, 51)),
    OutputCodec.H264: scale((20, 23, 27), (1, 51)),
}
_PRESETS = {QualityProfile.QUALITY: "slower", QualityProfile.BALANCED: "medium", QualityProfile.SPEED: "faster"}


class QsvFamily:
    """Encoders of Intel graphics, opened over the render node, or on Windows over Intel's adapter."""

    def device_options(self, encoder: Encoder) -> tuple[str, ...]:
        if encoder.device_path is None:  # FFmpeg itself looks for the adapter of this maker
            return ("-init_hw_device", "qsv=gpu:hw_any,child_device_type=d3d11va")
        return ("-init_hw_device", f"qsv=gpu:hw_any,child_device={encoder.device_path},child_device_type=vaapi")

    def decode_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ("-hwaccel", "qsv", "-hwaccel_device", "gpu")

    def upload_filters(self, video: VideoEncode) -> tuple[str, ...]:
        return (f"format={surface_format(video)}",)

    def options(self, video: VideoEncode) -> Options:
        quality = video.quality
        return (
            ("preset", _PRESETS[quality.word]),
            *profile(video),
            *(bitrate(quality) if quality.bitrate_kbps else self._constant(video)),
            ("b_strategy", "1"),
        )

    def _constant(self, video: VideoEncode) -> Options:
        return (("global_quality", str(_SCALES[video.encoder.codec].value_for(video.quality))),)
