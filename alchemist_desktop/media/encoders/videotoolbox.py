"""Apple's encoders: hevc_videotoolbox and h264_videotoolbox; there is none for AV1.

Its quality runs from 0 to 100, and more is better. Constant quality needs Apple's own chips.
"""

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.plan import VideoEncode
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.media.encoders.base import Options
from alchemist_desktop.media.encoders.scale import profile, scale, surface_format

_SCALES = {
    OutputCodec.HEVC: scale((70, 62, 54), (1, 100), factor=-2, offset=112),
    OutputCodec.H264: scale((72, 65, 57), (1, 100), factor=-2, offset=111),
}


class VideotoolboxFamily:
    """Encoders of Macs; the system chooses the unit."""

    def device_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ()

    def decode_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ("-hwaccel", "videotoolbox")

    def upload_filters(self, video: VideoEncode) -> tuple[str, ...]:
        return (f"format={surface_format(video)}",)

    def options(self, video: VideoEncode) -> Options:
        quality = video.quality
        value = _SCALES[video.encoder.codec].value_for(quality)
        rate = ("b", f"{quality.bitrate_kbps}k") if quality.bitrate_kbps else ("q", str(value))
        # Without hardware the job is planned anew for a CPU encoder, which is better than Apple's.
        return (*profile(video), rate, ("allow_sw", "0"), ("realtime", "0"))
