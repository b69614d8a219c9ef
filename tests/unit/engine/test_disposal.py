"""What becomes of an original whose result is there."""

import pytest

from alchemist_desktop.domain.replacement import SourceDisposal
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.steps.put_in_place import disposal_of


@pytest.mark.parametrize(
    ("leaves", "word", "is_decoded", "disposal"),
    [
        (False, "delete", True, SourceDisposal.KEEP),
        (True, "trash", True, SourceDisposal.TRASH),
        (True, "delete", True, SourceDisposal.DELETE),
        (True, "delete", False, SourceDisposal.TRASH),
    ],
)
def test_nothing_is_deleted_for_a_result_that_was_not_read_whole(
    leaves: bool, word: str, is_decoded: bool, disposal: SourceDisposal
) -> None:
    files = {"delete_source": leaves, "source_disposal": word}
    settings = Settings.model_validate({"files": files, "engine": {"verify_decode": is_decoded}})
    assert disposal_of(settings) is disposal
