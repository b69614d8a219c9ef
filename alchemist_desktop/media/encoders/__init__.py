"""One module per encoder family: quality words to FFmpeg arguments."""
