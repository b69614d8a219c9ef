"""`selftest`: proves the installation on a clip made on the spot, through the very path a library file takes."""

import tempfile
from pathlib import Path

from rich.console import Console

from alchemist_desktop.app.core import open_core
from alchemist_desktop.app.demo import make_demo_library
from alchemist_desktop.app.lifetime import running_engine
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.app.requests import run_folders
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.domain.settings import Settings


async def run_selftest(options: Options, paths: Paths) -> int:
    """Process a sample library with a database of its own; 0 when every clip ended as it should."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="alchemist-selftest-") as home:
        own = Paths.from_options(Options(config_path=f"{home}/config.toml", data_dir=home, temp_dir=f"{home}/temp"))
        library = make_demo_library(Path(home, "library"))
        async with open_core(options, own, _settings()) as core, running_engine(core, watch=False):
            async for line in run_folders(core, [library]):
                if "text" in line:
                    console.print(line["text"], markup=False, soft_wrap=True)
            jobs = await core.parts.stores.jobs.find(JobQuery(limit=None))
        passed = bool(jobs) and all(job.state in {JobState.COMPLETED, JobState.SKIPPED} for job in jobs)
        passed = passed and any(job.state is JobState.COMPLETED for job in jobs)
    console.print("The self-test passed." if passed else "The self-test failed.")
    return 0 if passed else 1


def _settings() -> Settings:
    settings = Settings()
    transcode = settings.transcode.model_copy(update={"min_file_size_mb": 0, "size_reduction_threshold": 0.0})
    return settings.model_copy(update={"transcode": transcode})
