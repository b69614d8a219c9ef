"""Engine, figures, scans, system: happy paths and their own errors."""

from dataclasses import replace

import pytest

from alchemist_desktop.domain.engine_state import EngineMode
from alchemist_desktop.domain.settings import MOST_THREADS
from tests.api.shapes import EncodeStatsShape, EngineStatusShape, ProcessorShape, ResourcesShape, ScanShape, SystemInfoShape
from tests.api.support import World, check_problem

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("prefix", ["/api/v1", "/api"])
async def test_the_engine_is_steered(world: World, prefix: str) -> None:
    async with world.client() as client:
        seen = []
        for action in ("resume", "drain", "stop-drain", "pause", "restart"):
            reply = await client.post(f"{prefix}/engine/{action}")
            status = (await client.get(f"{prefix}/engine/status")).json()
            EngineStatusShape.model_validate(status)
            seen.append((reply.json(), status["status"]))
    assert seen == [
        ({"ok": True, "status": "running"}, "running"),
        ({"ok": True, "status": "draining"}, "draining"),
        ({"ok": True, "status": "running"}, "running"),
        ({"ok": True, "status": "paused"}, "paused"),
        ({"ok": True, "status": "running"}, "running"),
    ]


@pytest.mark.parametrize("action", ["resume", "restart"])
async def test_nothing_starts_before_the_hardware_is_known(world: World, action: str) -> None:
    world.engine.state = replace(world.engine.state, hardware_pending=True)
    async with world.client() as client:
        check_problem(await client.post(f"/api/v1/engine/{action}"), 503, "HARDWARE_DETECTION_PENDING")


@pytest.mark.parametrize(
    ("changes", "reason", "message"),
    [
        ({"manual_paused": True, "draining": True}, "manual_paused", "The engine is paused. Resume it to start queued jobs."),
        ({"scheduler_paused": True}, "scheduled_pause", "The schedule keeps the engine paused for now."),
        ({"draining": True}, "draining", "The engine finishes running jobs and starts no new ones."),
        ({"disk_blocked": True, "disk_block_reason": "/media is full."}, "disk_guardrail", "/media is full."),
        ({"active_jobs": 2}, "workers_busy", "All worker slots are in use."),
        ({}, None, "The engine takes the next job."),
        ({"hardware_pending": True}, None, "The hardware is still being examined."),
    ],
)
async def test_what_holds_the_engine_back_is_told_in_both_places(
    world: World, changes: dict[str, object], reason: str | None, message: str
) -> None:
    world.engine.state = replace(world.engine.state, **{"manual_paused": False, **changes})  # type: ignore[arg-type]
    async with world.client() as client:
        processor = (await client.get("/api/v1/processor/status")).json()
        engine = (await client.get("/api/v1/engine/status")).json()
    ProcessorShape.model_validate(processor)
    assert (processor["blocked_reason"], processor["message"]) == (reason, message)
    assert engine["blocked_reason"] == reason


async def test_engine_mode(world: World) -> None:
    async with world.client() as client:
        before = (await client.get("/api/v1/engine/mode")).json()
        plain = (await client.post("/api/v1/engine/mode", json={"mode": "throughput"})).json()
        body = {"mode": "background", "concurrent_jobs_override": 3, "threads_override": 2}
        override = (await client.post("/api/v1/engine/mode", json=body)).json()
        zero = await client.post("/api/v1/engine/mode", json={"mode": "balanced", "concurrent_jobs_override": 0})
        wrong = await client.post("/api/v1/engine/mode", json={"mode": "turbo"})
        beyond = await client.post("/api/v1/engine/mode", json={"mode": "balanced", "threads_override": MOST_THREADS + 1})
    assert before == {
        "mode": "balanced",
        "is_manual_override": False,
        "concurrent_limit": 2,
        "cpu_count": 8,
        "computed_limits": {"background": 1, "balanced": 4, "throughput": 4},
    }
    assert plain == {"ok": True, "status": "ok", "mode": "throughput", "concurrent_limit": 4, "is_manual_override": False}
    assert override == {"ok": True, "status": "ok", "mode": "background", "concurrent_limit": 3, "is_manual_override": True}
    check_problem(zero, 400, "ENGINE_JOBS_OVERRIDE_INVALID")
    check_problem(wrong, 422, "INVALID_BODY")
    check_problem(beyond, 422, "INVALID_BODY")  # it would be stored, and a settings file with it is not valid
    assert world.engine.state.mode is EngineMode.BACKGROUND


