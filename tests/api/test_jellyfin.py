"""What the Jellyfin plugin does with its token: its exact requests, in its order, and nothing else."""

import asyncio

import pytest

from alchemist_desktop.domain.events import JobChanged
from alchemist_desktop.domain.job import JobState
from tests.api.in_memory import make_job
from tests.api.support import World, check_problem

pytestmark = pytest.mark.anyio

TOKEN = "alc_tok_jellyfin"


async def test_the_plugins_five_routes(world: World) -> None:
    job = make_job(17, JobState.COMPLETED)
    world.jobs.add(job)
    async with world.client(TOKEN) as client:
        assert (await client.get("/api/v1/system/info")).status_code == 200
        assert (await client.get("/api/v1/ready")).json() == {"ready": True}
        assert (await client.post("/api/v1/jobs/enqueue", json={"path": "/media/new.mkv"})).json()["enqueued"] is True
        async with asyncio.timeout(10), client.stream("GET", "/api/v1/events") as stream:
            assert stream.status_code == 200, "the headers come before any event"
            world.bus.publish(JobChanged(job=job, state_changed=True))
            lines = stream.aiter_lines()
            fields: dict[str, str] = {}
            async for line in lines:
                name, separator, value = line.partition(":")
                if separator and name:
                    fields[name] = value.strip()
                if not line and "data" in fields:
                    break
        assert fields["event"] == "status"
        assert fields["data"] == '{"job_id":17,"status":"completed"}'
        details = (await client.get("/api/v1/jobs/17/details")).json()["job"]
        assert {name: details[name] for name in ("id", "input_path", "output_path", "status")} == {
            "id": 17,
            "input_path": job.input_path,
            "output_path": job.output_path,
            "status": "completed",
        }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/jobs"),
        ("GET", "/stats"),
        ("GET", "/settings/bundle"),
        ("GET", "/logs/history"),
        ("POST", "/jobs/17/cancel"),
        ("POST", "/jobs/17/details"),
        ("POST", "/engine/pause"),
        ("DELETE", "/jobs/17"),
        ("GET", "/jobs/1/2/details"),
        ("POST", "/webhooks/arr"),
    ],
)
async def test_everything_else_is_closed_to_it(world: World, method: str, path: str) -> None:
    async with world.client(TOKEN) as client:
        for prefix in ("/api/v1", "/api"):
            check_problem(await client.request(method, prefix + path), 403, "API_TOKEN_FORBIDDEN")
