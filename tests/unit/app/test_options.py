"""The environment and the command line, as options and as places."""

from pathlib import Path
from typing import Any

import pytest

from alchemist_desktop.app.options import Options, parse_port
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.domain.errors import InvalidRequestError, UnavailableError


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("ALCHEMIST_CONFIG_PATH", "/c.toml", "config_path", "/c.toml"),
        ("ALCHEMIST_CONFIG", "/old.toml", "config_path", "/old.toml"),
        ("ALCHEMIST_DB_PATH", "/a.db", "database_path", "/a.db"),
        ("ALCHEMIST_DB_PATH", "  ", "database_path", None),
        ("ALCHEMIST_SERVER_PORT", "0", "server_port", 0),
        ("ALCHEMIST_SERVER_PORT", " 65535 ", "server_port", 65535),
        ("ALCHEMIST_SERVER_PORT", "", "server_port", None),
        ("ALCHEMIST_CONFIG_MUTABLE", "off", "is_config_mutable", False),
        ("ALCHEMIST_CONFIG_MUTABLE", "No", "is_config_mutable", False),
        ("ALCHEMIST_CONFIG_MUTABLE", "perhaps", "is_config_mutable", True),
        ("ALCHEMIST_COOKIE_SECURE", "YES", "is_cookie_secure", True),
        ("ALCHEMIST_COOKIE_SECURE", "perhaps", "is_cookie_secure", False),
        ("ALCHEMIST_LOG_FORMAT", "JSON", "log_format", "json"),
        ("ALCHEMIST_LOG_FORMAT", "compact", "log_format", "text"),
        ("ALCHEMIST_LOG_FORMAT", "verse", "log_format", None),
        ("ALCHEMIST_SETUP_TOKEN", "abc", "setup_token", "abc"),
        ("RUST_LOG", "warn", "log_level", "warning"),
        ("RUST_LOG", "crate=debug", "log_level", "info"),
    ],
)
def test_variables(name: str, value: str, field: str, expected: object) -> None:
    assert getattr(Options.from_environment({name: value}), field) == expected


def test_the_newer_name_of_the_config_file_wins() -> None:
    options = Options.from_environment({"ALCHEMIST_CONFIG": "/old", "ALCHEMIST_CONFIG_PATH": "/new"})
    assert options.config_path == "/new"


@pytest.mark.parametrize("text", ["-1", "65536", "http", "80.0", "٣", "", "1e3"])
def test_what_is_not_a_port_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_port(text)
    assert caught.value.code == "SERVER_PORT_INVALID"


def test_the_command_line_wins_and_none_means_not_chosen() -> None:
    options = Options(server_port=1, log_level="info").with_choices(server_port=2, log_level=None, is_headless=False)
    assert (options.server_port, options.log_level, options.is_headless) == (2, "info", False)


def test_nothing_lies_in_another_programs_folder() -> None:
    paths = Paths.from_options(Options())
    for path in (paths.config_file, paths.database, paths.temp, paths.logs, paths.state_file):
        parts = [part.lower() for part in path.parts]
        assert "alchemist-desktop" in parts
        assert "alchemist" not in parts


def test_the_data_folder_moves_the_database_and_the_logs_only(tmp_path: Path) -> None:
    default = Paths.from_options(Options())
    moved = Paths.from_options(Options(data_dir=str(tmp_path)))
    assert moved.database == tmp_path / "alchemist.db"
    assert moved.logs == tmp_path / "logs"
    assert (moved.config_file, moved.temp, moved.state_file) == (default.config_file, default.temp, default.state_file)


@pytest.mark.parametrize(
    ("option", "place"),
    [("config_path", "config_file"), ("database_path", "database"), ("temp_dir", "temp"), ("log_dir", "logs")],
)
def test_each_place_can_be_named(tmp_path: Path, option: str, place: str) -> None:
    choice: dict[str, Any] = {option: str(tmp_path / "here"), "data_dir": str(tmp_path / "data")}
    assert getattr(Paths.from_options(Options(**choice)), place) == tmp_path / "here"


def test_a_relative_place_counts_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Paths.from_options(Options(database_path="a.db")).database == tmp_path / "a.db"


def test_folders_are_made_for_this_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    paths = Paths.from_options(Options(data_dir=str(tmp_path / "deep" / "data")))
    paths.create_folders()
    paths.create_folders()
    for folder in (paths.config_file.parent, paths.database.parent, paths.temp, paths.logs):
        assert folder.is_dir()
        assert folder.is_relative_to(tmp_path)
    assert paths.logs.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    paths = Paths.from_options(Options(config_path=str(tmp_path / "file" / "config.toml"), data_dir=str(tmp_path / "data")))
    with pytest.raises(UnavailableError) as caught:
        paths.create_folders()
    assert caught.value.message == f"The folder {tmp_path / 'file'} cannot be made: File exists."


def test_the_sample_library_has_one_place(tmp_path: Path) -> None:
    places = {Paths.from_options(Options(data_dir=str(tmp_path / "data"))).sample_library for _ in range(2)}
    assert places == {tmp_path / "data" / "sample-library"}
