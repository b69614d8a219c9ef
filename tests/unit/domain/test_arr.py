"""Webhook calls of Sonarr and Radarr: which file they mean, and where it lies here."""

from typing import Any

import pytest
from pydantic import ValidationError

from alchemist_desktop.domain.arr import ArrPayload, translated
from alchemist_desktop.domain.settings import PathTranslation


@pytest.mark.parametrize(
    ("payload", "paths"),
    [
        ({}, []),
        ({"path": "/p"}, ["/p"]),
        ({"path": "  "}, []),
        ({"episodeFile": {"path": "/e"}, "movieFile": {"path": "/m"}, "path": "/p"}, ["/e"]),
        ({"episodeFile": {"path": ""}, "movieFile": {"path": "/m"}}, ["/m"]),
        (
            {"importedMovieFiles": [{"path": "/m"}], "importedEpisodeFiles": [{"path": " "}, {"path": "/e1"}, {"path": "/e2"}]},
            ["/e1", "/e2", "/m"],
        ),
        ({"importedEpisodeFiles": [{"path": "/e1"}], "episodeFile": {"path": "/other"}}, ["/e1"]),
        ({"episodeFiles": [{"path": "/s/1.mkv"}, {"path": "/s/2.mkv"}, {"path": "/s/1.mkv"}]}, ["/s/1.mkv", "/s/2.mkv"]),
        ({"series": {"path": "/tv/Show"}, "episodeFile": {"relativePath": "Season 1/a.mkv"}}, ["/tv/Show/Season 1/a.mkv"]),
        ({"movie": {"folderPath": "/films/X/"}, "movieFile": {"relativePath": "x.mkv"}}, ["/films/X/x.mkv"]),
        ({"movie": {"path": "/a", "folderPath": "/b"}, "relativePath": "x.mkv"}, ["/a/x.mkv"]),
        ({"series": {"path": "D:\\TV\\Show\\"}, "episodeFile": {"relativePath": "S1\\a.mkv"}}, ["D:\\TV\\Show\\S1\\a.mkv"]),
        ({"series": {"path": "/tv/Show"}}, []),
        ({"episodeFile": {"relativePath": "a.mkv"}}, []),
        ({"episodeFiles": None, "episodeFile": None, "movie": None, "path": "/p"}, ["/p"]),
    ],
)
def test_the_place_that_counts(payload: dict[str, Any], paths: list[str]) -> None:
    assert ArrPayload.model_validate(payload).paths() == paths


@pytest.mark.parametrize(
    "payload",
    [
        {"importedEpisodeFiles": None},
        {"importedMovieFiles": None},
        {"path": 5},
        {"episodeFile": "x"},
        {"importedEpisodeFiles": "x"},
        {"eventType": 1},
    ],
)
def test_wrong_types_are_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ArrPayload.model_validate(payload)


@pytest.mark.parametrize(
    ("event", "is_import"),
    [
        ("Download", True),
        (" download ", True),
        ("DOWNLOAD", True),
        ("Test", False),
        ("Grab", False),
        ("Rename", False),
        ("", False),
    ],
)
def test_only_imports_need_work(event: str, is_import: bool) -> None:
    assert ArrPayload.model_validate({"eventType": event}).is_import is is_import


def _rules(*pairs: tuple[str, str]) -> list[PathTranslation]:
    return [PathTranslation(from_=old, to=new) for old, new in pairs]


@pytest.mark.parametrize(
    ("rules", "path", "here"),
    [
        ((), "/tv/a.mkv", "/tv/a.mkv"),
        ((("/tv", "/mnt/tv"),), "/tv/a.mkv", "/mnt/tv/a.mkv"),
        ((("/tv", "/mnt/tv"),), "/tv", "/mnt/tv"),
        ((("/tv", "/mnt/tv"),), "/tv2/a.mkv", "/tv2/a.mkv"),
        ((("/data", "/one"), ("/data/tv", "/two")), "/data/tv/a.mkv", "/two/a.mkv"),
        ((("/data/tv", "/two"), ("/data", "/one")), "/data/tv/a.mkv", "/two/a.mkv"),
        ((("/data/tv/", "/two"),), "/data/tv/a.mkv", "/two/a.mkv"),
        ((("/data/tv/", "/two/"),), "/data/tv/a.mkv", "/two/a.mkv"),
        ((("D:\\TV", "/mnt/tv"),), "D:\\TV\\Show\\S1\\a.mkv", "/mnt/tv/Show/S1/a.mkv"),
        ((("\\\\nas\\tv", "/mnt/tv"),), "\\\\nas\\tv\\a.mkv", "/mnt/tv/a.mkv"),
        ((("/tv", "Z:\\tv"),), "/tv/a.mkv", "Z:\\tv/a.mkv"),
        ((("/tv", "/mnt/tv"),), "/tv/back\\slash.mkv", "/mnt/tv/back\\slash.mkv"),
    ],
)
def test_the_longest_prefix_is_replaced(rules: tuple[tuple[str, str], ...], path: str, here: str) -> None:
    assert translated(path, _rules(*rules)) == here
