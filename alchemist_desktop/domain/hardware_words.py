"""What FFmpeg's words about a device mean for a person: one sentence with something to do in it."""

import re

_WORDS_KEPT = 300

NO_ROOM = r"OpenEncodeSessionEx failed: (?:out of memory|incompatible client key)"

# The first rule that fits wins; what says most about the cause comes first.
_ADVICE: tuple[tuple[str, str], ...] = (
    (r"Permission denied|Operation not permitted.*renderD",
     "This user may not open the device. Add the user to the groups render and video, then log in again."),
    (r"Cannot load (?:libcuda|nvcuda)",
     "NVIDIA's driver library (libcuda) cannot be loaded. Install the driver; in a container, pass the GPU through."),
    (r"Cannot load (?:libnvidia-encode|nvEncodeAPI)",
     "The encoding part of NVIDIA's driver is missing. In a container, allow the driver capability “video”."),
    (r"Driver does not support the required nvenc API",
     "NVIDIA's driver is too old for this FFmpeg. Update the driver, or choose an older FFmpeg."),
    (NO_ROOM,
     "The card has no room for another encode. Close other programs that encode, then probe again."),
    (r"OpenEncodeSessionEx failed: (?:unsupported device|no encode device)", "This card has no video encoder."),
    (r"CUDA_ERROR_NO_DEVICE|no CUDA-capable device", "NVIDIA's driver finds no card. In a container, pass the GPU through."),
    (r"10 bit encode not supported", "This card does not encode this codec in 10 bit."),
    (r"Codec not supported|No capable devices found|No NVENC capable devices", "This card does not encode this codec."),
    (r"not supported.*(?:B.frames|lookahead|AQ)", "This card lacks a part of the encoder that the program uses."),
    (r"No VA display found|vaInitialize|Failed to initialise VAAPI",
     "The device's VAAPI driver cannot be loaded. Install intel-media-driver or mesa-va-drivers; check the rights on /dev/dri."),
    (r"No usable encoding (?:profile|entrypoint)|No support for codec|Encoding entrypoint not found",
     "The driver of this device does not encode this codec at this depth."),
    (r"MFX session|MFX implementation",
     "Intel's runtime (oneVPL, libmfx-gen or Media SDK) was not found for this device. Install it, then probe again."),
    (r"DLL \S*amf\S* failed to open|hardware device context \(AMF\)",
     "AMD's encoding runtime (AMF) is not installed. It comes with AMD's own driver; on Linux VAAPI serves as well."),
    (r"CreateComponent\(AMF\w+\) failed", "This card does not encode this codec with its present driver."),
    (r"VK_KHR_video_encode|video_encode_queue|encode queue", "The Vulkan driver of this device cannot encode video."),
    (r"cannot create compression session|VTCompressionSession", "This Mac has no encoder for this codec at this depth."),
    (r"Unknown encoder|Encoder not found", "This FFmpeg was built without the encoder. Choose another FFmpeg."),
    (r"Device creation failed|No such file or directory|Failed to set value",
     "The device cannot be opened. Check its driver and, in a container, that the device is passed through."),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), sentence) for pattern, sentence in _ADVICE)


def advise(words: str) -> str:
    """The sentence for FFmpeg's words; the first line itself when none is known."""
    for pattern, sentence in _COMPILED:
        if pattern.search(words):
            return sentence
    first = next((line.strip() for line in words.splitlines() if line.strip()), "FFmpeg ended without a word.")
    return f"The trial failed: {first[:_WORDS_KEPT]}"
