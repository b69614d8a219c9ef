"""Plans a file and carries the plan out with the real FFmpeg."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from alchemist_desktop.domain.plan import Action, Plan, StreamAction
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.profile import CpuPreset, EncodingRules
from alchemist_desktop.media.command import build_command, build_picture_command, pictures_to_extract
from alchemist_desktop.media.probe import probe_file
from tests.support.media import ffmpeg_path
from tests.support.probes import CPU_ONLY, NO_LIMITS

FAST: EncodingRules = replace(NO_LIMITS, cpu_preset=CpuPreset.FASTER)


def probed(path: Path) -> Probe:
    found = probe_file(str(path))
    assert isinstance(found, Probe), found
    return found


def carry_out(source: Probe, rules: EncodingRules, folder: Path) -> tuple[Plan, Probe]:
    """The plan for `source` and the probe of `<folder>/result.<extension>` it led to; sidecars lie beside it."""
    plan = make_plan(source, rules, CPU_ONLY)
    assert plan.action is not Action.SKIP, plan.explanation
    output = folder / f"result.{plan.extension}"
    pictures = {stream.index: str(folder / f"picture{stream.index}") for stream in pictures_to_extract(plan)}
    if pictures:
        _run(build_picture_command(ffmpeg_path(), source, pictures))
    extracted = [stream for stream in plan.streams if stream.action is StreamAction.EXTRACT]
    sidecars = {stream.index: str(folder / f"result{stream.sidecar}") for stream in extracted}
    _run(build_command(ffmpeg_path(), plan, source, output=str(output), sidecars=sidecars, pictures=pictures))
    return plan, probed(output)


def _run(argv: Sequence[str]) -> None:
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
