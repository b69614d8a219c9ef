"""The pool of probing workers against files that hang and crash them, and against being killed itself."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from alchemist_desktop.domain.errors import UnavailableError
from alchemist_desktop.domain.probe import Probe, ProbeFailure
from alchemist_desktop.media.probe import PROBER_VERSION, ProbePool, probe_file
from tests.support.hanging import hang_on_request
from tests.support.media import make_clip

pytestmark = pytest.mark.anyio
needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mkv", duration_s=0.5)


@pytest.fixture
async def pools() -> AsyncIterator[Callable[..., ProbePool]]:
    made: list[ProbePool] = []

    def make(**options: object) -> ProbePool:
        defaults: dict[str, object] = {"workers": 2, "timeout_s": 30.0}
        made.append(ProbePool(**(defaults | options)))  # type: ignore[arg-type]  # options of tests in this file
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def _make_hanging(folder: Path) -> str:
    path = folder / "hanging.mkv"
    os.mkfifo(path)
    return str(path)


def crash_on_request(path: str) -> Probe | ProbeFailure:
    """What a fault in a demuxer does to its process."""
    if Path(path).name == "crash.mkv":
        os.kill(os.getpid(), signal.SIGSEGV)
    return probe_file(path)


def fail_on_request(path: str) -> Probe | ProbeFailure:
    """What a fault of the reader itself does."""
    raise LookupError(path)


def _workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "multiprocessing.spawn" in " ".join(child.cmdline())]


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.05)


async def test_many_files_at_once(pools: Callable[..., ProbePool], clip: Path, tmp_path: Path) -> None:
    paths = [str(shutil.copy(clip, tmp_path / f"{number}.mkv")) for number in range(20)]
    pool = pools()
    probes = await asyncio.gather(*(pool.probe(path) for path in paths), pool.probe(str(tmp_path / "gone.mkv")))
    assert [probe.path for probe in probes[:20]] == paths
    assert all(isinstance(probe, Probe) for probe in probes[:20])
    assert isinstance(probes[20], ProbeFailure)
    assert probes[20].code == "source_missing"


async def test_a_worker_answers_as_the_reader_does(pools: Callable[..., ProbePool], clip: Path) -> None:
    assert await pools().probe(str(clip)) == probe_file(str(clip))


@needs_fifo
async def test_a_file_that_hangs_ends_at_its_limit_and_others_go_on(
    pools: Callable[..., ProbePool], clip: Path, tmp_path: Path
) -> None:
    pool = pools(timeout_s=1.5, read=hang_on_request)
    hanging = asyncio.create_task(pool.probe(_make_hanging(tmp_path)))
    others = [await pool.probe(str(clip)) for _ in range(3)]
    assert not hanging.done()
    assert all(isinstance(probe, Probe) for probe in others)
    failure = await hanging
    assert isinstance(failure, ProbeFailure)
    assert (failure.code, failure.error) == ("probe_timeout", "The analysis did not end within 1.5 seconds.")
    assert isinstance(await pool.probe(str(clip)), Probe)


@needs_signals
async def test_a_file_that_crashes_its_worker_costs_itself_only(
    pools: Callable[..., ProbePool], clip: Path, tmp_path: Path
) -> None:
    crashing = str(shutil.copy(clip, tmp_path / "crash.mkv"))
    pool = pools(read=crash_on_request)
    probes = await asyncio.gather(*(pool.probe(path) for path in [str(clip), crashing, str(clip), crashing, str(clip)]))
    assert [type(probe) for probe in probes] == [Probe, ProbeFailure, Probe, ProbeFailure, Probe]
    failure = probes[1]
    assert isinstance(failure, ProbeFailure)
    assert failure.code == "corrupt_or_unreadable_media"
    assert "crashed the demuxer" in failure.error


async def test_a_fault_of_ours_is_not_blamed_on_the_file(pools: Callable[..., ProbePool], clip: Path) -> None:
    failure = await pools(read=fail_on_request).probe(str(clip))
    assert isinstance(failure, ProbeFailure)
    assert failure.code == "analysis_failed"


@needs_signals
async def test_workers_killed_while_idle_are_replaced(pools: Callable[..., ProbePool], clip: Path) -> None:
    pool = pools()
    assert isinstance(await pool.probe(str(clip)), Probe)
    (killed,) = _workers()
    killed.kill()
    assert isinstance(await pool.probe(str(clip)), Probe)
    (worker,) = _workers()
    assert worker.pid != killed.pid


@needs_fifo
async def test_cancelling_frees_the_worker(pools: Callable[..., ProbePool], clip: Path, tmp_path: Path) -> None:
    pool = pools(workers=1, read=hang_on_request)
    hanging = asyncio.create_task(pool.probe(_make_hanging(tmp_path)))
    await _until(lambda: bool(_workers()))
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert isinstance(await pool.probe(str(clip)), Probe)


@needs_fifo
async def test_closing_ends_workers_even_while_they_hang(pools: Callable[..., ProbePool], tmp_path: Path) -> None:
    pool = pools(read=hang_on_request)
    hanging = asyncio.create_task(pool.probe(_make_hanging(tmp_path)))
    await _until(lambda: bool(_workers()))
    workers = _workers()
    pool.close()
    gone, alive = psutil.wait_procs(workers, timeout=10)
    assert (len(gone), alive) == (1, [])
    with pytest.raises(UnavailableError):
        await hanging
    with pytest.raises(UnavailableError):
        await pool.probe(str(tmp_path / "late.mkv"))


@needs_fifo
@pytest.mark.parametrize("is_hanging", [True, False])
def test_workers_end_when_the_program_is_killed(clip: Path, tmp_path: Path, is_hanging: bool) -> None:
    path = _make_hanging(tmp_path) if is_hanging else str(clip)
    argv = [sys.executable, "-m", "tests.integration.probe_pool_program", path]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in program.stdout.readline().split()]
        if not is_hanging:
            # The program itself never loads PyAV.
            assert program.stdout.readline().split() == ["Probe", "False"]
        program.kill()
    gone, alive = psutil.wait_procs(workers, timeout=10)
    assert (len(gone), alive) == (1, [])


async def test_the_version_names_the_library() -> None:
    import av

    assert av.__version__ in PROBER_VERSION
