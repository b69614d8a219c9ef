"""A reader that a file can hang, for pools of workers; it is found by its name in their processes."""

from pathlib import Path

from alchemist_desktop.domain.probe import Probe, ProbeFailure
from alchemist_desktop.media.probe import probe_file


def hang_on_request(path: str) -> Probe | ProbeFailure:
    """What a network drive that has gone does: this is a pipe that nobody writes to."""
    if Path(path).name == "hanging.mkv":
        Path(path).read_bytes()
    return probe_file(path)
