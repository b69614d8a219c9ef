"""The command line: options and commands, and the event loop each of them runs in."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from alchemist_desktop import __version__
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.health import Depth
from alchemist_desktop.ui.options import ThemeChoice

cli = typer.Typer(
    name="alchemist-desktop",
    help="Makes a media library smaller, verifies every result, and can undo it. Without a command: the window.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Line = dict[str, Any]
Lines = AsyncGenerator[Line, None]
Folders = Annotated[list[str], typer.Argument(help="Folders with media files.", metavar="DIR...")]


def main() -> None:
    """Entry point; ends with exit code 0 only if everything that was asked for was done."""
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # FFmpeg then numbers NVIDIA's cards as the system does
    try:
        cli()
    except KnownError as error:
        typer.echo(error.message, err=True)
        sys.exit(1)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@cli.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    library: Annotated[list[str] | None, typer.Option(help="Add a library folder; may be given several times.")] = None,
    theme: Annotated[ThemeChoice, typer.Option(help="How it looks; system follows the desktop.")] = ThemeChoice.SYSTEM,
    minimized: Annotated[bool, typer.Option(help="Start in the tray.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the server, for this run.")] = None,
    reset_auth: Annotated[bool, typer.Option(help="Forget all accounts, so that set-up runs again.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Makes a media library smaller, verifies every result, and can undo it. Without a command: the window."""
    if context.invoked_subcommand is None:
        from alchemist_desktop.app.programs import WindowStart, run_window
        from alchemist_desktop.app.start_failure import failure_shown

        with failure_shown():
            options = _options(port=port, is_headless=False)
            start = WindowStart(theme=theme, minimized=minimized, reset_auth=reset_auth, libraries=_absolute(library or []))
            _run(run_window(options, Paths.from_options(options), start), gui=True)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; the settings decide otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="Port, exactly this one; 0 takes any that is free.")] = None,
    reset_auth: Annotated[bool, typer.Option(help="Forget all accounts, so that set-up runs again.")] = False,
) -> None:
    """Run without a window: engine, folder watch and server."""
    from alchemist_desktop.app.programs import run_server

    options = _options(server_host=host, port=port)
    _run(run_server(options, Paths.from_options(options), reset_auth=reset_auth))


@cli.command()
def scan(folders: Folders) -> None:
    """Scan folders and queue what is found."""
    from alchemist_desktop.app.requests import scan_folders

    _run_request(
        {"command": "scan", "paths": _absolute(folders)}, lambda core: scan_folders(core, _absolute(folders)), work=False
    )


@cli.command()
def run(
    folders: Folders,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-d", help="Show what would be done, and do nothing.")] = False,
) -> None:
    """Scan folders and process what is found, until everything has ended."""
    if dry_run:
        plan(folders)
        return
    from alchemist_desktop.app.requests import run_folders

    _run_request({"command": "run", "paths": _absolute(folders)}, lambda core: run_folders(core, _absolute(folders)), work=True)


