"""NVIDIA's encoders: av1_nvenc, hevc_nvenc and h264_nvenc.

They take pictures from main memory. Constant quality is `vbr` with a target (`cq`) and no bit rate. B frames and the use of
references are left to the preset: naming them makes cards fail that lack one of them. HDR metadata comes with the frames.
"""

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.plan import VideoEncode
from alchemist_desktop.domain.profile import OutputCodec, QualityProfile
from alchemist_desktop.media.encoders.base import Options
from alchemist_desktop.media.encoders.scale import bitrate, profile, scale

_SCALES = {
    OutputCodec.AV1: scale((26, 31, 37), (1, 63)),
    OutputCodec.HEVC: scale((22, 26, 30), (1, 51)),
    OutputCodec.H264: scale((20, 23, 27), (1, 51)),
}
_PRESETS = {QualityProfile.QUALITY: "p7", QualityProfile.BALANCED: "p5", QualityProfile.SPEED: "p3"}
_LOOKAHEAD_FRAMES = "20"


class NvencFamily:
    """Encoders of NVIDIA cards; the card is chosen by its number."""

    def device_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ()

    def decode_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ("-hwaccel", "cuda", "-hwaccel_device", str(encoder.device_index))

    def upload_filters(self, video: VideoEncode) -> tuple[str, ...]:
        return ("format=p010le" if video.bit_depth == 10 else "format=yuv420p",)

    def options(self, video: VideoEncode) -> Options:
        quality = video.quality
        return (
            ("gpu", str(video.encoder.device_index)),
            ("preset", _PRESETS[quality.word]),
            ("tune", "hq"),
            *profile(video),
            ("rc", "vbr"),
            *(bitrate(quality) if quality.bitrate_kbps else self._constant(video)),
            ("rc-lookahead", _LOOKAHEAD_FRAMES),
            ("spatial-aq", "1"),
            # Every card that writes AV1 has this; some older ones refuse it for the other codecs.
            *((("temporal-aq", "1"),) if video.encoder.codec is OutputCodec.AV1 else ()),
            *((("multipass", "qres"),) if quality.word is QualityProfile.QUALITY else ()),
        )

    def _constant(self, video: VideoEncode) -> Options:
        value = _SCALES[video.encoder.codec].value_for(video.quality)
        return (("cq", str(value)), ("b", "0"))
