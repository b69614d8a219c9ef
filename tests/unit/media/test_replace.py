"""Replacing: what is refused, what is carried over and what is taken back."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest

from alchemist_desktop.domain.errors import BugError, ConflictError, KnownError, NotFoundError, UnavailableError
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.replacement import Replacement, SourceDisposal
from alchemist_desktop.media.disk import hard_links, stamp_of
from alchemist_desktop.media.moves import part_path
from alchemist_desktop.media.replace import abandon, advance, can_abandon, prepare
from alchemist_desktop.media.trash import purge, restore
from alchemist_desktop.media.workspace import Workspace
from tests.support.replacements import FOREIGN, SIDECAR, SOURCE, WORK, Case, build_replacement, content_of, replaced_entry

BESIDE = Case(SourceDisposal.TRASH)
IN_PLACE = Case(SourceDisposal.TRASH, in_place=True)


def _rewrite(path: str, content: bytes = b"a newer version") -> None:
    Path(path).unlink()
    Path(path).write_bytes(content)


def _prepare(folder: Path, source: Path, output: Path, *, stamp: FileStamp | None = None, **options: bool) -> Replacement:
    workspace = Workspace("test")
    work = Path(workspace.create_work_dir(JobId(1), str(output), str(folder))) / "out.mkv"
    work.write_bytes(WORK)
    return prepare(
        workspace=workspace,
        job_id=JobId(1),
        source_path=str(source),
        source_stamp=stamp or stamp_of(str(source)),
        work_path=str(work),
        output_path=str(output),
        disposal=SourceDisposal.TRASH,
        root=str(folder),
        replace_existing=options.get("replace_existing", False),
    )


@pytest.fixture
def other_volume(tmp_path: Path) -> Iterator[Path]:
    """A folder on another volume than `tmp_path`."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second volume to write to")
    folder = Path(mkdtemp(dir=shared))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("case", [BESIDE, IN_PLACE], ids=str)
def test_a_source_that_changed_before_the_replacement_is_kept(tmp_path: Path, case: Case) -> None:
    made = build_replacement(tmp_path / "library", case)
    _rewrite(made.source_path)
    with pytest.raises(ConflictError) as caught:
        advance(made)
    assert caught.value.code == "source_changed"
    assert abandon(made) == ()
    assert Path(made.source_path).read_bytes() == b"a newer version"
    assert content_of(made.work_path) is None
    assert case.in_place or content_of(made.output_path) is None


def test_prepare_refuses_a_source_that_changed_during_the_encode(tmp_path: Path) -> None:
    source = tmp_path / "a.mkv"
    source.write_bytes(SOURCE)
    old = replace(stamp_of(str(source)), mtime_ns=1)
    with pytest.raises(ConflictError) as caught:
        _prepare(tmp_path, source, tmp_path / "b.mkv", stamp=old)
    assert caught.value.code == "source_changed"


def test_a_missing_source_is_told_and_the_output_is_not_placed(tmp_path: Path) -> None:
    made = build_replacement(tmp_path / "library", BESIDE)
    Path(made.source_path).unlink()
    with pytest.raises(ConflictError) as caught:
        advance(made)
    assert caught.value.code == "source_changed"
    assert content_of(made.output_path) is None


@pytest.mark.parametrize("replaces", [False, True])
def test_a_file_that_appeared_at_the_output_is_not_overwritten(tmp_path: Path, replaces: bool) -> None:
    made = build_replacement(tmp_path / "library", Case(SourceDisposal.TRASH, replaces=replaces))
    Path(made.output_path).unlink(missing_ok=True)
    Path(made.output_path).write_bytes(b"somebody else's")
    with pytest.raises(ConflictError) as caught:
        advance(made)
    assert caught.value.code == "output_already_exists"
    assert Path(made.output_path).read_bytes() == b"somebody else's"
    assert (content_of(made.source_path), content_of(made.work_path)) == (SOURCE, WORK)


