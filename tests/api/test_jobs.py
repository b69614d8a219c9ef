"""Job routes: shapes, queries, conflicts."""

import json

import pytest

from alchemist_desktop.domain.attempt import AttemptOutcome
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import TERMINAL_STATES, JobState
from alchemist_desktop.domain.queries import JobDetails, JobQuery, JobSort
from tests.api.in_memory import make_attempt, make_job, make_log, make_probe, make_stats
from tests.api.shapes import DetailShape, JobRowShape
from tests.api.support import World, check_problem

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/api/jobs", "/api/jobs/table"])
async def test_the_list_is_a_bare_array_of_rows(world: World, path: str) -> None:
    world.jobs.add(make_job(1), make_job(2, JobState.FAILED, failure=explain("disk_full", error="No space")))
    async with world.client() as client:
        reply = await client.get(path)
    assert reply.headers["content-type"] == "application/json"
    rows = reply.json()
    for row in rows:
        JobRowShape.model_validate(row)
    assert [row["id"] for row in rows] == [1, 2]
    assert rows[0]["decision_reason"] == "transcode_recommended|target_codec=av1,current_codec=h264,bpp=0.2"
    assert rows[0]["created_at"] == "2026-04-30T12:00:00Z"
    assert rows[0]["decision_explanation"]["measured"] == {"target_codec": "av1", "current_codec": "h264", "bpp": 0.2}
    assert rows[1]["failure_explanation"]["code"] == "disk_full"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", JobQuery()),
        ("limit=0&page=0", JobQuery(limit=1)),
        ("limit=9999&page=3", JobQuery(limit=200, offset=400)),
        ("limit=-5&page=-1", JobQuery(limit=1)),
        ("status=queued,%20failed,,", JobQuery(states=frozenset({JobState.QUEUED, JobState.FAILED}))),
        ("status=%20,", JobQuery()),
        ("search=50%25_a", JobQuery(search="50%_a")),
        ("sort_by=size&sort=created_at", JobQuery(sort=JobSort.SIZE)),
        ("sort=input_path&sort_desc=true", JobQuery(sort=JobSort.INPUT_PATH, descending=True)),
        ("sort_by=nonsense", JobQuery()),
        ("archived=true", JobQuery(archived=True)),
        ("archived=yes", JobQuery()),
        ("reason_code=bpp_below_threshold&failure_code=%20", JobQuery(reason_code="bpp_below_threshold")),
        ("failure_code=disk_full", JobQuery(failure_code="disk_full")),
        ("nobody=knows", JobQuery()),
    ],
)
async def test_the_query_is_read_by_the_rules(world: World, query: str, expected: JobQuery) -> None:
    async with world.client() as client:
        reply = await client.get(f"/api/v1/jobs?{query}")
    assert reply.status_code == 200
    assert world.jobs.queries == [expected]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("status=queued,Failed", "INVALID_JOB_STATUS_FILTER"),
        ("status=nonsense", "INVALID_JOB_STATUS_FILTER"),
        ("limit=abc", "INVALID_QUERY"),
        ("limit=1.5", "INVALID_QUERY"),
        ("limit=", "INVALID_QUERY"),
        ("page=99999999999999999999", "INVALID_QUERY"),
        ("limit=٣", "INVALID_QUERY"),
        ("sort_desc=1", "INVALID_QUERY"),
        ("sort_desc=True", "INVALID_QUERY"),
    ],
)
async def test_a_wrong_query_is_refused(world: World, query: str, code: str) -> None:
    async with world.client() as client:
        check_problem(await client.get(f"/api/v1/jobs?{query}"), 400, code)
    assert world.jobs.queries == []


async def test_a_name_that_is_no_text_becomes_readable(world: World) -> None:
    world.jobs.add(make_job(1, input_path="/media/caf\udce9 \ud800 é.mkv"))
    async with world.client() as client:
        rows = (await client.get("/api/v1/jobs")).json()
    assert rows[0]["input_path"] == r"/media/caf\xe9 \ud800 é.mkv"


