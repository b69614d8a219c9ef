"""Scans of the library folders."""

from alchemist_desktop.domain.engine_state import ScanStatus


class ScansService:
    """One scan at a time, off the loop."""

    def status(self) -> ScanStatus:
        raise NotImplementedError

    def start(self, *, full: bool = False) -> bool:
        """Begin a scan in the background; False when one runs already. `full` drops cached probes first."""
        raise NotImplementedError

    async def run(self, *, full: bool = False) -> ScanStatus:
        """Scan and return when done; joins a scan that runs already."""
        raise NotImplementedError

    async def cancel(self) -> None:
        """End a running scan early; what it found stays queued."""
        raise NotImplementedError
