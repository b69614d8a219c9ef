"""A program that poses as FFmpeg on a machine with graphics cards.

It hands everything to the real FFmpeg, except encodes by the hardware encoders it poses as: those it does with a CPU encoder
of the same codec, or fails in FFmpeg's own words. It is told what to do by a JSON file, which tests may rewrite at any time:

    {"cards": {"0": ["av1", "hevc", "h264"], "1": ["hevc", "h264"]},   NVENC by card number; a missing card does not exist
     "nodes": {"/dev/dri/renderD128": ["hevc"]},                       VAAPI and QSV by render node
     "eight_bit_only": ["1"],                                          cards and nodes that refuse 10 bit
     "mode": {"0": "lost", "1:av1_nvenc": "refuse"}}                   what goes wrong in real jobs, by card or node

Modes: `lost` (works at first, then the card falls off the bus), `sessions` (no room for another encode), `hang` (stops moving,
ignores requests), `half` (ends with 0 after half of the file), `refuse` (cannot be opened). Trials of a detection never meet
a mode unless `"trials_too": true`. Every run of an encode is noted, one JSON line each, in `<config>.log`.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_ENCODER = re.compile(r"^(av1|hevc|h264)_(nvenc|qsv|vaapi|amf|vulkan)$")
_CPU = {
    "av1": ["libsvtav1", "-preset:0", "12", "-crf:0", "45"],
    "hevc": ["libx265", "-preset:0", "ultrafast", "-x265-params:0", "log-level=error"],
    "h264": ["libx264", "-preset:0", "ultrafast"],
}
# Options of the stream that the CPU encoders take as well.
_KEPT = {"-g:0", "-fps_mode:0", "-enc_time_base:0", "-disposition:0", "-tag:0"}
_GENERIC = (
    "[vost#0:0/{name} @ 0x55d0c0] [enc:{name} @ 0x55d0c1] Error while opening encoder - maybe incorrect parameters such as"
    " bit_rate, rate, width or height.\n[vf#0:0 @ 0x55d0c2] Error sending frames to consumers: Invalid argument\nConversion failed!"
)


def install(folder: Path, ffmpeg: str, config: dict[str, Any]) -> str:
    """Put a launcher into `folder` that poses as `ffmpeg` on a machine as `config` says; returns its path."""
    configure(folder, config)
    launcher = folder / "gpu-ffmpeg"
    launcher.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{__file__}' '{folder / 'gpu.json'}' '{ffmpeg}' \"$@\"\n")
    launcher.chmod(0o755)
    return str(launcher)


def configure(folder: Path, config: dict[str, Any]) -> None:
    """What the machine is like from now on."""
    fresh = folder / "gpu.json.new"
    fresh.write_text(json.dumps(config))
    fresh.replace(folder / "gpu.json")


def runs(folder: Path) -> list[dict[str, Any]]:
    """The encodes by hardware so far: encoder, device and whether it was a trial."""
    log = folder / "gpu.json.log"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def main(config_path: str, ffmpeg: str, argv: list[str]) -> int:
    name = next((word for word in argv if _ENCODER.match(word)), None)
    if name is None or "-h" in argv:
        os.execv(ffmpeg, [ffmpeg, *argv])
    config = json.loads(Path(config_path).read_text())
    is_trial = argv[argv.index("-v") + 1] == "error"
    device = _device(name, argv)
    with Path(f"{config_path}.log").open("a") as log:
        log.write(json.dumps({"encoder": name, "device": device, "is_trial": is_trial}) + "\n")
    refusal = _refusal(name, device, argv, config)
    modes = config.get("mode", {}) if not is_trial or config.get("trials_too") else {}
    mode = modes.get(f"{device}:{name}") or modes.get(device)
    if refusal is None and mode in {"sessions", "refuse"}:
        refusal = _mode_refusal(name, mode)
    if refusal is not None:
        sys.stderr.write(refusal + "\n" + _GENERIC.format(name=name) + "\n")
        return 187
    return _encode(ffmpeg, name, argv, mode)


def _device(name: str, argv: list[str]) -> str:
    if name.endswith("_nvenc"):
        return argv[argv.index("-gpu:0") + 1]
    opened = " ".join(argv)
    node = re.search(r"/dev/dri/renderD\d+", opened)
    return node[0] if node else "0"


def _refusal(name: str, device: str, argv: list[str], config: dict[str, Any]) -> str | None:
    """FFmpeg's words when this machine has no such device, codec or depth."""
    codec, _, backend = name.partition("_")
    wants_10bit = "p010le" in " ".join(argv)
    known = config.get("cards" if backend == "nvenc" else "nodes", {})
    if backend not in {"nvenc", "vaapi", "qsv"}:
        return {
            "amf": "[AMF @ 0x7fd8e8] DLL libamfrt64.so.1 failed to open",
            "vulkan": f"[{name} @ 0x563b] Device does not support the VK_KHR_video_encode_queue extension!",
        }[backend]
    if not known.get(device):
        return {
            "nvenc": f"[{name} @ 0x55d0] dl_fn->cuda_dl->cuInit(0) failed -> CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected",
            "vaapi": f"[VAAPI @ 0x55d0] No VA display found for device {device}.\nDevice creation failed: -22.",
            "qsv": f"[{name} @ 0x55d0] Error creating a MFX session: -9.",
        }[backend]
    if codec not in known[device]:
        if backend == "nvenc":
            return f"[{name} @ 0x55d0] Codec not supported\n[{name} @ 0x55d0] No capable devices found"
        return f"[{name} @ 0x55d0] No usable encoding profile found."
    if wants_10bit and device in config.get("eight_bit_only", []):
        return f"[{name} @ 0x55d0] 10 bit encode not supported\n[{name} @ 0x55d0] No capable devices found"
    return None


