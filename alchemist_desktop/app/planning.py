"""`plan`: what would be done with the files of some folders, without doing or storing anything."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from itertools import islice
from typing import Any

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.requests import Line, real_folder
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.library import MediaFile, root_of
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.probe import ProbeFailure
from alchemist_desktop.engine.scan import walk_rules
from alchemist_desktop.engine.steps.plan import foresee
from alchemist_desktop.engine.steps.probe import cached_probe
from alchemist_desktop.media.walk import walk

_AT_ONCE = 64  # files probed and planned ahead of the one that is told next; more than any pool of probe workers


async def plan_folders(core: Core, folders: list[str]) -> AsyncGenerator[Line, None]:
    """The plan as lines of a command: one for each file, with its row for programs."""
    errors = 0
    async for row in plan_lines(core, folders):
        sentence = row.pop("sentence")
        errors += row["decision"] == "error"
        yield {"row": row, "text": f"{row['decision']:9} {row['input_path']}: {sentence}"}
    yield {"failed": errors}


async def plan_lines(core: Core, folders: list[str]) -> AsyncGenerator[dict[str, Any], None]:
    """One row per media file, in the documented shape, plus `sentence` for people."""
    await core.services.hardware.ready()
    profiles = {d.path: d.profile_id for d in await core.parts.stores.watch_dirs.all() if d.profile_id is not None}
    rules = walk_rules(core.services.settings.current)
    for folder in folders:
        files = iter(await asyncio.to_thread(_files, real_folder(folder), rules))
        pending = deque(asyncio.ensure_future(_row(core, media, profiles)) for media in islice(files, _AT_ONCE))
        try:
            while pending:
                yield await pending[0]
                pending.popleft()
                pending.extend(asyncio.ensure_future(_row(core, media, profiles)) for media in islice(files, 1))
        finally:
            for row in pending:
                row.cancel()


def _files(root: str, rules: Any) -> list[MediaFile]:
    found = walk(root, rules, is_cancelled=lambda: False, on_folder=lambda _path: None, on_error=lambda _path, _error: None)
    return sorted(found, key=lambda media: media.path)


async def _row(core: Core, media: MediaFile, profiles: dict[str, ProfileId]) -> dict[str, Any]:
    probe = await cached_probe(core.parts, media.path, media.stamp)
    row: dict[str, Any] = {
        "input_path": _printable(media.path), "output_path": None, "profile": None, "decision": "error", "reason": "",
        "encoder": None, "backend": None, "rate_control": None, "fallback": None, "error": None,
    }  # fmt: skip
    if isinstance(probe, ProbeFailure):
        return row | {"reason": probe.code, "error": _printable(probe.error), "sentence": _printable(_failure_sentence(probe))}
    profile_root = root_of(media.path, profiles)
    profile_id = profiles[profile_root] if profile_root else None
    profile = await core.parts.stores.profiles.get(profile_id) if profile_id is not None else None
    plan, output = await foresee(core.parts, media, probe, profile_id)
    row |= {"profile": profile.name if profile else None, "decision": str(plan.action), "reason": plan.explanation.reason}
    row["sentence"] = _sentence(plan)
    if plan.action is not Action.SKIP:
        row["output_path"] = _printable(output)
    if plan.video is not None:
        quality = plan.video.quality
        control = f"bitrate:{quality.bitrate_kbps}k" if quality.bitrate_kbps else f"quality:{quality.value or quality.word}"
        encoder = plan.video.encoder
        row |= {"encoder": encoder.name, "backend": str(encoder.backend), "rate_control": control, "fallback": plan.fallback}
    return row


def _failure_sentence(probe: ProbeFailure) -> str:
    explanation = explain(probe.code, detail=probe.error, error=probe.error, path=probe.path)
    return f"{explanation.summary} {explanation.detail}"


def _sentence(plan: Plan) -> str:
    expected = f" Expected: {plan.estimate.output_bytes / 1e6:.1f} MB." if plan.estimate else ""
    notes = "".join(f" {note}" for note in plan.notes)
    return f"{plan.explanation.summary} {plan.explanation.detail}{expected}{notes}"


def _printable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
