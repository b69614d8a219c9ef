"""Metrics: their names and types, and who gets them."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.events import JobChanged, Published
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import AggregatedStats, JobTotals
from alchemist_desktop.domain.settings import System
from alchemist_desktop.services.metrics import MetricsService
from tests.api.in_memory import FixedStats, make_job, make_stats
from tests.api.support import World, check_problem

pytestmark = pytest.mark.anyio


def _switched_on(world: World) -> World:
    world.settings.current = world.settings.current.model_copy(update={"system": System(metrics_enabled=True)})
    return world


class SomeStats(FixedStats):
    """Figures of three completed jobs, one of them gone meanwhile."""

    async def totals(self) -> JobTotals:
        counts = dict.fromkeys(JobState, 0) | {JobState.COMPLETED: 4, JobState.QUEUED: 2}
        return JobTotals(total=6, completed=4, active=0, failed=0, by_state=counts)

    async def aggregated(self) -> AggregatedStats:
        return AggregatedStats(total_input_bytes=1000, total_output_bytes=400, total_time_s=1, total_jobs=4, avg_vmaf=0)

    async def for_job(self, job_id: JobId) -> EncodeStats | None:
        known = {
            1: replace(make_stats(), output_codec="av1", encode_time_s=10.0),
            2: replace(make_stats(), output_codec="av1", encode_time_s=99_999.0),
        }
        return known.get(job_id)


async def test_names_types_and_values(world: World) -> None:
    metrics = MetricsService(SomeStats())  # type: ignore[arg-type]  # three of its methods are all that is asked
    for number in (1, 2, 3):
        done = JobChanged(job=make_job(number, JobState.COMPLETED), state_changed=True)
        metrics.on_event(Published(number=number, event=done))
    for code in ("disk_full", "disk_full", "stalled"):
        failed = JobChanged(job=make_job(9, JobState.FAILED, failure=explain(code)), state_changed=True)
        metrics.on_event(Published(number=9, event=failed))
    metrics.on_event(Published(number=9, event=JobChanged(job=make_job(9, JobState.FAILED), state_changed=True)))
    metrics.on_event(Published(number=9, event=JobChanged(job=make_job(9, JobState.COMPLETED), state_changed=False)))
    text = (await metrics.exposition()).decode()
    assert (await metrics.exposition()).decode() == text, "being asked changes nothing"
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {name: family.type for name, family in families.items()} == {
        "alchemist_jobs_total": "gauge",
        "alchemist_completed_jobs_total": "gauge",
        "alchemist_bytes_saved_total": "gauge",
        "alchemist_encodes_completed": "counter",
        "alchemist_encode_duration_seconds": "histogram",
        "alchemist_pipeline_errors": "counter",
    }
    samples = {(sample.name, *sample.labels.values()): sample.value for family in families.values() for sample in family.samples}
    assert samples.pop(("alchemist_jobs_total", "completed")) == 4
    assert samples.pop(("alchemist_jobs_total", "queued")) == 2
    assert samples.pop(("alchemist_completed_jobs_total",)) == 4
    assert samples.pop(("alchemist_bytes_saved_total",)) == 600
    assert samples.pop(("alchemist_encodes_completed_total", "av1")) == 2
    assert samples.pop(("alchemist_encodes_completed_total", "unknown")) == 1
    assert samples.pop(("alchemist_pipeline_errors_total", "disk_full")) == 2
    assert samples.pop(("alchemist_pipeline_errors_total", "stalled")) == 1
    assert samples.pop(("alchemist_pipeline_errors_total", "unknown")) == 1
    assert samples.pop(("alchemist_encode_duration_seconds_sum", "av1")) == 100_009
    assert samples.pop(("alchemist_encode_duration_seconds_count", "av1")) == 2
    bounds = ["10.0", "30.0", "60.0", "120.0", "300.0", "600.0", "1800.0", "3600.0", "7200.0", "14400.0", "+Inf"]
    buckets = [samples.pop(("alchemist_encode_duration_seconds_bucket", "av1", bound)) for bound in bounds]
    assert buckets == [1] * 10 + [2]
    assert samples == {}


async def test_families_without_samples_are_absent(world: World) -> None:
    world.stats = SomeStats()
    async with _switched_on(world).client(None) as client:
        reply = await client.get("/metrics")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    names = {family.name for family in text_string_to_metric_families(reply.text)}
    assert names == {"alchemist_jobs_total", "alchemist_completed_jobs_total", "alchemist_bytes_saved_total"}


async def test_they_are_off_until_switched_on_and_never_negative(world: World) -> None:
    async with world.client(None) as client:
        check_problem(await client.get("/metrics"), 404, "METRICS_DISABLED")
        _switched_on(world)
        assert "alchemist_bytes_saved_total 0.0" in (await client.get("/metrics")).text
        assert (await client.post("/metrics")).status_code == 405


async def test_they_are_for_the_local_network_only(world: World) -> None:
    world.set_options(trusted_proxies=("127.0.0.1",))
    async with _switched_on(world).client(None) as client:
        reply = await client.get("/metrics", headers={"X-Forwarded-For": "8.8.8.8"})
        check_problem(reply, 403, "METRICS_LAN_ONLY")
        assert (await client.get("/metrics", headers={"X-Forwarded-For": "192.168.1.5"})).status_code == 200
