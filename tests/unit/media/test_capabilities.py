from alchemist_desktop.domain.capability import FfmpegInfo, Vendor
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.media.capabilities import cpu_capabilities
from alchemist_desktop.media.ffmpeg import find_ffmpeg


def _info(*encoders: str, filters: tuple[str, ...] = ()) -> FfmpegInfo:
    return FfmpegInfo(path="ffmpeg", version="ffmpeg version 9", encoders=frozenset(encoders), filters=frozenset(filters))


def test_encoders_come_best_first_whatever_order_ffmpeg_lists_them_in() -> None:
    found = cpu_capabilities(_info("libaom-av1", "libx264", "libsvtav1", "libx265"))
    assert [encoder.name for encoder in found.encoders] == ["libsvtav1", "libx265", "libx264", "libaom-av1"]
    assert [encoder.name for encoder in found.encoders if encoder.codec is OutputCodec.AV1] == ["libsvtav1", "libaom-av1"]
    assert found.vendor is Vendor.CPU


def test_only_what_is_built_in_counts() -> None:
    found = cpu_capabilities(_info("libx264", "aac", "hevc_nvenc", filters=("scale",)))
    assert [encoder.name for encoder in found.encoders] == ["libx264"]
    assert (found.audio_encoders, found.filters, found.has_libvmaf) == (frozenset({"aac"}), frozenset({"scale"}), False)


def test_vmaf_is_a_filter() -> None:
    assert cpu_capabilities(_info(filters=("libvmaf",))).has_libvmaf


def test_the_ffmpeg_that_came_along_can_encode_every_codec() -> None:
    found = cpu_capabilities(find_ffmpeg(None))
    assert {encoder.codec for encoder in found.encoders} == set(OutputCodec)
    assert {"aac", "libopus"} <= found.audio_encoders
