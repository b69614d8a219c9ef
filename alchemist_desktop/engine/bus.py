"""The event bus: who publishes does not know who listens."""

import logging
from collections import deque
from collections.abc import Callable, Sequence

from alchemist_desktop.domain.events import Event, ProgressEvent, Published

logger = logging.getLogger(__name__)

_KEPT_FACTS = 2000  # enough for a client that lost its connection for some minutes


class EventBus:
    """Delivers every event to every receiver, in order, on the loop's thread. Satisfies `domain.ports.EventSource`.

    A receiver that raises is logged and does not keep the others from their event. What a receiver publishes while it is
    told something comes after that for everybody: no one sees a consequence before its cause, or numbers out of order.
    """

    def __init__(self) -> None:
        self._receivers: list[Callable[[Published], None]] = []
        self._kept: deque[Published] = deque(maxlen=_KEPT_FACTS)
        self._last_number = 0
        self._undelivered: deque[Published] = deque()
        self._is_delivering = False

    @property
    def last_number(self) -> int:
        return self._last_number

    def publish(self, event: Event | ProgressEvent) -> None:
        """Tell everybody. Call it after the change is stored, never before."""
        if isinstance(event, Event):
            self._last_number += 1
            published = Published(number=self._last_number, event=event)
            self._kept.append(published)
        else:
            published = Published(number=0, event=event)
        self._undelivered.append(published)
        if self._is_delivering:
            return
        self._is_delivering = True
        try:
            while self._undelivered:
                self._deliver(self._undelivered.popleft())
        finally:
            self._is_delivering = False

    def subscribe(self, receiver: Callable[[Published], None]) -> Callable[[], None]:
        self._receivers.append(receiver)

        def unsubscribe() -> None:
            if receiver in self._receivers:
                self._receivers.remove(receiver)

        return unsubscribe

    def _deliver(self, published: Published) -> None:
        for receiver in tuple(self._receivers):
            try:
                receiver(published)
            except Exception:  # the border between the engine and a face's receiver
                logger.exception("a receiver failed on %s", type(published.event).__name__)

    def since(self, number: int) -> Sequence[Published] | None:
        oldest = self._kept[0].number if self._kept else self._last_number + 1
        if number > self._last_number or number + 1 < oldest:
            return None
        return [published for published in self._kept if published.number > number]
