"""Finds the family that drives an encoder."""

from collections.abc import Mapping
from types import MappingProxyType

from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.errors import BugError
from alchemist_desktop.media.encoders.base import EncoderFamily
from alchemist_desktop.media.encoders.cpu import CpuFamily

FAMILIES: Mapping[Backend, EncoderFamily] = MappingProxyType({Backend.CPU: CpuFamily()})


def family_of(encoder: Encoder) -> EncoderFamily:
    """Raises BugError for a backend nobody can drive: such an encoder must not be offered to the planner."""
    family = FAMILIES.get(encoder.backend)
    if family is None:
        raise BugError(f"no family drives {encoder.name} ({encoder.backend})")
    return family