def test_a_file_at_a_sidecar_s_path_is_not_overwritten(tmp_path: Path) -> None:
    made = build_replacement(tmp_path / "library", Case(SourceDisposal.TRASH, has_sidecar=True))
    Path(made.sidecars[0][1]).write_bytes(b"own subtitles")
    with pytest.raises(ConflictError) as caught:
        advance(made)
    assert caught.value.code == "output_already_exists"
    abandon(made)
    assert Path(made.sidecars[0][1]).read_bytes() == b"own subtitles"
    assert content_of(made.source_path) == SOURCE


def test_an_existing_output_is_refused_unless_it_may_be_replaced(tmp_path: Path) -> None:
    source, output = tmp_path / "a.mkv", tmp_path / "b.mkv"
    source.write_bytes(SOURCE)
    output.write_bytes(FOREIGN)
    with pytest.raises(ConflictError) as caught:
        _prepare(tmp_path, source, output)
    assert caught.value.code == "output_already_exists"
    advance(made := _prepare(tmp_path, source, output, replace_existing=True))
    assert output.read_bytes() == WORK
    assert content_of(made.replaced_trash_path) == FOREIGN


def test_keeping_the_source_and_taking_its_name_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(ConflictError) as caught:
        build_replacement(tmp_path / "library", Case(SourceDisposal.KEEP, in_place=True))
    assert caught.value.code == "output_path_matches_input"


def test_a_result_that_vanished_never_costs_the_source(tmp_path: Path) -> None:
    made = build_replacement(tmp_path / "library", Case(SourceDisposal.DELETE))
    Path(made.work_path).unlink()
    with pytest.raises(KnownError) as caught:
        advance(made)
    assert caught.value.code == "finalize_failed"
    assert content_of(made.source_path) == SOURCE


@pytest.mark.parametrize("case", [BESIDE, IN_PLACE], ids=str)
def test_a_volume_that_is_not_there_is_told_and_awaited(tmp_path: Path, case: Case) -> None:
    library = tmp_path / "library"
    made = build_replacement(library, case)
    library.rename(tmp_path / "unplugged")
    with pytest.raises(UnavailableError):
        advance(made)
    (tmp_path / "unplugged").rename(library)
    advance(made)
    assert (content_of(made.output_path), content_of(made.trash_path)) == (WORK, SOURCE)


@pytest.mark.parametrize("disposal", [SourceDisposal.DELETE, SourceDisposal.TRASH])
def test_a_new_file_under_the_source_s_name_is_left_alone_afterwards(tmp_path: Path, disposal: SourceDisposal) -> None:
    made = build_replacement(tmp_path / "library", Case(disposal))
    advance(made)
    Path(made.source_path).write_bytes(b"a new episode")
    advance(made)
    assert not can_abandon(made)
    with pytest.raises(BugError):
        abandon(made)
    assert Path(made.source_path).read_bytes() == b"a new episode"
    assert content_of(made.output_path) == WORK


def test_an_original_set_aside_comes_back_when_the_job_is_abandoned(tmp_path: Path) -> None:
    made = build_replacement(tmp_path / "library", Case(SourceDisposal.TRASH, replaces=True, has_sidecar=True))
    assert made.replaced_trash_path is not None
    Path(made.replaced_trash_path).parent.mkdir(parents=True)
    Path(made.output_path).rename(made.replaced_trash_path)
    work_sidecar, final_sidecar = made.sidecars[0]
    Path(work_sidecar).rename(final_sidecar)
    assert abandon(made) == ()
    assert (content_of(made.output_path), content_of(final_sidecar)) == (FOREIGN, None)


def test_an_original_whose_place_was_taken_stays_in_the_trash(tmp_path: Path) -> None:
    made = build_replacement(tmp_path / "library", IN_PLACE)
    assert made.trash_path is not None
    Path(made.trash_path).parent.mkdir(parents=True)
    Path(made.source_path).rename(made.trash_path)
    Path(made.source_path).write_bytes(b"a newer version")
    with pytest.raises(ConflictError):
        advance(made)
    assert abandon(made) == (made.trash_path,)
    assert (content_of(made.trash_path), content_of(made.source_path)) == (SOURCE, b"a newer version")


