"""The settings file edited from outside while the program runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from alchemist_desktop.app.config_watch import follow_config
from alchemist_desktop.domain.events import Event, SettingsChanged, WatchFolderAdded
from tests.api.real.support import Face
from tests.support.core import collect

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def following(face: Face) -> AsyncIterator[list[Event]]:
    task = asyncio.create_task(follow_config(face.core.services.settings))
    facts = collect(face.core)
    await asyncio.sleep(0.3)  # the watch needs a moment to begin
    try:
        yield facts
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(is_reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_reached():
            await asyncio.sleep(0.02)


def edit(face: Face, old: str, new: str) -> None:
    text = face.config_file.read_text()
    assert old in text
    draft = face.config_file.with_suffix(".draft")
    draft.write_text(text.replace(old, new))
    draft.replace(face.config_file)


async def test_an_edit_counts_at_once_and_is_told(face: Face) -> None:
    async with following(face) as facts:
        edit(face, "min_file_size_mb = 0", "min_file_size_mb = 99 # mine")
        await until(lambda: face.settings.transcode.min_file_size_mb == 99)
        assert [type(fact) for fact in facts] == [SettingsChanged]
        edit(face, "extra_watch_dirs = []", 'extra_watch_dirs = [{path = "/films"}]')
        await until(lambda: len(facts) == 3)
        assert facts[1] == WatchFolderAdded(path="/films")


async def test_what_is_not_valid_keeps_the_settings_as_they_are(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    async with following(face) as facts:
        before = face.settings
        edit(face, "min_file_size_mb = 0", "min_file_size_mb = -1")
        await until(lambda: "min_file_size_mb" in caplog.text)
        face.config_file.unlink()
        await asyncio.sleep(0.4)
        assert face.settings == before
        assert not any(isinstance(fact, SettingsChanged) for fact in facts)


async def test_the_programs_own_writes_are_not_told_twice(face: Face) -> None:
    async with following(face) as facts:
        for theme in ("day", "night"):
            await face.send("POST", "/ui/preferences", {"active_theme_id": theme})
        await asyncio.sleep(0.5)
        assert [type(fact) for fact in facts] == [SettingsChanged, SettingsChanged]
        assert await face.core.services.settings.reload() is False
