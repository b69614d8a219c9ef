"""Folder paths that no system can open never get into the settings."""

import pytest
from pydantic import ValidationError

from alchemist_desktop.domain.settings import Scanner, WatchDirSettings


def test_a_library_folder_with_a_nul_is_refused() -> None:
    assert Scanner(directories=("/media/films",)).directories == ("/media/films",)
    with pytest.raises(ValidationError, match="NUL"):
        Scanner(directories=("/media/\0films",))


def test_a_watched_folder_with_a_nul_is_refused() -> None:
    with pytest.raises(ValidationError, match="NUL"):
        WatchDirSettings(path="/media/\0films")
