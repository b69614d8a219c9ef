"""`doctor`: the health of the files of some folders; nothing is stored."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.requests import Line, real_folder
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.health import Depth, HealthCheck


async def examine_folders(core: Core, folders: list[str], depth: Depth) -> AsyncGenerator[Line, None]:
    """The health of the files as lines of a command: a sentence for each that has something wrong, a row for every one."""
    looked_at = bad = 0
    async for row in _rows(core, folders, depth):
        looked_at += 1
        line: Line = {"row": row, "progress": f"{looked_at} files looked at"}
        if row["category"] is not None:
            bad += 1
            line["text"] = f"{row['category']:16} {row['path']}: {row['summary']}"
        yield line
    words = f"{bad} with something wrong" if bad else "nothing found"
    yield {"text": f"{looked_at} files looked at ({depth}): {words}."}
    yield {"failed": bad}


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
