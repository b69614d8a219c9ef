"""Orders version numbers of releases."""

import re

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_Key = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]


def version_key(text: str) -> _Key | None:
    """What to sort a version by, or None for a text that is none; a pre-release comes before its release."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return None
    pre = match[4] or ""
    parts = tuple((not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in pre.split(".") if part)
    return int(match[1]), int(match[2]), int(match[3]), not pre, parts


def channel_of(version: str) -> str:
    """The narrowest channel a version belongs to: stable, rc or nightly."""
    pre = version.partition("-")[2]
    if not pre:
        return "stable"
    return "rc" if pre.startswith("rc") else "nightly"
