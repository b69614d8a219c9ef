"""A folder preview answers for every text that a client may send."""

import pytest

from alchemist_desktop.media.browse import preview


@pytest.mark.parametrize("folder", ["/" + "x" * 70_000, "/none\0such"])
def test_a_name_the_system_refuses_is_a_folder_that_is_not_there(folder: str) -> None:
    report = preview([folder], lambda _name: True)
    assert [found.exists for found in report.folders] == [False]
