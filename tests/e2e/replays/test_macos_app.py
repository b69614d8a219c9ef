"""The macOS app through all its routes, while its server encodes a film."""

import gzip
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from anyio.from_thread import start_blocking_portal

from tests.e2e.replays import macos_shapes as shapes
from tests.e2e.replays.library import QUICK, Library
from tests.e2e.replays.long_encode import LongEncode
from tests.e2e.replays.macos_app import App, Daemon
from tests.e2e.replays.wire import EventReader, decode, until
from tests.support.media import make_clip
from tests.support.receivers import HttpReceiver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NAME, PASSWORD = "owner", "a good password"
_OLD_TARGET = {
    "name": "My channel",
    "target_type": "discord_webhook",
    "config_json": {},
    "endpoint_url": "https://discord.com/api/webhooks/1/secret",
    "events": ["completed", "failed"],
    "enabled": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The app, signed in, its server and its library, of which one film is being encoded."""

    daemon: Daemon
    app: App
    library: Library
    events: EventReader
    encode: LongEncode

    def jobs(self, query: str = "") -> dict[str, shapes.Job]:
        """The job list by file names."""
        fixed = "limit=50&page=1&sort=updated_at&sort_by=updated_at&sort_desc=true&archived=false"
        jobs = self.app.get(list[shapes.Job], f"/jobs?{fixed}{query}")
        return {Path(job.input_path).name: job for job in jobs}

    def film(self) -> shapes.Job:
        """The job that runs while all this happens."""
        film = self.jobs()["film.mkv"]
        assert film.status == "encoding"
        return film


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("macos")
    library = Library(folder / "library").fill()
    daemon = Daemon(folder / "home")
    app = App(daemon.url)
    with app.http, daemon.program, LongEncode(library.film) as encode:
        daemon.launch()
        set_up(app, library)
        events = EventReader(app.http, "/events", {"Accept": "text/event-stream"})
        events.open()
        desk = Desk(daemon=daemon, app=app, library=library, events=events, encode=encode)
        until(desk.jobs, lambda jobs: "film.mkv" in jobs and jobs["film.mkv"].status == "encoding")
        set_owners_wishes(app)
        yield desk
        if daemon.program.is_running:
            daemon.program.terminate()
        events.join()


def set_up(app: App, library: Library) -> None:
    """The wizard: what the app decoded, with the choices made in it, and a target in the shape it had of old."""
    assert app.get(shapes.SetupStatus, "/setup/status").setup_required is True
    assert app.get(shapes.FolderHints, "/fs/recommendations").recommendations is not None
    chosen = app.post(shapes.FolderPreview, "/fs/preview", {"directories": [str(library.folder)]})
    assert (chosen.total_media_files, chosen.directories[0].exists) == (4, True)
    settings = without_nulls(app.get(shapes.Bundle, "/settings/bundle").settings)
    for section, members in QUICK.items():
        settings[section] |= members
    settings["scanner"]["directories"] = [str(library.folder)]
    settings["notifications"]["targets"] = [_OLD_TARGET]
    reply = app.raw("POST", "/setup/complete", {"username": NAME, "password": PASSWORD, "settings": settings})
    assert decode(shapes.SetupDone, reply).concurrent_jobs == 2
    app.use(reply)


def without_nulls(settings: shapes.Settings) -> dict[str, Any]:
    """As Swift encodes a structure: only the members the app knows, and no empty ones."""
    return settings.model_dump(mode="json", exclude_none=True)


def set_owners_wishes(app: App) -> None:
    """What the app has no switches for: the owner writes it into the settings file."""
    raw: str = app.http.send("GET", "/settings/config").json()["raw_toml"]
    document: Any = tomlkit.parse(raw)
    document["notifications"]["allow_local_notifications"] = True
    document["system"]["min_free_space_gb"] = 0
    app.do("PUT", "/settings/config", {"raw_toml": tomlkit.dumps(document)})
    app.do("POST", "/engine/mode", {"mode": "throughput", "concurrent_jobs_override": 2})


def test_signing_in_and_out(desk: Desk) -> None:
    second = App(desk.daemon.url)
    assert second.failure("POST", "/auth/login", {"username": NAME, "password": "wrong"}) == (401, "AUTH_INVALID_CREDENTIALS")
    second.sign_in(NAME, PASSWORD)
    second.get(shapes.Stats, "/stats")
    second.do("POST", "/auth/logout")
    assert second.failure("GET", "/stats") == (401, "AUTH_REQUIRED")
    second.http.client.close()


def test_the_dashboard(desk: Desk) -> None:
    app, film = desk.app, desk.film()
    stats = app.get(shapes.Stats, "/stats")
    assert stats.active >= 1
    assert stats.total == 4
    app.get(list[shapes.Day], "/stats/daily")
    app.get(shapes.Savings, "/stats/savings")
    engine = app.get(shapes.EngineStatus, "/engine/status")
    assert (engine.status, engine.hardware_pending, engine.concurrent_limit) == ("running", False, 2)
    processor = app.get(shapes.Processor, "/processor/status")
    assert processor.active_jobs >= 1
    info = app.get(shapes.SystemInfo, "/system/info")
    assert "ffmpeg" in info.ffmpeg_version.lower()
    resources = until(lambda: app.get(shapes.Resources, "/system/resources"), lambda load: load.active_jobs >= 1)
    assert resources.memory_total_mb > resources.memory_used_mb > 0
    assert "hevc" in app.get(shapes.HardwareInfo, "/system/hardware").supported_codecs
    app.get(shapes.Intelligence, "/library/intelligence")
    assert desk.film().id == film.id


def test_pausing_and_resuming(desk: Desk) -> None:
    desk.app.do("POST", "/engine/pause")
    assert desk.app.get(shapes.EngineStatus, "/engine/status").manual_paused is True
    assert desk.app.get(shapes.Processor, "/processor/status").blocked_reason == "manual_paused"
    desk.film()  # goes on
    desk.app.do("POST", "/engine/resume")
    assert desk.app.get(shapes.EngineStatus, "/engine/status").status == "running"


def test_the_details_of_every_end_of_a_job(desk: Desk) -> None:
    ends = {"short.mp4": "completed", "skipped.mkv": "skipped", "failed.mkv": "failed"}
    jobs = until(desk.jobs, lambda jobs: all(jobs[name].status == end for name, end in ends.items()))
    details = {name: desk.app.get(shapes.Details, f"/jobs/{jobs[name].id}/details") for name in jobs}
    short = details["short.mp4"]
    assert short.encode_stats is not None
    assert short.encode_stats.output_size_bytes == Path(short.job.output_path or "").stat().st_size
    assert [run.attempts for run in short.encode_history_runs] == [short.encode_attempts]
    assert short.encode_attempts[0].outcome == "completed"
    assert short.job_logs != []
    assert short.metadata is not None
    assert (short.metadata.codec_name, short.metadata.width) == ("h264", 320)
    assert short.decision_explanation is not None
    skipped = details["skipped.mkv"].decision_explanation
    assert skipped is not None
    assert skipped.code == "already_target_codec"
    failed = details["failed.mkv"]
    assert failed.failure_explanation is not None
    assert failed.job_failure_summary
    film = details["film.mkv"]
    assert (film.job.status, film.encode_stats, film.queue_position) == ("encoding", None, None)
    assert film.metadata is not None


def test_filters_of_the_job_list(desk: Desk) -> None:
    film = desk.film()
    assert set(desk.jobs("&status=encoding")) <= {"film.mkv", "short.mp4"}
    assert set(desk.jobs("&search=film")) == {"film.mkv"}
    assert film.progress is not None
    assert (
        desk.app.get(list[shapes.Job], "/jobs?limit=50&page=2&sort=updated_at&sort_by=updated_at&sort_desc=true&archived=false")
        == []
    )


def test_changing_jobs(desk: Desk) -> None:
    app, film = desk.app, desk.film()
    assert app.failure("POST", f"/jobs/{film.id}/restart") == (409, "JOBS_ACTIVE")
    assert app.failure("DELETE", f"/jobs/{film.id}") == (409, "JOBS_ACTIVE")
    assert app.failure("POST", "/jobs/batch", {"action": "restart", "ids": [film.id]}) == (409, "JOBS_ACTIVE")
    assert app.post(shapes.Priority, f"/jobs/{film.id}/priority", {"priority": 10}) == shapes.Priority(id=film.id, priority=10)
    until(desk.jobs, lambda jobs: jobs["failed.mkv"].status == "failed" and jobs["short.mp4"].status == "completed")
    failed = desk.jobs()["failed.mkv"]
    assert app.post(shapes.Counted, "/jobs/batch", {"action": "restart", "ids": [failed.id]}).count == 1
    until(desk.jobs, lambda jobs: jobs["failed.mkv"].status == "failed")
    assert app.post(shapes.Counted, "/jobs/restart-failed").count == 1
    until(desk.jobs, lambda jobs: jobs["failed.mkv"].status == "failed")
    app.do("POST", f"/jobs/{failed.id}/restart")
    app.do("POST", f"/jobs/{failed.id}/cancel")
    until(desk.jobs, lambda jobs: jobs["failed.mkv"].status in {"failed", "cancelled"})
    app.do("DELETE", f"/jobs/{failed.id}")
    assert app.failure("GET", f"/jobs/{failed.id}/details") == (404, "JOB_NOT_FOUND")
    new = desk.library.add("new.mkv")
    app.post(shapes.Enqueued, "/jobs/enqueue", {"path": str(new)})
    assert app.failure("POST", "/jobs/enqueue", {"path": "/etc/passwd"}) == (403, "ENQUEUE_PATH_FORBIDDEN")
    until(desk.jobs, lambda jobs: "new.mkv" in jobs and jobs["new.mkv"].status == "completed")
    assert app.post(shapes.Counted, "/jobs/clear-completed").count == 2
    assert app.post(shapes.Counted, "/jobs/clear-history").count == 1
    assert set(desk.jobs()) == {"film.mkv"}, "the running job stays"
    assert desk.film().id == film.id


def test_the_settings_it_knows_are_read_changed_and_sent_back(desk: Desk) -> None:
    app = desk.app
    settings = app.get(shapes.Bundle, "/settings/bundle").settings
    assert [(target.endpoint_url, target.events) for target in settings.notifications.targets] == [
        (_OLD_TARGET["endpoint_url"], ["encode.completed", "encode.failed"])
    ]
    changed = without_nulls(settings)
    changed["quality"] |= {"min_vmaf_score": 88}  # Swift writes whole numbers so
    changed["schedule"]["windows"] = [{"start_time": "22:00", "end_time": "06:00", "days_of_week": [0, 6], "enabled": False}]
    changed["appearance"]["active_theme_id"] = "midnight"
    stored = decode(shapes.Bundle, app.raw("PUT", "/settings/bundle", changed)).settings
    assert stored == app.get(shapes.Bundle, "/settings/bundle").settings
    assert without_nulls(stored) == changed
    desk.events.wait_for("config_updated")
    app.do("PUT", "/settings/bundle", without_nulls(settings))
    assert app.get(shapes.Bundle, "/settings/bundle").settings == settings
    set_owners_wishes(app)
    desk.film()


def test_targets_of_messages(desk: Desk) -> None:
    app = desk.app
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(HttpReceiver()) as receiver:
        body = {
            "name": "Here",
            "target_type": "webhook",
            "config_json": {"url": f"{receiver.url}/hook", "auth_token": "secret"},
            "events": ["encode.completed"],
            "enabled": True,
        }
        app.do("POST", "/settings/notifications/test", body)
        assert [request.headers["authorization"] for request in receiver.requests] == ["Bearer secret"]
    target = app.post(shapes.Target, "/settings/notifications", body)
    listed = app.get(shapes.NotificationSettings, "/settings/notifications").targets
    assert target in listed
    app.get(shapes.Bundle, "/settings/bundle")  # with a target that has no old shape
    app.do("DELETE", f"/settings/notifications/{target.id}")
    assert app.get(shapes.NotificationSettings, "/settings/notifications").targets == [t for t in listed if t != target]
    assert app.failure("DELETE", f"/settings/notifications/{target.id}") == (404, "NOTIFICATION_TARGET_NOT_FOUND")


def test_watched_folders(desk: Desk, tmp_path: Path) -> None:
    app = desk.app
    made = app.post(shapes.WatchDir, "/settings/watch-dirs", {"path": str(tmp_path), "is_recursive": True})
    assert app.get(list[shapes.WatchDir], "/settings/watch-dirs") == [made]
    desk.events.wait_for("watch_folder_added", path=str(tmp_path))
    assert app.failure("POST", "/settings/watch-dirs", {"path": str(tmp_path)}) == (409, "WATCH_DIR_EXISTS")
    app.do("DELETE", f"/settings/watch-dirs/{made.id}")
    assert app.get(list[shapes.WatchDir], "/settings/watch-dirs") == []
    desk.events.wait_for("watch_folder_removed", path=str(tmp_path))


def test_tokens_preferences_and_profiles(desk: Desk) -> None:
    app = desk.app
    made = app.post(shapes.MadeToken, "/settings/api-tokens", {"name": "Radarr", "access_level": "arr_webhook"})
    assert made.plaintext_token.startswith("alc_tok_")
    assert made.token in app.get(list[shapes.Token], "/settings/api-tokens")
    app.do("DELETE", f"/settings/api-tokens/{made.token.id}")
    assert [token.revoked_at is not None for token in app.get(list[shapes.Token], "/settings/api-tokens")] == [True]
    wanted = shapes.Preference(key="sidebar", value='{"open":true}')
    assert app.post(shapes.Preference, "/settings/preferences", wanted.model_dump()) == wanted
    assert app.get(shapes.Preference, "/settings/preferences/sidebar") == wanted
    assert app.get(shapes.Preference, "/settings/preferences/unset").value == ""
    presets = app.get(list[shapes.Profile], "/profiles/presets")
    assert [preset.id for preset in presets] == [1, 2, 3, 4]
    assert app.get(list[shapes.Profile], "/profiles") == presets


def test_logs_backup_and_selftest(desk: Desk, tmp_path: Path) -> None:
    app = desk.app
    assert app.get(list[shapes.LogLine], "/logs/history?limit=200") != []
    saved = tmp_path / "alchemist.db"
    saved.write_bytes(gzip.decompress(app.do("POST", "/system/backup")))
    with sqlite3.connect(saved) as backup:
        assert backup.execute("SELECT count(*) FROM jobs").fetchone() != (0,)
    backup.close()
    tested = app.post(shapes.Selftest, "/system/selftest")
    assert tested.success, tested
    assert [stage.name for stage in tested.stages] == ["Write Temp", "Analyze", "Plan", "Execute", "Verify"]
    app.do("DELETE", "/logs")
    desk.film()


def test_uploading_for_a_conversion(desk: Desk, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", duration_s=1)
    uploaded = desk.app.upload(shapes.Uploaded, "/conversion/uploads", clip)
    desk.app.do("DELETE", f"/conversion/jobs/{uploaded.conversion_job_id}")


def test_it_understands_every_event_and_the_film_gets_done(desk: Desk) -> None:
    film = desk.film()
    progress = shapes.EventData.model_validate_json(desk.events.wait_for("progress", job_id=film.id).data)
    assert progress.percentage is not None
    assert progress.time is not None
    desk.app.do("POST", "/scan/start")
    desk.encode.finish()
    desk.events.wait_for("status", job_id=film.id, status="completed")
    # The log is written a moment after what it tells of.
    details = until(lambda: desk.app.get(shapes.Details, f"/jobs/{film.id}/details"), lambda film: film.job_logs != [])
    assert details.job.progress == 100
    assert details.encode_stats is not None
    assert [attempt.outcome for attempt in details.encode_attempts] == ["completed"]
    assert {line.job_id for line in details.job_logs} == {film.id}
    desk.events.wait_for("scan_completed")
    desk.events.wait_for("decision", job_id=film.id)
    frames = desk.events.frames()
    read = {frame.name: shapes.EventData.model_validate_json(frame.data) for frame in frames}
    assert {"status", "progress", "decision", "log", "scan_started"} <= set(read)
    assert read["decision"].action is not None
    assert read["log"].message is not None


def test_its_server_ends_in_time_while_it_works(desk: Desk) -> None:
    film = desk.library.add("last.mkv", is_long=True)
    with LongEncode(film):
        desk.app.post(shapes.Enqueued, "/jobs/enqueue", {"path": str(film)})
        until(desk.jobs, lambda jobs: "last.mkv" in jobs and jobs["last.mkv"].status == "encoding")
    assert desk.daemon.quit() == 0
    assert {job.state for job in desk.daemon.program.jobs() if job.input_path == str(film)} == {"queued"}
