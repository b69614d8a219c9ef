"""The program with something of everything in it, so that what is asked for is there."""

import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from alchemist_desktop.domain.access import AccessLevel
from tests.fuzz.peers import next_address
from tests.support.media import make_clip
from tests.support.program import Program

USER, PASSWORD = "owner", "a good password"
_QUICK: Mapping[str, Mapping[str, object]] = {
    "transcode": {
        "min_file_size_mb": 0, "size_reduction_threshold": 0.0, "min_bpp_threshold": 0.0, "predict_size": False,
        "output_codec": "h264", "quality_profile": "speed", "threads": 1,
    },
    "hardware": {"cpu_preset": "faster"},
    "system": {"min_free_space_gb": 0, "metrics_enabled": True, "enable_telemetry": True},
    "notifications": {"allow_local_notifications": True},
}  # fmt: skip
_PATIENCE_S = 60.0
_DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
_SERVED_BEFORE_SETUP = ("/api/v1/setup/", "/api/v1/fs/", "/api/v1/settings/bundle", "/api/v1/health")
# Members by which a client may send the server elsewhere. It would go, and the run would end.
LEADS_AWAY = ("enabled", "lan", "tls", "port")
_WITHOUT_CONTENT = {
    "api_tokens": "last_used_at",  # the use of a token is noted, also of one that may not
}
_VOLATILE = frozenset({"sessions", "logs", "sqlite_sequence"})

Json = Any


