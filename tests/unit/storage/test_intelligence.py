"""Duplicates and advice over a job list: every seeded case is found, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.intelligence import RecommendationKind, group_duplicates
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.probe import AudioStream, Probe, Stream, VideoStream
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.decisions import DecisionRepository
from alchemist_desktop.storage.intelligence import IntelligenceRepository
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.probes import ProbeCache
from tests.bench.intelligence import DUPLICATES, fill
from tests.unit.storage.support import SetClock, add, put_into, stamp

pytestmark = pytest.mark.anyio


@pytest.fixture
def findings(db: Database) -> IntelligenceRepository:
    return IntelligenceRepository(db)


def probe(path: str, *audios: AudioStream) -> Probe:
    streams: Sequence[Stream] = (VideoStream(index=0, codec="h264"), *audios)
    return Probe(path=path, stamp=stamp(), container="matroska,webm", duration_s=800.0, streams=tuple(streams))


def sound(index: int, codec: str = "ac3", **more: object) -> AudioStream:
    return AudioStream(index=index, codec=codec, channels=2, **more)  # type: ignore[arg-type]  # members of AudioStream


async def test_files_of_one_size_are_candidates_with_their_samples(findings: IntelligenceRepository, jobs: JobRepository) -> None:
    for path, size in (("/lib/a.mkv", 5), ("/lib/b.mkv", 5), ("/lib/c.mkv", 6), ("/lib/e1.mkv", 0), ("/lib/e2.mkv", 0)):
        await add(jobs, path, size_bytes=size)
    cancelled = await add(jobs, "/lib/d.mkv", size_bytes=5)
    await put_into(jobs, cancelled, JobState.CANCELLED)
    files = await findings.like_files()
    assert [(file.path, file.digest) for file in files] == [("/lib/a.mkv", None), ("/lib/b.mkv", None)]
    await findings.put_samples([replace(file, digest="x") for file in files])
    assert [len(group.files) for group in group_duplicates(await findings.like_files())] == [2]


async def test_a_sample_counts_for_the_file_as_it_was(findings: IntelligenceRepository, jobs: JobRepository) -> None:
    await add(jobs, "/lib/a.mkv")
    await add(jobs, "/lib/b.mkv")
    files = await findings.like_files()
    changed = replace(files[0], digest="x", stamp=replace(files[0].stamp, mtime_ns=99))
    await findings.put_samples([changed])
    assert [file.digest for file in await findings.like_files()] == [None, None]


async def test_lossless_sound_is_told_with_what_it_wastes(
    findings: IntelligenceRepository, jobs: JobRepository, db: Database, clock: SetClock
) -> None:
    probes = ProbeCache(db, clock)
    cases = {
        "/lib/flac.mkv": sound(1, "flac", bitrate_bps=1_128_000),
        "/lib/pcm.mkv": sound(1, "pcm_s24le"),
        "/lib/dts ma.mkv": sound(1, "dts", profile="DTS-HD MA", bitrate_bps=328_000),
        "/lib/dts.mkv": sound(1, "dts", profile="DTS"),
        "/lib/ac3.mkv": sound(1, "ac3", bitrate_bps=640_000),
    }
    for path, audio in cases.items():
        await add(jobs, path)
        await probes.put(probe(path, audio), "p")
    await probes.put(probe("/lib/no job.mkv", sound(1, "flac")), "p")
    found = await findings.candidates(RecommendationKind.WASTEFUL_AUDIO, 10)
    assert found.count == 3
    assert {each.path: each.freed_bytes for each in found.recommendations} == {
        "/lib/dts ma.mkv": 20_000_000,
        "/lib/flac.mkv": 100_000_000,
        "/lib/pcm.mkv": 0,
    }
    few = await findings.candidates(RecommendationKind.WASTEFUL_AUDIO, 1)
    assert (few.count, [each.path for each in few.recommendations]) == (3, ["/lib/flac.mkv"])


async def test_commentary_is_told_unless_it_is_all_the_sound_there_is(
    findings: IntelligenceRepository, jobs: JobRepository, db: Database, clock: SetClock
) -> None:
    probes = ProbeCache(db, clock)
    spoken = sound(2, title="Director's COMMENTARY", bitrate_bps=192_000)
    for path, audios in {"/lib/two.mkv": (sound(1), spoken), "/lib/only.mkv": (spoken,), "/lib/plain.mkv": (sound(1),)}.items():
        await add(jobs, path)
        await probes.put(probe(path, *audios), "p")
    found = await findings.candidates(RecommendationKind.COMMENTARY, 10)
    assert [(each.path, each.freed_bytes) for each in found.recommendations] == [("/lib/two.mkv", 19_200_000)]
    assert "Director's COMMENTARY" in found.recommendations[0].summary


async def test_a_remux_is_advised_while_it_is_the_newest_decision(
    findings: IntelligenceRepository, jobs: JobRepository, db: Database, clock: SetClock
) -> None:
    decisions = DecisionRepository(db, clock)
    remux = Plan(action=Action.REMUX, explanation=explain("already_target_codec_wrong_container"))
    skip = Plan(action=Action.SKIP, explanation=explain("already_target_codec"))

    async def decide(job: Job, *plans: Plan) -> None:
        for plan in plans:
            await decisions.add(job.id, plan, probe(job.input_path))

    await decide(await add(jobs, "/lib/remux.mkv"), skip, remux)
    await decide(await add(jobs, "/lib/was.mkv"), remux, skip)
    found = await findings.candidates(RecommendationKind.REMUX_ONLY, 10)
    assert [each.path for each in found.recommendations] == ["/lib/remux.mkv"]
    assert (found.count, found.recommendations[0].freed_bytes) == (1, 0)


async def test_every_seeded_case_among_100000_jobs_is_found_and_no_other(db: Database, findings: IntelligenceRepository) -> None:
    def seed(connection: Connection) -> int:
        return fill(connection, 100_000)

    heavy = await db.write(seed)
    groups = group_duplicates(await findings.like_files())
    assert sorted([file.path for file in group.files] for group in groups) == sorted(DUPLICATES)
    assert (await findings.candidates(RecommendationKind.WASTEFUL_AUDIO, 500)).count == heavy
