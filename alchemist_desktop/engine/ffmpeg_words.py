"""What FFmpeg says while it works for a job, in the program's log."""

import logging

from alchemist_desktop.domain.ids import JobId

logger = logging.getLogger(__name__)

MOST_LINES = 100
"""A damaged file can make FFmpeg complain about every frame; its last words are kept with the attempt in any case."""

_SELF_PRAISE = "Svt[info]"


class FfmpegWords:
    """Takes the lines of one run; left out are blank ones, what an encoder says of itself each time, and all past the limit."""

    def __init__(self, job_id: JobId) -> None:
        self._job_id = job_id
        self._told = 0

    def on_line(self, line: str) -> None:
        if not line.strip() or self._told > MOST_LINES or line.lstrip().startswith(_SELF_PRAISE):
            return
        self._told += 1
        text = line.strip() if self._told <= MOST_LINES else "There is more; of that only the end is kept."
        logger.info("FFmpeg: %s", text, extra={"job_id": self._job_id})