async def test_details_of_a_completed_job(world: World) -> None:
    world.jobs.add(make_job(1, JobState.COMPLETED))
    failed, done = AttemptOutcome.FAILED, AttemptOutcome.COMPLETED
    world.jobs.extra = JobDetails(
        job=make_job(1),
        probe=make_probe("/media/film 1.mkv"),
        plan=None,
        stats=make_stats(),
        attempts=(make_attempt(1, 1, failed), make_attempt(2, 2, failed), make_attempt(3, 1, done)),
        logs=(make_log(1, "info", "frame=1"),),
        decision=make_job(1).decision,
        failure=explain("disk_full", error="No space"),
        queue_position=4,
        can_undo=True,
    )
    async with world.client() as client:
        body = (await client.get("/api/v1/jobs/1/details")).json()
    DetailShape.model_validate(body)
    assert json.loads(body["job"]["input_metadata_json"]) == body["metadata"]
    assert body["metadata"]["audio_is_heavy"] is True
    assert [stream["burnable"] for stream in body["metadata"]["subtitle_streams"]] == [True, False]
    assert body["encode_stats"]["compression_ratio"] == 0.6
    runs = body["encode_history_runs"]
    assert [(run["run_number"], run["current"], run["outcome"], len(run["attempts"])) for run in runs] == [
        (1, False, "failed", 2),
        (2, True, "completed", 1),
    ]
    assert body["encode_attempts"][0]["started_at"] == "2026-04-30T12:00:00.250000+00:00"
    assert body["encode_attempts"][0]["finished_at"] == "2026-04-30 12:00:00"
    # What belongs to a failed or a waiting job is not told of a completed one.
    assert body["failure_explanation"] is body["job_failure_summary"] is body["queue_position"] is None


async def test_an_attempt_that_brought_no_gain_has_an_outcome_that_clients_know(world: World) -> None:
    world.jobs.add(make_job(1, JobState.SKIPPED))
    world.jobs.extra = JobDetails(
        job=make_job(1),
        probe=None,
        plan=None,
        stats=None,
        attempts=(make_attempt(1, 1, AttemptOutcome.SKIPPED),),
        logs=(),
        decision=None,
        failure=None,
        queue_position=None,
        can_undo=False,
    )
    async with world.client() as client:
        body = (await client.get("/api/v1/jobs/1/details")).json()
    assert body["encode_attempts"][0]["outcome"] == body["encode_history_runs"][0]["outcome"] == "cancelled"


async def test_details_of_a_queued_job_tell_its_place(world: World) -> None:
    world.jobs.add(make_job(1))
    async with world.client() as client:
        body = (await client.get("/api/jobs/1/details")).json()
    DetailShape.model_validate(body)
    assert body["queue_position"] == 1
    assert body["metadata"] is None
    assert body["job"]["input_metadata_json"] is None


@pytest.mark.parametrize(
    ("failure", "summary"),
    [(explain("disk_full", error="No space"), "disk_full|error=No space"), (None, "second")],
)
async def test_a_failed_job_tells_why(world: World, failure: object, summary: str) -> None:
    world.jobs.add(make_job(1, JobState.FAILED))
    world.jobs.extra = JobDetails(
        job=make_job(1),
        probe=None,
        plan=None,
        stats=make_stats(),
        attempts=(),
        logs=(make_log(1, "error", "first"), make_log(2, "error", "second"), make_log(3, "info", "third")),
        decision=None,
        failure=failure,  # type: ignore[arg-type] # an explanation or None
        queue_position=None,
        can_undo=False,
    )
    async with world.client() as client:
        body = (await client.get("/api/v1/jobs/1/details")).json()
    assert body["job_failure_summary"] == summary
    assert body["encode_stats"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/jobs/9/details"),
        ("POST", "/api/v1/jobs/9/cancel"),
        ("POST", "/api/v1/jobs/9/restart"),
        ("DELETE", "/api/v1/jobs/9"),
        ("POST", "/api/jobs/9/delete"),
    ],
)
async def test_unknown_jobs_are_not_found(world: World, method: str, path: str) -> None:
    async with world.client() as client:
        body = check_problem(await client.request(method, path), 404, "JOB_NOT_FOUND")
        bad_id = check_problem(await client.request(method, path.replace("9", "abc")), 400, "INVALID_PATH_ID")
        check_problem(await client.request(method, path.replace("9", "9" * 19)), 400, "INVALID_PATH_ID")
    assert body["title"] == "Not Found"
    assert bad_id["title"] == "Bad Request"


async def test_steering_one_job(world: World) -> None:
    world.jobs.add(make_job(1), make_job(2, JobState.FAILED), make_job(3, JobState.COMPLETED), make_job(4, JobState.SKIPPED))
    async with world.client() as client:
        assert (await client.post("/api/v1/jobs/1/cancel")).json() == {"ok": True}
        assert (await client.post("/api/v1/jobs/3/cancel")).json() == {"ok": True}
        assert (await client.post("/api/v1/jobs/2/restart", content=b"{broken")).json() == {"ok": True}
        assert (await client.delete("/api/v1/jobs/3")).json() == {"ok": True}
        assert (await client.post("/api/jobs/4/delete")).json() == {"ok": True}
        priority = await client.post("/api/v1/jobs/1/priority", json={"priority": -5})
    assert priority.json() == {"ok": True, "id": 1, "priority": -5}
    assert {number: job.state for number, job in world.jobs.jobs.items()} == {1: JobState.CANCELLED, 2: JobState.QUEUED}


