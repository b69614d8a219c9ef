import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.job import ContentVersion, FileStamp
from alchemist_desktop.domain.library import is_generated_name
from alchemist_desktop.domain.settings import MEDIA_EXTENSIONS, Files
from alchemist_desktop.media.walk import LARGEST_SAMPLE_BYTES, WalkRules, is_media_path, walk

RULES = WalkRules(extensions=MEDIA_EXTENSIONS)

needs_posix_names = pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="the file system refuses such names")


class Found:
    """One walk's files and everything it told."""

    def __init__(self, root: Path, rules: WalkRules = RULES, known: dict[str, ContentVersion] | None = None) -> None:
        self.folders: list[str] = []
        self.errors: list[tuple[str, OSError]] = []
        self.unchanged = 0
        self.files = list(
            walk(
                str(root),
                rules,
                is_cancelled=lambda: False,
                on_folder=self.folders.append,
                on_error=lambda path, error: self.errors.append((path, error)),
                known=known or {},
                on_unchanged=self._count,
            )
        )
        self.names = [os.path.relpath(file.path, root) for file in self.files]

    def _count(self, unchanged: int) -> None:
        self.unchanged += unchanged


def _touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def _make_sparse(path: Path, size_bytes: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size_bytes)


def test_finds_media_files_in_order_with_their_stamps(tmp_path: Path) -> None:
    _touch(tmp_path, "b.mkv", "a.MP4", "notes.txt", "mkv", "Show/S01/e2.ts", "Show/S01/e1.m2ts", "Film (2020)/film.avi")
    (tmp_path / "a.MP4").write_bytes(b"12345")
    found = Found(tmp_path)
    assert found.names == ["a.MP4", "b.mkv", "Film (2020)/film.avi", "Show/S01/e1.m2ts", "Show/S01/e2.ts"]
    status = (tmp_path / "a.MP4").stat()
    assert found.files[0].stamp == FileStamp(size_bytes=5, mtime_ns=status.st_mtime_ns, device=status.st_dev, inode=status.st_ino)
    assert {file.root for file in found.files} == {str(tmp_path)}
    assert found.folders == [str(tmp_path / name) for name in (".", "Film (2020)", "Show", "Show/S01")]
    assert found.errors == []


def test_leaves_out_hidden_system_and_own_folders(tmp_path: Path) -> None:
    for folder in (
        ".hidden", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "#recycle", "lost+found", ".Trash-1000",
        ".alchemist/work", "Film.trickplay",
    ):  # fmt: skip
        _touch(tmp_path, f"{folder}/x.mkv")
    _touch(tmp_path, "._film.mkv", ".mkv", "film.mkv", "Recycle (2011)/film.mkv")
    assert Found(tmp_path).names == ["film.mkv", "Recycle (2011)/film.mkv"]


@pytest.mark.parametrize(
    "name",
    ["sample.mkv", "Film-sample.mkv", "Film.Sample.mkv", "film_SAMPLE.avi", "film-trailer.mp4", "Sample/x.mkv", "trailers/x.mkv"],
)
def test_leaves_out_small_samples_and_trailers(tmp_path: Path, name: str) -> None:
    _touch(tmp_path, name)
    assert Found(tmp_path).names == []
    assert Found(tmp_path, replace(RULES, include_samples=True)).names == [name]


@pytest.mark.parametrize(
    "name", ["Sample People (2000)/Sample People (2000).mkv", "Trailer Park Boys/s01.mkv", "Resample.mkv", "sample size.mkv"]
)
def test_keeps_films_whose_names_only_sound_like_samples(tmp_path: Path, name: str) -> None:
    _touch(tmp_path, name)
    assert Found(tmp_path).names == [name]


def test_keeps_a_large_file_that_is_named_like_a_sample(tmp_path: Path) -> None:
    _make_sparse(tmp_path / "free.sample.mkv", LARGEST_SAMPLE_BYTES + 1)
    assert Found(tmp_path).names == ["free.sample.mkv"]


def test_leaves_out_dvd_menus_only(tmp_path: Path) -> None:
    _touch(tmp_path, *(f"VIDEO_TS/{name}.VOB" for name in ("VIDEO_TS", "VTS_01_0", "VTS_01_1", "VTS_01_2")))
    assert Found(tmp_path).names == ["VIDEO_TS/VTS_01_1.VOB", "VIDEO_TS/VTS_01_2.VOB"]


def test_globs_match_names_and_paths_and_keep_the_walk_out_of_folders(tmp_path: Path) -> None:
    _touch(tmp_path, "a.mkv", "Film/extras/x.mkv", "Film/film.mkv", "Film/film-OLD.mkv")
    found = Found(tmp_path, replace(RULES, exclude_globs=("*/Extras/*", "*-old.*")))
    assert found.names == ["a.mkv", "Film/film.mkv"]
    assert str(tmp_path / "Film/extras") not in found.folders


def test_own_results_are_not_taken_as_sources(tmp_path: Path) -> None:
    _touch(tmp_path, "film.mkv", "film-alchemist.mkv")
    rules = replace(RULES, is_generated=lambda path: is_generated_name(path, Files()))
    assert Found(tmp_path, rules).names == ["film.mkv"]


def test_stays_in_the_root_unless_recursive(tmp_path: Path) -> None:
    _touch(tmp_path, "a.mkv", "deep/b.mkv")
    assert Found(tmp_path, replace(RULES, recursive=False)).names == ["a.mkv"]


