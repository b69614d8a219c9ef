"""Measures with VMAF how much an output looks like its source."""

import asyncio
import json
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alchemist_desktop.domain.ports import ProcessOutcome, ProcessRunner
from alchemist_desktop.domain.probe import DynamicRange, Probe, VideoStream
from alchemist_desktop.media.picture_parity import display_size
from alchemist_desktop.media.progress import ProgressParser
from alchemist_desktop.media.sources import source_options

_LINES_OF_4K = 2160
_WIDTH_OF_4K = 3840
_MEASURED_WHOLE_S = 300.0  # of longer files every n-th frame is measured
_SPARSEST = 10
_MOST_THREADS = 8
_HDR = frozenset({DynamicRange.HDR10, DynamicRange.HLG, DynamicRange.DOLBY_VISION})


@dataclass(frozen=True, slots=True, kw_only=True)
class VmafResult:
    """The mean score, 0 to 100, or the reason why there is none. `note` limits what a score means."""

    score: float | None
    error: str | None = None
    note: str | None = None


async def measure_vmaf(
    runner: ProcessRunner,
    ffmpeg: str,
    *,
    source: Probe,
    output: Probe,
    on_percent: Callable[[float], None],
    threads: int = 4,
) -> VmafResult:
    """Compare the main pictures frame by frame. Whatever prevents a score is told in the result; a cancelled call ends FFmpeg."""
    reference, distorted = source.main_video, output.main_video
    if reference is None or distorted is None:
        return VmafResult(score=None, error="One of the files has no picture.")
    if reference.dynamic_range in _HDR and distorted.dynamic_range not in _HDR:
        return VmafResult(score=None, error="An HDR picture and its SDR version cannot be compared.")
    with tempfile.TemporaryDirectory(prefix="alchemist-vmaf-", ignore_cleanup_errors=True) as folder:
        log_path = str(Path(folder) / "vmaf.json")
        graph = build_graph(reference, distorted, log_path, duration_s=source.duration_s or 0.0, threads=threads)
        argv = [ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-nostats", "-progress", "pipe:1", "-stats_period", "0.5"]
        argv += [*source_options(output.path), *source_options(source.path)]
        argv += ["-filter_complex", graph, "-map", "[result]", "-f", "null", "-"]
        outcome = await _run(runner, argv, source.duration_s, on_percent)
        if not outcome.is_success:
            return VmafResult(score=None, error=_words(outcome))
        note = "VMAF was made for SDR; for HDR the score is a rough guide." if reference.dynamic_range in _HDR else None
        return await asyncio.to_thread(_read_log, log_path, note)


def build_graph(reference: VideoStream, distorted: VideoStream, log_path: str, *, duration_s: float, threads: int) -> str:
    """The filter graph: input 0 is the output, input 1 the source; both brought to the source's size and one format.

    Frames are paired by their number, as times are rounded differently by every container.
    """
    width, height = display_size(reference)
    depth = max(reference.bit_depth or 8, distorted.bit_depth or 8)
    pixel_format = "yuv420p10le" if depth > 8 else "yuv420p"
    frames, seconds = reference.fps_ratio if min(reference.fps_ratio) > 0 else (25, 1)
    scale = f"scale={width}:{height}:flags=bicubic:out_range=tv,format={pixel_format}"
    common = f"{scale},settb={seconds}/{frames},setpts=N"
    deinterlace = "bwdif=mode=send_frame," if reference.is_interlaced and not distorted.is_interlaced else ""
    is_4k = min(width, height) >= _LINES_OF_4K or max(width, height) >= _WIDTH_OF_4K
    options = {
        "model": f"version={'vmaf_4k_v0.6.1' if is_4k else 'vmaf_v0.6.1'}",
        "log_fmt": "json",
        "log_path": log_path,
        "n_threads": str(max(1, min(threads, _MOST_THREADS))),
        "n_subsample": str(_subsampling(duration_s)),
    }
    libvmaf = ":".join(f"{name}={_escape(value)}" for name, value in options.items())
    return (
        f"[0:{distorted.index}]{common}[distorted];[1:{reference.index}]{deinterlace}{common}[reference];"
        f"[distorted][reference]libvmaf={libvmaf}[result]"
    )


async def _run(
    runner: ProcessRunner, argv: list[str], duration_s: float | None, on_percent: Callable[[float], None]
) -> ProcessOutcome:
    parser = ProgressParser()
    total_s = duration_s or math.inf

    def on_line(line: str) -> None:
        progress = parser.feed(line)
        if progress is not None and progress.out_time_s is not None:
            on_percent(min(100.0 * progress.out_time_s / total_s, 100.0))

    return await runner.start(argv, on_stdout_line=on_line, low_priority=True).wait()


def _subsampling(duration_s: float) -> int:
    return max(1, min(math.ceil(duration_s / _MEASURED_WHOLE_S), _SPARSEST))


def _escape(value: str) -> str:
    """For an option's value first, then for the graph around it."""
    for special in ("\\", "'", ":"):
        value = value.replace(special, f"\\{special}")
    for special in ("\\", "'", "[", "]", ",", ";"):
        value = value.replace(special, f"\\{special}")
    return value


def _words(outcome: ProcessOutcome) -> str:
    lines = (outcome.start_error or outcome.stderr_tail).strip().splitlines()
    return f"VMAF could not be measured: {lines[-1] if lines else f'exit code {outcome.exit_code}'}"


def _read_log(log_path: str, note: str | None) -> VmafResult:
    try:
        log = json.loads(Path(log_path).read_text(encoding="utf-8"))
        score = float(log["pooled_metrics"]["vmaf"]["mean"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        return VmafResult(score=None, error=f"The result of VMAF cannot be read ({error}).")
    if not math.isfinite(score):
        return VmafResult(score=None, error="VMAF gave no number.")
    return VmafResult(score=score, note=note)
