"""Work folders: where they lie, and that only our own leftovers are removed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.media.workspace import Workspace, is_trash_path

OURS, THEIRS = Workspace("installation-a"), Workspace("installation-b")


def _work_dir(workspace: Workspace, library: Path, job_id: int) -> Path:
    folder = Path(workspace.create_work_dir(JobId(job_id), str(library / "show" / "a.mkv"), str(library)))
    (folder / "out.mkv").write_bytes(b"half")
    (folder / "inner").mkdir()
    (folder / "inner" / "log").write_bytes(b"x")
    return folder


def test_folders_lie_in_the_library_root_and_never_collide(tmp_path: Path) -> None:
    folders = {_work_dir(OURS, tmp_path, 3) for _ in range(20)}
    assert len(folders) == 20
    assert {folder.parent for folder in folders} == {tmp_path / ".alchemist" / "work"}
    trash = {OURS.trash_path(JobId(3), str(tmp_path / "a.mkv"), str(tmp_path)) for _ in range(20)}
    assert len(trash) == 20
    assert all(is_trash_path(path) for path in trash)


def test_without_a_root_on_the_volume_they_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "show").mkdir()
    beside = OURS.trash_path(JobId(1), str(tmp_path / "show" / "a.mkv"), None)
    assert Path(beside).is_relative_to(tmp_path / "show" / ".alchemist" / "trash")
    elsewhere = OURS.trash_path(JobId(1), str(tmp_path / "show" / "a.mkv"), "/proc")
    assert Path(elsewhere).is_relative_to(tmp_path / "show" / ".alchemist" / "trash")


def test_discard_removes_the_folder_and_its_empty_parents(tmp_path: Path) -> None:
    first, second = _work_dir(OURS, tmp_path, 1), _work_dir(OURS, tmp_path, 2)
    OURS.discard(str(first))
    assert not first.exists()
    assert second.exists()
    OURS.discard(str(second))
    OURS.discard(str(second))
    assert list(tmp_path.iterdir()) == []


def test_only_our_own_leftovers_of_unknown_jobs_are_removed(tmp_path: Path) -> None:
    leftover, known = _work_dir(OURS, tmp_path, 1), _work_dir(OURS, tmp_path, 2)
    theirs = _work_dir(THEIRS, tmp_path, 1)
    by_hand = tmp_path / ".alchemist" / "work" / "1-0123456789ab"
    by_hand.mkdir()
    (by_hand / "film.mkv").write_bytes(b"mine")
    odd = tmp_path / ".alchemist" / "work" / "notes"
    odd.mkdir()
    (odd / ".owner").write_text("installation-a")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / ".owner").write_text("installation-a")
    link = tmp_path / ".alchemist" / "work" / "9-0123456789ab"
    link.symlink_to(outside)
    assert OURS.clean_work([str(tmp_path), str(tmp_path), str(tmp_path / "no such folder")], {JobId(2)}) == [str(leftover)]
    assert not leftover.exists()
    assert all(path.exists() for path in (known, theirs, by_hand / "film.mkv", odd, outside / ".owner", link))


def test_links_in_a_leftover_are_removed_without_what_they_point_to(tmp_path: Path) -> None:
    folder = _work_dir(OURS, tmp_path, 1)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "a.mkv").write_bytes(b"a")
    (folder / "source").symlink_to(precious)
    assert OURS.clean_work([str(tmp_path)], set()) == [str(folder)]
    assert (precious / "a.mkv").read_bytes() == b"a"


def test_folders_can_be_made_while_others_tidy_up(tmp_path: Path) -> None:
    def make_and_discard(job_id: int) -> None:
        for _ in range(150):
            OURS.discard(OURS.create_work_dir(JobId(job_id), str(tmp_path / "a.mkv"), str(tmp_path)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make_and_discard, range(4)))
    assert list(tmp_path.iterdir()) == []
