"""Writes `docs/hardware-encoders.md`: `python -m tests.hardware_table`.

Every argument line is given to the real FFmpeg, on this machine, whatever devices it has.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.profile import OutputCodec, QualityProfile
from alchemist_desktop.media.encoders.families import family_of
from alchemist_desktop.media.ffmpeg import find_ffmpeg
from tests.support.argument_lines import FILTERS, LINUX_ENCODERS, SOURCES, Case, ask, cases, line_for, make_sources, plan_for
from tests.support.argument_lines import wrong_options as wrong
from tests.support.encoder_help import options_of, parse_recorded
from tests.support.videotoolbox_options import RECORDED

DOCUMENT = Path(__file__).parent.parent / "docs" / "hardware-encoders.md"
_HEAD = """# Hardware encoders

Written by `python -m tests.hardware_table`; do not edit it by hand.

Each encoder is given the argument line of a real job, for sources in 8 bit, 10 bit and HDR10 (with static metadata), plain,
with a scale, a tone mapping and burnt-in subtitles, with the CPU or the device decoding. Each line is run twice by the FFmpeg
named below: as it is, and without the arguments that open the device, because FFmpeg looks at options only when it has a
device. **ok** means that both runs failed by the missing device alone. Every option and value of the three quality words is
also held against `ffmpeg -h encoder=NAME`, since FFmpeg says nothing of an option of another encoder while the device is missing.

`-` stands for what does not occur: tones are mapped only where there is HDR. H.264 is written in 8 bit, so HDR is mapped for it.
"""
_TAIL = """
## What has run on real devices

| encoders | real device | argument line | behaviour in the program |
|---|---|---|---|
| libsvtav1, libx265, libx264, libaom-av1 (CPU) | yes, in every test run | yes | yes |
| *_nvenc, *_qsv, *_vaapi, *_amf, *_vulkan | **not yet** | yes, the table above | yes, with a stand-in program that speaks FFmpeg's words |
| *_videotoolbox | **not yet** | options only, against their recorded list | not yet |

A device is never taken on trust: the program offers an encoder only after a short real encode with these very options has
succeeded on the machine it runs on.

## What the device decodes

With `hardware.hardware_decode` the device decodes too and its pictures come back to main memory, where the filters work. So
subtitles, tone mapping and every other filter are the same on every device, and a format that the device cannot decode is
decoded by the CPU without further ado. Pictures are not kept on the device from decoder to encoder.

## Quality

The words are calibrated per codec and interface; the numbers are those in the options above. An exact value in a profile
belongs to the scale of the codec's CPU encoder (0..51 for HEVC and H.264, 0..63 for AV1) and is translated: it is never
handed to a scale of another length as it is. How the words come out is measured on the CPU encoders only, see `quality.md`.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sources = make_sources(Path(folder))
        text = _HEAD + f"\nFFmpeg: `{find_ffmpeg(None).version}`\n\n" + _table(sources, Path(folder)) + _options(sources) + _TAIL
    DOCUMENT.write_text(text, encoding="utf-8")
    print(text)


def _table(sources: Mapping[str, Probe], folder: Path) -> str:
    columns = [(source, name) for source in SOURCES for name in FILTERS if name != "tone mapping" or source == "HDR10"]
    titles = [source if name == "none" else f"{source}, {name}" for source, name in columns]
    lines = [f"| encoder | {' | '.join(titles)} | options | what is missing here |", "|---" * (len(columns) + 3) + "|"]
    for encoder in LINUX_ENCODERS:
        verdicts = {case: ask(line_for(case, sources, folder / "o.mkv")) for case in cases(encoder)}
        cells = []
        for source, name in columns:
            found = [v.fault or "ok" for case, v in verdicts.items() if (case.source, case.filter) == (source, name)]
            cells.append("-" if not found else "ok" if set(found) == {"ok"} else f"**{found[0][:60]}**")
        words = next(iter(verdicts.values())).device_words.partition("] ")[2]
        faults = [fault for case in verdicts for fault in wrong(case, sources, options_of(encoder.name))]
        lines.append(f"| {encoder.name} | {' | '.join(cells)} | {faults[0] if faults else 'ok'} | {words} |")
    for encoder in _apple():
        faults = [fault for case in cases(encoder) for fault in wrong(case, sources, parse_recorded(RECORDED[encoder.name]))]
        lines.append(
            f"| {encoder.name} | {' | '.join('not run' for _ in columns)} | {faults[0] if faults else 'ok'} | FFmpeg for macOS |"
        )
    return "\n".join(lines) + "\n"


def _options(sources: Mapping[str, Probe]) -> str:
    lines = ["\n## The options of each quality word", "", "| encoder | word | options |", "|---|---|---|"]
    for encoder in (*LINUX_ENCODERS, *_apple()):
        for word in QualityProfile:
            plan, _probe = plan_for(Case(encoder, "8 bit", "none", False), sources, word)
            assert plan.video is not None
            options = " ".join(f"-{name} {value}" for name, value in family_of(encoder).options(plan.video))
            lines.append(f"| {encoder.name} | {word} | `{options}` |")
    return "\n".join(lines) + "\n"


def _apple() -> list[Encoder]:
    codecs = (OutputCodec.HEVC, OutputCodec.H264)
    return [Encoder(name=f"{codec.value}_videotoolbox", codec=codec, backend=Backend.VIDEOTOOLBOX) for codec in codecs]


if __name__ == "__main__":
    main()