class World:
    """One running installation with a library, and an owner who keeps it filled. As a context manager it ends all of it.

    Without `is_set_up` nobody has an account there, and only what is served then can be called. `ids` holds numbers of rows by the word in front of `{id}` in a path; `refill` renews them and replaces what is gone.
    """

    def __init__(self, *, is_set_up: bool = True) -> None:
        self._is_set_up = is_set_up
        self._stack = ExitStack()
        self.home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="alchemist-fuzz-"))).resolve()
        self.library = self.home / "library"
        self.other_folder = self.home / "other"
        self.ids: dict[str, list[int]] = {}
        self.tokens: dict[AccessLevel, str] = {}
        self.own_token_ids: set[int] = set()
        self._count = 0

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _begin(self) -> None:
        self.library.mkdir()
        self.other_folder.mkdir()
        self.clip = make_clip(self.home / "clip.mkv", duration_s=1, size="128x72", video=("-c:v", "mpeg4", "-q:v", "2"))
        make_clip(self.library / "as wanted.mkv", duration_s=1, size="128x72")
        (self.library / "broken.mkv").write_bytes(b"\x1a\x45\xdf\xa3 not a film")
        shutil.copy(self.clip, self.library / "first.mkv")
        self.program = self._stack.enter_context(Program(self.home / "program", _QUICK))
        self.program.start("serve", "--port", "0")
        self.url = self.program.wait_ready()
        self.owner = self._stack.enter_context(httpx.Client(base_url=f"{self.url}/api/v1", timeout=_PATIENCE_S, trust_env=False))
        self.settings: Json = self._get("/settings/bundle")["settings"]
        self.document: Json = json.loads(_DOCUMENT.read_text(encoding="utf-8"))
        self.operations = [f"{method.upper()} {path}" for path, methods in self.document["paths"].items() for method in methods]
        if self._is_set_up:
            self._fill()
        else:
            self.operations = [name for name in self.operations if name.split()[1].startswith(_SERVED_BEFORE_SETUP)]

    def _fill(self) -> None:
        self._set_up()
        for level in AccessLevel:
            made = self._post("/settings/api-tokens", {"name": str(level), "access_level": level})
            self.tokens[level] = made["plaintext_token"]
            self.own_token_ids.add(made["token"]["id"])
        self.settings = self._get("/settings/bundle")["settings"]
        self.raw_toml: str = self._get("/settings/config")["raw_toml"]
        self.document = self._get("/openapi.json")
        self.backup = self.owner.post("/system/backup").content
        self._until(lambda: {job["status"] for job in self._get("/jobs")} == {"completed", "failed", "skipped"})
        self._post("/engine/pause")
        self.refill()

    def _set_up(self) -> None:
        settings = self._get("/settings/bundle")["settings"]
        settings["scanner"]["directories"] = [str(self.library)]
        self._post("/setup/complete", {"username": USER, "password": PASSWORD, "settings": settings})

    def _get(self, path: str) -> Json:
        return self.owner.get(path).raise_for_status().json()

    def _post(self, path: str, body: object = None) -> Json:
        return self.owner.post(path, json=body).raise_for_status().json()

    def _until(self, is_reached: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + _PATIENCE_S
        while not is_reached():
            assert time.monotonic() < deadline_s, self.program.output[-4000:]
            time.sleep(0.1)

    # What a request may aim at

    def refill(self) -> None:
        """Put the settings back, make up for what was deleted, and note what there is."""
        if not self._is_set_up:
            return
        self.owner.put("/settings/bundle", json=self.settings).raise_for_status()
        self._refill_rows()
        lists = {
            "jobs": "/jobs?limit=200",
            "profiles": "/profiles",
            "api-tokens": "/settings/api-tokens",
            "watch-dirs": "/settings/watch-dirs",
            "schedule": "/settings/schedule",
        }
        self.ids |= {name: [row["id"] for row in self._get(path)] for name, path in lists.items()}
        self.ids["notifications"] = [row["id"] for row in self._get("/settings/notifications")["targets"]]
        self.ids["api-tokens"] = [number for number in self.ids["api-tokens"] if number not in self.own_token_ids]
        self.ids["scan"] = self.ids["jobs"]
        self.ids["conversion"] = [number for (number,) in self.program.query("SELECT id FROM conversions ORDER BY id")]

    def _refill_rows(self) -> None:
        self._count += 1
        film = self.library / f"film {self._count}.mkv"
        shutil.copy(self.clip, film)
        self._post("/jobs/enqueue", {"path": str(film)})
        self._post("/settings/api-tokens", {"name": f"spare {self._count}", "access_level": "read_only"})
        self._post("/profiles", self.profile())
        self.owner.post("/settings/watch-dirs", json={"path": str(self.other_folder)})  # there already, perhaps
        self._post("/settings/schedule", self.window())
        self._post("/settings/notifications", self.target())
        self.upload()

    def upload(self) -> None:
        """Hand a clip in for a conversion."""
        with self.clip.open("rb") as file:
            self.owner.post("/conversion/uploads", files={"file": ("clip.mkv", file)}).raise_for_status()

    def profile(self) -> Json:
        return {
            "name": f"profile {self._count}", "preset": "balanced", "codec": "hevc", "quality_profile": "balanced",
            "hdr_mode": "preserve", "audio_mode": "copy",
        }  # fmt: skip

    def window(self) -> Json:
        return {"start_time": "01:00", "end_time": "05:00", "days_of_week": [0, self._count % 6 + 1], "enabled": False}

    def target(self) -> Json:
        """A receiver that is not there: nobody listens on port 9."""
        return {
            "name": f"target {self._count}", "target_type": "webhook", "config_json": {"url": "http://127.0.0.1:9/hook"},
            "events": ["encode.failed"], "enabled": True,
        }  # fmt: skip

    def arr_call(self) -> Json:
        """What Sonarr sends after an import."""
        file = {"path": str(self.library / "first.mkv"), "relativePath": "first.mkv"}
        return {"eventType": "Download", "episodeFile": file, "episodeFiles": [file], "series": {"path": str(self.library)}}

    def conversion(self) -> Json:
        """Choices for the newest file that was handed in."""
        size = {"mode": "scale_factor", "width": 64, "height": 36, "scale_factor": 0.5}
        video = {"codec": "h264", "mode": "crf", "value": 24, "preset": None, "resolution": size, "hdr_mode": "preserve"}
        return {
            "conversion_job_id": self.ids["conversion"][-1],
            "settings": {
                "output_container": "mkv", "remux_only": False, "video": video,
                "audio": {"codec": "aac", "bitrate_kbps": 96, "channels": "auto"}, "subtitles": {"mode": "copy"},
            },
        }  # fmt: skip

    def session(self) -> str:
        """A fresh session of the owner, signed in from some other address."""
        with httpx.Client(base_url=self.url, transport=httpx.HTTPTransport(local_address=next_address())) as client:
            client.post("/api/v1/auth/login", json={"username": USER, "password": PASSWORD}).raise_for_status()
            return client.cookies["alchemist_session"]

    @staticmethod
    def garbage() -> str:
        return f"alc_tok_{secrets.token_hex(24)}"

    # What is left of a run

    def state(self) -> dict[str, object]:
        """Everything that is stored: the settings file, and the rows of every table but the volatile ones."""
        names = [name for (name,) in self.program.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        kept = [name for name in names if name not in _VOLATILE]
        rows: dict[str, object] = {name: self._rows(name) for name in kept}
        return {**rows, "config.toml": (self.home / "program" / "config.toml").read_bytes()}

    def settled_state(self) -> dict[str, object]:
        """The state once nothing changes any more by itself: new files are still looked at when a request has returned."""
        seen: list[dict[str, object]] = [self.state()]

        def is_settled() -> bool:
            time.sleep(0.3)
            seen.append(self.state())
            return seen[-1] == seen[-2]

        self._until(is_settled)
        return seen[-1]

    def _rows(self, table: str) -> list[tuple[Any, ...]]:
        columns = [name for (name,) in self.program.query("SELECT name FROM pragma_table_info(?)", table)]
        wanted = ", ".join(f'"{name}"' for name in columns if name != _WITHOUT_CONTENT.get(table))
        return sorted(self.program.query(f'SELECT {wanted} FROM "{table}"'), key=repr)

    def log_lines(self) -> str:
        """What the program wrote to its log files and to its output."""
        files = sorted((self.home / "program").rglob("*.log*"))
        return "\n".join([self.program.output, *(file.read_text(encoding="utf-8", errors="replace") for file in files)])
