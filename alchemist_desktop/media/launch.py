"""What has to stand before a command so that it starts with its exact arguments and dies together with this program."""

import os
import shutil
import sys
from collections.abc import Sequence

# Qt passes arguments on as UTF-8 and so loses undecodable bytes of file names; the shell puts them back from `%b` escapes.
# Each argument is data to this constant script; the "x" keeps trailing newlines from being stripped.
_RESTORE_BYTES = 'n=$#; while [ "$n" -gt 0 ]; do v=$(printf "%bx" "$1"); set -- "$@" "${v%x}"; shift; n=$((n-1)); done; exec "$@"'


def launch_argv(argv: Sequence[str]) -> list[str]:
    """`argv` as QProcess has to be given it; unchanged when the program cannot be found, so that starting it fails."""
    program = shutil.which(argv[0])
    if program is None:
        return list(argv)
    command = [*_die_with_parent(), program, *argv[1:]]
    if sys.platform == "win32" or all(_is_encodable(part) for part in command):
        return command
    return ["/bin/sh", "-c", _RESTORE_BYTES, "sh", *(_escape(part) for part in command)]


def _die_with_parent() -> list[str]:
    """Linux ends the child when this program dies, however it dies; elsewhere leftovers are found at the next start."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _escape(text: str) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\0{byte:03o}" for byte in os.fsencode(text))
