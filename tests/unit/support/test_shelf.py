"""The shelf notices what it is there to notice; the kill test is worth nothing otherwise."""

import shutil
from pathlib import Path

import pytest

from tests.support.corpus import build_corpus
from tests.support.inventory import chapter_titles, counted, inventory, video_span_s
from tests.support.media import make_clip
from tests.support.shelf import Shelf, Source


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path / "library", clip_s=0.4, size="160x90")
    made.refill(2)
    return made


def _move_to_trash(shelf: Shelf, source: Source) -> Path:
    place = shelf.folder / ".alchemist" / "trash" / "1-0" / source.path.name
    place.parent.mkdir(parents=True)
    return source.path.rename(place)


def test_a_fresh_shelf_has_no_faults_and_is_unfinished(shelf: Shelf) -> None:
    assert [source.path.name for source in shelf.sources] == ["clip 0.mkv", "clip 1.mp4"]
    assert (shelf.losses(), shelf.halves()) == ([], [])
    assert len(shelf.unfinished()) == 2


def test_a_replaced_source_is_finished(shelf: Shelf) -> None:
    first, second = shelf.sources
    shutil.copy(_move_to_trash(shelf, first), first.result)
    assert shelf.unfinished() == [str(second.path)]
    assert (shelf.losses(), shelf.halves()) == ([], [])
    assert first.result.is_file()


def test_a_missing_source_is_a_loss(shelf: Shelf) -> None:
    shelf.sources[1].path.unlink()
    assert shelf.losses() == [str(shelf.sources[1].path)]


def test_a_changed_source_is_a_loss_and_no_source_any_more(shelf: Shelf) -> None:
    path = shelf.sources[1].path
    path.write_bytes(path.read_bytes()[:-1])
    assert shelf.losses() == [str(path)]
    assert shelf.halves() == [str(path)]


def test_a_short_result_is_a_half(shelf: Shelf) -> None:
    first = shelf.sources[0]
    _move_to_trash(shelf, first)
    make_clip(first.result, duration_s=0.2, size="160x90")
    assert shelf.losses() == []
    assert shelf.halves() == [str(first.result)]


def test_a_cut_result_is_a_half(shelf: Shelf) -> None:
    second = shelf.sources[1]
    second.result.write_bytes(b"\x1aE\xdf\xa3")
    assert shelf.halves() == [str(second.result)]


def test_a_stray_file_is_told(shelf: Shelf) -> None:
    stray = shelf.folder / "clip 0.part"
    stray.touch()
    assert shelf.halves() == [str(stray)]


def test_the_work_folder_is_no_final_place(shelf: Shelf) -> None:
    work = shelf.folder / ".alchemist" / "work" / "1-0"
    work.mkdir(parents=True)
    assert shelf.halves() == []
    assert shelf.leftovers() == [str(work)]


def test_inventory_tells_covers_and_data_from_the_film(tmp_path: Path) -> None:
    cover, everything, telemetry = build_corpus(tmp_path, {"cover.mp4", "everything.mkv", "telemetry.mp4"})
    films = {file.name: inventory(file.path) for file in (cover, everything, telemetry)}
    assert [facts.kind for facts in films["cover.mp4"]] == ["video", "audio", "picture"]
    assert [facts.kind for facts in films["telemetry.mp4"]] == ["video", "audio", "data"]
    assert counted(films["everything.mkv"], "audio") == {
        ("eng", "", frozenset()): 1,
        ("ger", "Kommentar", frozenset({"comment"})): 1,
    }
    (path,) = (file.path for file in (cover, everything, telemetry) if file.name == "everything.mkv")
    assert chapter_titles(path) == ["Anfang", "終わり"]
    assert video_span_s(path) == pytest.approx(1.16, abs=0.01)
