"""Finds the family that drives an encoder."""

import sys
from collections.abc import Mapping
from types import MappingProxyType

from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.media.encoders.amf import AmfFamily
from alchemist_desktop.media.encoders.base import EncoderFamily
from alchemist_desktop.media.encoders.cpu import CpuFamily
from alchemist_desktop.media.encoders.nvenc import NvencFamily
from alchemist_desktop.media.encoders.qsv import QsvFamily
from alchemist_desktop.media.encoders.vaapi import VaapiFamily
from alchemist_desktop.media.encoders.videotoolbox import VideotoolboxFamily
from alchemist_desktop.media.encoders.vulkan import VulkanFamily

FAMILIES: Mapping[Backend, EncoderFamily] = MappingProxyType(
    {
        Backend.NVENC: NvencFamily(),
        Backend.QSV: QsvFamily(),
        Backend.VAAPI: VaapiFamily(),
        Backend.AMF: AmfFamily(is_windows=sys.platform == "win32"),
        Backend.VULKAN: VulkanFamily(),
        Backend.VIDEOTOOLBOX: VideotoolboxFamily(),
        Backend.CPU: CpuFamily(),
    }
)


def family_of(encoder: Encoder) -> EncoderFamily:
    """Every backend has its family."""
    return FAMILIES[encoder.backend]
