"""VAAPI, Linux's own interface to Intel and AMD graphics: av1_vaapi, hevc_vaapi and h264_vaapi.

Constant quantizers work on every driver; the driver's other modes come and go with the chip. The scale of AV1 is the
format's own index, 0..255. Static HDR metadata is taken from the frames.
"""

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.plan import VideoEncode
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.media.encoders.base import Options
from alchemist_desktop.media.encoders.scale import bitrate, profile, scale, surface_format

_SCALES = {
    OutputCodec.AV1: scale((96, 120, 148), (1, 255), factor=4),
    OutputCodec.HEVC: scale((22, 25, 29), (1, 51)),
    OutputCodec.H264: scale((20, 23, 27), (1, 51)),
}


class VaapiFamily:
    """Encoders behind a render node; pictures are uploaded to it."""

    def device_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ("-init_hw_device", f"vaapi=gpu:{encoder.device_path or ''}", "-filter_hw_device", "gpu")

    def decode_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ("-hwaccel", "vaapi", "-hwaccel_device", "gpu")

    def upload_filters(self, video: VideoEncode) -> tuple[str, ...]:
        return (f"format={surface_format(video)}", "hwupload")

    def options(self, video: VideoEncode) -> Options:
        quality = video.quality
        if quality.bitrate_kbps:
            return (*profile(video), ("rc_mode", "VBR"), *bitrate(quality), ("bf", "2"))
        # av1_vaapi knows the quantizer only under the general name.
        name = "global_quality" if video.encoder.codec is OutputCodec.AV1 else "qp"
        value = _SCALES[video.encoder.codec].value_for(quality)
        return (*profile(video), ("rc_mode", "CQP"), (name, str(value)), ("bf", "2"))
