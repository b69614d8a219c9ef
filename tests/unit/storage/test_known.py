"""What is remembered of files, folders, profiles, people and choices."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.errors import ConflictError
from alchemist_desktop.domain.ids import ProfileId, TokenId, WatchDirId
from alchemist_desktop.domain.probe import (
    AttachmentStream,
    AudioStream,
    Chapter,
    Color,
    DataStream,
    DolbyVision,
    DynamicRange,
    HdrStatic,
    Probe,
    SubtitleStream,
    VideoStream,
)
from alchemist_desktop.domain.profile import AudioMode, HdrMode, OutputCodec, QualityProfile, StreamRules, SubtitleMode
from alchemist_desktop.storage.access import AccessRepository
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.libraries import WatchDirRepository
from alchemist_desktop.storage.preferences import PreferenceRepository
from alchemist_desktop.storage.probes import ProbeCache
from alchemist_desktop.storage.profiles import ProfileRepository
from tests.unit.storage.support import START, SetClock, add, found, stamp

pytestmark = pytest.mark.anyio


def full_probe(path: str) -> Probe:
    video = VideoStream(
        index=0, codec="hevc", width=3840, height=2160, fps=23.976, fps_ratio=(24000, 1001), color=Color(transfer="smpte2084"),
        dynamic_range=DynamicRange.DOLBY_VISION, hdr_static=HdrStatic(max_cll=1000), dolby_vision=DolbyVision(profile=8),
        dispositions=frozenset({"default", "forced"}), tags={"title": "caf\udce9"},
    )  # fmt: skip
    return Probe(
        path=path,
        stamp=stamp(),
        container="matroska,webm",
        duration_s=12.5,
        streams=(
            video,
            AudioStream(index=1, codec="dts", channels=6, profile="DTS-HD MA"),
            SubtitleStream(index=2, codec="subrip", language="eng"),
            AttachmentStream(index=3, codec="ttf", filename="a\udcff.ttf"),
            DataStream(index=4, codec="", codec_tag="tmcd"),
        ),
        chapters=(Chapter(start_s=0, end_s=5, title="Eins"),),
        tags={"ENCODER": 'x "quoted"'},
    )


async def test_probe_comes_back_as_it_was(db: Database, clock: SetClock) -> None:
    probes = ProbeCache(db, clock)
    probe = full_probe("/lib/\udce9.mkv")
    await probes.put(probe, "1")
    cached = await probes.get(probe.path, stamp(), "1")
    assert cached == probe
    assert cached is not None
    assert [type(stream) for stream in cached.streams] == [type(stream) for stream in probe.streams]
    assert await probes.newest(probe.path) == probe


async def test_probe_counts_for_that_file_and_prober_only(db: Database, clock: SetClock) -> None:
    probes = ProbeCache(db, clock)
    await probes.put(full_probe("/lib/a.mkv"), "1")
    for other in (replace(stamp(), size_bytes=2), replace(stamp(), mtime_ns=2), replace(stamp(), inode=2)):
        assert await probes.get("/lib/a.mkv", other, "1") is None
    assert await probes.get("/lib/a.mkv", stamp(), "2") is None
    assert await probes.get("/lib/b.mkv", stamp(), "1") is None


async def test_probes_are_dropped_by_folder_and_pruned_without_job(db: Database, clock: SetClock, jobs: JobRepository) -> None:
    probes = ProbeCache(db, clock)
    for path in ("/lib/a.mkv", "/lib/b/c.mkv", "/lib2/d.mkv", "/lib_x/e.mkv"):
        await probes.put(full_probe(path), "1")
    assert await probes.drop_under("/lib") == 2
    await jobs.upsert_found([found("/lib2/d.mkv")])
    assert await probes.prune(START) == 0
    assert await probes.prune(START + timedelta(seconds=1)) == 1
    assert await probes.newest("/lib2/d.mkv") is not None


async def test_watched_folders_keep_their_ids(db: Database, clock: SetClock) -> None:
    folders = WatchDirRepository(db, clock)
    first = await folders.add("/media/caf\udce9")
    second = await folders.add("/media/b", is_recursive=False)
    assert await folders.set_profile("/media/b", ProfileId(2)) == replace(second, profile_id=ProfileId(2))
    synced = await folders.sync({"/media/b": False, "/media/c": True})
    assert (synced[0].id, synced[0].path, synced[0].profile_id) == (second.id, "/media/b", ProfileId(2))
    assert first.id not in {d.id for d in synced}
    assert await folders.get(second.id) == synced[0]
    assert await folders.remove(second.id)
    assert not await folders.remove(WatchDirId(99))
    assert [d.path for d in await folders.all()] == ["/media/c"]


async def test_built_in_profiles_are_there_and_read_only(db: Database, clock: SetClock) -> None:
    profiles = ProfileRepository(db, clock)
    built_in = await profiles.all()
    assert [(p.id, p.name, p.codec, p.quality_profile, p.hdr_mode, p.audio_mode) for p in built_in] == [
        (1, "Space Saver", OutputCodec.AV1, QualityProfile.SPEED, HdrMode.TONEMAP, AudioMode.AAC),
        (2, "Quality First", OutputCodec.HEVC, QualityProfile.QUALITY, HdrMode.PRESERVE, AudioMode.COPY),
        (3, "Balanced", OutputCodec.AV1, QualityProfile.BALANCED, HdrMode.PRESERVE, AudioMode.COPY),
        (4, "Streaming", OutputCodec.H264, QualityProfile.BALANCED, HdrMode.TONEMAP, AudioMode.AAC_STEREO),
    ]
    assert all(p.builtin and p.notes and p.crf_override is None for p in built_in)
    assert await profiles.update(replace(built_in[0], name="Mine")) is None
    assert not await profiles.delete(built_in[0].id)


async def test_own_profiles_are_kept_changed_and_deleted(db: Database, clock: SetClock, jobs: JobRepository) -> None:
    profiles = ProfileRepository(db, clock)
    template = (await profiles.all())[2]
    rules = StreamRules(keep_audio_languages=("eng", "deu"), keep_only_default_audio=True)
    mine = await profiles.create(
        replace(template, name="Mine", stream_rules=rules, subtitle_mode=SubtitleMode.BURN, min_file_size_mb=5, crf_override=20)
    )
    assert mine.id not in {1, 2, 3, 4}
    assert (mine.builtin, mine.created_at, mine.stream_rules) == (False, START, rules)
    assert await profiles.get(mine.id) == mine
    clock.advance(days=1)
    assert await profiles.update(replace(mine, notes="x")) == replace(mine, notes="x", updated_at=START + timedelta(days=1))
    job = await add(jobs, "/lib/a.mkv")
    await jobs.amend(job.id, profile_id=mine.id)
    assert await profiles.delete(mine.id)
    freed = await jobs.get(job.id)
    assert freed is not None
    assert freed.profile_id is None


async def test_sessions_end_and_tokens_are_revoked(db: Database, clock: SetClock) -> None:
    access = AccessRepository(db, clock)
    assert not await access.has_user()
    account = await access.create_user("ada", "hash")
    assert await access.find_user("ada") == account
    assert await access.find_user("ADA") is None
    with pytest.raises(ConflictError):
        await access.create_user("ada", "other")
    await access.add_session(account.id, "s1", clock.now() + timedelta(days=1))
    principal = await access.find_principal("s1")
    assert principal is not None
    assert (principal.access_level, principal.user_id) == (AccessLevel.FULL_ACCESS, account.id)
    clock.advance(days=1)
    assert await access.find_principal("s1") is None
    await access.add_session(account.id, "s2", clock.now() + timedelta(days=1))
    await access.delete_session("s2")
    assert await access.find_principal("s2") is None
    await access.add_session(account.id, "s3", clock.now() + timedelta(days=1))
    await access.delete_users()
    assert await access.find_principal("s3") is None
    assert not await access.has_user()


async def test_token_use_is_noted_once_a_minute(db: Database, clock: SetClock) -> None:
    access = AccessRepository(db, clock)
    first = await access.add_token("phone", AccessLevel.READ_ONLY, "t1")
    second = await access.add_token("bridge", AccessLevel.JELLYFIN, "t2")
    assert await access.list_tokens() == [second, first]
    for seconds, noted in ((0, 0), (30, 0), (30, 60)):
        clock.advance(seconds=seconds)
        principal = await access.find_principal("t1")
        assert principal is not None
        assert (principal.access_level, principal.token_id) == (AccessLevel.READ_ONLY, first.id)
        assert (await access.list_tokens())[1].last_used_at == START + timedelta(seconds=noted)
    assert await access.revoke_token(first.id)
    revoked_at = clock.now()
    clock.advance(days=1)
    assert await access.revoke_token(first.id)
    assert not await access.revoke_token(TokenId(99))
    assert await access.find_principal("t1") is None
    assert (await access.list_tokens())[1].revoked_at == revoked_at


async def test_preferences_are_set_replaced_and_deleted(db: Database) -> None:
    preferences = PreferenceRepository(db)
    assert await preferences.get("a") is None
    await preferences.set("a", "1")
    await preferences.set("a", "2")
    await preferences.set("b", "\udcff")
    assert await preferences.all() == {"a": "2", "b": "\udcff"}
    await preferences.delete("a")
    assert await preferences.get("a") is None
