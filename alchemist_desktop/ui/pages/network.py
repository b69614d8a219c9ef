"""The page of the network: where the server listens, who may reach it, and how its certificate is recognised."""

from PySide6.QtWidgets import QCheckBox, QVBoxLayout

from alchemist_desktop.domain import events
from alchemist_desktop.domain.network import NetworkStatus
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.pages.page import Page
from alchemist_desktop.ui.widgets.labels import selectable, text_label

_HINT = "The certificate is this computer's own. Whoever connects for the first time compares the fingerprint below."


class NetworkPage(Page):
    """Shows the server's state and switches its reach."""

    title = "Network"
    icon_name = "network"

    def __init__(self, face: Face) -> None:
        super().__init__(face)
        self.state = selectable(text_label(wraps=True))
        self.state.setObjectName("server_state")
        self.lan = QCheckBox("Let other computers in this network connect")
        self.tls = QCheckBox("Encrypt connections")
        self.fingerprint = selectable(text_label(wraps=True))
        self.fingerprint.setObjectName("certificate_fingerprint")
        self.hint = text_label(_HINT, "muted", wraps=True)
        self._lay_out()
        self.lan.clicked.connect(self._on_reach_chosen)
        self.tls.clicked.connect(self._on_reach_chosen)
        face.bridge.network_changed.connect(self._on_network_changed)
        face.bridge.settings_changed.connect(self._on_settings_changed)
        self._show_settings(face.services.settings.current)
        self._show_status(face.services.network.status())

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 18, 24, 20)
        layout.setSpacing(10)
        for widget in (text_label("Network", "title"), self.state, self.lan, self.tls, self.hint, self.fingerprint):
            layout.addWidget(widget)
        layout.addStretch(1)

    def _on_reach_chosen(self) -> None:
        services = self.face.services
        self.face.tasks.run(
            services.network.set_reach(lan=self.lan.isChecked(), tls=self.tls.isChecked()),
            on_error=lambda _: self._show_settings(services.settings.current),
        )

    def _on_network_changed(self, event: events.NetworkChanged) -> None:
        self._show_status(event.status)

    def _on_settings_changed(self, event: events.SettingsChanged) -> None:
        self._show_settings(event.settings)

    def _show_settings(self, settings: Settings) -> None:
        self.lan.setChecked(settings.server.lan)
        self.tls.setChecked(settings.server.tls)

    def _show_status(self, status: NetworkStatus) -> None:
        self.state.setText(status_sentence(status))
        shown = f"SHA-256 fingerprint: {status.fingerprint}" if status.fingerprint else ""
        self.fingerprint.setText(shown.replace(":", ":\u200b"))  # so that the long line can be broken
        self.fingerprint.setVisible(bool(shown))
        self.hint.setVisible(bool(shown))


def status_sentence(status: NetworkStatus) -> str:
    """Where the server listens, or why it does not."""
    if status.error:
        return status.error
    if status.url is None:
        return "The server does not listen."
    reach = "and by this computer's name from the whole network" if status.is_lan else "from this computer alone"
    return f"The server answers at {status.url}, {reach}."
