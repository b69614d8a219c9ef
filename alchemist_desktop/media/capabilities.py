"""Finds out what can be encoded here: software encoders by what FFmpeg was built with, hardware by a short real encode.

A trial goes through the planner's types and the command builder of real jobs, so what passes a trial is what a job will run.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder, FfmpegInfo, Vendor
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.hardware import Device, Found, HardwareMatrix, Trial
from alchemist_desktop.domain.hardware_words import NO_ROOM, advise
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.plan import Action, Plan, Quality, StreamAction, StreamKind, StreamPlan, VideoEncode
from alchemist_desktop.domain.ports import ProcessOutcome, ProcessRunner
from alchemist_desktop.domain.probe import Probe, VideoStream
from alchemist_desktop.domain.profile import CpuPreset, OutputCodec, QualityProfile
from alchemist_desktop.media.command import build_command

# Best first. libaom is last: it makes the smallest files of all, at a speed nobody waits for.
_CPU_ENCODERS = (
    Encoder(name="libsvtav1", codec=OutputCodec.AV1, backend=Backend.CPU),
    Encoder(name="libx265", codec=OutputCodec.HEVC, backend=Backend.CPU),
    Encoder(name="libx264", codec=OutputCodec.H264, backend=Backend.CPU),
    Encoder(name="libaom-av1", codec=OutputCodec.AV1, backend=Backend.CPU),
)
_AUDIO_ENCODERS = frozenset({"aac", "libopus", "libmp3lame", "ac3", "eac3", "flac"})

_TRIAL_LIMIT_S = 8.0
_AT_ONCE = 3  # consumer cards allow only a few encodes at a time, and running jobs need theirs
_WIDTH, _HEIGHT, _FPS, _SECONDS = 640, 360, 25, 0.6
_FORMATS = {8: "yuv420p", 10: "yuv420p10le"}
_WORDS_KEPT = 2000


def cpu_capabilities(info: FfmpegInfo) -> Capabilities:
    """The software encoders. They need no device, so being built in is proof enough."""
    return Capabilities(
        encoders=tuple(encoder for encoder in _CPU_ENCODERS if encoder.name in info.encoders),
        vendor=Vendor.CPU,
        has_libvmaf="libvmaf" in info.filters,
        audio_encoders=_AUDIO_ENCODERS & info.encoders,
        filters=info.filters,
    )


def candidates(device: Device) -> list[Encoder]:
    """Every encoder that a device might have, best interface first."""
    return [
        Encoder(
            name=f"{codec.value}_{backend.value}",
            codec=codec,
            backend=backend,
            device_path=device.path,
            device_index=device.index,
        )
        for backend in device.backends
        for codec in OutputCodec
        if not (backend is Backend.VIDEOTOOLBOX and codec is OutputCodec.AV1)  # there is no such encoder
    ]


async def detect(runner: ProcessRunner, info: FfmpegInfo, found: Found, *, limit_s: float = _TRIAL_LIMIT_S) -> HardwareMatrix:
    """Try every encoder of every device. Without devices nothing is run and the answer is there at once."""
    cpu = cpu_capabilities(info).encoders
    trials: tuple[Trial, ...] = ()
    if found.devices:
        with tempfile.TemporaryDirectory(prefix="alchemist-trial-") as folder:
            bench = _Bench(runner=runner, info=info, folder=Path(folder), limit_s=limit_s)
            trials = await bench.try_all(found.devices)
    return HardwareMatrix(
        ffmpeg_path=info.path,
        ffmpeg_version=info.version,
        devices=found.devices,
        absences=found.absences,
        trials=trials,
        cpu=cpu,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """Where trials run: their folder with the two source clips, and how long one may take."""

    runner: ProcessRunner
    info: FfmpegInfo
    folder: Path
    limit_s: float

    async def try_all(self, devices: Sequence[Device]) -> tuple[Trial, ...]:
        await self._make_clips()
        slots = asyncio.Semaphore(_AT_ONCE)
        pairs = [(device, encoder) for device in devices for encoder in candidates(device)]
        groups = await asyncio.gather(*(self._try_depths(slots, device, encoder) for device, encoder in pairs))
        return tuple(trial for group in groups for trial in group)

    async def _try_depths(self, slots: asyncio.Semaphore, device: Device, encoder: Encoder) -> list[Trial]:
        if encoder.name not in self.info.encoders:
            missing = f"This FFmpeg was built without {encoder.name}. Choose another FFmpeg to use it."
            return [
                Trial(device_id=device.id, encoder=encoder, bit_depth=depth, succeeded=False, summary=missing)
                for depth in _depths(encoder)
            ]
        trials: list[Trial] = []
        async with slots:
            for depth in _depths(encoder):
                trials.append(await self._try(device, encoder, depth))
        return trials

    async def _try(self, device: Device, encoder: Encoder, depth: int) -> Trial:
        output = self.folder / f"{device.vendor.value}-{device.index}-{encoder.name}-{depth}.mkv"
        argv = trial_command(self.info.path, encoder, depth, source=str(self._clip(depth)), output=str(output))
        started = time.monotonic()
        outcome = await self._run(argv)
        trial = Trial(
            device_id=device.id,
            encoder=encoder,
            bit_depth=depth,
            succeeded=False,
            summary="",
            words=outcome.stderr_tail.strip()[-_WORDS_KEPT:] if outcome else "",
            took_s=time.monotonic() - started,
        )
        if outcome is None:
            return replace(trial, summary=f"The trial did not end within {self.limit_s:g} seconds. The driver may be stuck.")
        if outcome.start_error is not None:
            return replace(trial, summary=f"FFmpeg could not be started: {outcome.start_error}")
        if not outcome.is_success:
            return replace(trial, summary=advise(trial.words), found_no_room=bool(re.search(NO_ROOM, trial.words)))
        if not _has_content(output):
            return replace(trial, summary="The encoder reported success but wrote nothing. The driver may be broken.")
        return replace(trial, succeeded=True, summary=f"{encoder.name} works at {depth} bit.")

    async def _run(self, argv: Sequence[str]) -> ProcessOutcome | None:
        """The outcome, or None when it took too long; the process is killed then."""
        try:
            async with asyncio.timeout(self.limit_s):
                return await self.runner.start(argv).wait()
        except TimeoutError:
            return None

    async def _make_clips(self) -> None:
        picture = f"testsrc2=s={_WIDTH}x{_HEIGHT}:r={_FPS}:d={_SECONDS}"
        argv = [self.info.path, "-hide_banner", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", picture]
        for depth, pixel_format in _FORMATS.items():
            argv += ["-map", "0:v", "-c:v", "ffv1", "-pix_fmt", pixel_format, "-f", "matroska", str(self._clip(depth))]
        await self._run(argv)

    def _clip(self, depth: int) -> Path:
        return self.folder / f"source-{depth}.mkv"


def trial_command(ffmpeg: str, encoder: Encoder, bit_depth: int, *, source: str, output: str) -> list[str]:
    """The arguments of a trial: those of a real job with the balanced quality, saying errors only."""
    plan = Plan(
        action=Action.TRANSCODE,
        explanation=explain("transcode_recommended", target_codec=encoder.codec.value),
        muxer="matroska",
        extension="mkv",
        streams=(StreamPlan(index=0, kind=StreamKind.VIDEO, action=StreamAction.ENCODE, codec=encoder.codec.value),),
        video=VideoEncode(
            encoder=encoder,
            quality=Quality(word=QualityProfile.BALANCED, preset=CpuPreset.MEDIUM),
            pixel_format=_FORMATS[bit_depth],
            bit_depth=bit_depth,
            width=_WIDTH,
            height=_HEIGHT,
        ),
    )
    picture = VideoStream(
        index=0, codec="ffv1", width=_WIDTH, height=_HEIGHT, bit_depth=bit_depth, pixel_format=_FORMATS[bit_depth], fps=_FPS
    )
    probe = Probe(
        path=source, stamp=FileStamp(size_bytes=1, mtime_ns=0), container="matroska,webm", duration_s=_SECONDS, streams=(picture,)
    )
    return build_command(ffmpeg, plan, probe, output=output, log_level="error")


def _depths(encoder: Encoder) -> tuple[int, ...]:
    return (8,) if encoder.codec is OutputCodec.H264 else (8, 10)


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False
