"""How soon a machine without any graphics device knows what it can encode: FFmpeg asked, devices looked for, nothing tried."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.media.capabilities import detect
from alchemist_desktop.media.devices import Roots, find_devices
from alchemist_desktop.media.ffmpeg import find_ffmpeg
from alchemist_desktop.media.qprocess import QtProcessRunner
from tests.bench.harness import Result, best_s
from tests.support.media import ffmpeg_path

MOST_S = 3.0
ROUNDS = 3


def run() -> Sequence[Result]:
    application = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=lambda: make_loop(application)) as runner:
        empty = Path(folder)
        roots = Roots(sys=empty, dev=empty, proc=empty, wsl=empty)
        ours = best_s(lambda: runner.run(_detect(roots)), rounds=ROUNDS)
    return [Result(name="detection, no device", unit="s", ours=ours, yardstick=MOST_S, at_most=1.0)]


async def _detect(roots: Roots) -> None:
    matrix = await detect(QtProcessRunner(), find_ffmpeg(ffmpeg_path()), find_devices("linux", roots))
    if matrix.devices or len(matrix.absences) != 3:
        raise RuntimeError(f"devices were found where there are none: {matrix.devices}")
