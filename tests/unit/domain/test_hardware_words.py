"""What FFmpeg says of devices, as it really says it, and what a person is told."""

import pytest

from alchemist_desktop.domain.failures import explain_ffmpeg_failure
from alchemist_desktop.domain.hardware_words import advise

_GENERIC = (
    "\n[vost#0:0/hevc @ 0x5629b9] Error while opening encoder - maybe incorrect parameters such as bit_rate, rate, width or height."
    "\nConversion failed!"
)
# FFmpeg's words, the code of a failed job, and what a person is to read.
CASES = [
    ("[hevc_nvenc @ 0x5629b9041540] Cannot load libcuda.so.1", "hardware_backend_failure", "driver library"),
    ("[hevc_nvenc @ 0x5] Cannot load libnvidia-encode.so.1", "hardware_backend_failure", "capability “video”"),
    ("[hevc_nvenc @ 0x5] Driver does not support the required nvenc API version. Required: 13.0 Found: 12.1",
     "hardware_backend_failure", "too old"),
    ("[h264_nvenc @ 0x5] OpenEncodeSessionEx failed: out of memory (10): (no details)", "nvenc_resource_exhausted", "no room"),
    ("[h264_nvenc @ 0x5] OpenEncodeSessionEx failed: incompatible client key (21): (no details)", "nvenc_resource_exhausted", "no room"),
    ("[h264_nvenc @ 0x5] OpenEncodeSessionEx failed: unsupported device (2): (no details)", "hardware_backend_failure", "no video encoder"),
    ("[av1_nvenc @ 0x5] Codec not supported\n[av1_nvenc @ 0x5] No capable devices found", "hardware_backend_failure", "does not encode this codec"),
    ("[hevc_nvenc @ 0x5] EncodePicture failed!: device not exist (4): (no details)", "hardware_backend_failure", "EncodePicture failed"),
    ("[VAAPI @ 0x561fb4] No VA display found for device /dev/dri/renderD128.\nDevice creation failed: -22.",
     "hardware_backend_failure", "mesa-va-drivers"),
    ("[hevc_vaapi @ 0x5] No usable encoding profile found.", "hardware_backend_failure", "does not encode this codec at this depth"),
    ("[hevc_vaapi @ 0x5] Failed to end picture encode issue: 24 (internal encoding error).", "hardware_backend_failure", "Failed to end"),
    ("[hevc_qsv @ 0x55f64a2ca440] Error creating a MFX session: -9.", "hardware_backend_failure", "oneVPL"),
    ("[hevc_qsv @ 0x5] Error during encoding: device failed (-17)", "hardware_backend_failure", "device failed"),
    ("[AMF @ 0x7f2ff8] DLL libamfrt64.so.1 failed to open\n[hevc_amf @ 0x5] Failed to create  hardware device context (AMF) : Unknown",
     "hardware_backend_failure", "AMF"),
    ("[hevc_amf @ 0x5] SubmitInput() failed with error 1", "hardware_backend_failure", "SubmitInput"),
    ("[hevc_vulkan @ 0x55b54e] Device does not support the VK_KHR_video_encode_queue extension!", "hardware_backend_failure",
     "Vulkan driver of this device cannot encode"),
    ("[hevc_videotoolbox @ 0x7] Error: cannot create compression session: -12908", "videotoolbox_session_failure", "This Mac has no encoder"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code", "told"), CASES, ids=lambda value: str(value)[:40])
def test_every_failure_has_its_code_and_its_sentence(words: str, code: str, told: str) -> None:
    explanation = explain_ffmpeg_failure(words + _GENERIC, argv=["-c:0", "hevc_vaapi"])
    assert explanation.code == code
    assert told in advise(words + _GENERIC)
    assert "maybe incorrect parameters" not in explanation.detail


def test_rights_come_before_everything_that_follows_from_them() -> None:
    words = "/dev/dri/renderD128: Permission denied\n[VAAPI @ 0x5] No VA display found for device /dev/dri/renderD128."
    assert "groups render and video" in advise(words)


def test_silence_is_told_too() -> None:
    assert advise("") == "The trial failed: FFmpeg ended without a word."
