"""The scripts and package files agree with the project, and their parts that need no network work."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from briefcase.console import Console

import alchemist_desktop
from installers.briefcase_run import CONFIG, read_command

ROOT = Path(__file__).parent.parent
_PREPARE = f'root="{ROOT}"; . "$root/installers/prepare.sh"; '

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sh")


def read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def sh(script: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a piece of shell with prepare.sh's functions and nothing but `environment`."""
    argv = ["/bin/sh", "-eu", "-c", _PREPARE + script, "sh", *args]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def make_program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return program


def test_every_file_names_the_same_version_and_needs() -> None:
    project = read_toml("pyproject.toml")["project"]
    briefcase = read_toml("briefcase.toml")["tool"]["briefcase"]
    assert briefcase["version"] == project["version"] == alchemist_desktop.__version__
    assert briefcase["app"]["alchemist_desktop"]["requires"] == project["dependencies"]
    assert briefcase["license"] == project["license"]


def test_briefcase_reads_our_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    command, _ = read_command(["create"], Console())
    app = command.apps["alchemist_desktop"]
    assert CONFIG == ROOT / "briefcase.toml"
    assert command.base_path == ROOT
    assert app.sources == ["alchemist_desktop", "resources"]
    assert str(app.version) == alchemist_desktop.__version__
    assert any(need.startswith("PySide6_Essentials") for need in app.requires)
    assert list(tmp_path.iterdir()) == []


def test_desktop_and_service_file_start_the_program() -> None:
    scripts = read_toml("pyproject.toml")["project"]["scripts"]
    for name, section, key in (("desktop", "Desktop Entry", "Exec"), ("service", "Service", "ExecStart")):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(ROOT / "installers" / "linux" / f"alchemist-desktop.{name}", encoding="utf-8")
        assert Path(parser[section][key].split()[0]).name in scripts


def test_the_automatic_check_is_the_documented_test_command() -> None:
    command = "sh installers/test.sh"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith(f"exec {command}")


def test_the_licence_is_the_whole_text() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text
    assert text.count("\n") > 600


@posix_only
@pytest.mark.parametrize("name", ["prepare.sh", "run.sh", "test.sh"])
def test_scripts_are_sound(name: str) -> None:
    script = ROOT / "installers" / name
    assert subprocess.run(["/bin/sh", "-n", str(script)], check=False).returncode == 0
    shellcheck = shutil.which("shellcheck")
    if shellcheck:
        done = subprocess.run([shellcheck, "-x", str(script)], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@posix_only
def test_no_package_manager_is_asked_for_libraries_that_are_there(tmp_path: Path) -> None:
    listed = "\\n".join(
        f"{name} (libc6)" for name in re.findall(r"lib\S+\.so\.\d+", (ROOT / "installers/prepare.sh").read_text())
    )
    make_program(tmp_path, "ldconfig", f"printf '{listed}\\n'")
    for name in ("apt-get", "dnf", "pacman", "sudo"):
        make_program(tmp_path, name, f'echo "{name} $*" >>{tmp_path}/called; exit 1')
    done = sh("ensure_libraries", PATH=f"{tmp_path}:{os.defpath}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "called").exists()


@posix_only
@pytest.mark.skipif(sys.platform != "linux", reason="only there are libraries installed")
def test_missing_libraries_are_named_when_they_cannot_be_installed(tmp_path: Path) -> None:
    make_program(tmp_path, "ldconfig", "echo 'libGL.so.1 (libc6)'")
    for name in ("apt-get", "dnf", "pacman", "sudo"):
        make_program(tmp_path, name, "exit 1")
    done = sh("ensure_libraries", PATH=f"{tmp_path}:{os.defpath}")
    assert done.returncode == 1
    assert "libxcb-cursor.so.0" in done.stderr.splitlines()[-1]
    assert "libGL.so.1" not in done.stderr.splitlines()[-1]


@posix_only
def test_a_good_python_is_found_on_the_path_or_in_pyenv(tmp_path: Path) -> None:
    make_program(tmp_path / "bin", "python3.13", "exit 1")
    make_program(tmp_path / "bin", "python3", f'exec {sys.executable} "$@"')
    assert sh("find_python", PATH=f"{tmp_path}/bin").stdout.strip() == f"{tmp_path}/bin/python3"
    make_program(tmp_path / "home/.pyenv/versions/3.12.1/bin", "python3", f'exec {sys.executable} "$@"')
    found = sh("find_python", PATH="/nonexistent", HOME=str(tmp_path / "home"))
    assert found.stdout.strip() == f"{tmp_path}/home/.pyenv/versions/3.12.1/bin/python3"
    assert sh("find_python", PATH="/nonexistent", HOME=str(tmp_path)).returncode == 1


@posix_only
def test_an_environment_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    project = tmp_path / "a project"
    make_program(project / ".venv" / "bin", "python", f"echo called >>{tmp_path}/called")
    (project / "pyproject.toml").write_text("[project]\n")
    write_stamp = 'printf "%s %s" "$2" "$(cksum <"$root/pyproject.toml") $root" >"$root/.venv/alchemist-stamp"'
    script = f"root=$1; {write_stamp}; ensure_environment run"
    for installed in ("run", "test"):
        assert sh(script, str(project), installed, PATH=os.defpath).returncode == 0
    assert not (tmp_path / "called").exists()


@posix_only
@pytest.mark.parametrize("arguments", [["--nonsense"], ["/nonexistent/folder"], ["a", "b"]])
def test_run_refuses_what_it_does_not_understand_before_it_installs_anything(arguments: list[str]) -> None:
    argv = ["/bin/sh", str(ROOT / "installers/run.sh"), *arguments]
    done = subprocess.run(argv, env={"PATH": os.defpath}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nstalling" not in done.stderr
