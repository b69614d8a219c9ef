"""Plans and encodes a clip as the program does, for tests of what comes after."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.profile import CpuPreset, EncodingRules, OutputCodec
from alchemist_desktop.media.command import build_command, build_picture_command, pictures_to_extract
from alchemist_desktop.media.probe import probe_file
from tests.support.media import ffmpeg_path

CAPABILITIES = Capabilities(
    encoders=(
        Encoder(name="libx264", codec=OutputCodec.H264, backend=Backend.CPU),
        Encoder(name="libx265", codec=OutputCodec.HEVC, backend=Backend.CPU),
        Encoder(name="libsvtav1", codec=OutputCodec.AV1, backend=Backend.CPU),
    ),
    has_libvmaf=True,
    audio_encoders=frozenset({"aac", "libopus"}),
    filters=frozenset({"bwdif", "tonemap", "zscale"}),
)


@dataclass(frozen=True)
class Encoded:
    """A source, its plan, what FFmpeg made of it, and what it said meanwhile."""

    source: Probe
    plan: Plan
    output: Probe
    words: str = ""


def probe(path: Path) -> Probe:
    result = probe_file(str(path))
    assert isinstance(result, Probe), result
    return result


def rules(codec: OutputCodec = OutputCodec.HEVC, *, extension: str = "mkv") -> EncodingRules:
    """Rules under which every clip is encoded, however small."""
    return EncodingRules(
        codec=codec,
        cpu_preset=CpuPreset.FASTER,
        output_extension=extension,
        min_bpp_threshold=0.0,
        min_file_size_mb=0,
        size_reduction_threshold=0.0,
    )


def encode(source_path: Path, output_path: Path, wanted: EncodingRules | None = None) -> Encoded:
    """Encode or remux `source_path` into `output_path`; fails the test with FFmpeg's words when that fails."""
    source = probe(source_path)
    plan = make_plan(source, wanted or rules(extension=output_path.suffix[1:]), CAPABILITIES)
    assert plan.action is not Action.SKIP, plan.explanation
    pictures = {stream.index: f"{output_path}.{stream.index}.picture" for stream in pictures_to_extract(plan)}
    if pictures:
        _run(build_picture_command(ffmpeg_path(), source, pictures))
    words = _run(build_command(ffmpeg_path(), plan, source, output=str(output_path), pictures=pictures))
    return Encoded(source=source, plan=plan, output=probe(output_path), words=words)


def _run(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    words = done.stderr.decode(errors="replace")
    assert done.returncode == 0, words
    return words
