"""How many files and connections the program may have open."""

import sys

_WANTED = 4096  # connections take some hundred; some systems allow 256 unless asked


def allow_many_open_files() -> None:
    """Ask the system for room; what it refuses stays as it was."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
