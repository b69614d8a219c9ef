"""Every hard file goes through the whole program, and each ends as it may; nothing is lost, nothing is left unsaid."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alchemist_desktop.domain.plan import Plan, StreamPlan
from alchemist_desktop.storage.codec import plan_from_json
from tests.support.corpus import CorpusFile, all_recipes, build_corpus
from tests.support.corpus_recipe import DONE
from tests.support.inventory import StreamFacts, chapter_titles, counted, digest, inventory, look, video_span_s
from tests.support.program import JobRecord, Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NAMES = [recipe.name for recipe in all_recipes()]
WHOLE = [recipe.name for recipe in all_recipes() if recipe.expect == DONE]

# Everything is worth encoding, whatever it saves: the point is what happens to the streams.
CONFIG: dict[str, dict[str, object]] = {
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


MP4_TWINS = frozenset({"descriptions", "captions"})  # MP4 has one word for each of them and the mark it comes with
BESIDE = CONFIG  # AV1 in Matroska, beside the sources
IN_PLACE = CONFIG | {
    "transcode": CONFIG["transcode"] | {"output_codec": "hevc"},
    "files": {"output_extension": "mp4", "delete_source": True, "in_place": True, "source_disposal": "trash"},
}


class Run:
    """The corpus after one run of the program over a copy of it; `files` are the untouched ones."""

    def __init__(self, files: list[CorpusFile], library: Path, program: Program, exit_code: int) -> None:
        self.files = {file.name: file for file in files}
        self.library = library
        self.exit_code = exit_code
        self.output = program.output
        self.jobs = {job.input_path: job for job in program.jobs()}
        self._program = program

    @property
    def is_in_place(self) -> bool:
        return bool(self._program.query("SELECT 1 FROM trash"))

    def path(self, name: str) -> Path:
        """Where the program found the file."""
        return self.library / name

    def job(self, name: str) -> JobRecord | None:
        return self.jobs.get(str(self.path(name)))

    def plan(self, job: JobRecord) -> Plan:
        sql = "SELECT plan FROM decisions WHERE job_id = ? AND plan IS NOT NULL ORDER BY id DESC LIMIT 1"
        ((plan,),) = self._program.query(sql, job.id)
        return plan_from_json(plan)

    def expected(self, name: str) -> set[str]:
        """How the job of a file may end; a namesake changes nothing, as its result gets a name of its own."""
        return {str(state) for state in self.files[name].expect}

    def result(self, name: str) -> Path:
        """What a player finds now: the result, or the source where there is none."""
        job = self.job(name)
        return Path(job.output_path) if job is not None and job.state == "completed" else self.path(name)

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
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[CorpusFile]:
    return build_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module", params=[BESIDE, IN_PLACE], ids=["beside", "in place"])
def run(request: pytest.FixtureRequest, corpus: list[CorpusFile], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("e2e")
    library = folder / "library"
    shutil.copytree(corpus[0].path.parent, library, symlinks=True)
    with Program(folder / "home", request.param) as program:
        program.start("run", library)
        exit_code = program.wait(timeout_s=800)
        assert program.jobs(), program.output
        yield Run(corpus, library, program, exit_code)


def test_the_run_reports_failures_by_its_exit_code(run: Run) -> None:
    assert any(job.state == "failed" for job in run.jobs.values())
    assert run.exit_code != 0


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_each_file_ends_as_it_may(run: Run, name: str) -> None:
    job = run.job(name)
    expected = run.expected(name)
    if not expected:
        assert job is None
    else:
        assert job is not None
        assert job.state in expected, f"{run.files[name].why}: {run.why(name)}"


def test_each_end_but_completion_has_a_reason_of_its_own(run: Run) -> None:
    vague = {"unknown_failure", "unknown_ffmpeg_failure", "planning_failed", "analysis_failed"}
    reasons = {name: run.reason(job) for name, job in run.ended("failed", "skipped").items()}
    assert {name: reason for name, reason in reasons.items() if reason is None or reason in vague} == {}


def test_no_source_was_lost(run: Run) -> None:
    """A source stands where it stood, or, once its result took its place, in the trash."""
    trashed = Counter(digest(path) for path in run.library.rglob(".alchemist/trash/*/*"))
    replaced = set(run.ended("completed")) if run.is_in_place else set()
    before = {name: digest(file.path) for name, file in run.files.items() if file.path.is_file()}
    assert {name: digest(run.path(name)) for name in before.keys() - replaced} == {
        name: value for name, value in before.items() if name not in replaced
    }
    assert trashed == Counter(before[name] for name in replaced)


def test_no_two_jobs_share_an_output(run: Run) -> None:
    outputs = [job.output_path for job in run.jobs.values() if job.state == "completed"]
    assert len(set(outputs)) == len(outputs)
    assert all(Path(output).is_file() for output in outputs)


def test_every_stream_is_in_the_output_or_its_absence_is_explained(run: Run) -> None:
    completed = run.ended("completed")
    assert len(completed) >= len([name for name in WHOLE if run.expected(name) == {"completed"}])
    assert {name: lost for name, job in completed.items() if (lost := _lost_streams(run, name, job))} == {}


def _lost_streams(run: Run, name: str, job: JobRecord) -> list[str]:
    """What cannot be accounted for when source, plan and output are laid beside each other."""
    source, output, plan = inventory(run.files[name].path), inventory(Path(job.output_path)), run.plan(job)
    planned = {stream.index: stream for stream in plan.streams}
    if set(planned) != set(range(len(source))):
        return [f"the plan speaks of streams {sorted(planned)} of {len(source)}"]
    complaints = [f"nothing said about {stream}" for stream in plan.streams if not (stream.is_in_output or stream.note)]
    if chapter_titles(Path(job.output_path)):  # MP4 keeps them in a track of its own
        output = [facts for facts in output if facts.kind != "data"]
    kept = [_as_promised(facts, planned[index]) for index, facts in enumerate(source) if planned[index].is_in_output]
    output = [replace(facts, roles=facts.roles - MP4_TWINS) for facts in output]
    for kind in sorted({facts.kind for facts in (*kept, *output)}):
        was, now = counted(kept, kind), counted(output, kind)
        if was != now:
            complaints.append(f"{kind}: {was - now} became {now - was}")
    return complaints


def _as_promised(facts: StreamFacts, planned: StreamPlan) -> StreamFacts:
    """What of a stream should be in the output: everything but the marks that its note says are left out."""
    said = re.search(r"The mark ([^.]+) of stream", planned.note or "")
    return replace(facts, roles=facts.roles - MP4_TWINS - set(said[1].split(", ") if said else ()))


def test_sound_is_copied_or_its_new_format_is_explained(run: Run) -> None:
    silent = {}
    for name, job in run.ended("completed").items():
        source, output = inventory(run.files[name].path), inventory(Path(job.output_path))
        codecs, now = _sound_codecs(source), _sound_codecs(output)
        if codecs != now and not run.plan(job).notes:
            silent[name] = (codecs, now)
    assert silent == {}


def _sound_codecs(streams: list[StreamFacts]) -> Counter[str]:
    """MP4 has one mark for all layers of MPEG audio, so that layer II reads as MP3 there."""
    return Counter(facts.codec.replace("mp2", "mp3") for facts in streams if facts.kind == "audio")


def test_chapters_are_kept(run: Run) -> None:
    completed = run.ended("completed").items()
    before = {name: chapter_titles(run.files[name].path) for name, _ in completed}
    assert any(before.values())
    assert {name: chapter_titles(Path(job.output_path)) for name, job in completed} == before


@pytest.mark.parametrize("name", WHOLE, ids=ascii)
def test_the_picture_lasts_as_long_as_before(run: Run, name: str) -> None:
    assert video_span_s(run.result(name)) == pytest.approx(video_span_s(run.files[name].path), abs=0.1)


@pytest.mark.parametrize("name", ["rotated.mp4", "anamorphic.mkv", "tall.mp4", "hdr10.mkv", "hlg.mp4", "h264 full range.mp4"])
def test_the_picture_looks_as_before(run: Run, name: str) -> None:
    assert look(run.result(name)) == look(run.files[name].path)


def test_no_work_files_are_left(run: Run) -> None:
    assert [path for path in run.library.rglob(".alchemist*/*") if path.name != "trash"] == []
