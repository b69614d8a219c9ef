"""What every part of the engine works with, built once by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from alchemist_desktop.domain.capability import Capabilities, FfmpegInfo
from alchemist_desktop.domain.ports import Clock, ProcessRunner
from alchemist_desktop.domain.probe import Probe, ProbeFailure
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.engine.encoder_choice import EncoderDesk
from alchemist_desktop.media.workspace import Workspace
from alchemist_desktop.storage.attempts import AttemptRepository
from alchemist_desktop.storage.completions import CompletionStore
from alchemist_desktop.storage.conversions import ConversionRepository
from alchemist_desktop.storage.decisions import DecisionRepository
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.journal import JournalRepository
from alchemist_desktop.storage.libraries import WatchDirRepository
from alchemist_desktop.storage.preferences import PreferenceRepository
from alchemist_desktop.storage.probes import ProbeCache
from alchemist_desktop.storage.profiles import ProfileRepository
from alchemist_desktop.storage.stats import StatsRepository
from alchemist_desktop.storage.trash import TrashRepository


class Prober(Protocol):
    """Reads files in other processes."""

    async def probe(self, path: str) -> Probe | ProbeFailure: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The repositories."""

    jobs: JobRepository
    decisions: DecisionRepository
    attempts: AttemptRepository
    completions: CompletionStore
    stats: StatsRepository
    probes: ProbeCache
    profiles: ProfileRepository
    watch_dirs: WatchDirRepository
    journal: JournalRepository
    trash: TrashRepository
    preferences: PreferenceRepository
    conversions: ConversionRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The engine's tools. `settings` and `capabilities` are asked anew whenever they are needed."""

    stores: Stores
    bus: EventBus
    clock: Clock
    runner: ProcessRunner
    prober: Prober
    workspace: Workspace
    ffmpeg: FfmpegInfo
    settings: Callable[[], Settings]
    capabilities: Callable[[], Capabilities]
    encoders: EncoderDesk
