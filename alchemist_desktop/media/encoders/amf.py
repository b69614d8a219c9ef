"""AMD's encoders: av1_amf, hevc_amf and h264_amf.

Constant quantizers for each kind of frame: the modes that aim at a quality need a bit rate too and differ by generation.
"""

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.plan import VideoEncode
from alchemist_desktop.domain.profile import OutputCodec, QualityProfile
from alchemist_desktop.media.encoders.base import Options
from alchemist_desktop.media.encoders.scale import Scale, bitrate, profile, scale, surface_format

_SCALES: dict[OutputCodec, Scale] = {
    OutputCodec.AV1: scale((96, 120, 148), (1, 255), factor=4),
    OutputCodec.HEVC: scale((22, 25, 29), (1, 51)),
    OutputCodec.H264: scale((20, 23, 27), (1, 51)),
}
_SPEEDS = {QualityProfile.QUALITY: "quality", QualityProfile.BALANCED: "balanced", QualityProfile.SPEED: "speed"}
_FRAME_KINDS = {
    OutputCodec.AV1: ("qp_i", "qp_p", "qp_b"),
    OutputCodec.HEVC: ("qp_i", "qp_p"),  # writes no B frames
    OutputCodec.H264: ("qp_i", "qp_p", "qp_b"),
}
# What a B frame may lose against the others, about two steps of the 0..51 scale.
_B_FRAME_LOSS = {OutputCodec.AV1: 12, OutputCodec.H264: 2}


class AmfFamily:
    """Encoders of AMD cards; on Windows the adapter is named by its maker, elsewhere the driver chooses."""

    def __init__(self, *, is_windows: bool) -> None:
        self._is_windows = is_windows

    def device_options(self, encoder: Encoder) -> tuple[str, ...]:
        if self._is_windows:
            return ("-init_hw_device", "d3d11va=adapter:,vendor_id=0x1002", "-init_hw_device", "amf=gpu@adapter")
        return ("-init_hw_device", "amf=gpu")

    def decode_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ("-hwaccel", "amf", "-hwaccel_device", "gpu")

    def upload_filters(self, video: VideoEncode) -> tuple[str, ...]:
        return (f"format={surface_format(video)}",)

    def options(self, video: VideoEncode) -> Options:
        quality, codec = video.quality, video.encoder.codec
        rate = (("rc", "vbr_peak"), *bitrate(quality)) if quality.bitrate_kbps else self._constant(video)
        depth = (("bitdepth", str(video.bit_depth)),) if codec is not OutputCodec.H264 else ()
        return (("usage", "transcoding"), ("quality", _SPEEDS[quality.word]), *profile(video), *depth, *rate)

    def _constant(self, video: VideoEncode) -> Options:
        codec = video.encoder.codec
        value, most = _SCALES[codec].value_for(video.quality), _SCALES[codec].bounds[1]
        by_kind = {"qp_b": min(value + _B_FRAME_LOSS.get(codec, 0), most)}
        return (("rc", "cqp"), *((kind, str(by_kind.get(kind, value))) for kind in _FRAME_KINDS[codec]))
