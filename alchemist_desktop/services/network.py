"""Where the server listens and who may reach it."""

from alchemist_desktop.domain.events import NetworkChanged
from alchemist_desktop.domain.network import NetworkStatus
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.services.settings import SettingsService


class NetworkService:
    """Tells the server's state and switches its reach; the server itself follows the settings."""

    def __init__(self, settings: SettingsService, bus: EventBus) -> None:
        self._settings = settings
        self._bus = bus
        self._status = NetworkStatus()

    def status(self) -> NetworkStatus:
        return self._status

    def report(self, status: NetworkStatus) -> None:
        """Told by the server whenever it begins or ends to listen."""
        if status != self._status:
            self._status = status
            self._bus.publish(NetworkChanged(status=status))

    async def set_reach(self, *, lan: bool, tls: bool) -> None:
        """Let other computers in or not, with encrypted connections or not."""

        def change(settings: Settings) -> Settings:
            return settings.model_copy(update={"server": settings.server.model_copy(update={"lan": lan, "tls": tls})})

        await self._settings.change(change)
