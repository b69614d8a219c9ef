"""Prints the lines of one-shot commands: for people, or as JSON."""

import json
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

from alchemist_desktop.app.requests import Line


async def print_lines(lines: AsyncGenerator[Line, None]) -> int:
    """Print an answer as it comes; 1 when it ends with something that failed."""
    console = Console(highlight=False)
    failed = 0
    with _status(console) as status:
        async for line in lines:
            if "text" in line:
                console.print(printable(line["text"]), markup=False, soft_wrap=True)
            elif "progress" in line and status is not None:
                status.update(printable(line["progress"]))
            failed = line.get("failed", failed)
    return 1 if failed else 0


async def print_rows(lines: AsyncGenerator[Line, None]) -> int:
    """Print the rows of an answer as one JSON document; 1 when it ends with something that failed."""
    rows, failed = [], 0
    async for line in lines:
        if "row" in line:
            rows.append(line["row"])
        failed = line.get("failed", failed)
    sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    return 1 if failed else 0


def printable(text: str) -> str:
    """`text` without what a terminal would act upon or cannot show: file names may hold anything."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


@contextmanager
def _status(console: Console) -> Iterator[Status | None]:
    if not console.is_terminal:
        yield None
        return
    with console.status("") as status:
        yield status
