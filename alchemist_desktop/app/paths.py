"""Where the program keeps its files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import platformdirs

import alchemist_desktop
from alchemist_desktop.app.options import Options
from alchemist_desktop.domain.errors import UnavailableError

_FOLDER = "alchemist-desktop"  # never "alchemist": that folder belongs to another program


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Every file and folder of the program; all absolute. Nothing is made before `create_folders`."""

    config_file: Path
    database: Path
    temp: Path
    logs: Path
    state_file: Path  # window sizes, columns: nothing that matters when it is lost
    resources: Path

    @classmethod
    def from_options(cls, options: Options) -> Self:
        """What the options name, else the platform's own folders. `data_dir` moves the database and the logs only."""
        places = platformdirs.PlatformDirs(_FOLDER, appauthor=False, roaming=False)
        data = _absolute(options.data_dir) if options.data_dir else None
        logs = data / "logs" if data else places.user_log_path
        return cls(
            config_file=_absolute(options.config_path or places.user_config_path / "config.toml"),
            database=_absolute(options.database_path or (data or places.user_data_path) / "alchemist.db"),
            temp=_absolute(options.temp_dir or places.user_data_path / "temp"),
            logs=_absolute(options.log_dir or logs),
            state_file=_absolute(places.user_state_path / "window.ini"),
            resources=Path(alchemist_desktop.__file__).parent.parent / "resources",
        )

    @property
    def sample_library(self) -> Path:
        """Always the same place, so that a second demonstration finds what the first one did."""
        return self.database.parent / "sample-library"

    def create_folders(self) -> None:
        """Make the folders that are missing, for this user alone. Raises UnavailableError (FOLDER_NOT_MADE)."""
        for folder in (self.config_file.parent, self.database.parent, self.temp, self.logs, self.state_file.parent):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                message = f"The folder {folder} cannot be made: {error.strerror}."
                raise UnavailableError(message, code="FOLDER_NOT_MADE", path=str(folder)) from error


def _absolute(path: str | Path) -> Path:
    return Path(path).expanduser().absolute()
