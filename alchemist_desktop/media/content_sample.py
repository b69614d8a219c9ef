"""Samples the content of a file: enough to tell that two files of one size are the same, without reading them whole."""

import hashlib
from pathlib import Path

_BLOCK_BYTES = 64 * 1024
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def sample_digest(path: str) -> str:
    """A digest of the size and of five blocks spread over the file. Raises OSError."""
    with Path(path).open("rb") as file:
        size_bytes = file.seek(0, 2)
        digest = hashlib.blake2b(str(size_bytes).encode(), digest_size=16)
        for share in _SHARES:
            file.seek(int(max(size_bytes - _BLOCK_BYTES, 0) * share))
            digest.update(file.read(_BLOCK_BYTES))
    return digest.hexdigest()