def test_files_that_did_not_change_are_counted_and_not_yielded(tmp_path: Path) -> None:
    _touch(tmp_path, "a.mkv", "b.mkv", "deep/c.mkv", "deep/d.mkv")
    known = {file.path: file.stamp.version for file in Found(tmp_path).files}
    (tmp_path / "b.mkv").write_bytes(b"longer now")
    os.utime(tmp_path / "deep/c.mkv", ns=(1, 1))
    del known[str(tmp_path / "deep/d.mkv")]
    found = Found(tmp_path, known=known)
    assert (found.names, found.unchanged) == (["b.mkv", "deep/c.mkv", "deep/d.mkv"], 1)


def test_links_are_followed_only_on_request_and_loops_end(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    _touch(tmp_path, "library/a.mkv", "outside/b.mkv")
    library = tmp_path / "library"
    (library / "loop").symlink_to(library)
    (library / "other").symlink_to(outside)
    (library / "again").symlink_to(outside)
    (library / "link.mkv").symlink_to(outside / "b.mkv")
    (library / "dead.mkv").symlink_to(outside / "gone.mkv")
    assert Found(library).names == ["a.mkv"]
    found = Found(library, replace(RULES, follow_symlinks=True))
    assert found.names == ["a.mkv", "link.mkv", "again/b.mkv"]
    assert found.errors == []


def test_what_is_not_a_regular_file_is_left_out(tmp_path: Path) -> None:
    _touch(tmp_path, "folder.mkv/inside.mkv")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.mkv")
    assert Found(tmp_path).names == ["folder.mkv/inside.mkv"]


@needs_posix_names
@pytest.mark.parametrize(
    "name",
    [b"caf\xe9.mkv", b"n" * 246 + b".mkv", b"two\nlines.mkv", b"it's \"a\" [test], a:b.mkv", b"-dash.mkv", "\u202edne\u00e9.mkv".encode()],
)  # fmt: skip
def test_any_file_name_works(tmp_path: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    file = Found(tmp_path).files[0]
    assert os.fsencode(file.path) == os.fsencode(tmp_path) + b"/" + name
    assert Path(file.path).read_bytes() == b"x"


@needs_posix_names
def test_paths_longer_than_one_system_call_takes_are_reported(tmp_path: Path) -> None:
    home = os.open(".", os.O_RDONLY)
    try:
        os.chdir(tmp_path)
        for _ in range(20):
            Path("d" * 250).mkdir()
            os.chdir("d" * 250)
    finally:
        os.chdir(home)
        os.close(home)
    _touch(tmp_path, "z.mkv")
    found = Found(tmp_path)
    assert found.names == ["z.mkv"]
    assert len(found.errors) == 1


def test_a_folder_without_rights_is_reported_and_does_no_other_harm(tmp_path: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("this user may read everything")
    _touch(tmp_path, "closed/a.mkv", "open/b.mkv")
    (tmp_path / "closed").chmod(0)
    try:
        found = Found(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert found.names == ["open/b.mkv"]
    assert [(path, type(error)) for path, error in found.errors] == [(str(tmp_path / "closed"), PermissionError)]


def test_a_folder_that_vanishes_during_the_walk_is_reported(tmp_path: Path) -> None:
    _touch(tmp_path, "a.mkv", "gone/b.mkv", "z/c.mkv")
    errors: list[str] = []
    files = walk(
        str(tmp_path),
        RULES,
        is_cancelled=lambda: False,
        on_folder=lambda _: None,
        on_error=lambda path, _: errors.append(path),
    )
    names = [Path(next(files).path).name]
    (tmp_path / "gone/b.mkv").unlink()
    (tmp_path / "gone").rmdir()
    names += [Path(file.path).name for file in files]
    assert names == ["a.mkv", "c.mkv"]
    assert errors == [str(tmp_path / "gone")]


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_root_that_is_no_folder_is_the_callers_to_know(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "root"
    if kind == "file":
        root.touch()
    with pytest.raises(KnownError) as caught:
        Found(root)
    assert caught.value.path == str(root)


def test_a_cancelled_walk_ends_at_once(tmp_path: Path) -> None:
    _touch(tmp_path, *(f"{number}.mkv" for number in range(10)))
    seen: list[str] = []
    files = walk(str(tmp_path), RULES, is_cancelled=lambda: len(seen) >= 3, on_folder=lambda _: None, on_error=lambda *_: None)
    for file in files:
        seen.append(file.path)
    assert len(seen) == 3


@given(
    st.lists(
        st.lists(st.sampled_from(["A", "sample", ".x", "@eaDir", ".alchemist", "B.trickplay"]), max_size=3).map("/".join),
        max_size=4,
        unique=True,
    ),
    st.sampled_from(["film.mkv", "film.txt", "x-sample.mp4", "VTS_01_0.vob", ".a.mkv", "extras.mkv"]),
)
def test_single_files_are_judged_as_the_walk_judges_them(
    tmp_path_factory: pytest.TempPathFactory, folders: Iterable[str], name: str
) -> None:
    root = tmp_path_factory.mktemp("root")
    paths = [root / folder / name for folder in folders]
    _touch(root, *(str(path) for path in paths))
    rules = replace(RULES, exclude_globs=("extras*",))
    assert sorted(file.path for file in Found(root, rules).files) == sorted(
        str(path) for path in paths if is_media_path(str(path), rules, root=str(root))
    )


def test_without_a_root_only_the_programs_own_and_system_folders_count(tmp_path: Path) -> None:
    assert is_media_path(str(tmp_path / ".media/film.mkv"), RULES)
    assert not is_media_path(str(tmp_path / ".alchemist/work/film.mkv"), RULES)
    assert not is_media_path(str(tmp_path / "@eaDir/film.mkv"), RULES)
