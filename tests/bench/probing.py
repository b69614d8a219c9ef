"""Files per second of the probe pool, against one `ffprobe` process per file with as many at once."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.media.probe import ProbePool
from tests.bench.harness import Result
from tests.support.media import make_clip

FILES = 200
WORKERS = 2
ROUNDS = 3


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as folder:
        paths = _make_files(Path(folder))
        ours = FILES / asyncio.run(_probe_all(paths))
        ffprobe = shutil.which("ffprobe")
        if ffprobe is None:
            return [Result(name="probing", unit="files/s", ours=ours, at_least=8.0, note="no ffprobe to compare with")]
        yardstick = FILES / min(_ffprobe_all(ffprobe, paths) for _ in range(ROUNDS))
    return [Result(name="probing", unit="files/s", ours=ours, yardstick=yardstick, at_least=8.0)]


def _make_files(folder: Path) -> list[str]:
    first = make_clip(folder / "000.mkv", duration_s=1.0)
    copies = [folder / f"{number:03}.mkv" for number in range(1, FILES)]
    for copy in copies:
        shutil.copyfile(first, copy)
    return [str(path) for path in (first, *copies)]


async def _probe_all(paths: Sequence[str]) -> float:
    """Seconds of the best round, workers already running: a scan starts them once for many thousand files."""
    pool = ProbePool(workers=WORKERS, timeout_s=30)
    times = []
    try:
        for _ in range(ROUNDS + 1):
            start = time.perf_counter()
            probes = await asyncio.gather(*(pool.probe(path) for path in paths))
            times.append(time.perf_counter() - start)
            if not all(isinstance(probe, Probe) for probe in probes):
                raise RuntimeError("a file could not be probed")
    finally:
        pool.close()
    return min(times[1:])


def _ffprobe_all(ffprobe: str, paths: Sequence[str]) -> float:
    def ask(path: str) -> None:
        argv = [ffprobe, "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters", path]
        subprocess.run(argv, check=True, capture_output=True)

    start = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as threads:
        list(threads.map(ask, paths))
    return time.perf_counter() - start
