"""Argument lines for hardware encoders, built as for real jobs, and what the real FFmpeg says to them without a device."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from alchemist_desktop.domain.capability import Backend, Encoder, Vendor
from alchemist_desktop.domain.hardware import Device
from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.profile import HdrMode, OutputCodec, QualityProfile, SubtitleMode
from alchemist_desktop.media.capabilities import candidates
from alchemist_desktop.media.command import build_command
from alchemist_desktop.media.encoders.families import family_of
from alchemist_desktop.media.probe import probe_file
from tests.support.encoder_help import Option
from tests.support.media import ffmpeg_path, make_clip, run_ffmpeg
from tests.support.probes import CPU_ONLY, NO_LIMITS

NODE = "/dev/dri/renderD128"
LINUX_DEVICES = (
    Device(id="nvidia", vendor=Vendor.NVIDIA, name="NVIDIA", backends=(Backend.NVENC,), path="/dev/nvidia0"),
    Device(id="intel", vendor=Vendor.INTEL, name="Intel", backends=(Backend.QSV, Backend.VAAPI, Backend.VULKAN), path=NODE),
    Device(id="amd", vendor=Vendor.AMD, name="AMD", backends=(Backend.AMF,), path=NODE),
)
LINUX_ENCODERS = tuple(encoder for device in LINUX_DEVICES for encoder in candidates(device))
FILTERS = ("none", "scale", "tone mapping", "burn-in")
SOURCES = ("8 bit", "10 bit", "HDR10")

# What FFmpeg says where nothing is wrong but the device.
_DEVICE_WORDS = re.compile(
    r"Cannot load libcuda|Could not dynamically load CUDA|Error creating a MFX session|DLL libamfrt64\S* failed to open"
    r"|Failed to create  hardware device context \(AMF\)|No VA display found|Device creation failed|VK_KHR_video_encode_queue"
    r"|Failed to set value '\S+' for option 'init_hw_device'|A hardware device reference is required"
    r"|No device available for decoder|Hardware device setup failed for decoder|Error initializing a MFX session"
)
# What it says to arguments that it does not understand, or that are wrong.
_FAULT_WORDS = re.compile(
    r"Unrecognized option|Error setting option|out of range|Option not found|Option '.*' not found|No such filter|Undefined constant"
    r"|Unable to parse|Error applying|Unknown encoder|Incompatible pixel format|Invalid .*preset|matches no streams|Unable to open"
    r"|Codec AVOption|has not been used|Error parsing (?:filter|a filter)"
)
_TAKES_A_VALUE = frozenset({"-init_hw_device", "-filter_hw_device", "-hwaccel", "-hwaccel_device"})


@dataclass(frozen=True)
class Verdict:
    """What FFmpeg made of one line. `fault` is None when nothing but the device is missing."""

    fault: str | None
    device_words: str


@dataclass(frozen=True)
class Case:
    encoder: Encoder
    source: str
    filter: str
    hardware_decode: bool


def cases(encoder: Encoder) -> Iterator[Case]:
    """Every combination that can occur: tones are mapped only where there is HDR; H.264 always maps them."""
    for source in SOURCES:
        if source == "10 bit" and encoder.codec is OutputCodec.H264:
            continue
        for name in FILTERS:
            if (name == "tone mapping") <= (source == "HDR10"):
                yield from (Case(encoder, source, name, decode) for decode in (False, True))


def make_sources(folder: Path) -> dict[str, Probe]:
    """A short clip of each kind, with a subtitle in it."""
    subtitle = folder / "a.srt"
    subtitle.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    pq = "format=yuv420p10le,setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    hdr10 = "log-level=error:repeat-headers=1:hdr10=1:max-cll=1000,400:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
    video = {
        "8 bit": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        "10 bit": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le"),
        "HDR10": ("-vf", pq, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", hdr10),
    }
    probes = {}
    for name, options in video.items():
        picture = make_clip(folder / f"picture {name}.mkv", duration_s=0.2, video=options, audio=None)
        path = folder / f"{name}.mkv"
        run_ffmpeg(["-i", picture, "-i", subtitle, "-map", "0", "-map", "1", "-c", "copy", path])
        probe = probe_file(str(path))
        assert isinstance(probe, Probe), probe
        probes[name] = probe
    return probes


def plan_for(case: Case, sources: Mapping[str, Probe], quality: QualityProfile = QualityProfile.BALANCED) -> tuple[Plan, Probe]:
    rules = replace(
        NO_LIMITS,
        codec=case.encoder.codec,
        quality=quality,
        is_conversion=True,  # also encodes what has the codec already
        hdr_mode=HdrMode.TONEMAP if case.filter == "tone mapping" else HdrMode.PRESERVE,
        subtitle_mode=SubtitleMode.BURN if case.filter == "burn-in" else SubtitleMode.COPY,
        hardware_decode=case.hardware_decode,
    )
    probe = sources[case.source]
    plan = make_plan(probe, rules, replace(CPU_ONLY, encoders=(case.encoder,), vendor=Vendor.NVIDIA))
    assert plan.video is not None, plan.explanation
    if case.filter == "scale":
        video = replace(plan.video, filters=("scale=160:90", *plan.video.filters), width=160, height=90)
        return replace(plan, video=video), probe
    return plan, probe


def line_for(case: Case, sources: Mapping[str, Probe], output: Path) -> list[str]:
    plan, probe = plan_for(case, sources)
    return build_command(ffmpeg_path(), plan, probe, output=str(output))


def ask(argv: list[str]) -> Verdict:
    """Run the line as it is, and once more without its device, as FFmpeg looks at options only after it has that."""
    words = [_run(argv), _run(_without_device(argv))]
    complaints = [line for text in words for line in text.splitlines() if _FAULT_WORDS.search(line)]
    silent = [text for text in words if not _DEVICE_WORDS.search(text)]
    device_words = next((line for line in words[1].splitlines() if _DEVICE_WORDS.search(line)), "")
    if complaints:
        return Verdict(complaints[0], device_words)
    return Verdict(f"it failed by something else: {silent[0][-400:]}" if silent else None, device_words)


def wrong_options(case: Case, sources: Mapping[str, Probe], known: Mapping[str, Option]) -> list[str]:
    """Options of the family that the encoder does not have, or whose value it would refuse, at every quality."""
    found = []
    for word in QualityProfile:
        plan, _probe = plan_for(case, sources, word)
        assert plan.video is not None
        for name, value in family_of(case.encoder).options(plan.video):
            option = known.get(name)
            refusal = "it does not exist" if option is None else option.refuses(value)
            if refusal:
                found.append(f"{case.encoder.name} -{name} {value}: {refusal}")
    return found


def _run(argv: list[str]) -> str:
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
    words = done.stderr.decode(errors="replace")
    return words if done.returncode else f"it succeeded, which cannot be: {words}"


def _without_device(argv: list[str]) -> list[str]:
    dropped = {at + step for at, word in enumerate(argv) if word in _TAKES_A_VALUE for step in (0, 1)}
    return [word for at, word in enumerate(argv) if at not in dropped]


def options_in(argv: list[str]) -> dict[str, str]:
    """The stream options of a line by name, without their stream."""
    return {name.removesuffix(":0"): value for name, value in pairwise(argv) if name.endswith(":0") and name.startswith("-")}
