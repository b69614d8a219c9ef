"""The running program as its clients see it: set-up, sign-in, tokens, the queue and the event stream, over real HTTP."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.media import make_clip
from tests.support.program import Program

pytestmark = pytest.mark.slow

QUICK: dict[str, dict[str, object]] = {
    "transcode": {
        "min_file_size_mb": 0, "size_reduction_threshold": 0.0, "min_bpp_threshold": 0.0, "predict_size": False,
        "output_codec": "hevc", "quality_profile": "speed",
    },
    "hardware": {"cpu_preset": "faster"},
    "system": {"min_free_space_gb": 0},
}  # fmt: skip


class Client:
    """One signed-in client of a running program."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=30)

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def post(self, path: str, body: object = None) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def until(self, path: str, is_reached: Any) -> Any:
        """What `path` answers once `is_reached` says so."""
        deadline_s = time.monotonic() + 60
        while not is_reached(answer := self.get(path)):
            assert time.monotonic() < deadline_s, answer
            time.sleep(0.1)
        return answer


Connect = Callable[..., Client]


class EventReader(threading.Thread):
    """Collects the events of one stream as (name, data) until the server ends it."""

    def __init__(self, client: Client) -> None:
        super().__init__(daemon=True)
        self._client = client
        self.events: list[tuple[str, Any]] = []
        self.is_open = threading.Event()
        self.is_ended = threading.Event()

    def run(self) -> None:
        with self._client.http.stream("GET", "/events", timeout=60) as response:
            name = ""
            self.is_open.set()
            for line in response.iter_lines():
                if line.startswith("event:"):
                    name = line.removeprefix("event:").strip()
                elif line.startswith("data:"):
                    self.events.append((name, json.loads(line.removeprefix("data:"))))
        self.is_ended.set()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    make_clip(folder / "film.mkv", duration_s=2)
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with Program(tmp_path / "home", QUICK) as running:
        (tmp_path / "home" / "config.toml").unlink()  # a first start finds no file
        yield running


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes clients, and closes them at the end."""
    with ExitStack() as stack:

        def make(url: str, token: str | None = None) -> Client:
            client = Client(url, token)
            stack.callback(client.http.close)
            return client

        yield make


def set_up(connect: Connect, url: str, library: Path) -> Client:
    client = connect(url)
    assert client.get("/setup/status")["setup_required"] is True
    assert client.http.get("/jobs").status_code == 401
    settings = client.get("/settings/bundle")["settings"]
    for section, members in QUICK.items():
        settings[section] |= members
    settings["scanner"]["directories"] = [str(library)]
    answer = client.post("/setup/complete", {"username": "owner", "password": "a good password", "settings": settings})
    assert answer["concurrent_jobs"] == 1
    return client


def test_from_an_empty_machine_to_an_encoded_file_over_http(program: Program, library: Path, connect: Connect) -> None:
    program.start("serve", "--port", "0")
    url = program.wait_ready()
    owner = set_up(connect, url, library)
    reader = EventReader(owner)
    reader.start()
    assert reader.is_open.wait(10)
    done = owner.until("/jobs", lambda jobs: [job["status"] for job in jobs] == ["completed"])
    details = owner.get(f"/jobs/{done[0]['id']}/details")
    assert details["encode_stats"]["output_size_bytes"] == (library / "film-alchemist.mkv").stat().st_size
    assert details["encode_attempts"][0]["outcome"] == "completed"
    assert details["metadata"]["codec_name"] == "h264"
    assert owner.get("/stats/aggregated")["total_jobs"] == 1
    assert owner.get("/setup/status")["setup_required"] is False

    token = owner.post("/settings/api-tokens", {"name": "plugin", "access_level": "jellyfin"})["plaintext_token"]
    plugin = connect(url, token)
    assert plugin.get(f"/jobs/{done[0]['id']}/details")["job"]["status"] == "completed"
    assert plugin.http.get("/jobs").status_code == 403
    make_clip(library / "second.mkv", duration_s=1)
    assert plugin.post("/jobs/enqueue", {"path": str(library / "second.mkv")})["enqueued"] is True
    owner.until("/jobs?status=completed", lambda jobs: len(jobs) == 2)

    statuses = [data["status"] for name, data in reader.events if name == "status"]
    assert statuses[-1] == "completed"
    assert "encoding" in statuses
    assert program.terminate() == 0
    assert reader.is_ended.wait(5)


def test_pause_cancel_and_restart_over_http(program: Program, library: Path, connect: Connect) -> None:
    make_clip(library / "film.mkv", duration_s=20, size="854x480")
    program.start("serve", "--port", "0")
    owner = set_up(connect, program.wait_ready(), library)
    job = owner.until("/jobs", lambda jobs: [job["status"] for job in jobs] == ["encoding"])[0]
    assert owner.http.delete(f"/jobs/{job['id']}").status_code == 409
    assert owner.post("/engine/pause")["status"] == "paused"
    owner.post(f"/jobs/{job['id']}/cancel")
    owner.until("/jobs", lambda jobs: jobs[0]["status"] == "cancelled")
    assert owner.get("/processor/status")["blocked_reason"] == "manual_paused"
    owner.post(f"/jobs/{job['id']}/restart")
    owner.until("/jobs", lambda jobs: jobs[0]["status"] == "queued" and jobs[0]["decision_explanation"] is not None)
    assert owner.post("/engine/resume")["status"] == "running"
    owner.until("/jobs", lambda jobs: jobs[0]["status"] == "encoding")
    assert program.terminate() == 0
    assert [record.state for record in program.jobs()] == ["queued"]
    assert [path.name for path in library.iterdir()] == ["film.mkv"]
