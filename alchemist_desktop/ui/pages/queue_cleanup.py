"""The menu that acts on many jobs at once, whatever is selected."""

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from alchemist_desktop.ui import words
from alchemist_desktop.ui.dialogs.confirm import ask
from alchemist_desktop.ui.face import Face

_FILES_STAY = "The files themselves are not touched."


def cleanup_menu(face: Face, parent: QWidget) -> QMenu:
    """Restart what failed, and take what is over off the list; each is asked about first."""
    jobs = face.services.jobs
    menu = QMenu(parent)

    def add(text: str, question: str, explanation: str, yes: str, call: Callable[[], Coroutine[Any, Any, int]]) -> None:
        def run() -> None:
            face.tasks.run(call(), on_done=lambda count: face.notices.tell(f"{yes}: {words.count(count, 'job')}."))

        menu.addAction(text, lambda: ask(menu, title=question, text=explanation, yes=yes, on_yes=run))

    add(
        "Restart failed and cancelled jobs…",
        "Restart every failed and cancelled job?",
        "They are queued again.",
        "Restart",
        jobs.restart_failed,
    )
    menu.addSeparator()
    add("Remove completed jobs…", "Remove every completed job from the list?", _FILES_STAY, "Remove", jobs.clear_completed)
    add("Remove everything that is over…", "Remove every job that is over?", _FILES_STAY, "Remove all", jobs.clear_history)
    return menu
