"""Keeps the machine awake while jobs run, and only then."""

from types import TracebackType
from typing import Self

from alchemist_desktop.domain.events import JobChanged, Published
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.system.power import SleepInhibitor


class KeepAwake:
    """Context manager: while it is entered, sleep is held off from the first running job to the end of the last."""

    def __init__(self, bus: EventBus, engine: Engine, inhibitor: SleepInhibitor) -> None:
        self._bus = bus
        self._engine = engine
        self._inhibitor = inhibitor

    def __enter__(self) -> Self:
        self._unsubscribe = self._bus.subscribe(self._on_event)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._unsubscribe()
        self._inhibitor.release()

    def _on_event(self, published: Published) -> None:
        event = published.event
        if not isinstance(event, JobChanged) or not event.state_changed:
            return
        if event.job.state.is_active:
            self._inhibitor.hold("Videos are being encoded")
        elif all(context.job.id == event.job.id for context in self._engine.contexts()):
            self._inhibitor.release()
