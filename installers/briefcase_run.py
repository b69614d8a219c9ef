"""Runs Briefcase with this project's `briefcase.toml`; use it as the `briefcase` command: `briefcase_run.py package linux`.

Briefcase's own entry point reads `pyproject.toml` and no other name. This one takes the same steps with our file, through
interfaces of Briefcase that are not documented: its version is pinned, and a test runs the steps up to the reading.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from briefcase.cmdline import parse_cmdline
from briefcase.console import Console
from briefcase.exceptions import BriefcaseError, BriefcaseTestSuiteFailure, BriefcaseWarning, HelpText

CONFIG = Path(__file__).resolve().parent.parent / "briefcase.toml"


def read_command(arguments: Sequence[str], console: Console) -> tuple[Any, dict[str, Any]]:
    """Briefcase's command for these arguments, with our configuration read, and the options to call it with."""
    command_type, rest = parse_cmdline(list(arguments), console=console)
    command = command_type(console=console, base_path=CONFIG.parent)
    options, overrides = command.parse_options(extra=rest)
    command.parse_config(CONFIG, overrides=overrides)
    return command, options


def main() -> int:
    """Returns Briefcase's exit code."""
    console = Console()
    command = None
    try:
        command, options = read_command(sys.argv[1:], console)
        command(**options)
    except (HelpText, BriefcaseWarning, BriefcaseTestSuiteFailure, BriefcaseError) as end:
        if str(end):
            console.print(str(end))
        if isinstance(end, BriefcaseError) and not isinstance(end, HelpText):
            console.capture_stacktrace()
        return int(end.error_code)
    finally:
        console.save_log_to_file(command)
        console.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
