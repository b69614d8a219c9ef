"""Every hard file goes through the whole program, and each ends as it may; nothing is lost, nothing is left unsaid."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.storage.codec import plan_from_json
from tests.support.corpus import CorpusFile, all_recipes, build_corpus
from tests.support.corpus_recipe import DONE
from tests.support.inventory import chapter_titles, counted, digest, inventory, look, video_span_s
from tests.support.program import JobRecord, Overrides, Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NAMES = [recipe.name for recipe in all_recipes()]
WHOLE = [recipe.name for recipe in all_recipes() if recipe.expect == DONE]

# Everything is worth encoding, whatever it saves: the point is what happens to the streams.
CONFIG: Overrides = {
    "transcode": {
        "size_reduction_threshold": 0.0,
        "min_bpp_threshold": 0.0,
        "min_file_size_mb": 0,
        "concurrent_jobs": 2,
        "quality_profile": "speed",
        "predict_size": False,
    },
    "hardware": {"preferred_vendor": "cpu", "cpu_preset": "faster"},
    "system": {"min_free_space_gb": 0, "engine_mode": "throughput"},
    "server": {"enabled": False},
    "engine": {"max_attempts": 1},
}


class Run:
    """The corpus after one run of the program over it."""

    def __init__(self, files: list[CorpusFile], before: dict[str, str], program: Program, exit_code: int) -> None:
        self.files = {file.name: file for file in files}
        self.before = before
        self.exit_code = exit_code
        self.output = program.output
        self.jobs = {job.input_path: job for job in program.jobs()}
        self._program = program

    def job(self, name: str) -> JobRecord | None:
        return self.jobs.get(str(self.files[name].path))

    def plan(self, job: JobRecord) -> Plan:
        sql = "SELECT plan FROM decisions WHERE job_id = ? AND plan IS NOT NULL ORDER BY id DESC LIMIT 1"
        ((plan,),) = self._program.query(sql, job.id)
        return plan_from_json(plan)

    def ended(self, *states: str) -> dict[str, JobRecord]:
        """The jobs in these states by the names of their files."""
        found = {name: self.job(name) for name in self.files}
        return {name: job for name, job in found.items() if job is not None and job.state in states}

    def reason(self, job: JobRecord) -> str | None:
        """The code of the explanation that goes with the end of a job."""
        column = "failure" if job.state == "failed" else "decision"
        ((explanation,),) = self._program.query(f"SELECT {column} FROM jobs WHERE id = ?", job.id)
        return None if explanation is None else str(json.loads(explanation)[1])

    def why(self, name: str) -> str:
        """What the program says of a job, for the message of a failing test."""
        job = self.job(name)
        if job is None:
            return "no job"
        told = self._program.query("SELECT decision, failure FROM jobs WHERE id = ?", job.id)
        return json.dumps([job.state, told], ensure_ascii=True)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("e2e")
    library = folder / "library"
    files = build_corpus(library)
    before = {file.name: digest(file.path) for file in files if file.path.is_file()}
    with Program(folder / "home", CONFIG) as program:
        program.start("run", library)
        exit_code = program.wait(timeout_s=800)
        assert program.jobs(), program.output
        yield Run(files, before, program, exit_code)


def test_the_run_reports_failures_by_its_exit_code(run: Run) -> None:
    assert any(job.state == "failed" for job in run.jobs.values())
    assert run.exit_code != 0


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_each_file_ends_as_it_may(run: Run, name: str) -> None:
    job = run.job(name)
    expected = {str(state) for state in run.files[name].expect}
    if not expected:
        assert job is None
    else:
        assert job is not None
        assert job.state in expected, f"{run.files[name].why}: {run.why(name)}"


def test_each_end_but_completion_has_a_reason_of_its_own(run: Run) -> None:
    vague = {"unknown_failure", "unknown_ffmpeg_failure", "planning_failed", "analysis_failed"}
    reasons = {name: run.reason(job) for name, job in run.ended("failed", "skipped").items()}
    assert {name: reason for name, reason in reasons.items() if reason is None or reason in vague} == {}


def test_no_source_was_touched(run: Run) -> None:
    assert {name: digest(run.files[name].path) for name in run.before} == run.before


def test_no_two_jobs_share_an_output(run: Run) -> None:
    outputs = [job.output_path for job in run.jobs.values() if job.state == "completed"]
    assert len(set(outputs)) == len(outputs)
    assert all(Path(output).is_file() for output in outputs)


def test_every_stream_is_in_the_output_or_its_absence_is_explained(run: Run) -> None:
    completed = run.ended("completed")
    assert len(completed) >= len(WHOLE)
    assert {name: lost for name, job in completed.items() if (lost := _lost_streams(run, job))} == {}


def _lost_streams(run: Run, job: JobRecord) -> list[str]:
    """What cannot be accounted for when source, plan and output are laid beside each other."""
    source, output, plan = inventory(Path(job.input_path)), inventory(Path(job.output_path)), run.plan(job)
    planned = {stream.index: stream for stream in plan.streams}
    if set(planned) != set(range(len(source))):
        return [f"the plan speaks of streams {sorted(planned)} of {len(source)}"]
    complaints = [f"nothing said about {stream}" for stream in plan.streams if not (stream.is_in_output or stream.note)]
    kept = [facts for index, facts in enumerate(source) if planned[index].is_in_output]
    for kind in sorted({facts.kind for facts in (*kept, *output)}):
        was, now = counted(kept, kind), counted(output, kind)
        if was != now:
            complaints.append(f"{kind}: {was - now} became {now - was}")
    return complaints


def test_sound_is_copied_or_its_new_format_is_explained(run: Run) -> None:
    silent = {}
    for name, job in run.ended("completed").items():
        source, output = inventory(Path(job.input_path)), inventory(Path(job.output_path))
        codecs = Counter(facts.codec for facts in source if facts.kind == "audio")
        now = Counter(facts.codec for facts in output if facts.kind == "audio")
        if codecs != now and not run.plan(job).notes:
            silent[name] = (codecs, now)
    assert silent == {}


def test_chapters_are_kept(run: Run) -> None:
    completed = run.ended("completed").items()
    before = {name: chapter_titles(Path(job.input_path)) for name, job in completed}
    assert any(before.values())
    assert {name: chapter_titles(Path(job.output_path)) for name, job in completed} == before


@pytest.mark.parametrize("name", WHOLE, ids=ascii)
def test_the_picture_lasts_as_long_as_before(run: Run, name: str) -> None:
    job = run.job(name)
    assert job is not None
    assert job.state == "completed", run.why(name)
    assert video_span_s(Path(job.output_path)) == pytest.approx(video_span_s(Path(job.input_path)), abs=0.1)


@pytest.mark.parametrize("name", ["rotated.mp4", "anamorphic.mkv", "tall.mp4", "hdr10.mkv", "hlg.mp4", "h264 full range.mp4"])
def test_the_picture_looks_as_before(run: Run, name: str) -> None:
    job = run.job(name)
    assert job is not None
    assert job.state == "completed", run.why(name)
    assert look(Path(job.output_path)) == look(Path(job.input_path))


def test_no_work_files_are_left(run: Run) -> None:
    library = run.files["plain.mkv"].path.parent
    assert list(library.rglob(".alchemist*")) == []
