"""Names for the subtitles a plan writes beside its result, at which nothing stands yet."""

import os
from dataclasses import replace
from itertools import count

from alchemist_desktop.domain.plan import Plan, StreamPlan
from alchemist_desktop.engine.work_files import sidecar_place


def with_free_sidecars(plan: Plan, output_path: str) -> Plan:
    """The plan with another number in the names that are taken: a file that lies there is somebody's own. Reads the disk."""
    used = {stream.sidecar for stream in plan.streams if stream.sidecar}
    return replace(plan, streams=tuple(_with_free_sidecar(stream, output_path, used) for stream in plan.streams))


def _with_free_sidecar(stream: StreamPlan, output_path: str, used: set[str]) -> StreamPlan:
    suffix = stream.sidecar
    if suffix is None or not os.path.lexists(sidecar_place(output_path, suffix)):
        return stream
    free = _free_suffix(suffix, output_path, used)
    used.add(free)
    note = stream.note.replace(f"({suffix})", f"({free})") if stream.note else None
    return replace(stream, sidecar=free, note=note)


def _free_suffix(suffix: str, output_path: str, used: set[str]) -> str:
    """`.eng.2.srt` for `.eng.srt`, or the next number that is free."""
    name, _, extension = suffix.rpartition(".")
    stem, _, number = name.rpartition(".")
    if not number.isdecimal():
        stem, number = name, "1"
    candidates = (f"{stem}.{next_number}.{extension}" for next_number in count(int(number) + 1))
    return next(free for free in candidates if free not in used and not os.path.lexists(sidecar_place(output_path, free)))
