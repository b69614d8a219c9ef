"""Turns some of what the fuzzer makes up into values that hit: numbers of rows, paths of files, texts that parse."""

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.fuzz.world import LEADS_AWAY, PASSWORD, USER, World

_OWNER_OF_ID = re.compile(r"([\w-]+)(?:/jobs)?/\{id\}")
_TIMES = ("00:00", "9:5", "23:59", "24:00", "12:34")

Json = Any


class Aim:
    """Changes requests before they are sent. Uses its own random numbers, so that a run can be repeated."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)
        self._bodies: Mapping[str, Callable[[Json], Json]] = {
            "POST /auth/login": lambda body: {**body, "username": USER, "password": PASSWORD},
            "POST /conversion/preview": self._conversion,
            "PUT /settings/config": self._toml,
            "POST /settings/config/validate": self._toml,
            "POST /settings/notifications": lambda body: {**world.target(), "name": body["name"]},
            "POST /settings/notifications/test": lambda body: {**world.target(), "name": body["name"]},
            "POST /settings/schedule": self._window,
            "PUT /settings/bundle": lambda body: {**body, "scanner": world.settings["scanner"]},
            "POST /jobs/batch": lambda body: {**body, "ids": world.ids["jobs"][:2]},
            "POST /profiles": lambda body: {**world.profile(), "notes": body.get("notes")},
            "PUT /profiles/{id}": lambda body: {**world.profile(), "notes": body.get("notes")},
            "PATCH /watch-dirs/{id}/profile": lambda _: {"profile_id": self._random.choice(world.ids["profiles"])},
        }

    def id_for(self, path: str) -> int | None:
        """The number of a row that is there, for this path of the document."""
        match = _OWNER_OF_ID.search(path)
        known = self._world.ids.get(match[1], []) if match else []
        return self._random.choice(known) if known else None

    def hits(self, share: float = 0.5) -> bool:
        """Whether this time the value is to hit."""
        return self._random.random() < share

    def is_own_token(self, path: str, number: object) -> bool:
        """Whether the call would take the credential of the run away."""
        return "/api-tokens/" in path and number in self._world.own_token_ids

    def body(self, operation: str, body: Json) -> Json:
        """The body to send instead of the one made up."""
        change = self._bodies.get(operation)
        if change is not None and isinstance(body, dict) and self.hits():
            try:
                body = change(body)
            except KeyError:  # a member is missing on purpose
                return body
        # With a folder that is there the first run would succeed, and be over.
        return body if operation == "POST /setup/complete" else self._with_paths(body)

    def file(self, operation: str) -> bytes:
        """What is handed in where a file is wanted."""
        return self._world.backup if "backup" in operation else self._world.clip.read_bytes()

    def folder(self) -> str:
        """A path to look at."""
        home = self._world.home
        return str(self._random.choice([home, self._world.library, self._world.clip, home / "none", self._world.other_folder]))

    def _with_paths(self, body: Json) -> Json:
        if not isinstance(body, dict):
            return body
        changed = dict(body)
        if isinstance(body.get("path"), str) and self.hits():
            films = sorted(str(path) for path in self._world.library.iterdir())
            changed["path"] = self._random.choice([*films, self.folder(), f" {films[0]} "])
        for name in ("directories", "dirs"):
            if isinstance(body.get(name), list) and body[name] and self.hits():
                changed[name] = [self.folder() if name == "directories" else {"path": self.folder()}]
        return changed

    def kept_at_home(self, value: Json) -> Json:
        """The same with every absolute path below the home of the run, so that no file of this computer is looked at, and
        without what would make the server go elsewhere."""
        home = str(self._world.home)
        if isinstance(value, str):
            is_elsewhere = value.startswith("/") and not value.startswith(home)
            return home + value.replace("..", "") if is_elsewhere or ".." in value else value
        if isinstance(value, list):
            return [self.kept_at_home(item) for item in value]
        if isinstance(value, dict):
            tamed = {name: self.kept_at_home(item) for name, item in value.items()}
            if isinstance(tamed.get("server"), dict):
                tamed["server"] = {name: item for name, item in tamed["server"].items() if name not in LEADS_AWAY}
            return tamed
        return value

    def _toml(self, body: Json) -> Json:
        lines = self._world.raw_toml.splitlines(keepends=True)
        changeable = [number for number, line in enumerate(lines) if not line.startswith(LEADS_AWAY)]
        choice = self._random.randrange(4)
        if choice == 0:
            lines.pop(self._random.choice(changeable))
        elif choice == 1:
            at = self._random.choice(changeable)
            lines[at] = (
                lines[at].partition("=")[0] + "= " + self._random.choice(["-1", "1e400", '"x"', "[]", "true", "{}"]) + "\n"
            )
        elif choice == 2:
            lines.insert(self._random.randrange(len(lines)), body["raw_toml"] + "\n")
        return {**body, "raw_toml": "".join(lines)}

    def _window(self, body: Json) -> Json:
        start, end = self._random.choice(_TIMES), self._random.choice(_TIMES)
        return {**body, "start_time": start, "end_time": end, "days_of_week": [self._random.randrange(8)], "enabled": False}

    def _conversion(self, body: Json) -> Json:
        words = self._random.choice
        return {
            "conversion_job_id": words(self._world.ids["conversion"]),
            "settings": {
                "output_container": words(["mkv", "mp4", "MOV ", ""]),
                "remux_only": self.hits(0.2),
                "video": {
                    "codec": words(["copy", "hevc", "h264", "av1"]), "mode": words(["crf", "bitrate"]),
                    "value": words([None, 24, 0, -1, 10**9]), "preset": None, "hdr_mode": words(["preserve", "tonemap"]),
                    "resolution": {
                        "mode": words(["original", "custom", "scale_factor"]), "width": words([None, 64, 0, -2, 10**9]),
                        "height": None, "scale_factor": words([None, 0.5, 0.0, 1e300]),
                    },
                },
                "audio": {"codec": words(["copy", "aac", "none"]), "bitrate_kbps": words([None, 96]), "channels": words(["auto", "5.1", "0"])},
                "subtitles": {"mode": words(["copy", "burn", "none"])},
            },
        }  # fmt: skip
