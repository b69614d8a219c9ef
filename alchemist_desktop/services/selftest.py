"""Proves that this installation works, on a clip made on the spot: with the very parts that work on the library."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from alchemist_desktop.domain.capability import Capabilities
from alchemist_desktop.domain.errors import BusyError, KnownError
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import Probe, ProbeFailure
from alchemist_desktop.domain.profile import CpuPreset, EncodingRules, OutputCodec, QualityProfile
from alchemist_desktop.engine.children import JobChildren
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.media.command import build_command
from alchemist_desktop.media.verify import verify

_CLIP = "testsrc2=s=320x180:r=25:d=1"
_STEP_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage that was entered, and how it ended."""

    name: str
    is_success: bool
    duration_ms: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelftestReport:
    """The stages up to the first that failed."""

    stages: tuple[Stage, ...]

    @property
    def error(self) -> str | None:
        return next((stage.message for stage in self.stages if not stage.is_success), None)


class SelftestService:
    """One test at a time; it touches nothing but a folder of its own below `temp`."""

    def __init__(self, parts: Parts, temp: Path) -> None:
        self._parts = parts
        self._temp = temp
        self._is_running = False

    async def run(self) -> SelftestReport:
        """Raises BusyError (SELFTEST_BUSY)."""
        if self._is_running:
            raise BusyError("A self-test is running already.", code="SELFTEST_BUSY")
        self._is_running = True
        try:
            return await _Run(self._parts, self._temp).report()
        finally:
            self._is_running = False


class _Run:
    """One run of the stages, each with what it hands to the next."""

    def __init__(self, parts: Parts, temp: Path) -> None:
        self._parts = parts
        self._temp = temp
        self._children = JobChildren(parts.runner, low_priority=False)
        self._folder = Path()
        self._source: Probe | None = None
        self._plan: Plan | None = None

    async def report(self) -> SelftestReport:
        stages: list[Stage] = []
        await asyncio.to_thread(self._temp.mkdir, parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix="selftest-", dir=self._temp, ignore_cleanup_errors=True) as folder:
            self._folder = Path(folder)
            for name, work in self._stages():
                stages.append(await self._enter(name, work))
                if not stages[-1].is_success:
                    break
        return SelftestReport(stages=tuple(stages))

    def _stages(self) -> tuple[tuple[str, Callable[[], Awaitable[str]]], ...]:
        return (
            ("Write Temp", self._write_temp),
            ("Analyze", self._analyze),
            ("Plan", self._make_plan),
            ("Execute", self._execute),
            ("Verify", self._verify),
        )

    async def _enter(self, name: str, work: Callable[[], Awaitable[str]]) -> Stage:
        clock = self._parts.clock
        started_s = clock.monotonic_s()
        try:
            async with asyncio.timeout(_STEP_LIMIT_S):
                message, is_success = await work(), True
        except TimeoutError:
            message, is_success = f"Not done after {_STEP_LIMIT_S:.0f} seconds.", False
        except (KnownError, OSError) as error:
            message, is_success = str(error), False
        duration_ms = round((clock.monotonic_s() - started_s) * 1000)
        return Stage(name=name, is_success=is_success, duration_ms=duration_ms, message=message)

    @property
    def _clip(self) -> Path:
        return self._folder / "clip.mkv"

    @property
    def _result(self) -> Path:
        return self._folder / "result.mkv"

    async def _write_temp(self) -> str:
        source = ["-f", "lavfi", "-i", _CLIP, "-f", "lavfi", "-i", "sine=f=440:d=1"]
        codecs = ["-c:v", "mpeg4", "-q:v", "3", "-c:a", "aac", str(self._clip)]
        await self._ffmpeg([self._parts.ffmpeg.path, "-hide_banner", "-v", "error", "-y", *source, *codecs])
        return f"A clip was written to {self._temp}."

    async def _analyze(self) -> str:
        self._source = await self._probe(self._clip)
        video = self._source.main_video
        if video is None or not self._source.audios:
            raise KnownError("The clip was not read as what it is.")
        return f"The clip was read: {video.codec}, {video.width}x{video.height}."

    async def _make_plan(self) -> str:
        assert self._source is not None
        self._plan = make_plan(self._source, _RULES, self._encoders())
        if self._plan.action is not Action.TRANSCODE or self._plan.video is None:
            raise KnownError(f"Nothing can be encoded here: {self._plan.explanation.summary}")
        return f"The clip will be encoded with {self._plan.video.encoder.name}."

    def _encoders(self) -> Capabilities:
        return self._parts.capabilities()

    async def _execute(self) -> str:
        assert self._source is not None
        assert self._plan is not None
        await self._ffmpeg(build_command(self._parts.ffmpeg.path, self._plan, self._source, output=str(self._result)))
        return "The clip was encoded."

    async def _verify(self) -> str:
        assert self._source is not None
        assert self._plan is not None
        output = await self._probe(self._result)
        ffmpeg = self._parts.ffmpeg.path
        failure = await verify(
            self._children, ffmpeg, plan=self._plan, source=self._source, output=output, on_percent=lambda _percent: None
        )
        if failure is not None:
            raise KnownError(f"{failure.summary} {failure.detail}")
        return "The result is whole."

    async def _ffmpeg(self, argv: list[str]) -> None:
        outcome = await self._children.start(argv).wait()
        if not outcome.is_success:
            raise KnownError(outcome.start_error or outcome.stderr_tail.strip()[-500:] or "FFmpeg failed.")

    async def _probe(self, path: Path) -> Probe:
        probe = await self._parts.prober.probe(str(path))
        if isinstance(probe, ProbeFailure):
            raise KnownError(probe.error)
        return probe


_RULES = EncodingRules(
    codec=OutputCodec.H264, quality=QualityProfile.SPEED, cpu_preset=CpuPreset.FASTER, is_conversion=True, predict_size=False
)
