"""Makes a program fail, for tests that want its real words."""

import subprocess
from collections.abc import Sequence


def provoke(program: str, arguments: Sequence[str]) -> str:
    """What the program says on stderr while failing; a run that succeeds fails the test."""
    argv = [program, "-hide_banner", "-v", "warning", "-nostdin", "-y", *arguments]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert done.returncode != 0, "it was meant to fail"
    return done.stderr.decode(errors="surrogateescape")