@cli.command()
def plan(folders: Folders, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show what would be done with each file, without doing anything."""
    from alchemist_desktop.app.planning import plan_folders
    from alchemist_desktop.app.printing import print_lines, print_rows

    request = {"command": "plan", "paths": _absolute(folders)}
    show = print_rows if as_json else print_lines
    _run_request(request, lambda core: plan_folders(core, _absolute(folders)), work=False, show=show)


@cli.command()
def doctor(
    folders: Folders,
    depth: Annotated[Depth, typer.Option(help="How thoroughly: each finds more than the one before it.")] = Depth.SAMPLE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look for damaged files. Ends with 1 when something is found; nothing is changed or stored."""
    from alchemist_desktop.app.health import examine_folders
    from alchemist_desktop.app.printing import print_lines, print_rows

    request = {"command": "doctor", "paths": _absolute(folders), "depth": str(depth)}
    show = print_rows if as_json else print_lines
    _run_request(request, lambda core: examine_folders(core, _absolute(folders), depth), work=False, show=show)


@cli.command()
def undo(job: Annotated[int, typer.Argument(help="Number of the job.")]) -> None:
    """Bring the original of a replaced file back from the trash."""
    from alchemist_desktop.app.requests import undo_job

    _run_request({"command": "undo", "job": job}, lambda core: undo_job(core, job), work=False)


@cli.command()
def setup(
    username: Annotated[str, typer.Option(help="Name of the account for the server.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
    library: Annotated[list[str] | None, typer.Option(help="A library folder; may be given several times.")] = None,
) -> None:
    """Set the program up without a window: an account and the library folders."""
    from alchemist_desktop.app.requests import set_up

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else typer.prompt("Password", hide_input=True)
    folders = _absolute(library or [])
    request = {"command": "setup", "username": username, "password": password, "paths": folders}
    _run_request(request, lambda core: set_up(core, username, password, folders), work=False)


@cli.command()
def restore(file: Annotated[str, typer.Argument(help="The backup, as it was fetched.")]) -> None:
    """Put a backup in the place of the database; what was there before is kept beside it."""
    from alchemist_desktop.app.restore import run_restore

    _run(run_restore(Paths.from_options(_options()), file))


@cli.command()
def openapi(file: Annotated[str | None, typer.Argument(help="Where to write it; standard output otherwise.")] = None) -> None:
    """Write the OpenAPI document of the server."""
    from alchemist_desktop.app.api_document import write_api_document

    _run(write_api_document(_options(), file))


@cli.command()
def hardware(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Try every encoder of this machine and show which work, and why the others do not."""
    from alchemist_desktop.app.hardware_report import hardware_lines

    _run_request({"command": "hardware", "json": as_json}, lambda core: hardware_lines(core, as_json=as_json), work=False)


@cli.command()
def mcp() -> None:
    """Answer an assistant that speaks the Model Context Protocol over standard input and output; it can only read."""
    from alchemist_desktop.app.mcp_server import serve_mcp

    serve_mcp(Paths.from_options(_options()))


@cli.command()
def selftest() -> None:
    """Make a clip, analyse, plan, encode and verify it: proves that this installation works."""
    from alchemist_desktop.app.selftest import run_selftest

    options = _options()
    _run(run_selftest(options, Paths.from_options(options)))


@cli.command()
def demo(folder: Annotated[str | None, typer.Argument(help="Where to make it; beside the database otherwise.")] = None) -> None:
    """Make a small sample library and process it."""
    from alchemist_desktop.app.demo import make_demo_library
    from alchemist_desktop.app.requests import run_folders

    path = make_demo_library(Path(folder) if folder else Paths.from_options(_options()).sample_library)
    typer.echo(f"Sample library: {path}")
    _run_request({"command": "run", "paths": [path]}, lambda core: run_folders(core, [path]), work=True)


def _options(*, port: int | None = None, server_host: str | None = None, is_headless: bool = True) -> Options:
    options = Options.from_environment(os.environ)
    return options.with_choices(server_port=port, server_host=server_host, is_headless=is_headless)


def _absolute(folders: list[str]) -> list[str]:
    return [os.path.abspath(os.path.expanduser(folder)) for folder in folders]  # noqa: PTH100, PTH111  # text, as everywhere


def _run_request(
    request: Line, make: Callable[[Any], Lines], *, work: bool, show: Callable[[Lines], Coroutine[Any, Any, int]] | None = None
) -> None:
    from alchemist_desktop.app.printing import print_lines
    from alchemist_desktop.app.programs import run_request

    options = _options()
    _run(run_request(options, Paths.from_options(options), request, make, work=work, show=show or print_lines))


def _run(program: Coroutine[Any, Any, int], *, gui: bool = False) -> None:
    """Run `program` in the Qt loop and exit with what it returns."""
    from alchemist_desktop.app.loop import make_loop
    from alchemist_desktop.app.qt_application import make_application

    application = make_application(gui=gui)
    quits: list[bool] = []
    application.aboutToQuit.connect(lambda: quits.append(True))
    try:
        with asyncio.Runner(loop_factory=lambda: make_loop(application)) as runner:
            code = runner.run(program)
    except KeyboardInterrupt:
        code = 130
    except RuntimeError:
        if not quits:
            raise
        code = 0  # the desktop session ended, and with it the loop; closing the runner has tidied up
    sys.exit(code)
