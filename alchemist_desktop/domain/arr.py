"""What Sonarr and Radarr report after an import: which files, and under which paths this computer knows them."""

import re
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from alchemist_desktop.domain.settings import PathTranslation

_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class ArrFile(_Part):
    """A file as they name it."""

    path: str | None = None
    relative_path: str | None = Field(None, alias="relativePath")


class ArrTitle(_Part):
    """A series or a movie, with the folder it lies in."""

    path: str | None = None
    folder_path: str | None = Field(None, alias="folderPath")


class ArrPayload(_Part):
    """The members of a webhook call that lead to a file; all of them may be missing.

    `episodeFiles` is how Sonarr reports a whole download; the two lists after it are those of other senders.
    """

    event_type: str = Field("", alias="eventType")
    imported_episode_files: tuple[ArrFile, ...] = Field((), alias="importedEpisodeFiles", strict=False)
    imported_movie_files: tuple[ArrFile, ...] = Field((), alias="importedMovieFiles", strict=False)
    episode_files: tuple[ArrFile, ...] | None = Field((), alias="episodeFiles", strict=False)
    episode_file: ArrFile | None = Field(None, alias="episodeFile")
    movie_file: ArrFile | None = Field(None, alias="movieFile")
    movie: ArrTitle | None = None
    series: ArrTitle | None = None
    path: str | None = None
    relative_path: str | None = Field(None, alias="relativePath")

    @property
    def is_import(self) -> bool:
        """Whether a file has arrived; everything else they report needs no work."""
        return self.event_type.strip().lower() == "download"

    def paths(self) -> list[str]:
        """The files' paths as the sender knows them, each once: of the places they may stand in, the first that has any."""
        single = [file.path for file in (self.episode_file, self.movie_file) if file is not None]
        return (
            _given(file.path for file in (*self.imported_episode_files, *self.imported_movie_files))
            or _given([*single, self.path])[:1]
            or _given(file.path for file in self.episode_files or ())
            or self._joined()
        )

    def _joined(self) -> list[str]:
        """Folder and relative path put together, for senders that know no whole path."""
        files = [file for file in (self.episode_file, self.movie_file) if file is not None]
        relative = _given([*(file.relative_path for file in files), self.relative_path])
        movie, series = self.movie or ArrTitle(), self.series or ArrTitle()
        base = _given([movie.path, movie.folder_path, series.path, series.folder_path])
        if not relative or not base:
            return []
        separator = "\\" if _WINDOWS_PATH.match(base[0]) else "/"
        return [f"{base[0].rstrip('/' + separator)}{separator}{relative[0].lstrip('/' + separator)}"]


def _given(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text is not None and text.strip()))


def translated(path: str, translations: Iterable[PathTranslation]) -> str:
    """The path as this computer knows it: of the prefixes that fit, the longest is replaced.

    Where a Windows path becomes one of another system, the rest of it changes its separators too.
    """
    fitting = [entry for entry in translations if _fits(path, entry.from_)]
    if not fitting:
        return path
    entry = max(fitting, key=lambda known: len(known.from_))
    rest = path[len(entry.from_) :]
    if _WINDOWS_PATH.match(path) and entry.to.startswith("/"):
        rest = rest.replace("\\", "/")
    if entry.from_.endswith(("/", "\\")) and rest and not entry.to.endswith(("/", "\\")):
        rest = f"{'/' if '/' in entry.to else path[len(entry.from_) - 1]}{rest}"
    return entry.to + rest


def _fits(path: str, prefix: str) -> bool:
    rest = path[len(prefix) :]
    return path.startswith(prefix) and (not rest or rest[0] in "/\\" or prefix.endswith(("/", "\\")))
