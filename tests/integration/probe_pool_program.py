"""A program of its own that probes one file; prints its worker's id, then the end, then waits to be killed."""

import asyncio
import sys

import psutil

from alchemist_desktop.media.probe import ProbePool
from tests.support.hanging import hang_on_request


async def main(path: str) -> None:
    pool = ProbePool(workers=2, timeout_s=60, read=hang_on_request)
    probing = asyncio.create_task(pool.probe(path))
    children: list[int] = []
    while not children:
        await asyncio.sleep(0.05)
        children = [c.pid for c in psutil.Process().children() if "multiprocessing.spawn" in " ".join(c.cmdline())]
    print(*children, flush=True)
    print(type(await probing).__name__, "av" in sys.modules, flush=True)
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
