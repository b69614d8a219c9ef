"""A program that speaks FFmpeg's `-progress` and misbehaves as the environment asks.

FAKE_FFMPEG is one of: ok (default), fail, hang (no progress, ends on `q`), stubborn (ignores `q` and SIGTERM), flood (much on
stderr, then fails), half (writes half the output and dies by a signal), na (N/A in every value).
FAKE_FFMPEG_FRAMES is how many frames it counts up to; the output is the last argument.
"""

import os
import signal
import sys
import time
from pathlib import Path

BYTES_PER_FRAME = 1000


def install(folder: Path) -> str:
    """Put a launcher for this program into `folder`; returns its path, to be used as FFmpeg's."""
    if sys.platform == "win32":
        launcher = folder / "ffmpeg.cmd"
        launcher.write_text(f'@"{sys.executable}" "{__file__}" %*\n')
    else:
        launcher = folder / "ffmpeg"
        launcher.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{__file__}' \"$@\"\n")
        launcher.chmod(0o755)
    return str(launcher)


def _progress(frame: int, *, is_end: bool = False, is_known: bool = True) -> None:
    time_us = str(frame * 40_000) if is_known else "N/A"
    size = str(frame * BYTES_PER_FRAME) if is_known else "N/A"
    speed = "2.00x" if is_known else "N/A"
    end = "end" if is_end else "continue"
    print(f"frame={frame}\nfps=50.00\nout_time_us={time_us}\ntotal_size={size}\nspeed={speed}\nprogress={end}", flush=True)


def _wait_for_q() -> None:
    while (key := sys.stdin.buffer.read(1)) != b"q":
        if not key:
            time.sleep(3600)


def _encode(output: str, frames: int, mode: str) -> int:
    with Path(os.devnull if output == "-" else output).open("wb") as file:
        for frame in range(1, frames + 1):
            file.write(b"x" * BYTES_PER_FRAME)
            _progress(frame, is_end=frame == frames, is_known=mode != "na")
            if mode == "half" and frame >= frames // 2:
                file.flush()
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return 0


def main() -> int:
    mode = os.environ.get("FAKE_FFMPEG", "ok")
    frames = int(os.environ.get("FAKE_FFMPEG_FRAMES", "10"))
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode in {"hang", "stubborn"}:
        _progress(1)
    if mode == "stubborn":
        time.sleep(3600)
    if mode == "hang":
        _wait_for_q()
        return 0
    if mode == "flood":
        for number in range(20_000):
            print(f"[fake] line {number} of many", file=sys.stderr)
    if mode in {"flood", "fail"}:
        print("Error while opening encoder - maybe incorrect parameters", file=sys.stderr)
        return 187
    return _encode(sys.argv[-1], frames, mode)


if __name__ == "__main__":
    sys.exit(main())
