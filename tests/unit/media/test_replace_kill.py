"""Replacing and undoing survive a kill before every single change they make, on every kind of volume."""

from pathlib import Path

import pytest

from alchemist_desktop.domain.replacement import Replacement, SourceDisposal
from alchemist_desktop.media.replace import advance
from alchemist_desktop.media.trash import restore, undone_path
from tests.support.faults import KILLED, run_apart
from tests.support.replacements import FOREIGN, SIDECAR, SOURCE, WORK, Case, build_replacement, content_of, replaced_entry

MOST_CHANGES = 60
VOLUMES = ("plain", "no_links", "union")

CASES = (
    Case(SourceDisposal.KEEP),
    Case(SourceDisposal.TRASH, has_sidecar=True),
    Case(SourceDisposal.DELETE),
    Case(SourceDisposal.TRASH, replaces=True),
    Case(SourceDisposal.TRASH, in_place=True),
    Case(SourceDisposal.DELETE, in_place=True),
)


def _assert_nothing_lost(made: Replacement) -> None:
    at_output = content_of(made.output_path)
    assert at_output in {None, WORK, SOURCE if made.is_in_place else FOREIGN}
    assert WORK in {content_of(made.work_path), at_output}
    is_source_held = SOURCE in {content_of(made.source_path), content_of(made.trash_path)}
    assert is_source_held or (made.disposal is SourceDisposal.DELETE and at_output == WORK)
    if made.replaced_trash_path is not None:
        assert FOREIGN in {content_of(made.replaced_trash_path), at_output}


def _assert_done(made: Replacement) -> None:
    assert content_of(made.output_path) == WORK
    assert content_of(made.work_path) is None
    if made.disposal is SourceDisposal.TRASH:
        assert content_of(made.trash_path) == SOURCE
    if not made.is_in_place:
        assert content_of(made.source_path) == (SOURCE if made.disposal is SourceDisposal.KEEP else None)
    if made.replaced_trash_path is not None:
        assert content_of(made.replaced_trash_path) == FOREIGN
    for work_path, final_path in made.sidecars:
        assert (content_of(work_path), content_of(final_path)) == (None, SIDECAR)
    assert not [path for path in Path(made.output_path).parent.rglob("*") if path.name.endswith("-part")]


@pytest.mark.parametrize("volume", VOLUMES)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_replacement_killed_anywhere_is_finished_by_the_next_call(tmp_path: Path, case: Case, volume: str) -> None:
    kills = 0
    for die_at in range(1, MOST_CHANGES):
        made = build_replacement(tmp_path / str(die_at), case)
        code = run_apart(advance, made, die_at=die_at, volume=volume)
        _assert_nothing_lost(made)
        if code == 0:
            break
        assert code == KILLED
        kills += 1
        assert run_apart(advance, made, volume=volume) == 0
        _assert_done(made)
    else:
        pytest.fail("the replacement never came to its end")
    _assert_done(made)
    assert kills >= 2
    assert run_apart(advance, made, volume=volume) == 0
    _assert_done(made)


@pytest.mark.parametrize("volume", VOLUMES)
@pytest.mark.parametrize("in_place", [False, True])
def test_an_undo_killed_anywhere_is_finished_by_the_next_call(tmp_path: Path, in_place: bool, volume: str) -> None:
    case = Case(SourceDisposal.TRASH, in_place=in_place)
    kills = 0
    for die_at in range(1, MOST_CHANGES):
        entry = replaced_entry(tmp_path / str(die_at), case)
        code = run_apart(restore, entry, die_at=die_at, volume=volume)
        at_original = content_of(entry.original_path)
        assert SOURCE in {at_original, content_of(entry.trash_path)}
        assert WORK in {content_of(entry.output_path), content_of(undone_path(entry))}
        assert at_original in {None, SOURCE, WORK if in_place else None}
        if code == 0:
            break
        assert code == KILLED
        kills += 1
        assert run_apart(restore, entry, volume=volume) == 0
        assert (content_of(entry.original_path), content_of(undone_path(entry))) == (SOURCE, WORK)
    else:
        pytest.fail("the undo never came to its end")
    assert kills >= 2
    assert (content_of(entry.original_path), content_of(entry.trash_path)) == (SOURCE, None)
    assert content_of(undone_path(entry)) == WORK
