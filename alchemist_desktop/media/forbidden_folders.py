"""Folders that nobody needs to browse for media: the system's own, and those with keys."""

import os
import sys
from pathlib import PurePath

_SECRET_NAMES = frozenset({".ssh", ".gnupg", ".aws"})
_UNIX_PLACES = tuple(
    f"{place}/"
    for place in (
        "/etc", "/var/log", "/var/run", "/var/lib", "/proc", "/sys", "/dev", "/boot", "/root", "/private/etc",
        "/private/var/log",
    )
)  # fmt: skip
_WINDOWS_NAMES = frozenset({"system32", "syswow64", "winsxs", "$recycle.bin", "system volume information"})
_WINDOWS_PARTS = (
    "\\programdata\\microsoft\\",
    "\\appdata\\roaming\\microsoft\\credentials\\",
    "\\appdata\\roaming\\microsoft\\crypto\\",
    "\\appdata\\roaming\\microsoft\\protect\\",
)


def is_forbidden(path: str) -> bool:
    """Whether a folder is off limits, by its name or by where its links lead."""
    return _is_named_so(os.path.normpath(path)) or _is_named_so(os.path.realpath(path))


def _is_named_so(path: str) -> bool:
    names = {part.lower() for part in PurePath(path).parts}
    if names & _SECRET_NAMES:
        return True
    if sys.platform == "win32":
        lowered = path.lower().rstrip("\\") + "\\"
        return bool(names & _WINDOWS_NAMES) or any(part in lowered for part in _WINDOWS_PARTS)
    return (path.rstrip("/") + "/").startswith(_UNIX_PLACES)
