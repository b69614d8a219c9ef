"""The look of the program: Fusion style, a palette and a small style sheet per scheme, and icons in its colours."""

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from alchemist_desktop.ui.colors import DARK, LIGHT, Colors
from alchemist_desktop.ui.options import ThemeChoice
from alchemist_desktop.ui.style_sheet import style_sheet

_ICON_SIZES = (16, 20, 24, 32, 40, 48, 96)
_SIGN_SIZES = (16, 24, 32, 48, 64, 128, 256)  # of the program's own sign, which desktops show large


class Theme(QObject):
    """Holds the colours in force and dresses the program in them; `changed` comes after a switch.

    The first `dress` call gives the window that carries the style sheet; its dialogs and menus inherit it.
    """

    changed = Signal()

    def __init__(self, choice: ThemeChoice, resources: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self._resources = resources
        self._window: QWidget | None = None
        self._hints = QGuiApplication.styleHints()
        self._hints.colorSchemeChanged.connect(self._on_scheme_changed)
        self.colors = self._wanted_colors()
        self._icon = lru_cache(maxsize=128)(self._load_icon)

    def dress(self, window: QWidget) -> None:
        self._window = window
        QApplication.setStyle("Fusion")
        self._apply()

    def choose(self, choice: ThemeChoice) -> None:
        self._choice = choice
        self._update()

    def icon(self, name: str, color: str | None = None) -> QIcon:
        """The icon `icons/<name>.svg` in `color`, or in the colour of text."""
        return self._icon(name, color or self.colors.text)

    def _load_icon(self, name: str, color: str) -> QIcon:
        source = (self._resources / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
        icon = QIcon()
        for size in _SIGN_SIZES if name == "app" else _ICON_SIZES:
            icon.addPixmap(_render(renderer, size))
        return icon

    def _on_scheme_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._update()

    def _update(self) -> None:
        colors = self._wanted_colors()
        if colors is not self.colors:
            self.colors = colors
            self._apply()
            self.changed.emit()

    def _wanted_colors(self) -> Colors:
        if self._choice is ThemeChoice.SYSTEM:
            return DARK if self._hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._choice is ThemeChoice.DARK else LIGHT

    def _apply(self) -> None:
        QApplication.setPalette(palette(self.colors))
        if self._window is not None:
            self._window.setStyleSheet(style_sheet(self.colors, self._resources))


def palette(colors: Colors) -> QPalette:
    """The Qt palette of a scheme."""
    result = QPalette()
    role = QPalette.ColorRole
    plain = {
        role.Window: colors.window, role.WindowText: colors.text, role.Base: colors.surface, role.AlternateBase: colors.hover,
        role.Text: colors.text, role.Button: colors.raised, role.ButtonText: colors.text, role.BrightText: colors.text,
        role.ToolTipBase: colors.raised, role.ToolTipText: colors.text, role.PlaceholderText: colors.muted,
        role.Highlight: colors.accent, role.HighlightedText: colors.on_accent, role.Accent: colors.accent,
        role.Link: colors.accent, role.LinkVisited: colors.accent, role.Light: colors.raised, role.Midlight: colors.hover,
        role.Mid: colors.border, role.Dark: colors.border, role.Shadow: colors.border,
    }  # fmt: skip
    for each, color in plain.items():
        result.setColor(each, QColor(color))
    for each in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, each, QColor(colors.muted))
    return result


def tabular(font: QFont) -> QFont:
    """The font with digits of equal width, so that numbers stand under each other."""
    result = QFont(font)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def _render(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
