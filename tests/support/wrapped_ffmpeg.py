"""A program in FFmpeg's place: it passes on to the real one, but for what a test wants to go wrong.

What that is stands in the file `mode` beside it, and may be changed while the program runs: `plain`; `full` (the volume of the
output has no room); `held decode` (it waits for `release`); `frozen encode`, `frozen decode` and `frozen vmaf` (that call stands still until it is ended); `unkillable encode` (as
frozen, but it also survives polite requests and the death of its parent).
"""

import sys
from pathlib import Path

from tests.support.media import ffmpeg_path

_SCRIPT = """#!/bin/sh
mode=$(cat '{folder}/mode')
for last; do :; done
case "$*" in *-progress*) ;; *) exec '{ffmpeg}' "$@" ;; esac
case "$mode:$*" in
    frozen\\ vmaf:*libvmaf=*) touch '{folder}/frozen'; exec sleep 600 ;;
esac
case "$mode:$last" in
    held\\ decode:-) touch '{folder}/frozen'; while [ ! -e '{folder}/go' ]; do sleep 0.05; done ;;
    frozen\\ decode:-) touch '{folder}/frozen'; exec sleep 600 ;;
    *:-) ;;
    full:*) ln -s /dev/full "${{last#file:}}" ;;
    frozen\\ encode:*) touch '{folder}/frozen'; exec sleep 600 ;;
    unkillable*) exec '{python}' '{folder}/unkillable.py' "$@" ;;
esac
exec '{ffmpeg}' "$@"
"""
_UNKILLABLE = """
import ctypes, pathlib, signal, sys, time
ctypes.CDLL(None).prctl(1, 0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(__file__).with_name("frozen").touch()
time.sleep(600)
"""


class WrappedFfmpeg:
    """Installs itself into a new folder; `path` is what the program is to be told as FFmpeg's. POSIX only."""

    def __init__(self, folder: Path, mode: str = "plain") -> None:
        folder.mkdir()
        self._folder = folder
        self.path = str(folder / "ffmpeg")
        (folder / "unkillable.py").write_text(_UNKILLABLE)
        (folder / "ffmpeg").write_text(_SCRIPT.format(folder=folder, ffmpeg=ffmpeg_path(), python=sys.executable))
        (folder / "ffmpeg").chmod(0o755)
        self.become(mode)

    def become(self, mode: str) -> None:
        (self._folder / "frozen").unlink(missing_ok=True)
        (self._folder / "mode").write_text(mode)

    def release(self) -> None:
        """Let what is held go on."""
        (self._folder / "go").touch()

    @property
    def is_frozen(self) -> bool:
        """Whether the call that is to stand still has come."""
        return (self._folder / "frozen").exists()
