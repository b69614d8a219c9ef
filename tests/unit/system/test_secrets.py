"""Where secrets are kept: a file for its user alone, or a keyring that may fail."""

from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordSetError

from alchemist_desktop.system.secrets import FileSecrets, KeyringSecrets, LazySecrets


class DictKeyring(KeyringBackend):
    """A keyring in memory, which can be locked."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.known: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringError("locked")
        return self.known.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise PasswordSetError("locked")
        self.known[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.known[service, username]


def test_the_file_is_for_its_user_alone_and_keeps_what_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secrets.json"
    secrets = FileSecrets(path)
    assert secrets.get("a") is None
    secrets.delete("a")
    assert not path.exists()
    secrets.set("a", "ä\U0001f511")
    secrets.set("b", "2")
    assert path.stat().st_mode & 0o777 == 0o600
    assert FileSecrets(path).get("a") == "ä\U0001f511"
    secrets.delete("a")
    assert (FileSecrets(path).get("a"), FileSecrets(path).get("b")) == (None, "2")
    assert [file.name for file in path.parent.iterdir()] == ["secrets.json"]


def test_a_damaged_file_is_told_and_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text("{")
    with pytest.raises(OSError, match="damaged"):
        FileSecrets(path).set("a", "1")
    assert path.read_text() == "{"


def test_the_keyring_is_used_and_the_file_stays_away(tmp_path: Path) -> None:
    backend, path = DictKeyring(), tmp_path / "secrets.json"
    secrets = KeyringSecrets(backend, FileSecrets(path))
    secrets.set("a", "1")
    assert backend.known == {("alchemist-desktop", "a"): "1"}
    assert secrets.get("a") == "1"
    secrets.delete("a")
    secrets.delete("a")
    assert (backend.known, secrets.get("a"), path.exists()) == ({}, None, False)


def test_what_a_locked_keyring_refuses_goes_to_the_file_and_back_when_it_is_open(tmp_path: Path) -> None:
    backend, path = DictKeyring(), tmp_path / "secrets.json"
    secrets = KeyringSecrets(backend, FileSecrets(path))
    backend.is_locked = True
    secrets.set("a", "1")
    assert (secrets.get("a"), FileSecrets(path).get("a")) == ("1", "1")
    backend.is_locked = False
    assert secrets.get("a") == "1"
    secrets.set("a", "2")
    assert (secrets.get("a"), FileSecrets(path).get("a")) == ("2", None)
    backend.is_locked = True
    secrets.delete("a")


def test_without_a_keyring_the_file_is_chosen(tmp_path: Path) -> None:
    secrets = LazySecrets(tmp_path / "secrets.json")
    secrets.set("a", "1")
    assert secrets.get("a") == FileSecrets(tmp_path / "secrets.json").get("a") == "1"
    secrets.delete("a")
    assert secrets.get("a") is None
