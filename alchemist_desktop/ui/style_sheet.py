"""The style sheet of the window: only what palette and delegates cannot say."""

from pathlib import Path

from alchemist_desktop.ui.colors import Colors, Tone, mix


def style_sheet(colors: Colors, resources: Path) -> str:
    """Every rule for one scheme; `resources` holds the pictures of tick and arrow."""
    values = {
        "window": colors.window, "sidebar": colors.sidebar, "surface": colors.surface, "raised": colors.raised,
        "hover": mix(colors.text, colors.window, 0.07), "pressed": mix(colors.text, colors.window, 0.13),
        "border": colors.border, "text": colors.text, "muted": colors.muted, "accent": colors.accent,
        "thumb": mix(colors.text, colors.surface, 0.26), "track": colors.track, "selection": colors.selection,
        "on_accent": colors.on_accent, "accent_hover": mix(colors.text, colors.accent, 0.12),
    }  # fmt: skip
    rules = "".join(_fill(part, values) for part in (_BASE, _BUTTONS, _VIEWS))
    return rules + _picture_rules(colors, resources) + _message_rules(colors)


def _picture_rules(colors: Colors, resources: Path) -> str:
    pictures = {"QCheckBox::indicator:checked": "check", "QComboBox::down-arrow": "expand"}
    scheme = "dark" if colors.is_dark else "light"
    rule = '{0} {{ image: url("{1}"); }}\n'
    places = {part: resources / "icons" / f"{name}_{scheme}.svg" for part, name in pictures.items()}
    return "".join(rule.format(part, place.as_posix()) for part, place in places.items())


def _fill(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace(f"@{name};", f"{value};")
    return template


def _message_rules(colors: Colors) -> str:
    rule = '#message_bar[tone="{0}"] {{ background: {1}; border-bottom: 1px solid {2}; }}\n'
    rules = [rule.format(t, colors.tint(t), mix(colors.tone(t), colors.surface, 0.35)) for t in Tone]
    rules += [f'QLabel[tone="{t}"] {{ color: {colors.tone(t)}; }}\n' for t in Tone]
    return "".join(rules)


_BASE = """
#navigation { background: @sidebar; border: none; border-right: 1px solid @border; outline: none; padding: 6px; }
#navigation::item { height: 34px; border-radius: 6px; padding-left: 8px; margin: 1px 2px; color: @text; }
#navigation::item:hover { background: @hover; }
#navigation::item:selected { background: @selection; color: @text; }
#engine_bar { background: @window; border-bottom: 1px solid @border; }
#card { background: @surface; border: 1px solid @border; border-radius: 8px; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="title"] { font-size: 15pt; font-weight: 600; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="figure"] { font-size: 13pt; font-weight: 600; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
QSplitter::handle { background: @border; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:horizontal { width: 1px; }
"""

_BUTTONS = """
QPushButton, QToolButton[role="button"] { background: @raised; border: 1px solid @border; border-radius: 6px; padding: 5px 12px; }
QPushButton:hover, QToolButton[role="button"]:hover { background: @hover; }
QPushButton:pressed, QToolButton[role="button"]:pressed { background: @pressed; }
QPushButton:focus, QToolButton[role="button"]:focus, QLineEdit:focus { border-color: @accent; }
QPushButton:disabled, QToolButton[role="button"]:disabled { color: @muted; }
QPushButton[role="primary"], QToolButton[role="primary"] { background: @accent; color: @on_accent; border: 1px solid @accent;
  border-radius: 6px; padding: 5px 12px; font-weight: 600; }
QPushButton[role="primary"]:hover, QToolButton[role="primary"]:hover { background: @accent_hover; }
QToolButton[role="primary"][popupMode="1"] { padding-right: 28px; }
QToolButton[role="primary"]::menu-button { border: none; border-left: 1px solid @on_accent; width: 22px; }
QToolButton[role="button"][popupMode="2"] { padding-right: 24px; }
QToolButton[role="button"]::menu-indicator { subcontrol-origin: padding; subcontrol-position: right center; right: 8px; }
QToolButton[role="flat"] { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton[role="flat"]:hover { background: @hover; }
QToolButton[role="flat"]:focus { border-color: @accent; }
QToolButton[role="flat"]::menu-indicator { image: none; }
QToolButton[role="chip"] { background: transparent; border: 1px solid @border; border-radius: 12px; padding: 3px 10px;
  color: @muted; }
QToolButton[role="chip"]:hover { background: @hover; color: @text; }
QToolButton[role="chip"]:checked { background: @selection; border-color: @accent; color: @text; }
QToolButton[role="chip"]:focus { border-color: @accent; }
QLineEdit { background: @surface; border: 1px solid @border; border-radius: 6px; padding: 4px 8px; min-height: 18px; }
QComboBox { background: @raised; border: 1px solid @border; border-radius: 6px; padding: 5px 12px; }
QComboBox:hover { background: @hover; }
QComboBox:focus { border-color: @accent; }
QComboBox:disabled { color: @muted; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @border; outline: none; padding: 4px;
  selection-background-color: @selection; selection-color: @text; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 15px; height: 15px; border: 1px solid @muted; border-radius: 4px; background: @surface; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: @accent; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; }
QMenu { background: @raised; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::item:selected { background: @selection; color: @text; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QMenu::icon { padding-left: 6px; }
"""

_VIEWS = """
#job_view { background: @surface; border: none; outline: none; }
#folder_list { background: @surface; border: 1px solid @border; border-radius: 8px; outline: none; padding: 4px; }
#folder_list::item { height: 40px; border-radius: 6px; padding-left: 6px; color: @text; }
#folder_list::item:hover { background: @hover; }
#folder_list::item:selected { background: @selection; color: @text; }
#issue_list { background: @surface; border: 1px solid @border; border-radius: 8px; outline: none; padding: 4px; }
#issue_list::item { height: 28px; }
#issue_list::item:hover { background: @hover; }
#issue_list::item:selected { background: @selection; color: @text; }
#issue_details { border: 1px solid @border; border-radius: 8px; }
#matrix { background: @surface; border: 1px solid @border; border-radius: 8px; outline: none; }
#matrix::item { padding-left: 8px; }
#matrix::item:selected { background: @selection; color: @text; }
#quote { background: @window; border: 1px solid @border; border-radius: 6px; }
QHeaderView { background: @window; border: none; }
QHeaderView::section { background: @window; color: @muted; border: none; border-bottom: 1px solid @border; padding: 5px 10px; }
QHeaderView::section:hover { color: @text; }
QHeaderView::up-arrow, QHeaderView::down-arrow { subcontrol-origin: margin;
  subcontrol-position: top center; width: 8px; height: 8px; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: @thumb; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @track; border: none; border-radius: 3px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QScrollArea { background: @surface; border: none; }
#details { background: @surface; }
#details_body { background: @surface; }
QTabWidget::pane { border: none; border-top: 1px solid @border; background: @surface; }
QTabBar::tab { background: transparent; color: @muted; padding: 7px 14px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @accent; }
QTabBar { qproperty-drawBase: 0; }
QPlainTextEdit { background: @surface; border: none; padding: 6px 9px; }
"""
