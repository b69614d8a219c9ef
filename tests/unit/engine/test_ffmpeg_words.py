"""What FFmpeg says becomes lines of the log, and never a flood."""

import logging

import pytest

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.engine.ffmpeg_words import MOST_LINES, FfmpegWords


def test_lines_carry_their_job_and_end_at_the_limit(caplog: pytest.LogCaptureFixture) -> None:
    words = FfmpegWords(JobId(7))
    with caplog.at_level(logging.INFO):
        for number in range(3 * MOST_LINES):
            words.on_line(f" line {number}")
            words.on_line("  ")
            words.on_line("Svt[info]: SVT [version]: SVT-AV1 Encoder Lib v4.2.0")
    assert caplog.messages[0] == "FFmpeg: line 0"
    assert caplog.messages[MOST_LINES:] == ["FFmpeg: There is more; of that only the end is kept."]
    assert {vars(record)["job_id"] for record in caplog.records} == {7}
