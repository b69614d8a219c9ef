"""The Jellyfin plugin: its five requests with its token, its listener, and how it finds the server again."""

import contextlib
import json
import threading
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.e2e.replays.long_encode import LongEncode
from tests.e2e.replays.site import Site
from tests.e2e.replays.wire import GUARD_S, Read, decode
from tests.support.media import make_clip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

EXTENSIONS = (".mkv", ".mp4", ".mov", ".avi", ".ts", ".m2ts", ".webm")
_WEBM = (("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M"), ("-c:a", "libopus"))
_RECONNECT_S = 0.2  # the plugin itself waits 5 s at first, and twice as long after each failure


class Job(Read):
    id: int
    input_path: str
    output_path: str
    status: str


class Details(Read):
    job: Job


class Plugin:
    """What the plugin does. It carries its token in every request, and no cookies."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=100, trust_env=False)
        self._is_stopped = threading.Event()
        self._heard = threading.Condition()
        self._completed: list[Job] = []
        self._connections = 0
        self._listener = threading.Thread(target=self._listen, name="listener of the plugin")

    def test(self) -> None:
        """The button on its settings page: both requests must succeed, the second by its headers alone."""
        self._http.get(f"{self._base_url}/api/v1/system/info").raise_for_status()
        with self._http.stream("GET", f"{self._base_url}/api/v1/events") as reply:
            reply.raise_for_status()

    def enqueue(self, path: Path) -> None:
        reply = self._http.post(f"{self._base_url}/api/v1/jobs/enqueue", json={"path": str(path)})
        assert reply.is_success, reply.text

    def listen(self) -> None:
        self._listener.start()
        self.wait_connected(1)

    def stop(self) -> None:
        """To be called when the server has ended, or else the listener waits for it to say something."""
        self._is_stopped.set()
        if self._listener.is_alive():
            self._listener.join()
        self._http.close()

    def wait_connected(self, times: int) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: self._connections >= times, GUARD_S)

    def wait_completed(self, *inputs: Path) -> list[Job]:
        """The jobs it asked Jellyfin to look at, as soon as these are among them."""
        wanted = {str(path) for path in inputs}
        with self._heard:
            assert self._heard.wait_for(lambda: {job.input_path for job in self._completed} >= wanted, GUARD_S), self._completed
            return list(self._completed)

    def _listen(self) -> None:
        while not self._is_stopped.is_set():
            with contextlib.suppress(httpx.TransportError):  # the server is away
                self._read_stream()
            self._is_stopped.wait(_RECONNECT_S)

    def _read_stream(self) -> None:
        with self._http.stream("GET", f"{self._base_url}/api/v1/events") as reply:
            reply.raise_for_status()
            with self._heard:
                self._connections += 1
                self._heard.notify_all()
            event = data = ""
            for line in reply.iter_lines():
                if line.startswith("event:"):
                    event = line.removeprefix("event:").strip()
                elif line.startswith("data:"):
                    data = line.removeprefix("data:").strip()
                elif line == "":
                    self._dispatch(event, data)
                    event = data = ""

    def _dispatch(self, event: str, data: str) -> None:
        if event != "status":
            return
        facts = json.loads(data)
        if facts["status"].lower() != "completed" or int(facts["job_id"]) <= 0:
            return
        if facts["job_id"] in {job.id for job in self._completed}:
            return
        job = decode(Details, self._http.get(f"{self._base_url}/api/v1/jobs/{facts['job_id']}/details")).job
        with self._heard:
            self._completed.append(job)
            self._heard.notify_all()


def test_the_plugin_hears_of_every_file_it_queued_also_after_the_server_was_away(site: Site) -> None:
    site.start()
    site.set_up()
    token = site.token("jellyfin")
    with ExitStack() as stack:
        plugin = Plugin(site.url, token)
        stack.callback(plugin.stop)
        stack.callback(site.program.terminate)
        plugin.test()
        plugin.listen()
        film = site.library.film
        with LongEncode(film):
            plugin.enqueue(site.library.add(film.name, is_long=True))
            others = [make_episode(site.library.folder, extension) for extension in EXTENSIONS]
            for path in others:
                plugin.enqueue(path)
            completed = plugin.wait_completed(*others)
            results = {Path(job.output_path) for job in completed}
            assert len(results) == len(EXTENSIONS), "equal names do not meet in one result"
            assert [path for path in results if not path.is_file()] == []
            assert {job.input_path for job in completed} == {str(path) for path in others}, "the film is still being encoded"
            assert site.program.terminate() == 0
            site.start()
            plugin.wait_connected(2)
        done = plugin.wait_completed(film)
        assert [job.input_path for job in done].count(str(film)) == 1
        assert done[-1].status == "completed"
        assert Path(done[-1].output_path).is_file()


def test_an_address_with_a_path_needs_a_proxy_that_takes_the_path_away(site: Site) -> None:
    site.start()
    site.set_up()
    token = site.token("jellyfin")
    plugin = Plugin(f"{site.url}/alchemist", token)
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        plugin.test()
    plugin.stop()
    slash = Plugin(f"{site.url}/", token)
    slash.test()
    slash.stop()
    assert site.program.terminate() == 0


def make_episode(folder: Path, extension: str) -> Path:
    path = folder / f"episode{extension}"
    if extension == ".webm":
        return make_clip(path, duration_s=1, video=_WEBM[0], audio=_WEBM[1])
    return make_clip(path, duration_s=1)
