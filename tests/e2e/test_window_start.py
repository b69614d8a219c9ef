"""The real program with its window: a folder given at the start becomes a library, and a second start only adds to the first."""

import tomllib
from pathlib import Path

import pytest

from tests.support.media import make_clip
from tests.support.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def libraries(home: Path) -> list[str]:
    config = tomllib.loads((home / "config.toml").read_text(encoding="utf-8"))
    return list(config["scanner"]["directories"])


def test_a_folder_given_at_the_start_becomes_a_library(tmp_path: Path) -> None:
    films, series = tmp_path / "films", tmp_path / "series"
    for folder in (films, series):
        folder.mkdir()
        make_clip(folder / f"{folder.name}.mkv", duration_s=0.5)
    home = tmp_path / "home"
    with Program(home, {"server": {"enabled": False}}) as first:
        first.start("--library", films, "--theme", "dark")
        first.wait_until(lambda: first.database.exists() and len(first.jobs()) == 1, 60)
        second = Program(home)
        second.configure({"server": {"enabled": False}, "scanner": {"directories": [str(films)]}})
        second.start("--library", series)
        assert second.wait(60) == 0, second.output
        first.wait_until(lambda: len(first.jobs()) == 2, 60)
        assert libraries(home) == [str(films), str(series)]
        assert first.terminate() == 0
    assert {Path(job.input_path).name for job in first.jobs()} == {"films.mkv", "series.mkv"}
