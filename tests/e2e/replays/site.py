"""A program that its owner has set up for the programs that talk to it."""

from pathlib import Path
from typing import Any

from tests.e2e.replays.library import QUICK, Library
from tests.e2e.replays.wire import Http, until
from tests.support.program import Program
from tests.support.receivers import free_port


class Site:
    """The program on a port that stays the same over its starts, with an empty library."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder / "library")
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.program = Program(folder / "home")
        self.owner = Http(f"{self.url}/api/v1")

    def start(self) -> None:
        self.program.start("serve", "--port", str(self.port))
        self.program.wait_ready()

    def set_up(self, **system: object) -> None:
        """The first run, by the owner, who then is signed in; `system` are further choices."""
        settings: dict[str, Any] = self.owner.send("GET", "/settings/bundle").json()["settings"]
        for section, members in QUICK.items():
            settings[section] |= members
        settings["scanner"]["directories"] = [str(self.library.folder)]
        settings["system"] |= {"min_free_space_gb": 0, "engine_mode": "throughput", **system}
        body = {"username": "owner", "password": "a good password", "settings": settings}
        self.owner.send("POST", "/setup/complete", json=body).raise_for_status()
        until(lambda: self.owner.send("GET", "/scan/status").json(), lambda status: not status["is_running"])

    def token(self, level: str) -> str:
        made = self.owner.send("POST", "/settings/api-tokens", json={"name": level, "access_level": level})
        return str(made.raise_for_status().json()["plaintext_token"])