def _mode_refusal(name: str, mode: str) -> str:
    if mode == "sessions":
        return f"[{name} @ 0x55d0] OpenEncodeSessionEx failed: out of memory (10): (no details)"
    return f"[{name} @ 0x55d0] Cannot load libcuda.so.1"


def _encode(ffmpeg: str, name: str, argv: list[str], mode: str | None) -> int:
    if mode == "hang":
        sys.stdout.write("frame=1\nfps=0.0\nout_time_us=40000\ntotal_size=100\nspeed=0.1x\nprogress=continue\n")
        sys.stdout.flush()
        time.sleep(3600)
    command = [ffmpeg, *_on_cpu(name, argv)]
    if mode == "half":
        command[command.index("-f", command.index("-max_muxing_queue_size")) : 0] = ["-frames:0", "12"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    if mode == "lost" and done.returncode == 0:
        sys.stderr.write(
            f"[{name} @ 0x55d0] EncodePicture failed!: device not exist (4): (no details)\n"
            "[vost#0:0 @ 0x55d1] Error submitting video frame to the encoder\n"
            "[vost#0:0 @ 0x55d1] Task finished with error code: -1313558101 (Unknown error occurred)\nConversion failed!\n"
        )
        return 187
    return done.returncode


def _on_cpu(name: str, argv: list[str]) -> list[str]:
    """The same command with a CPU encoder: without the device, the encoder's own options and the upload."""
    codec = name.partition("_")[0]
    result: list[str] = []
    words = iter(argv)
    for word in words:
        if word in {"-init_hw_device", "-filter_hw_device", "-hwaccel", "-hwaccel_device"}:
            next(words)
        elif word == "-c:0":
            next(words)
            result += [word, *_CPU[codec]]
        elif word == "-filter:0":
            chain = next(words).replace(",hwupload", "").replace("p010le", "yuv420p10le").replace("nv12", "yuv420p")
            result += [word, chain]
        elif word.endswith(":0") and word.startswith("-") and word not in _KEPT and not word.startswith("-metadata"):
            next(words)
        else:
            result.append(word)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
