"""SVT-AV1 on a machine under pressure."""

from alchemist_desktop.domain.explanation import is_retryable
from alchemist_desktop.domain.failures import explain_ffmpeg_failure


def test_an_encoder_that_gets_no_memory_says_so_and_is_tried_again() -> None:
    words = (
        "[libsvtav1 @ 0x55] Error initializing encoder: insufficient resources (0x80001000)\n"
        "[vost#0:0/libsvtav1 @ 0x55] Error while opening encoder - maybe incorrect parameters such as bit_rate\n"
    )
    failure = explain_ffmpeg_failure(words)
    assert failure.code == "resource_exhausted"
    assert is_retryable(failure.code)
