"""Names of results, and which folder a file belongs to."""

import os
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.library import fitting_name, is_generated_name, output_path_for, root_of
from alchemist_desktop.domain.settings import Files

BESIDE = Files()
IN_PLACE = Files(delete_source=True, in_place=True)


@pytest.mark.parametrize(
    ("source", "files", "output"),
    [
        ("/m/A.mp4", BESIDE, "/m/A-alchemist.mkv"),
        ("/m/A.mkv", BESIDE, "/m/A-alchemist.mkv"),
        ("/m/A.mp4", IN_PLACE, "/m/A.mkv"),
        ("/m/A.mkv", IN_PLACE, "/m/A.mkv"),
        ("/m/A.mkv", Files(output_suffix=""), "/m/A-alchemist.mkv"),
        ("/m/A.mp4", Files(output_suffix=""), "/m/A.mkv"),
        ("/m/s/A.mp4", Files(output_root="/out"), "/out/s/A-alchemist.mkv"),
        ("/m/v1.2 film.mp4", BESIDE, "/m/v1.2 film-alchemist.mkv"),
        # in place without the source going away would overwrite it: the suffix stays
        ("/m/A.mkv", Files(in_place=True), "/m/A-alchemist.mkv"),
    ],
)
def test_the_output_path_follows_the_settings(source: str, files: Files, output: str) -> None:
    assert output_path_for(source, "/m", files) == output


def test_a_taken_path_gets_the_source_extension_into_its_name() -> None:
    assert output_path_for("/m/A.mp4", "/m", IN_PLACE, is_taken=lambda path: path == "/m/A.mkv") == "/m/A.mp4.mkv"


def test_without_a_root_the_output_root_takes_the_bare_name() -> None:
    assert output_path_for("/m/s/A.mp4", None, Files(output_root="/out")) == "/out/A-alchemist.mkv"


def test_the_most_specific_root_wins_at_a_folder_boundary() -> None:
    roots = ["/media", "/media/films", "/media/film"]
    assert root_of("/media/films/a.mkv", roots) == "/media/films"
    assert root_of("/media/filmstrip/a.mkv", roots) == "/media"
    assert root_of("/elsewhere/a.mkv", roots) is None


@pytest.mark.parametrize(
    ("name", "files", "is_ours"),
    [
        ("/m/A-alchemist.mkv", BESIDE, True),
        ("/m/A-alchemist.MKV", BESIDE, True),
        ("/m/A-alchemist.mp4", BESIDE, False),
        ("/m/A.mkv", BESIDE, False),
        ("/m/A-alchemist.mkv", Files(output_suffix=""), True),
        ("/m/A.small.mkv", Files(output_suffix=".small"), True),
    ],
)
def test_results_are_known_by_their_names(name: str, files: Files, is_ours: bool) -> None:
    assert is_generated_name(name, files) is is_ours


@given(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=250))
def test_every_name_fits_a_file_system(stem: str) -> None:
    name = fitting_name(stem, "-alchemist.mkv")
    assert len(name.encode()) <= 255
    assert name.endswith("-alchemist.mkv")
    assert is_generated_name(f"/m/{name}", BESIDE)


@given(st.binary(min_size=1, max_size=250).filter(lambda data: not {0, 47} & set(data)))
def test_names_that_are_no_text_fit_too(data: bytes) -> None:
    assert len(os.fsencode(fitting_name(os.fsdecode(data), "-alchemist.mkv"))) <= 255


def test_long_names_that_begin_alike_get_outputs_of_their_own() -> None:
    outputs = {output_path_for(f"/m/{'n' * 248}{end}.mkv", "/m", BESIDE) for end in "ab"}
    assert len(outputs) == 2
    assert all(len(PurePath(output).name) == 255 for output in outputs)


def test_a_long_name_stays_as_it_is_where_the_result_takes_its_place() -> None:
    source = f"/m/{'n' * 251}.mkv"
    assert output_path_for(source, "/m", IN_PLACE) == source