async def test_figures(world: World) -> None:
    async with world.client() as client:

        async def figures(path: str) -> object:
            return (await client.get(f"/api/v1{path}")).json()

        assert await figures("/stats") == {"total": 10, "completed": 4, "active": 1, "failed": 2, "concurrent_limit": 2}
        assert await figures("/stats/aggregated") == {
            "total_input_bytes": 1000,
            "total_output_bytes": 1200,
            "total_savings_bytes": -200,
            "total_time_seconds": 9.5,
            "total_jobs": 4,
            "avg_vmaf": 0.0,
        }
        assert await figures("/stats/queue-eta") == {"remaining_jobs": 3, "est_seconds_remaining": None, "sample_size": 0}
        assert await figures("/stats/daily") == [
            {"date": "2026-04-30", "jobs_completed": 2, "bytes_saved": 600, "total_input_bytes": 1000, "total_output_bytes": 400}
        ]
        assert await figures("/stats/savings") == {
            "total_input_bytes": 1000,
            "total_output_bytes": 400,
            "total_bytes_saved": 600,
            "savings_percent": 60.0,
            "job_count": 2,
            "savings_by_codec": [{"codec": "unknown", "bytes_saved": 600, "job_count": 2}],
            "savings_over_time": [{"date": "2026-04-30", "bytes_saved": 600}],
        }
        assert await figures("/stats/skip-reasons") == {"today": [{"code": "below_min_file_size", "count": 3}]}
        (detailed,) = (await client.get("/api/v1/stats/detailed")).json()
    EncodeStatsShape.model_validate(detailed)
    assert detailed["created_at"] == "2026-04-30T12:00:00Z"


@pytest.mark.parametrize(
    ("query", "days", "buckets"), [("", 7, 7), ("window=24h", 1, 24), ("window=1d", 1, 24), ("window=30d&trends=true", 30, 30)]
)
async def test_reasons(world: World, query: str, days: int, buckets: int) -> None:
    async with world.client() as client:
        body = (await client.get(f"/api/v1/stats/top-reason-codes?{query}")).json()
    reason: dict[str, object] = {"code": "below_min_file_size", "count": 3, "last_seen": "2026-04-30 12:00:00"}
    if "trends" in query:
        reason["trend"] = [0] * buckets
    assert body == {"window_days": days, "num_buckets": buckets, "skip": [reason], "failure": []}


async def test_wrong_windows_are_refused(world: World) -> None:
    async with world.client() as client:
        check_problem(await client.get("/api/v1/stats/top-reason-codes?window=8d"), 400, "INVALID_WINDOW")
        check_problem(await client.get("/api/v1/stats/top-reason-codes?trends=1"), 400, "INVALID_QUERY")


async def test_scans(world: World) -> None:
    async with world.client() as client:
        assert (await client.post("/api/v1/scan")).json() == {"ok": True}
        for query in ("", "?full=true", "?full=false"):
            reply = await client.post(f"/api/v1/scan/start{query}")
            assert (reply.status_code, reply.json()) == (202, {"ok": True})
        check_problem(await client.post("/api/v1/scan/start?full=yes"), 400, "INVALID_QUERY")
        status = (await client.get("/api/v1/scan/status")).json()
    ScanShape.model_validate(status)
    assert status == {"is_running": True, "files_found": 7, "files_added": 3, "unreadable": 1, "current_folder": "/media"}
    assert world.scans.started == [False, True, False]
    assert world.scans.runs == 1


async def test_health_and_facts(world: World) -> None:
    async with world.client() as client:
        health = (await client.get("/api/v1/health")).json()
        info = (await client.get("/api/v1/system/info")).json()
        resources = (await client.get("/api/v1/system/resources")).json()
        assert (await client.get("/api/v1/ready")).json() == {"ready": True}
        world.system.is_ready = False
        check_problem(await client.get("/api/v1/ready"), 503, "DATABASE_UNAVAILABLE")
    assert health == {"status": "ok", "version": "1.2.3", "uptime": "1h 2m 5s", "uptime_seconds": 3725}
    SystemInfoShape.model_validate(info)
    assert info["total_memory_gb"] == 16
    ResourcesShape.model_validate(resources)
    assert (resources["memory_used_mb"], resources["memory_total_mb"], resources["memory_percent"]) == (1024, 4096, 25.0)
