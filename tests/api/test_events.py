"""The event stream: what it says, how it keeps up, how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from alchemist_desktop.api.sse import Stream
from alchemist_desktop.domain import events
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.engine_state import ScanStatus
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState, Phase
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.settings import Settings
from tests.api.in_memory import make_job, make_log
from tests.api.support import World, check_problem

pytestmark = pytest.mark.anyio


class Reader:
    """Reads one stream frame by frame."""

    def __init__(self, reply: httpx.Response) -> None:
        self._chunks = reply.aiter_raw()
        self._text = b""

    async def frame(self) -> str:
        async with asyncio.timeout(10):
            while b"\n\n" not in self._text:
                self._text += await anext(self._chunks)
        frame, _, self._text = self._text.partition(b"\n\n")
        return frame.decode()

    async def event(self) -> tuple[str, Any]:
        """Name and payload of the next event; comments are passed over."""
        while (frame := await self.frame()) == ":":
            pass
        fields = dict(line.split(": ", 1) for line in frame.split("\n"))
        return fields["event"], json.loads(fields["data"])

    async def rest(self) -> bytes:
        async with asyncio.timeout(10):
            return self._text + b"".join([chunk async for chunk in self._chunks])


@asynccontextmanager
async def listening(client: httpx.AsyncClient, **headers: str) -> AsyncIterator[Reader]:
    async with client.stream("GET", "/api/v1/events", headers={k.replace("_", "-"): v for k, v in headers.items()}) as reply:
        assert reply.status_code == 200
        reader = Reader(reply)
        assert await reader.frame() == ":"  # the stream is open on the other side too
        yield reader


def _job_changed(number: int, state: JobState = JobState.COMPLETED) -> events.JobChanged:
    return events.JobChanged(job=make_job(number, state), state_changed=True)


def _progress(number: int, percent: float) -> events.JobProgressed:
    progress = JobProgress(job_id=JobId(number), phase=Phase.ENCODING, percent=percent, time_s=3672.34)
    return events.JobProgressed(progress=progress)


async def test_headers_come_at_once(world: World) -> None:
    async with world.client() as client, client.stream("GET", "/api/v1/events") as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "text/event-stream"
        assert reply.headers["cache-control"] == "no-cache"
        assert "x-request-id" in reply.headers
        assert reply.headers["x-frame-options"] == "DENY"


async def test_head_opens_no_stream(world: World) -> None:
    world.set_options(max_streams=0)
    async with world.client() as client:
        reply = await client.head("/api/v1/events")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/event-stream"


_EXPLANATION = explain("already_target_codec", codec="av1", bit_depth=10)


@pytest.mark.parametrize(
    ("event", "name", "data"),
    [
        (_job_changed(5), "status", {"job_id": 5, "status": "completed"}),
        (events.JobAdded(job=make_job(6)), "status", {"job_id": 6, "status": "queued"}),
        (events.JobRemoved(job_id=JobId(6)), "status", {"job_id": 0, "status": "queued"}),
        (events.JobListChanged(), "status", {"job_id": 0, "status": "queued"}),
        (
            events.LogWritten(entry=make_log(1, "info", "frame=1\nfps=2\r\ncaf\udce9")),
            "log",
            {"level": "info", "job_id": 1, "message": "frame=1\nfps=2\r\ncaf\\xe9"},
        ),
        (events.ScanStarted(), "scan_started", {}),
        (events.ScanCompleted(status=ScanStatus()), "scan_completed", {}),
        (events.EngineIdle(), "engine_idle", {}),
        (events.HardwareChanged(), "hardware_state_changed", {}),
        (events.DiskSpaceLow(reason="/media is full."), "disk_space_low", {"reason": "/media is full."}),
        (events.WatchFolderAdded(path="/media"), "watch_folder_added", {"path": "/media"}),
        (events.WatchFolderRemoved(path="/media"), "watch_folder_removed", {"path": "/media"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_facts_on_the_wire(world: World, event: events.Event, name: str, data: object) -> None:
    async with world.client() as client, listening(client) as reader:
        world.bus.publish(event)
        frame = await reader.frame()
    assert frame == f"id: 1\nevent: {name}\ndata: {frame.split('data: ')[1]}"
    assert "\n" not in frame.split("data: ")[1]
    assert json.loads(frame.split("data: ")[1]) == data


async def test_engine_status_has_no_payload(world: World) -> None:
    async with world.client() as client, listening(client) as reader:
        world.bus.publish(events.EngineStatusChanged(status=world.engine.status()))
        assert await reader.event() == ("engine_status_changed", {})


@pytest.mark.parametrize(("action", "wire"), [(Action.SKIP, "skip"), (Action.REMUX, "remux"), (Action.TRANSCODE, "encode")])
async def test_decisions(world: World, action: Action, wire: str) -> None:
    async with world.client() as client, listening(client) as reader:
        world.bus.publish(events.DecisionMade(job_id=JobId(3), action=action, explanation=_EXPLANATION))
        name, data = await reader.event()
    assert name == "decision"
    assert (data["job_id"], data["action"], data["reason"]) == (3, wire, "already_target_codec|codec=av1,bit_depth=10")
    assert data["explanation"]["summary"] == _EXPLANATION.summary


async def test_facts_without_a_wire_form_are_passed_over(world: World) -> None:
    async with world.client() as client, listening(client) as reader:
        world.bus.publish(events.JobChanged(job=make_job(1), state_changed=False))
        world.bus.publish(events.ScanProgressed(status=ScanStatus()))
        world.bus.publish(events.EngineIdle())
        assert await reader.frame() == "id: 2\nevent: engine_idle\ndata: {}"


@pytest.mark.parametrize(("token", "sees"), [("full_access", True), ("read_only", False), ("jellyfin", False)])
async def test_only_full_access_sees_the_settings(world: World, token: str, sees: bool) -> None:
    async with world.client(f"alc_tok_{token}") as client, listening(client) as reader:
        world.bus.publish(events.SettingsChanged(settings=Settings()))
        name, data = await reader.event()
    assert name == "config_updated"
    assert ("transcode" in data) is sees
    assert sees or data == {}


async def test_progress_is_a_number_of_seconds(world: World) -> None:
    async with world.client() as client, listening(client) as reader:
        world.bus.publish(_progress(4, 12.5))
        frame = await reader.frame()
    assert frame.startswith("event: progress\n")  # no id: it is no fact
    data = json.loads(frame.split("data: ")[1])
    assert (data["job_id"], data["percentage"], data["time"], data["time_text"]) == (4, 12.5, 3672.34, "01:01:12.340000")


async def test_progress_is_coalesced_and_the_newest_wins(world: World) -> None:
    world.set_options(progress_interval_s=0.1)
    async with world.client() as client, listening(client) as reader:
        for percent in range(100):
            world.bus.publish(_progress(1, percent))
            world.bus.publish(_progress(2, percent / 2))
        seen = [(data["job_id"], data["percentage"]) for _, data in [await reader.event() for _ in range(3)]]
        world.bus.publish(events.EngineIdle())
        last = await reader.event()
    assert seen == [(1, 0.0), (2, 49.5), (1, 99.0)]  # the first at once, the rest of the burst as one
    assert last == ("engine_idle", {})


async def test_progress_does_not_outlive_its_job(world: World) -> None:
    world.set_options(progress_interval_s=0.05)
    async with world.client() as client, listening(client) as reader:
        world.bus.publish(_progress(1, 1))
        world.bus.publish(_progress(1, 99))
        world.bus.publish(_job_changed(1))
        await asyncio.sleep(0.2)
        world.bus.publish(events.EngineIdle())
        seen = [(await reader.event())[0] for _ in range(3)]
    # The first progress may come with the fact; the one that waited never comes.
    assert sorted(seen) == ["engine_idle", "progress", "status"]


async def test_silence_is_broken_by_comments(world: World) -> None:
    world.set_options(keep_alive_s=0.05)
    async with world.client() as client, listening(client) as reader:
        assert [await reader.frame() for _ in range(3)] == [":", ":", ":"]
        world.bus.publish(events.EngineIdle())
        assert await reader.event() == ("engine_idle", {})


async def test_a_reader_that_falls_behind_is_told_how_far() -> None:
    stream = Stream(3, is_redacted=False)
    for number in range(5):
        stream.add_fact(b"fact %d\n\n" % number)
    stream.add_progress(JobId(1), b"old\n\n")
    stream.add_progress(JobId(1), b"new\n\n")
    chunk = await stream.next_chunk(1)
    assert chunk == b'event: lagged\ndata: {"skipped":2}\n\nfact 2\n\nfact 3\n\nfact 4\n\nnew\n\n'
    stream.add_fact(b"later\n\n")
    assert await stream.next_chunk(1) == b"later\n\n"
    stream.close()
    assert await stream.next_chunk(1) is None


async def test_a_burst_over_the_socket_loses_nothing_silently(world: World) -> None:
    world.set_options(stream_buffer=10)
    async with world.client() as client, listening(client) as reader:
        for number in range(1, 41):
            world.bus.publish(_job_changed(number))
        name, data = await reader.event()
        assert name == "lagged"
        kept = [(await reader.event())[1]["job_id"] for _ in range(40 - data["skipped"])]
    assert data["skipped"] == 30
    assert kept == list(range(31, 41))


async def test_resuming_by_number(world: World) -> None:
    for number in range(1, 6):
        world.bus.publish(_job_changed(number))
    async with world.client() as client, listening(client, Last_Event_ID="3") as reader:
        assert [(await reader.event())[1]["job_id"] for _ in range(2)] == [4, 5]
        world.bus.publish(_job_changed(6))
        assert await reader.frame() == 'id: 6\nevent: status\ndata: {"job_id":6,"status":"completed"}'


@pytest.mark.parametrize(("last_id", "skipped"), [("1", 2999), ("9999999", 1)])
async def test_resuming_from_too_long_ago_or_another_life(world: World, last_id: str, skipped: int) -> None:
    for number in range(3000):
        world.bus.publish(_job_changed(number))
    async with world.client() as client, listening(client, Last_Event_ID=last_id) as reader:
        assert await reader.event() == ("lagged", {"skipped": skipped})
        world.bus.publish(events.EngineIdle())
        assert await reader.event() == ("engine_idle", {})


@pytest.mark.parametrize("last_id", ["", "x", "-1", "²", "1" * 30])
async def test_a_number_that_is_none_begins_now(world: World, last_id: str) -> None:
    world.bus.publish(_job_changed(1))
    headers = {"Last-Event-ID": last_id.encode()}
    async with world.client() as client, client.stream("GET", "/api/v1/events", headers=headers) as reply:  # type: ignore[arg-type]
        reader = Reader(reply)
        assert await reader.frame() == ":"
        world.bus.publish(events.EngineIdle())
        assert await reader.event() == ("engine_idle", {})


async def test_streams_are_limited_and_leaving_makes_room(world: World) -> None:
    world.set_options(max_streams=2)
    async with world.client() as client:
        async with listening(client), listening(client):
            check_problem(await client.get("/api/v1/events"), 429, "SSE_CONNECTION_LIMIT_REACHED")
        async with asyncio.timeout(10):
            while (status := await _status_of_a_stream(client)) == 429:
                await asyncio.sleep(0.01)
        assert status == 200


async def _status_of_a_stream(client: httpx.AsyncClient) -> int:
    async with client.stream("GET", "/api/v1/events") as reply:
        return reply.status_code


async def test_fifty_streams_are_the_usual_limit(world: World) -> None:
    limits = httpx.Limits(max_connections=60)
    async with world.client() as client, httpx.AsyncClient(limits=limits, trust_env=False, headers=client.headers) as many:
        streams = [many.stream("GET", f"{client.base_url}/api/v1/events") for _ in range(50)]
        replies = await asyncio.gather(*(stream.__aenter__() for stream in streams))
        assert [reply.status_code for reply in replies] == [200] * 50
        check_problem(await client.get("/api/v1/events"), 429, "SSE_CONNECTION_LIMIT_REACHED")
        await asyncio.gather(*(reply.aclose() for reply in replies))


async def test_streams_end_with_the_face(world: World) -> None:
    server = world.server()
    await server.start()
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{server.port}", trust_env=False, headers={"Authorization": "Bearer alc_tok_full_access"}
    ) as client:
        async with listening(client) as first, listening(client) as second:
            await server.stop()
            assert await first.rest() == await second.rest() == b""  # a clean end, not a broken connection
        assert server.is_running is False


async def test_the_bus_is_left_alone_while_nobody_listens(world: World) -> None:
    subscriptions = 0
    subscribe = world.bus.subscribe

    class Counting:
        """The bus, counting who listens."""

        @property
        def last_number(self) -> int:
            return world.bus.last_number

        def since(self, number: int) -> object:
            return world.bus.since(number)

        def subscribe(self, receiver: Any) -> Any:
            nonlocal subscriptions
            subscriptions += 1
            end = subscribe(receiver)

            def unsubscribe() -> None:
                nonlocal subscriptions
                subscriptions -= 1
                end()

            return unsubscribe

    world.bus = Counting()  # type: ignore[assignment] # the port is all the face knows of it
    async with world.client() as client:
        assert subscriptions == 0
        async with listening(client), listening(client):
            assert subscriptions == 1
        async with asyncio.timeout(10):
            while subscriptions:
                await asyncio.sleep(0.01)
