"""Paths that no system can open never get into the settings."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from alchemist_desktop.domain.settings import Files, Hardware, Scanner, WatchDirSettings

_WITH_A_PATH: list[Callable[[str], object]] = [
    lambda path: Scanner(directories=(path,)),
    lambda path: WatchDirSettings(path=path),
    lambda path: Files(output_root=path),
    lambda path: Hardware(device_path=path),
    lambda path: Hardware(ffmpeg_path=path),
]


@pytest.mark.parametrize("make", _WITH_A_PATH)
def test_a_path_with_a_nul_is_refused(make: Callable[[str], object]) -> None:
    assert "/media/films" in str(make("/media/films"))
    with pytest.raises(ValidationError, match="NUL"):
        make("/media/\0films")