@pytest.mark.parametrize("value", [2**31, "5", 1.5, None, True])
async def test_a_priority_is_a_small_integer(world: World, value: object) -> None:
    world.jobs.add(make_job(1))
    async with world.client() as client:
        check_problem(await client.post("/api/v1/jobs/1/priority", json={"priority": value}), 422, "INVALID_BODY")
    assert world.jobs.jobs[1].priority == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/jobs/1/restart", None),
        ("DELETE", "/api/v1/jobs/1", None),
        ("POST", "/api/jobs/1/delete", None),
        ("POST", "/api/v1/jobs/batch", {"action": "restart", "ids": [1, 2]}),
    ],
)
async def test_running_jobs_block(world: World, method: str, path: str, body: object) -> None:
    world.jobs.add(make_job(1, JobState.ENCODING), make_job(2))
    async with world.client() as client:
        reply = check_problem(await client.request(method, path, json=body), 409, "JOBS_ACTIVE")
    assert reply["blocked"] == [{"id": 1, "status": "encoding"}]
    assert reply["message"] == "Some of these jobs are running."


async def test_batch(world: World) -> None:
    world.jobs.add(make_job(1), make_job(2))
    async with world.client() as client:
        assert (await client.post("/api/v1/jobs/batch", json={"action": "cancel", "ids": [1, 1, 2]})).json() == {"count": 2}
        assert (await client.post("/api/v1/jobs/batch", json={"action": "cancel", "ids": []})).json() == {"count": 0}
        for action, ids, status, code in [
            ("explode", [1], 400, "INVALID_BATCH_ACTION"),
            ("delete", [1, 99], 409, "BATCH_ACTION_CONFLICT"),
            ("delete", ["1"], 422, "INVALID_BODY"),
            ("delete", [2**63], 422, "INVALID_BODY"),
            (None, [1], 422, "INVALID_BODY"),
        ]:
            reply = await client.post("/api/v1/jobs/batch", json={"action": action, "ids": ids})
            check_problem(reply, status, code)


async def test_enqueue(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/jobs/enqueue", json={"path": "  /media/new.mkv ", "unknown": 1})
        assert reply.json() == {"enqueued": True, "message": "Queued /media/new.mkv."}
        check_problem(await client.post("/api/v1/jobs/enqueue", json={"path": " "}), 400, "ENQUEUE_PATH_EMPTY")


async def test_clearing_and_restarting_many(world: World) -> None:
    world.jobs.add(make_job(1, JobState.COMPLETED), make_job(2, JobState.FAILED), make_job(3, JobState.CANCELLED))
    async with world.client() as client:
        restarted = (await client.post("/api/v1/jobs/restart-failed")).json()
        completed = (await client.post("/api/v1/jobs/clear-completed")).json()
        history = (await client.post("/api/v1/jobs/clear-history")).json()
    assert restarted == {"count": 2, "message": "2 jobs queued again."}
    assert completed == {"count": 1, "message": "1 job archived."}
    assert history == {"ok": True, "count": 3, "message": "3 jobs archived."}
    assert world.jobs.purged == []


@pytest.mark.parametrize(
    ("query", "purged", "count"),
    [
        ("status=failed,nonsense", [(frozenset({JobState.FAILED}), False)], 5),
        ("status=failed&archived=true", [(frozenset({JobState.FAILED}), True)], 5),
        ("archived=true", [(TERMINAL_STATES, True)], 5),
        ("status=", [], 0),
        ("status=queued,encoding", [], 0),
    ],
)
async def test_an_explicit_purge_never_names_live_jobs(world: World, query: str, purged: object, count: int) -> None:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/jobs/clear-history?{query}")
    assert reply.json()["count"] == count
    assert world.jobs.purged == purged


async def test_a_purge_of_unknown_states_is_refused(world: World) -> None:
    async with world.client() as client:
        check_problem(await client.post("/api/v1/jobs/clear-history?status=%20failed"), 400, "INVALID_STATUS_FILTER")
        check_problem(await client.post("/api/v1/jobs/clear-history?archived=1"), 400, "INVALID_QUERY")
    assert world.jobs.purged == []


async def test_ids_are_typed_as_job_ids(world: World) -> None:
    world.jobs.add(make_job(1))
    async with world.client() as client:
        await client.post("/api/v1/jobs/+1/cancel")
    assert world.jobs.jobs[JobId(1)].state is JobState.CANCELLED
