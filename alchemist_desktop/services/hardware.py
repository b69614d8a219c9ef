"""The hardware: what was found and proved, probing again, choosing a device."""

import asyncio
import hashlib
import json
import logging
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from alchemist_desktop.domain.capability import FfmpegInfo, SetAside, Vendor
from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.events import HardwareChanged, Published, SettingsChanged
from alchemist_desktop.domain.hardware import Found, HardwareMatrix, Selection, keep_proved
from alchemist_desktop.domain.ports import ProcessRunner
from alchemist_desktop.domain.settings import Hardware, Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.engine.encoder_choice import EncoderDesk
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.media.capabilities import detect
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.storage.hardware import HardwareRepository

logger = logging.getLogger(__name__)

_FORMAT = 1  # counted up when trials change, so that older results are not trusted
_VENDORS = frozenset(vendor.value for vendor in Vendor)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareState:
    """The newest detection, what the program makes of it, and what is left aside since."""

    matrix: HardwareMatrix
    selection: Selection
    set_aside: tuple[SetAside, ...]
    is_probing: bool


class HardwareService:
    """Detects once at the start, in the background, and whenever asked; announces each result (HardwareChanged).

    `start` once, before the engine starts; `stop` once. A result remembered from an earlier start counts at once and is
    proved anew in the background; without one the engine waits, but only where there is a device to wait for.
    """

    def __init__(
        self,
        *,
        desk: EncoderDesk,
        engine: Engine,
        settings: SettingsService,
        store: HardwareRepository,
        runner: ProcessRunner,
        ffmpeg: FfmpegInfo,
        bus: EventBus,
        find: Callable[[], Found],
    ) -> None:
        self._desk = desk
        self._engine = engine
        self._settings = settings
        self._store = store
        self._runner = runner
        self._ffmpeg = ffmpeg
        self._bus = bus
        self._find = find
        self._probing: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._known_settings = settings.current.hardware
        self._unsubscribe = bus.subscribe(self._on_event)

    async def start(self) -> None:
        """Take up what is known and begin to prove it."""
        found = await asyncio.to_thread(self._find)
        known = await self._store.get(_cache_key(self._ffmpeg, found)) if found.devices else await self._detect(found)
        if known is not None:
            self._adopt(known)
        if found.devices:
            self._set_pending(known is None)
            self._begin(found)

    async def stop(self) -> None:
        """End a detection that is under way."""
        self._unsubscribe()
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)

    async def ready(self) -> None:
        """Wait for the first result."""
        await self._ready.wait()

    @property
    def ffmpeg(self) -> FfmpegInfo:
        """The FFmpeg in use."""
        return self._ffmpeg

    def state(self) -> HardwareState | None:
        """None while no detection has ever ended."""
        matrix, selection = self._desk.matrix, self._desk.selection
        if matrix is None or selection is None:
            return None
        return HardwareState(matrix=matrix, selection=selection, set_aside=self._desk.set_aside(), is_probing=self._is_probing)

    async def probe(self) -> HardwareState:
        """Look for devices and try every encoder anew; joins a detection that is under way."""
        if self._probing is None or self._probing.done():
            self._begin(await asyncio.to_thread(self._find))
        assert self._probing is not None
        await asyncio.shield(self._probing)
        state = self.state()
        assert state is not None
        return state

    async def choose(self, *, vendor: str | None, device: str | None) -> Settings:
        """Work with the devices of one maker, or with one device; None for both lets the program choose.

        Raises InvalidRequestError (HARDWARE_SETTINGS_INVALID) for a maker or a device that cannot be.
        """
        return await self.change(lambda old: old.model_copy(update={"preferred_vendor": vendor, "device_path": device}))

    async def change(self, edit: Callable[[Hardware], Hardware]) -> Settings:
        """Change the hardware settings; makers are stored in lower case, paths as they really are."""
        wanted = edit(self._settings.current.hardware)
        vendor = (wanted.preferred_vendor or "").strip().lower() or None
        if vendor is not None and vendor not in _VENDORS:
            raise _invalid(f"{vendor!r} is no maker this program knows: use one of {', '.join(sorted(_VENDORS))}.")
        device = await asyncio.to_thread(self._real_device, (wanted.device_path or "").strip())
        new = wanted.model_copy(update={"preferred_vendor": vendor, "device_path": device})
        return await self._settings.change(lambda settings: settings.model_copy(update={"hardware": new}))

    def _real_device(self, named: str) -> str | None:
        """The device as it is known here: by its id, or by the path that a link leads to."""
        if not named:
            return None
        known = {device.id for device in self._desk.matrix.devices} if self._desk.matrix else set()
        if named in known:
            return named
        if not Path(named).is_absolute():
            raise _invalid(f"There is no device {named}.")
        try:
            return str(Path(named).resolve(strict=True))
        except (OSError, ValueError, RuntimeError) as error:  # a name with a NUL is none, nor is a link to itself
            raise _invalid(f"There is no device {named}.") from error

    @property
    def _is_probing(self) -> bool:
        return self._probing is not None and not self._probing.done()

    def _begin(self, found: Found) -> None:
        self._probing = asyncio.create_task(self._prove(found), name="hardware detection")

    async def _prove(self, found: Found) -> None:
        try:
            matrix = keep_proved(self._desk.matrix, await self._detect(found))
            if found.devices:
                await self._store.put(_cache_key(self._ffmpeg, found), matrix)
            self._adopt(matrix)
        except OSError as error:  # no room for the trials' files, say: the CPU can still work
            logger.warning("The hardware could not be tried: %s", error)
            self._adopt(await self._detect(Found(absences=found.absences)))
        finally:
            self._set_pending(False)

    async def _detect(self, found: Found) -> HardwareMatrix:
        return await detect(self._runner, self._ffmpeg, found)

    def _adopt(self, matrix: HardwareMatrix) -> None:
        self._desk.adopt(matrix)
        passed = sum(trial.succeeded for trial in matrix.trials)
        logger.info("Hardware: %d devices, %d of %d trials passed", len(matrix.devices), passed, len(matrix.trials))
        self._ready.set()
        # Told a moment later: a detection still counts as running while its own task adopts the result.
        asyncio.get_running_loop().call_soon(self._bus.publish, HardwareChanged())

    def _set_pending(self, is_pending: bool) -> None:
        if self._engine.switches.hardware_pending != is_pending:
            self._engine.switch(lambda switches: replace(switches, hardware_pending=is_pending))

    def _on_event(self, published: Published) -> None:
        """Another choice in the settings counts at once."""
        event = published.event
        if isinstance(event, SettingsChanged) and event.settings.hardware != self._known_settings:
            self._known_settings = event.settings.hardware
            self._bus.publish(HardwareChanged())


def _cache_key(ffmpeg: FfmpegInfo, found: Found) -> str:
    """Everything a result depends on: system, FFmpeg, drivers, and the devices with their addresses."""
    devices = [(device.id, device.name, device.pci_id, device.driver) for device in found.devices]
    facts = [_FORMAT, platform.system(), platform.release(), platform.machine(), ffmpeg.path, ffmpeg.version, devices]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _invalid(message: str) -> InvalidRequestError:
    return InvalidRequestError(message, code="HARDWARE_SETTINGS_INVALID")
