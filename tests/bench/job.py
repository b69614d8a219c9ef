"""One job of the engine from scan to replacement, against the very commands it ran: the encode, and the readings that verify it."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.settings import Settings
from tests.bench.harness import Result
from tests.support.core import open_test_core, process, quick_settings
from tests.support.media import ffmpeg_path, make_clip

ROUNDS = 3
_RECORD = "#!/bin/sh\nprintf '%s\\n' \"$@\" >>'{log}'\nprintf '\\0' >>'{log}'\nexec '{ffmpeg}' \"$@\"\n"

_CLIP = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p")

Command = list[str]


def run() -> Sequence[Result]:
    application = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = make_clip(folder / "clip.mkv", duration_s=30.0, size="1280x720", video=_CLIP)
        recorder = _make_recorder(folder)
        with asyncio.Runner(loop_factory=lambda: make_loop(application)) as runner:
            rounds = []
            for number in range(ROUNDS):
                job_s, commands = runner.run(_run_job(folder / str(number), clip, recorder))
                rounds.append((job_s, _run_bare(commands, folder / "bare.mkv")))
    ours_s, bare_s = map(min, zip(*rounds, strict=True))
    return [Result(name="job of 30 s at 720p", unit="s", ours=ours_s, yardstick=bare_s, at_most=1.05)]


def _make_recorder(folder: Path) -> Path:
    """An FFmpeg that notes its arguments before it becomes the real one."""
    recorder = folder / "ffmpeg"
    recorder.write_text(_RECORD.format(log=folder / "commands", ffmpeg=ffmpeg_path()), encoding="utf-8")
    recorder.chmod(0o700)
    return recorder


def _settings(recorder: Path) -> Settings:
    return quick_settings(transcode={"output_codec": "h264"}, hardware={"ffmpeg_path": str(recorder)})


async def _run_job(home: Path, clip: Path, recorder: Path) -> tuple[float, list[Command]]:
    """Seconds of the job in an engine that has just started, and the commands it ran."""
    library = home / "library"
    library.mkdir(parents=True)
    shutil.copyfile(clip, library / clip.name)
    log = recorder.with_name("commands")
    async with open_test_core(home, _settings(recorder)) as core:
        log.write_bytes(b"")
        start = time.perf_counter()
        jobs = await process(core, library)
        elapsed_s = time.perf_counter() - start
    if jobs[clip.name].state is not JobState.COMPLETED:
        raise RuntimeError(f"the job ended as {jobs[clip.name]}")
    return elapsed_s, [text.splitlines() for text in log.read_text(encoding="utf-8").split("\0")[:-1]]


def _run_bare(commands: list[Command], output: Path) -> float:
    """Seconds of the same commands in a row, at the same low priority; the encode writes to `output`."""
    work_path = commands[0][-1]
    start = time.perf_counter()
    for command in commands:
        arguments = [f"file:{output}" if part == work_path else part for part in command]
        subprocess.run(["nice", "-n10", ffmpeg_path(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    elapsed_s = time.perf_counter() - start
    output.unlink()
    return elapsed_s
