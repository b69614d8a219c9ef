"""Facts about files and volumes."""

import os
import sys
from pathlib import Path

import pytest

from alchemist_desktop.media import disk


def test_stamps_differ_as_soon_as_the_content_may(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    first = disk.stamp_of(str(path))
    assert disk.stamp_of(str(path)) == first
    path.write_bytes(b"two!")
    second = disk.stamp_of(str(path))
    assert second != first
    other = tmp_path / "b"
    other.write_bytes(b"2222")
    os.utime(other, ns=(0, second.mtime_ns))
    other.replace(path)
    assert disk.stamp_of(str(path)) != second


def test_a_missing_file_has_no_stamp(tmp_path: Path) -> None:
    assert disk.stamp_or_none(str(tmp_path / "none")) is None
    with pytest.raises(FileNotFoundError):
        disk.stamp_of(str(tmp_path / "none"))


def test_paths_that_do_not_exist_yet_belong_to_their_nearest_parent(tmp_path: Path) -> None:
    deep = str(tmp_path / "a" / "b" / "c.mkv")
    assert disk.device_label(deep) == disk.device_label(str(tmp_path)) == f"dev:{tmp_path.stat().st_dev}"
    assert disk.same_volume(deep, str(tmp_path))
    free = disk.free_bytes(deep)
    assert free is not None
    assert free > 0


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a volume of its own there")
def test_another_volume_is_told_apart(tmp_path: Path) -> None:
    assert not disk.same_volume(str(tmp_path), "/proc")
    assert disk.device_label("/proc") != disk.device_label(str(tmp_path))


def test_folders_are_made_with_their_parents_and_may_exist(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    disk.make_dirs(str(folder))
    disk.make_dirs(str(folder))
    assert folder.is_dir()


def test_metadata_goes_over_and_content_stays(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"source")
    target.write_bytes(b"target")
    source.chmod(0o444)
    os.utime(source, ns=(5_000_000_000, 7_000_000_000))
    disk.copy_metadata(str(source), str(target))
    disk.fsync_file(str(target))
    assert target.stat().st_mtime_ns == 7_000_000_000
    assert target.stat().st_mode == source.stat().st_mode
    assert target.read_bytes() == b"target"


@pytest.mark.skipif(sys.platform != "linux", reason="extended attributes are read in this way on Linux only")
def test_extended_attributes_go_over(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"")
    target.write_bytes(b"")
    try:
        os.setxattr(source, "user.comment", b"seen")
    except OSError:
        pytest.skip("this volume has no extended attributes")
    disk.copy_metadata(str(source), str(target))
    assert os.getxattr(target, "user.comment") == b"seen"


def test_hard_links_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    os.link(tmp_path / "a", tmp_path / "b")
    assert disk.hard_links(str(tmp_path / "a")) == 2
