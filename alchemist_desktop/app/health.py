"""`doctor`: the health of the files of some folders, printed; nothing is stored."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, nullcontext
from typing import Any

from rich.console import Console

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.requests import real_folder
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.health import Depth, HealthCheck


async def print_health(core: Core, folders: list[str], depth: Depth, *, as_json: bool) -> int:
    """Print what is wrong; 1 when something is, or when a file could not be judged."""
    console = Console(highlight=False)
    rows: list[dict[str, Any]] = []
    with console.status("") if console.is_terminal else nullcontext() as status:
        async for row in _rows(core, folders, depth):
            rows.append(row)
            if status is not None:
                status.update(f"{len(rows)} files looked at")
            if not as_json and row["category"] is not None:
                console.print(f"{row['category']:16} {row['path']}: {row['summary']}", markup=False, soft_wrap=True)
    bad = [row for row in rows if row["category"] is not None]
    if as_json:
        console.file.write(json.dumps(sorted(rows, key=lambda row: row["path"]), indent=2) + "\n")
    else:
        words = f"{len(bad)} with something wrong" if bad else "nothing found"
        console.print(f"{len(rows)} files looked at ({depth}): {words}.", soft_wrap=True)
    return 1 if bad else 0


async def _rows(core: Core, folders: list[str], depth: Depth) -> AsyncGenerator[dict[str, Any], None]:
    for folder in folders:
        async with aclosing(core.doctor.examine_folder(real_folder(folder), depth)) as results:
            async for result in results:
                yield _row(result, depth)


def _row(result: HealthCheck | KnownError, depth: Depth) -> dict[str, Any]:
    """`category` is None for a file with nothing wrong, and "unchecked" for one that could not be judged."""
    if isinstance(result, KnownError):
        what = {"category": "unchecked", "summary": result.message, "advice": "Try again later.", "raw_output": ""}
        return {"path": _printable(result.path or ""), "depth": depth, **what}
    issue = result.issue
    return {
        "path": _printable(result.path),
        "depth": depth,
        "category": issue.category if issue else None,
        "summary": _printable(issue.summary) if issue else None,
        "advice": issue.advice if issue else None,
        "raw_output": _printable(issue.raw_output) if issue else "",
    }


def _printable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