def test_a_second_name_in_the_trash_is_dropped_when_the_job_is_abandoned(tmp_path: Path) -> None:
    made = build_replacement(tmp_path / "library", IN_PLACE)
    assert made.trash_path is not None
    Path(made.trash_path).parent.mkdir(parents=True)
    os.link(made.source_path, made.trash_path)
    assert abandon(made) == ()
    assert hard_links(made.source_path) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are those of Unix")
def test_mode_and_time_of_the_source_are_carried_over(tmp_path: Path) -> None:
    library = tmp_path / "library"
    made = build_replacement(library, BESIDE)
    Path(made.source_path).chmod(0o440)
    os.utime(made.source_path, ns=(1_000, 1_234_567_890_000_000_000))
    Path(made.work_path).write_bytes(WORK)
    again = _prepare(library, Path(made.source_path), Path(made.output_path))
    advance(again)
    found = Path(again.output_path).stat()
    assert found.st_mtime_ns == 1_234_567_890_000_000_000
    assert stat.S_IMODE(found.st_mode) == 0o440


def test_other_names_of_a_hard_linked_source_are_untouched(tmp_path: Path) -> None:
    made = build_replacement(tmp_path / "library", IN_PLACE)
    seed = tmp_path / "seed.mkv"
    os.link(made.source_path, seed)
    assert hard_links(made.source_path) == 2
    advance(made)
    assert (seed.read_bytes(), content_of(made.output_path)) == (SOURCE, WORK)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_linked_source_is_replaced_where_the_link_points(tmp_path: Path) -> None:
    real, link = tmp_path / "real.mkv", tmp_path / "link.mkv"
    real.write_bytes(SOURCE)
    link.symlink_to(real)
    made = _prepare(tmp_path, link, link)
    advance(made)
    assert link.is_symlink()
    assert (real.read_bytes(), content_of(made.trash_path)) == (WORK, SOURCE)


@pytest.mark.parametrize("name", ["x" * 250 + ".mkv", "it's a [test], a:b.mkv", os.fsdecode(b"latin-\xe9.mkv"), "-n.mkv"])
def test_any_file_name_goes_through(tmp_path: Path, name: str) -> None:
    if sys.platform == "win32" and (":" in name or "\udce9" in name):
        pytest.skip("not a file name there")
    source = tmp_path / name
    source.write_bytes(SOURCE)
    made = _prepare(tmp_path, source, source)
    advance(made)
    assert (source.read_bytes(), content_of(made.trash_path)) == (WORK, SOURCE)
    assert made.trash_path is not None
    assert Path(made.trash_path).name == name


@pytest.mark.parametrize("in_place", [False, True])
def test_work_on_another_volume_is_copied_whole_before_it_gets_its_name(
    tmp_path: Path, other_volume: Path, in_place: bool
) -> None:
    source = tmp_path / "a.mkv"
    source.write_bytes(SOURCE)
    output = source if in_place else tmp_path / "b.mkv"
    work = other_volume / "out.mkv"
    work.write_bytes(WORK)
    Path(part_path(str(output))).write_bytes(b"half of it, left by a cra")
    made = prepare(
        workspace=Workspace("test"),
        job_id=JobId(1),
        source_path=str(source),
        source_stamp=stamp_of(str(source)),
        work_path=str(work),
        output_path=str(output),
        disposal=SourceDisposal.TRASH,
        root=str(other_volume),
    )
    advance(made)
    advance(made)
    assert (output.read_bytes(), work.exists(), content_of(made.trash_path)) == (WORK, False, SOURCE)
    assert Path(part_path(str(output))).exists() is False
    assert made.trash_path is not None
    assert Path(made.trash_path).stat().st_dev == tmp_path.stat().st_dev


@pytest.mark.parametrize("case", [BESIDE, IN_PLACE], ids=str)
def test_undo_brings_the_original_back_byte_for_byte(tmp_path: Path, case: Case) -> None:
    entry = replaced_entry(tmp_path / "library", case)
    trashed = stamp_of(entry.trash_path)
    undone = restore(entry)
    assert Path(entry.original_path).read_bytes() == SOURCE
    assert stamp_of(entry.original_path) == trashed
    assert content_of(undone) == WORK
    assert not Path(entry.trash_path).parent.exists()
    assert restore(entry) == undone


