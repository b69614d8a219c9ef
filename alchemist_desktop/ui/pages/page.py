"""What the navigation needs to know of a page."""

from typing import ClassVar

from PySide6.QtWidgets import QWidget

from alchemist_desktop.ui.face import Face


class Page(QWidget):
    """One entry of the navigation. A subclass names itself and its icon; it is built when first opened and lives as long
    as the window."""

    title: ClassVar[str]
    icon_name: ClassVar[str]

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face

    def save_layout(self) -> None:
        """Remember what the person arranged; called when the window hides or ends."""
