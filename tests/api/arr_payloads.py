"""What Sonarr 4 and Radarr 5 send, member by member as their webhook classes have them; the values are made up."""

from typing import Any

_SERIES: dict[str, Any] = {
    "id": 12, "title": "A Show", "titleSlug": "a-show", "path": "/tv/A Show", "tvdbId": 1, "tvMazeId": 2, "tmdbId": 3,
    "imdbId": "tt1", "type": "standard", "year": 2020, "genres": ["Drama"], "images": [], "tags": ["x"], "originalLanguage": None,
}  # fmt: skip
_EPISODE: dict[str, Any] = {
    "id": 5, "episodeNumber": 1, "seasonNumber": 1, "title": "One", "overview": "", "airDate": "2020-01-01",
    "airDateUtc": "2020-01-01T00:00:00Z", "seriesId": 12, "tvdbId": 9, "finaleType": None,
}  # fmt: skip
_RELEASE = {
    "quality": "WEBDL-1080p",
    "qualityVersion": 1,
    "releaseGroup": "G",
    "releaseTitle": "A.Show.S01E01",
    "indexer": "I",
    "size": 1,
}
_SONARR: dict[str, Any] = {"instanceName": "Sonarr", "applicationUrl": ""}
_RADARR: dict[str, Any] = {"instanceName": "Radarr", "applicationUrl": ""}


def episode_file(name: str, folder: str = "/tv/A Show") -> dict[str, Any]:
    return {
        "id": 99, "relativePath": f"Season 01/{name}", "path": f"{folder}/Season 01/{name}", "quality": "WEBDL-1080p",
        "qualityVersion": 1, "releaseGroup": "G", "sceneName": "A.Show.S01E01", "size": 1234, "dateAdded": "2026-01-01T00:00:00Z",
        "languages": [{"id": 1, "name": "English"}], "sourcePath": "/downloads/a.mkv", "recycleBinPath": None,
        "mediaInfo": {"audioChannels": 5.1, "audioCodec": "EAC3", "height": 1080, "width": 1920, "videoCodec": "h264"},
    }  # fmt: skip


def sonarr_download(name: str, *, upgrade: bool = False) -> dict[str, Any]:
    deleted = {"deletedFiles": [episode_file("old.mkv")]} if upgrade else {}
    return {
        **_SONARR, "eventType": "Download", "series": _SERIES, "episodes": [_EPISODE], "episodeFile": episode_file(name),
        "isUpgrade": upgrade, "downloadClient": "sab", "downloadClientType": "SABnzbd", "downloadId": "X", "release": _RELEASE,
        "customFormatInfo": {"customFormats": [], "customFormatScore": 0}, **deleted,
    }  # fmt: skip


def sonarr_import_complete(*names: str) -> dict[str, Any]:
    return {
        **_SONARR, "eventType": "Download", "series": _SERIES, "episodes": [_EPISODE],
        "episodeFiles": [episode_file(name) for name in names], "fileCount": len(names), "downloadClient": "sab",
        "downloadId": "X", "sourcePath": "/downloads/A.Show.S01", "destinationPath": "/tv/A Show/Season 01", "release": _RELEASE,
    }  # fmt: skip


SONARR_TEST: dict[str, Any] = {
    **_SONARR, "eventType": "Test", "episodes": [{"id": 123, "episodeNumber": 1, "seasonNumber": 1, "title": "Test title"}],
    "series": {"id": 1, "title": "Test Title", "path": "C:\\testpath", "tvdbId": 1234, "tags": ["test-tag"]},
}  # fmt: skip
SONARR_GRAB: dict[str, Any] = {
    **_SONARR, "eventType": "Grab", "series": _SERIES, "episodes": [_EPISODE], "release": _RELEASE, "downloadClient": "sab",
    "customFormatInfo": {"customFormats": [], "customFormatScore": 0},
}  # fmt: skip
SONARR_RENAME: dict[str, Any] = {
    **_SONARR, "eventType": "Rename", "series": _SERIES,
    "renamedEpisodeFiles": [{**episode_file("new.mkv"), "previousRelativePath": "old.mkv", "previousPath": "/tv/A Show/old.mkv"}],
}  # fmt: skip
_MOVIE: dict[str, Any] = {
    "id": 3, "title": "A Film", "year": 2024, "filePath": None, "releaseDate": "2024-01-01", "folderPath": "/movies/A Film (2024)",
    "tmdbId": 1, "imdbId": "tt2", "overview": "", "genres": [], "images": [], "tags": [], "originalLanguage": {"id": 1},
}  # fmt: skip


def movie_file(name: str) -> dict[str, Any]:
    return {
        "id": 8, "relativePath": name, "path": f"/movies/A Film (2024)/{name}", "quality": "Bluray-1080p", "qualityVersion": 1,
        "releaseGroup": "G", "sceneName": "A.Film", "indexerFlags": "0", "size": 4321, "dateAdded": "2026-01-01T00:00:00Z",
        "languages": [], "mediaInfo": {"audioChannels": 2, "audioCodec": "AAC", "videoCodec": "x264"}, "sourcePath": "/d/a.mkv",
    }  # fmt: skip


def radarr_download(name: str, *, upgrade: bool = False) -> dict[str, Any]:
    deleted = {"deletedFiles": [movie_file("old.mkv")]} if upgrade else {}
    return {
        **_RADARR, "eventType": "Download", "movie": _MOVIE, "remoteMovie": {"tmdbId": 1, "imdbId": "tt2", "title": "A Film", "year": 2024},
        "movieFile": movie_file(name), "isUpgrade": upgrade, "downloadClient": "qb", "downloadId": "Y", "release": _RELEASE,
        "customFormatInfo": {"customFormats": [], "customFormatScore": 0}, **deleted,
    }  # fmt: skip


RADARR_TEST: dict[str, Any] = {
    **_RADARR, "eventType": "Test", "remoteMovie": {"tmdbId": 1234, "imdbId": "5678", "title": "Test title", "year": 1970},
    "movie": {"id": 1, "title": "Test Title", "year": 1970, "folderPath": "C:\\testpath", "releaseDate": "1970-01-01"},
    "release": {"indexer": "Test Indexer", "quality": "Test Quality", "releaseTitle": "Test Title", "size": 9999999},
}  # fmt: skip
RADARR_GRAB: dict[str, Any] = {**_RADARR, "eventType": "Grab", "movie": _MOVIE, "release": _RELEASE, "downloadClient": "qb"}
RADARR_RENAME: dict[str, Any] = {
    **_RADARR, "eventType": "Rename", "movie": _MOVIE,
    "renamedMovieFiles": [{**movie_file("new.mkv"), "previousRelativePath": "old.mkv", "previousPath": "/movies/old.mkv"}],
}  # fmt: skip
