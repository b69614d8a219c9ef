"""The settings file: read, written back with what people put into it, and never written over when it is broken."""

import stat
import sys
from pathlib import Path

import pytest

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.schedule import ScheduleWindow
from alchemist_desktop.domain.settings import NotificationTargetSettings, PathTranslation, Settings
from alchemist_desktop.storage.config_file import load, save


def changed(settings: Settings, section: str, **values: object) -> Settings:
    part = getattr(settings, section).model_copy(update=values)
    return settings.model_copy(update={section: part})


def rich_settings() -> Settings:
    settings = changed(Settings(), "scanner", directories=("/media/caf\udce9", 'C:\\"x"'), watch_enabled=True)
    settings = changed(settings, "schedule", windows=(ScheduleWindow(start_time="22:00", end_time="6:30", days_of_week=(0, 6)),))
    settings = changed(settings, "system", arr_path_translations=(PathTranslation.model_validate({"from": "/tv", "to": "/mnt"}),))
    target = NotificationTargetSettings(name="me", target_type="ntfy", config_json={"topic": "t", "n": 3, "x": None, "l": [1]})
    settings = changed(settings, "notifications", targets=(target,))
    return changed(settings, "hardware", device_path="/dev/dri/renderD128")


def test_missing_file_means_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Settings()


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    settings = rich_settings()
    save(path, settings)
    (target,) = settings.notifications.targets
    without_null = target.model_copy(update={"config_json": {"topic": "t", "n": 3, "l": [1]}})
    assert load(path) == changed(settings, "notifications", targets=(without_null,))
    assert list(path.parent.iterdir()) == [path]
    save(path, Settings())
    assert load(path) == Settings()
    assert b"device_path" not in path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are a POSIX matter")
def test_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0o644)
    save(path, Settings())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_comments_and_unknown_members_stay(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "# mine\n[transcode] # how\nconcurrent_jobs = 3 # three\nthreads = 0x10\nfuture = 'x'\n\n[plugins.other]\na = 1\n"
        "[scanner]\ndirectories = [\n  '/a', # films\n  '/b',\n]\n"
    )
    settings = load(path)
    assert (settings.transcode.concurrent_jobs, settings.transcode.threads) == (3, 16)
    save(path, changed(settings, "transcode", concurrent_jobs=4, vmaf_min_score=80.0))
    text = path.read_text()
    for kept in ("# mine", "# how", "threads = 0x10", "future = 'x'", "[plugins.other]", "'/a', # films"):
        assert kept in text
    again = load(path)
    assert (again.transcode.concurrent_jobs, again.transcode.vmaf_min_score) == (4, 80.0)
    save(path, settings)
    assert load(path) == settings


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("[transcode]\nconcurrent_jobs = 0\n", "transcode.concurrent_jobs"),
        ("[files]\noutput_suffix = 'a/b'\n", "files.output_suffix"),
        ("[scanner]\ndirectories = 5\n", "scanner.directories"),
        ("[transcode\n", "not valid TOML"),
        ("transcode = 1\n", "transcode"),
    ],
)
def test_invalid_file_is_told_and_never_touched(tmp_path: Path, content: str, names: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(content)
    with pytest.raises(KnownError) as caught:
        load(path)
    assert caught.value.code == "CONFIG_INVALID"
    assert names in caught.value.message
    assert path.read_text() == content


def test_broken_file_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[broken")
    with pytest.raises(KnownError):
        save(path, Settings())
    assert path.read_text() == "[broken"


def test_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        load(tmp_path)
    assert caught.value.code == "CONFIG_UNREADABLE"


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.mkdir()
    (path / "keep").write_text("")
    with pytest.raises(KnownError):
        save(path, Settings())
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path / "real.toml")
    save(link, Settings())
    assert link.is_symlink()
    assert load(tmp_path / "real.toml") == Settings()
    assert {file.name for file in tmp_path.iterdir()} == {"config.toml", "link.toml", "real.toml"}