def test_undo_of_an_undo_brings_the_output_back(tmp_path: Path) -> None:
    entry = replaced_entry(tmp_path / "library", IN_PLACE)
    undone = restore(entry)
    assert undone is not None
    restore(replace(entry, trash_path=undone, size_bytes=len(WORK), output_stamp=stamp_of(entry.original_path)))
    assert Path(entry.original_path).read_bytes() == WORK


@pytest.mark.parametrize("case", [BESIDE, IN_PLACE], ids=str)
def test_undo_refuses_when_another_file_stands_there(tmp_path: Path, case: Case) -> None:
    entry = replaced_entry(tmp_path / "library", case)
    Path(entry.original_path).write_bytes(b"a newer version")
    with pytest.raises(ConflictError) as caught:
        restore(entry)
    assert caught.value.code == "UNDO_PATH_TAKEN"
    assert Path(entry.original_path).read_bytes() == b"a newer version"
    assert content_of(entry.trash_path) == SOURCE


@pytest.mark.parametrize("case", [BESIDE, IN_PLACE], ids=str)
def test_undo_without_the_original_says_so(tmp_path: Path, case: Case) -> None:
    entry = replaced_entry(tmp_path / "library", case)
    purge(entry)
    purge(entry)
    with pytest.raises(NotFoundError) as caught:
        restore(entry)
    assert caught.value.code == "UNDO_NOT_IN_TRASH"
    assert content_of(entry.output_path) == WORK


def test_undo_works_when_the_output_is_gone_or_is_another_file(tmp_path: Path) -> None:
    entry = replaced_entry(tmp_path / "library", BESIDE)
    Path(entry.output_path).write_bytes(b"edited by hand")
    assert restore(entry) is None
    assert Path(entry.original_path).read_bytes() == SOURCE
    assert Path(entry.output_path).read_bytes() == b"edited by hand"


def test_purge_removes_the_original_and_its_empty_folders_only(tmp_path: Path) -> None:
    library = tmp_path / "library"
    entry = replaced_entry(library, BESIDE)
    purge(entry)
    assert not Path(entry.trash_path).exists()
    assert sorted(path.name for path in library.iterdir() if path.is_file()) == ["Fïlm-alchemist.mkv"]


def test_purge_refuses_a_path_outside_the_trash(tmp_path: Path) -> None:
    entry = replace(replaced_entry(tmp_path / "library", BESIDE), trash_path=str(tmp_path / "precious.mkv"))
    (tmp_path / "precious.mkv").write_bytes(SIDECAR)
    with pytest.raises(BugError):
        purge(entry)
    assert (tmp_path / "precious.mkv").read_bytes() == SIDECAR


@pytest.mark.parametrize("has_sidecar", [False, True])
def test_an_output_whose_source_cannot_leave_is_taken_back(tmp_path: Path, has_sidecar: bool) -> None:
    library = tmp_path / "library"
    made = build_replacement(library, Case(SourceDisposal.TRASH, replaces=True, has_sidecar=has_sidecar))
    (library / ".alchemist").mkdir(exist_ok=True)
    assert made.trash_path is not None
    blocked = Path(made.trash_path).parent
    blocked.parent.mkdir()
    blocked.write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match="exists"):
        advance(made)
    assert content_of(made.output_path) == WORK
    assert can_abandon(made)
    assert abandon(made) == ()
    assert content_of(made.source_path) == SOURCE
    assert content_of(made.output_path) == FOREIGN
    assert not Path(made.work_path).exists()


def test_an_original_whose_output_vanished_comes_back_from_the_trash(tmp_path: Path) -> None:
    for in_place in (True, False):
        made = build_replacement(tmp_path / str(in_place), Case(SourceDisposal.TRASH, in_place=in_place))
        advance(made)
        Path(made.output_path).unlink()
        with pytest.raises(KnownError) as caught:
            advance(made)
        assert caught.value.code == "finalize_failed"
        assert abandon(made) == ()
        assert content_of(made.source_path) == SOURCE
