"""Vulkan video, the interface all makers share: av1_vulkan, hevc_vulkan and h264_vulkan.

The device is derived from the card's own interface, as a bare number would count the software renderer too.
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
_RENDER_NODES = "/dev/dri/"


class VulkanFamily:
    """Encoders of any card with Vulkan video; pictures are uploaded to it."""

    def device_options(self, encoder: Encoder) -> tuple[str, ...]:
        path = encoder.device_path or ""
        base = f"drm=card:{path}" if path.startswith(_RENDER_NODES) else f"cuda=card:{encoder.device_index}"
        return ("-init_hw_device", base, "-init_hw_device", "vulkan=gpu@card", "-filter_hw_device", "gpu")

    def decode_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ("-hwaccel", "vulkan", "-hwaccel_device", "gpu")

    def upload_filters(self, video: VideoEncode) -> tuple[str, ...]:
        return (f"format={surface_format(video)}", "hwupload")

    def options(self, video: VideoEncode) -> Options:
        shared = (("usage", "transcode"), ("tune", "hq"), *profile(video))
        if video.quality.bitrate_kbps:
            return (*shared, ("rc_mode", "vbr"), *bitrate(video.quality))
        value = _SCALES[video.encoder.codec].value_for(video.quality)
        return (*shared, ("rc_mode", "cqp"), ("qp", str(value)))
