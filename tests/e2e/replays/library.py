"""The library of the replays: a film to be encoded while they last, and one file for each other end of a job."""

from pathlib import Path
from typing import Self

from tests.support.media import make_clip

HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p")

QUICK: dict[str, dict[str, object]] = {
    "transcode": {
        "min_file_size_mb": 0, "size_reduction_threshold": 0.0, "min_bpp_threshold": 0.0, "output_codec": "hevc",
        "quality_profile": "speed", "concurrent_jobs": 2,
    },
    "hardware": {"cpu_preset": "faster"},
}  # fmt: skip
"""What a client chooses in set-up so that every encode is worth it and cheap."""


class Library:
    """Files are named by how their jobs end; `film` is the long one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._workshop = folder.with_name(f"{folder.name} in the making")
        for place in (folder, self._workshop):
            place.mkdir()
        self.film = self.folder / "film.mkv"

    def fill(self) -> Self:
        self.add("film.mkv", is_long=True)
        self.add("short.mp4")
        make_clip(self.folder / "skipped.mkv", duration_s=1, video=HEVC)
        (self.folder / "failed.mkv").write_bytes(b"no film at all" * 100)
        return self

    def add(self, name: str, *, is_long: bool = False) -> Path:
        """A new file, whole from the moment it is there; for a `LongEncode` it has to be a long one."""
        made = self._workshop / Path(name).name
        make_clip(made, duration_s=20 if is_long else 1, size="640x360" if is_long else "320x180")
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        return made.replace(place)

    def path(self, name: str) -> str:
        return str(self.folder / name)
