"""The rules of the code base that no linter checks: sizes, imports, banned calls, and what must exist for what."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "alchemist_desktop"
MODULES = sorted(PACKAGE.rglob("*.py"))

MODULE_LINES, FUNCTION_LINES, CLASS_METHODS = 400, 50, 20

# Where `except Exception` may stand: a job run, a request, a slot or task of the window, the delivery of an event, the end of
# a standing task.
BROAD_EXCEPT_IN = frozenset(
    {"engine/engine.py", "engine/analysis.py", "engine/bus.py", "api/front_door.py", "ui/tasks.py", "app/standing_tasks.py"}
)
# Calls that block or nest the event loop. Menus, drags and native file dialogs do that by nature, from plain slots.
BLOCKING_CALLS = frozenset({"exec", "exec_", "processEvents", "waitForFinished", "waitForStarted", "waitForReadyRead"})
MAY_EXEC = re.compile(r"(menu|drag|file_dialog)$", re.IGNORECASE)
NO_LOOP_RUNS_IN = frozenset({"app/start_failure.py"})  # its box is shown before the program's own loop began, or after its end

Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)


@cache
def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def name_of(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def nodes_of(kind: type[Node]) -> Iterator[tuple[Path, Node]]:
    for module in MODULES:
        for node in ast.walk(tree_of(module)):
            if isinstance(node, kind):
                yield module, node


def test_there_is_something_to_check() -> None:
    assert len(MODULES) > 50


def test_modules_keep_to_their_size_and_say_what_they_are_for() -> None:
    too_long = {name_of(m): n for m in MODULES if (n := len(m.read_text(encoding="utf-8").splitlines())) > MODULE_LINES}
    silent = [name_of(m) for m in MODULES if ast.get_docstring(tree_of(m)) is None]
    assert (too_long, silent) == ({}, [])


def test_functions_and_classes_keep_to_their_size() -> None:
    found = []
    for module in MODULES:
        for node in ast.walk(tree_of(module)):
            if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES:
                found.append(f"{name_of(module)}:{node.lineno} {node.name} is too long")
            if isinstance(node, ast.ClassDef) and sum(isinstance(part, Function) for part in node.body) > CLASS_METHODS:
                found.append(f"{name_of(module)}:{node.lineno} {node.name} has too many methods")
    assert found == []


def test_module_names_say_what_is_inside() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [name_of(m) for m in MODULES if m.stem in empty_words] == []


def test_nothing_blocks_or_nests_the_event_loop() -> None:
    found = []
    for module, call in nodes_of(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in BLOCKING_CALLS:
            owner = ast.unparse(call.func.value)
            may_exec = MAY_EXEC.search(owner) or name_of(module) in NO_LOOP_RUNS_IN
            if not (call.func.attr == "exec" and may_exec):
                found.append(f"{name_of(module)}:{call.lineno} {owner}.{call.func.attr}")
    assert found == []


def test_broad_excepts_stand_at_the_four_borders_only() -> None:
    found = set()
    for module, handler in nodes_of(ast.ExceptHandler):
        caught = ast.unparse(handler.type) if handler.type else "everything"
        cleans_up_only = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
        if re.search(r"\b(Exception|BaseException|everything)\b", caught) and not cleans_up_only:
            found.add(name_of(module))
    assert found - BROAD_EXCEPT_IN == set()


def test_no_command_goes_through_a_shell() -> None:
    found = [f"{name_of(m)}:{c.lineno}" for m, c in nodes_of(ast.Call) if any(k.arg == "shell" for k in c.keywords)]
    found += [f"{name_of(m)}:{a.lineno}" for m, a in nodes_of(ast.Attribute) if ast.unparse(a) in {"os.system", "os.popen"}]
    assert found == []


def test_nobody_prints() -> None:
    found = [f"{name_of(m)}:{c.lineno}" for m, c in nodes_of(ast.Call) if ast.unparse(c.func) == "print"]
    assert found == []


def test_imports_go_downwards_only() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache", "--config", "pyproject.toml"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal there")
def test_qt_calls_keep_the_references_of_none() -> None:
    from PySide6.QtCore import QObject

    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(500):
        thing.setObjectName("x")
    assert sys.getrefcount(None) > before - 100


def test_every_migration_has_a_test() -> None:
    migrations = [m.stem for m in (PACKAGE / "storage" / "migrations").glob("[0-9]*.py")]
    tests = "".join(test.read_text(encoding="utf-8") for test in (ROOT / "tests").rglob("test_*migration*.py"))
    assert migrations, "there is no migration at all"
    assert [name for name in migrations if name not in tests] == []


# Verbs of services that no face needs: other parts of the program call them.
CALLED_INSIDE = frozenset[str]()


def public_methods(module: Path) -> Iterator[str]:
    for node in tree_of(module).body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("Service"):
            yield from (part.name for part in node.body if isinstance(part, Function) and not part.name.startswith("_"))


def test_every_verb_of_the_services_can_be_reached_from_a_face() -> None:
    faces = [module for module in MODULES if name_of(module).startswith(("api/", "ui/", "app/"))]
    used = {node.attr for module in faces for node in ast.walk(tree_of(module)) if isinstance(node, ast.Attribute)}
    services = (PACKAGE / "services").glob("*.py")
    offered = {f"{module.stem}.{method}" for module in services for method in public_methods(module)}
    assert {verb for verb in offered if verb.partition(".")[2] not in used} - CALLED_INSIDE == set()
