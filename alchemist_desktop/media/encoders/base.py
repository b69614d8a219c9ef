"""What every family of encoders tells the command builder."""

from typing import Protocol

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.plan import VideoEncode

Options = tuple[tuple[str, str], ...]


class EncoderFamily(Protocol):
    """How one family is driven. All methods are pure.

    Options are pairs of a name without dash or stream specifier and its value; the command builder ties them to the
    main picture. Codec, pixel format (unless `upload_filters` says otherwise), key frame interval and tags are set by the
    builder.
    """

    def device_options(self, encoder: Encoder) -> tuple[str, ...]:
        """Arguments that open the device, placed before the input."""
        ...

    def decode_options(self, encoder: Encoder) -> tuple[str, ...]:
        """Arguments that let the device decode as well; its pictures come back to main memory, where the filters work."""
        ...

    def upload_filters(self, video: VideoEncode) -> tuple[str, ...]:
        """Filters that bring software frames to the device; empty when the encoder takes them as they are."""
        ...

    def options(self, video: VideoEncode) -> Options:
        """Rate control, speed and everything else the encoder wants to know."""
        ...
