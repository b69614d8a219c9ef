"""Draws the icon of the tray: the program's sign, a ring that fills with the work, and a mark when it rests or needs help."""

from enum import StrEnum

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from alchemist_desktop.ui.colors import DARK, Tone

_SIZES = (16, 22, 24, 32, 48, 64)


class TrayState(StrEnum):
    """What the icon tells at a glance."""

    IDLE = "idle"
    WORKING = "working"
    PAUSED = "paused"
    ATTENTION = "attention"


# Trays are dark or light whatever the window is; these bright tones read on both.
_TONES = {TrayState.PAUSED: Tone.WARNING, TrayState.ATTENTION: Tone.DANGER}


def tray_icon(sign: QIcon, state: TrayState, percent: float) -> QIcon:
    """The sign with what `state` adds to it; `percent` matters while working."""
    icon = QIcon()
    for size in _SIZES:
        icon.addPixmap(_draw(sign, state, percent, size))
    return icon


def _draw(sign: QIcon, state: TrayState, percent: float, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inset = size * 0.18 if state is TrayState.WORKING else 0.0
    sign.paint(painter, QRectF(inset, inset, size - 2 * inset, size - 2 * inset).toRect())
    if state is TrayState.WORKING:
        _draw_ring(painter, size, percent)
    elif state is not TrayState.IDLE:
        _draw_mark(painter, size, DARK.tone(_TONES[state]), is_pause=state is TrayState.PAUSED)
    painter.end()
    return pixmap


def _draw_ring(painter: QPainter, size: int, percent: float) -> None:
    width = max(2.0, size / 10)
    ring = QRectF(width / 2, width / 2, size - width, size - width)
    track = QColor(DARK.tone(Tone.NEUTRAL))
    track.setAlphaF(0.45)
    painter.setPen(QPen(track, width))
    painter.drawEllipse(ring)
    painter.setPen(QPen(QColor(DARK.tone(Tone.SUCCESS)), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawArc(ring, 90 * 16, -round(percent / 100 * 360 * 16))


def _draw_mark(painter: QPainter, size: int, color: str, *, is_pause: bool) -> None:
    spot = QRectF(size * 0.48, size * 0.48, size * 0.52, size * 0.52)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(spot)
    painter.setBrush(QColor(DARK.on_accent))
    bar = QRectF(0, 0, spot.width() * 0.16, spot.height() * 0.46)
    for offset in (-0.15, 0.15) if is_pause else (0.0,):
        bar.moveCenter(spot.center())
        bar.translate(spot.width() * offset, 0)
        painter.drawRect(bar)
