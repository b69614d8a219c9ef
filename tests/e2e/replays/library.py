"""The library of the replays: a film to be encoded while they last, and one file for each other end of a job."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What lies in it. Files are named by how their jobs end."""

    folder: Path
    film: Path

    @classmethod
    def make(cls, folder: Path) -> Self:
        folder.mkdir(parents=True)
        film = make_clip(folder / "film.mkv", duration_s=20, size="640x360")
        make_clip(folder / "short.mp4", duration_s=1)
        make_clip(folder / "skipped.mkv", duration_s=1, video=HEVC)
        (folder / "failed.mkv").write_bytes(b"no film at all" * 100)
        return cls(folder=folder, film=film)

    def path(self, name: str) -> str:
        return str(self.folder / name)
