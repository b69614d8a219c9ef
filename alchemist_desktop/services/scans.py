"""Scans of the library folders."""

from alchemist_desktop.domain.engine_state import ScanStatus
from alchemist_desktop.engine.scan import LibraryScanner


class ScansService:
    """One scan at a time, off the loop."""

    def __init__(self, scanner: LibraryScanner) -> None:
        self._scanner = scanner

    def status(self) -> ScanStatus:
        return self._scanner.status

    def start(self, *, full: bool = False) -> bool:
        """Begin a scan in the background; False when one runs already: another follows it. `full` drops cached probes first."""
        return self._scanner.start(full=full)

    async def run(self, *, full: bool = False) -> ScanStatus:
        """Scan and return when done; joins a scan that runs already."""
        return await self._scanner.run(full=full)

    async def cancel(self) -> None:
        """End a running scan early; what it found stays queued."""
        await self._scanner.cancel()
