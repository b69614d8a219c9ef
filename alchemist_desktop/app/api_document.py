"""`openapi`: writes the document of the HTTP face, with nothing started and nothing of the installation touched."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from alchemist_desktop.api.app import create_document
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.app.core import open_core
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.domain.settings import Settings


async def write_api_document(options: Options, file: str | None) -> int:
    """To `file`, or to standard output."""
    with tempfile.TemporaryDirectory(prefix="alchemist-openapi-") as home:
        own = Paths.from_options(Options(config_path=f"{home}/config.toml", data_dir=home, temp_dir=f"{home}/temp"))
        async with open_core(options, own, Settings()) as core:
            document = create_document(core.services, core.bus, ApiOptions())
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    if file is None:
        sys.stdout.write(text)
    else:
        await asyncio.to_thread(Path(file).write_text, text, encoding="utf-8")
    return 0
