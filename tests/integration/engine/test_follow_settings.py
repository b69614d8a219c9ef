"""The engine follows its settings, and remembers over a restart what a person chose."""

from pathlib import Path

import pytest

from alchemist_desktop.app.standing_tasks import standing_tasks
from alchemist_desktop.domain.engine_state import EngineMode
from alchemist_desktop.engine.follow_settings import first_switches
from tests.support.core import open_test_core, quick_settings

pytestmark = pytest.mark.anyio


async def test_a_changed_number_of_jobs_overrules_the_mode_until_the_mode_changes(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core, standing_tasks(core):
        await core.services.settings.replace(quick_settings(transcode={"concurrent_jobs": 5}))
        assert (core.engine.status.concurrent_limit, core.engine.status.is_manual_override) == (5, True)
        await core.services.settings.replace(
            quick_settings(transcode={"concurrent_jobs": 5}, system={"engine_mode": "background"})
        )
        status = core.engine.status
    assert (status.mode, status.concurrent_limit, status.is_manual_override) == (EngineMode.BACKGROUND, 1, False)


async def test_setting_a_mode_with_an_override_keeps_both(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core, standing_tasks(core):
        await core.services.engine.set_mode(EngineMode.THROUGHPUT, jobs_override=3, threads_override=2)
        status, settings = core.engine.status, core.services.settings.current
    assert (status.mode, status.concurrent_limit) == (EngineMode.THROUGHPUT, 3)
    assert (settings.system.engine_mode, settings.transcode.threads) == ("throughput", 2)


async def test_pause_and_override_survive_a_restart(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        await core.services.engine.set_mode(EngineMode.BALANCED, jobs_override=6)
        await core.services.engine.pause()
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        status = core.engine.status
        await core.services.engine.resume()
    assert (status.status, status.concurrent_limit) == ("paused", 6)
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        assert core.engine.status.status == "running"


def test_a_number_of_jobs_in_a_new_file_counts_and_the_default_does_not() -> None:
    assert first_switches(quick_settings(transcode={"concurrent_jobs": 7}), 8).concurrent_limit == 7
    assert first_switches(quick_settings(), 8).concurrent_limit == 4


async def test_closing_the_schedule_window_pauses_and_deleting_it_opens(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core, standing_tasks(core):
        other_day = (core.parts.clock.local_now().weekday() + 4) % 7
        window = {"start_time": "03:00", "end_time": "03:01", "days_of_week": [other_day]}
        await core.services.settings.replace(quick_settings(schedule={"windows": [window]}))
        assert core.engine.status.blocked_reason == "scheduled_pause"
        await core.services.settings.replace(quick_settings())
        status = core.services.engine.status()
    assert status.blocked_reason is None
