"""Names a file to FFmpeg so that it leads to this one file and to nothing else."""

from pathlib import Path

_HEAD_BYTES = 4096
# How lists of other files begin, when they are padded to look like media.
_LIST_SIGNS = (b"#EXTM3U", b"ffconcat", b"<?xml", b"<MPD", b"v=0")


def source_url(path: str) -> str:
    """A path that is never taken for an option or for another protocol."""
    return f"file:{path}"


def source_options(path: str) -> list[str]:
    """The arguments that open `path`; what is in it may name no place in a network."""
    return ["-protocol_whitelist", "file", "-i", source_url(path)]


def is_text(path: str) -> bool:
    """Whether this is no media file but text, such as a play list, which would lead FFmpeg to other files. Raises OSError."""
    with Path(path).open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return b"\0" not in head or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_LIST_SIGNS)
