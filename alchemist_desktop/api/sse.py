"""The bus as event streams: one hub for all clients, one bounded stream for each."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.schemas.encoding import encode
from alchemist_desktop.api.schemas.events import WireEvent, fact_json, lagged_json, progress_json
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.events import AccessChanged, Event, JobChanged, JobProgressed, JobRemoved, Published
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.ports import EventSource

KEEP_ALIVE = b":\n\n"
_ASK_AGAIN_S = 60.0


def frame(event: WireEvent, number: int = 0, *, is_redacted: bool = False) -> bytes:
    """One event as it goes over the wire; facts carry their number as id."""
    identity = b"id: %d\n" % number if number else b""
    data = {} if is_redacted and event.is_confidential else event.data
    return b"%sevent: %s\ndata: %s\n\n" % (identity, event.name.encode(), encode(data))


class Stream:
    """What waits for one client. Facts queue up to a limit, then the oldest go and the client is told how many did;
    of each job's progress only the newest waits."""

    def __init__(self, capacity: int, *, is_redacted: bool) -> None:
        self.is_redacted = is_redacted
        self._capacity = capacity
        self._facts: deque[bytes] = deque()
        self._progress: dict[JobId, bytes] = {}
        self._skipped = 0
        self._is_closed = False
        self._wake = asyncio.Event()
        self.access_changed = asyncio.Event()

    def add_fact(self, data: bytes) -> None:
        if len(self._facts) >= self._capacity:
            self._facts.popleft()
            self._skipped += 1
        self._facts.append(data)
        self._wake.set()

    def add_progress(self, job_id: JobId, data: bytes) -> None:
        self._progress[job_id] = data
        self._wake.set()

    def skip(self, count: int) -> None:
        """Tell the client that so many facts are gone."""
        self._skipped += count
        self._wake.set()

    def close(self) -> None:
        self._is_closed = True
        self._wake.set()

    async def next_chunk(self, keep_alive_s: float) -> bytes | None:
        """What there is to send, as soon as there is something; a comment after a silence, None at the end."""
        try:
            async with asyncio.timeout(keep_alive_s):
                await self._wake.wait()
        except TimeoutError:
            return KEEP_ALIVE
        if self._is_closed:
            return None
        self._wake.clear()
        lagged = [frame(lagged_json(self._skipped))] if self._skipped else []
        chunk = b"".join([*lagged, *self._facts, *self._progress.values()])
        self._facts.clear()
        self._progress.clear()
        self._skipped = 0
        return chunk


class EventHub:
    """Turns events into frames once and hands them to every open stream. Lives on the loop's thread; it listens to the
    bus only while a stream is open. Progress goes out at most once per interval for each job."""

    def __init__(self, events: EventSource, *, max_streams: int, buffer: int, progress_interval_s: float) -> None:
        self._events = events
        self._max_streams = max_streams
        self._buffer = buffer
        self._interval_s = progress_interval_s
        self._streams: set[Stream] = set()
        self._unsubscribe: Callable[[], None] | None = None
        self._progress: dict[JobId, JobProgress] = {}
        self._timer: asyncio.TimerHandle | None = None

    def open(self, *, is_redacted: bool, after: int | None) -> Stream:
        """A new stream, beginning with the facts after number `after`. The caller must close it."""
        if len(self._streams) >= self._max_streams:
            raise ProblemError(429, "SSE_CONNECTION_LIMIT_REACHED", f"All {self._max_streams} event streams are in use.")
        stream = Stream(self._buffer, is_redacted=is_redacted)
        if after is not None:
            self._replay(stream, after)
        self._streams.add(stream)
        if self._unsubscribe is None:
            self._unsubscribe = self._events.subscribe(self._on_event)
        return stream

    def close(self, stream: Stream) -> None:
        stream.close()
        self._streams.discard(stream)
        if not self._streams and self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
            self._progress.clear()

    def _replay(self, stream: Stream, after: int) -> None:
        newest = self._events.last_number
        missed = self._events.since(after) if after <= newest else None
        if missed is None:  # too old to know, or from before the program was started anew
            stream.skip(max(1, newest - after))
            return
        for published in missed:
            self._offer_fact(published, (stream,))

    def _on_event(self, published: Published) -> None:
        event = published.event
        if isinstance(event, AccessChanged):
            for stream in self._streams:
                stream.access_changed.set()
        if isinstance(event, JobProgressed):
            self._progress[event.progress.job_id] = event.progress
            if self._timer is None:
                self._flush_progress()
            return
        self._forget_progress(event)
        self._offer_fact(published, self._streams)

    def _forget_progress(self, event: object) -> None:
        """Progress that still waits would contradict what has just happened to its job."""
        if isinstance(event, JobChanged) and event.state_changed:
            self._progress.pop(event.job.id, None)
        elif isinstance(event, JobRemoved):
            self._progress.pop(event.job_id, None)

    def _offer_fact(self, published: Published, streams: set[Stream] | tuple[Stream, ...]) -> None:
        wire = fact_json(published.event) if isinstance(published.event, Event) else None
        if wire is None:
            return
        full = frame(wire, published.number)
        redacted = frame(wire, published.number, is_redacted=True) if wire.is_confidential else full
        for stream in streams:
            stream.add_fact(redacted if stream.is_redacted else full)

    def _flush_progress(self) -> None:
        if not self._progress:
            self._timer = None
            return
        for job_id, progress in self._progress.items():
            data = frame(progress_json(progress))
            for stream in self._streams:
                stream.add_progress(job_id, data)
        self._progress.clear()
        self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._flush_progress)


class EventStreamResponse(Response):
    """Sends one client's stream until the client leaves, loses its access, or the face stops.

    `may_listen` tells whether the credential that opened the stream still counts.
    """

    def __init__(
        self,
        hub: EventHub,
        options: ApiOptions,
        *,
        may_listen: Callable[[], Awaitable[bool]],
        is_redacted: bool,
        after: int | None,
    ) -> None:
        super().__init__(media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
        del self.headers["content-length"]
        self.headers["content-type"] = "text/event-stream"
        self._hub = hub
        self._options = options
        self._may_listen = may_listen
        self._is_redacted = is_redacted
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await self._start(send, more=False)
            return
        stream = self._hub.open(is_redacted=self._is_redacted, after=self._after)
        endings = (_disconnected(receive), self._options.stop.wait(), self._until_refused(stream))
        watchers = [asyncio.create_task(ending) for ending in endings]
        for watcher in watchers:
            watcher.add_done_callback(lambda _: stream.close())
        try:
            await self._start(send, more=True)
            while (chunk := await stream.next_chunk(self._options.keep_alive_s)) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            for watcher in watchers:
                watcher.cancel()
            self._hub.close(stream)
            await asyncio.gather(*watchers, return_exceptions=True)

    async def _until_refused(self, stream: Stream) -> bool:
        """Asks again after every change, and now and then: sessions end by themselves."""
        while await self._may_listen():
            with suppress(TimeoutError):
                async with asyncio.timeout(_ASK_AGAIN_S):
                    await stream.access_changed.wait()
            stream.access_changed.clear()
        return True

    async def _start(self, send: Send, *, more: bool) -> None:
        """Headers at once, and a first comment behind them: some clients wait for nothing else."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": KEEP_ALIVE if more else b"", "more_body": more})


async def _disconnected(receive: Receive) -> bool:
    while (await receive())["type"] != "http.disconnect":
        pass
    return True
