"""The web UI through all its pages, from the first start on, while a film is encoded."""

import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from anyio.from_thread import start_blocking_portal

from tests.e2e.replays import web_shapes as shapes
from tests.e2e.replays.library import QUICK, Library
from tests.e2e.replays.long_encode import LongEncode
from tests.e2e.replays.web_browser import Browser
from tests.e2e.replays.wire import EventReader, decode, until
from tests.support.media import ffmpeg_path, make_clip
from tests.support.program import Program
from tests.support.receivers import HttpReceiver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NAME, PASSWORD = "owner", "a good password"
ACTIVE = "analyzing,encoding,remuxing,resuming"
ENDS = {"completed", "skipped", "failed", "cancelled"}
TABS: dict[str, dict[str, str]] = {
    "all": {"archived": "false"},
    "active": {"status": ACTIVE, "archived": "false"},
    "queued": {"status": "queued", "archived": "false"},
    "completed": {"status": "completed", "archived": "false"},
    "failed": {"status": "failed,cancelled", "archived": "false"},
    "skipped": {"status": "skipped", "archived": "false"},
    "archived": {"archived": "true"},
}
_OLD_TARGET = {
    "name": "My channel",
    "target_type": "discord",
    "endpoint_url": "https://discord.com/api/webhooks/1/secret",
    "events": ["completed", "failed"],
    "enabled": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A browser, signed in, its server and the library, of which one film is being encoded."""

    program: Program
    url: str
    browser: Browser
    library: Library
    events: EventReader
    encode: LongEncode
    config_file: Path

    def table(self, **query: str) -> dict[str, shapes.Row]:
        """The job table by file names."""
        rows = self.browser.get(list[shapes.Row], "/api/jobs/table", limit="50", page="1", **query)
        return {Path(row.input_path).name: row for row in rows}

    def film(self) -> shapes.Row:
        """The job that runs while all this happens."""
        film = self.table(**TABS["all"])["film.mkv"]
        assert film.status == "encoding"
        return film

    def settled(self) -> dict[str, shapes.Row]:
        """The table when all but the film have come to their ends."""

        def is_settled(rows: dict[str, shapes.Row]) -> bool:
            return {name for name, row in rows.items() if row.status not in ENDS} == {"film.mkv"}

        return until(lambda: self.table(**TABS["all"]), is_settled)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("web")
    library = Library(folder / "library").fill()
    program = Program(folder / "home")
    config_file = folder / "home" / "config.toml"
    config_file.unlink()  # a first start finds no file
    with program, LongEncode(library.film) as encode:
        program.start("serve", "--port", "0")
        url = program.wait_ready().replace("127.0.0.1", "localhost")
        browser = Browser(url)
        with browser.http:
            go_through_the_wizard(browser, library)
            events = browser.event_source()
            events.open()
            desk = Desk(
                program=program, url=url, browser=browser, library=library, events=events, encode=encode, config_file=config_file
            )
            until(lambda: desk.table(**TABS["all"]), lambda rows: "film.mkv" in rows and rows["film.mkv"].status == "encoding")
            yield desk
            assert program.terminate() == 0
            events.join()  # the stream ended well, or this thread had failed


def go_through_the_wizard(browser: Browser, library: Library) -> None:
    """The first visit: pages, questions, folders, and the account."""
    assert browser.navigate("/").headers["content-type"].startswith("text/html")
    browser.do("GET", "/api/engine/status", status=401)
    assert browser.get(shapes.SetupStatus, "/api/setup/status") == shapes.SetupStatus(setup_required=True, config_mutable=True)
    settings: dict[str, Any] = browser.fetch("GET", "/api/settings/bundle").json()["settings"]
    until(lambda: hardware_or_none(browser), lambda hardware: hardware is not None)
    browser.get(shapes.FolderHints, "/api/fs/recommendations")
    parent = browser.get(shapes.Folder, "/api/fs/browse", path=str(library.folder.parent))
    assert [entry.path for entry in parent.entries if entry.name == library.folder.name] == [str(library.folder)]
    missing = browser.get(shapes.Folder, "/api/fs/browse", path=library.path("nowhere"))
    assert (missing.readable, missing.warnings != []) == (False, True)
    preview = browser.post(shapes.FolderPreview, "/api/fs/preview", {"directories": [str(library.folder)]})
    assert (preview.total_media_files, preview.truncated) == (4, False)
    for section, members in QUICK.items():
        settings[section] |= members
    settings["scanner"]["directories"] = [str(library.folder)]
    settings["notifications"]["targets"] = [_OLD_TARGET]
    settings["system"] |= {"min_free_space_gb": 0, "engine_mode": "throughput"}
    account = {"username": NAME, "password": PASSWORD, "settings": settings}
    short = browser.send("POST", "/api/setup/complete", {**account, "password": "short"})
    assert (short.status_code, short.json()["code"]) == (400, "SETUP_PASSWORD_INVALID")
    browser.do("POST", "/api/setup/complete", account)
    browser.do("POST", "/api/settings/preferences", {"key": "setup_complete", "value": "true"})
    browser.do("POST", "/api/setup/complete", account, status=403)


def hardware_or_none(browser: Browser) -> shapes.Hardware | None:
    """What works; None while that is still being found out, which the UI knows by the status and two words."""
    reply = browser.fetch("GET", "/api/system/hardware")
    if reply.status_code == 503 and "hardware state" in reply.json()["error"]["message"].lower():
        return None
    return decode(shapes.Hardware, reply)


def test_another_browser_has_to_sign_in(desk: Desk) -> None:
    other = Browser(desk.url)
    with other.http:
        other.do("GET", "/api/engine/status", status=401)
        assert other.get(shapes.SetupStatus, "/api/setup/status").setup_required is False
        wrong = {"username": NAME, "password": "wrong password"}
        assert other.error("POST", "/api/auth/login", wrong)[0] == 401
        other.do("POST", "/api/auth/login", {"username": NAME, "password": PASSWORD})
        other.get(shapes.EngineStatus, "/api/engine/status")
        other.do("POST", "/api/auth/logout")
        other.do("GET", "/api/engine/status", status=401)
    desk.browser.get(shapes.EngineStatus, "/api/engine/status")


def test_the_dashboard(desk: Desk) -> None:
    browser = desk.browser
    desk.settled()
    browser.do("GET", "/api/health")
    engine = browser.get(shapes.EngineStatus, "/api/engine/status")
    assert (engine.status, engine.mode, engine.concurrent_limit) == ("running", "throughput", 2)
    for _ in range(3):
        stats = browser.get(shapes.Stats, "/api/stats")
        assert (stats.active, stats.total) == (1, 4)
        recent = browser.get(list[shapes.Row], "/api/jobs/table", limit="5", sort="created_at", sort_desc="true")
        assert len(recent) == 4
    bundle = browser.get(shapes.DashboardBundle, "/api/settings/bundle").settings
    assert bundle.scanner.directories == [str(desk.library.folder)]
    poll_s = browser.fetch("GET", "/api/settings/system").json()["monitoring_poll_interval"]
    assert 0.5 <= poll_s <= 10
    resources = until(lambda: browser.get(shapes.Resources, "/api/system/resources"), lambda load: load.active_jobs == 1)
    assert resources.memory_total_mb > resources.memory_used_mb > 0
    eta = browser.get(shapes.Eta, "/api/stats/queue-eta")
    assert eta.remaining_jobs == 1


def test_statistics(desk: Desk) -> None:
    browser = desk.browser
    desk.settled()
    sums = browser.get(shapes.Aggregated, "/api/stats/aggregated")
    assert sums.total_jobs == 1
    assert sums.total_savings_bytes == sums.total_input_bytes - sums.total_output_bytes
    assert [day.jobs_completed for day in browser.get(list[shapes.Day], "/api/stats/daily")] == [1]
    assert [Path(each.input_path).name for each in browser.get(list[shapes.EncodeStats], "/api/stats/detailed")] == ["short.mp4"]
    savings = browser.get(shapes.Savings, "/api/stats/savings")
    assert [(codec.codec, codec.job_count) for codec in savings.savings_by_codec] == [("hevc", 1)]
    for window, buckets in (("24h", 24), ("7d", 7), ("30d", 30)):
        reasons = browser.get(shapes.Reasons, "/api/stats/top-reason-codes", window=window, trends="true")
        assert reasons.num_buckets == buckets
        assert [reason.code for reason in reasons.skip] == ["already_target_codec"]
        assert [len(reason.trend) for reason in (*reasons.skip, *reasons.failure)] == [buckets, buckets]


def test_every_view_of_the_job_table(desk: Desk) -> None:
    desk.settled()
    expected = {
        "all": {"film.mkv", "short.mp4", "skipped.mkv", "failed.mkv"},
        "active": {"film.mkv"},
        "queued": set(),
        "completed": {"short.mp4"},
        "failed": {"failed.mkv"},
        "skipped": {"skipped.mkv"},
        "archived": set(),
    }
    sorts = ("updated_at", "created_at", "input_path", "size")
    for tab, sort, descending in itertools.product(TABS, sorts, ("true", "false")):
        query = {**TABS[tab], "sort_by": sort, "sort_desc": descending}
        rows = desk.table(**query)
        assert set(rows) == expected[tab], query
        if sort == "input_path":
            assert list(rows) == sorted(rows, reverse=descending == "true")
        assert set(desk.table(**query, search="FILM")) == expected[tab] & {"film.mkv"}
        assert desk.table(**query, search="100%") == {}
        assert desk.browser.get(list[shapes.Row], "/api/jobs/table", **query, limit="50", page="2") == []
    by_reason = desk.table(**TABS["all"], reason_code="already_target_codec")
    assert set(by_reason) == {"skipped.mkv"}
    failure = desk.settled()["failed.mkv"].failure_explanation
    assert failure is not None
    assert set(desk.table(**TABS["all"], failure_code=failure.code)) == {"failed.mkv"}
    assert desk.browser.error("GET", "/api/jobs/table?status=nothing")[0] == 400


def test_the_details_of_jobs(desk: Desk) -> None:
    rows = desk.settled()
    details = {name: desk.browser.get(shapes.Details, f"/api/jobs/{row.id}/details") for name, row in rows.items()}
    short = details["short.mp4"]
    assert short.encode_stats is not None
    assert short.encode_stats.output_size_bytes == Path(short.job.output_path).stat().st_size
    assert short.job.progress == 100
    assert short.metadata is not None
    assert (short.metadata.width, short.metadata.height) == (320, 180)
    assert short.decision_explanation is not None
    skipped = details["skipped.mkv"]
    assert skipped.decision_explanation is not None
    assert skipped.decision_explanation.code == "already_target_codec"
    assert skipped.encode_attempts == []
    failed = details["failed.mkv"]
    assert failed.failure_explanation is not None
    assert failed.job_failure_summary
    film = details["film.mkv"]
    assert (film.job.status, film.encode_stats, film.job_failure_summary) == ("encoding", None, None)
    assert any("is encoding" in line.message for line in film.job_logs)
    assert desk.browser.get(shapes.Processor, "/api/processor/status").message


def test_a_job_at_work_cannot_be_taken_away(desk: Desk) -> None:
    film = desk.film()
    wanted = shapes.Blocked(message="", blocked=[shapes.BlockedJob(id=film.id, status="encoding")])
    for path, body in (
        (f"/api/jobs/{film.id}/restart", None),
        (f"/api/jobs/{film.id}/delete", None),
        ("/api/jobs/batch", {"action": "restart", "ids": [film.id]}),
        ("/api/jobs/batch", {"action": "delete", "ids": [film.id]}),
    ):
        reply = desk.browser.send("POST", path, body)
        assert reply.status_code == 409
        blocked = shapes.Blocked.model_validate_json(reply.content)
        assert blocked.message
        assert blocked.blocked == wanted.blocked
    desk.film()


def test_a_queued_job_while_the_engine_is_paused_and_drained(desk: Desk) -> None:
    browser = desk.browser
    browser.do("POST", "/api/engine/pause")
    assert browser.get(shapes.EngineStatus, "/api/engine/status").manual_paused is True
    queued = desk.library.add("queued.mkv")
    assert browser.post(shapes.Enqueued, "/api/jobs/enqueue", {"path": str(queued)}).enqueued is True
    row = until(lambda: desk.table(**TABS["queued"]), lambda rows: "queued.mkv" in rows)["queued.mkv"]
    # It is looked at first, and has no place meanwhile.
    until(lambda: browser.get(shapes.Details, f"/api/jobs/{row.id}/details"), lambda job: job.queue_position == 1)
    assert browser.get(shapes.Processor, "/api/processor/status").blocked_reason == "manual_paused"
    browser.do("POST", f"/api/jobs/{row.id}/priority", {"priority": 10})
    assert desk.table(**TABS["all"])["queued.mkv"].priority == 10
    browser.do("POST", f"/api/jobs/{row.id}/cancel")
    assert "queued.mkv" in desk.table(**TABS["failed"])
    assert browser.post(shapes.Counted, "/api/jobs/batch", {"action": "restart", "ids": [row.id]}).count == 1
    assert browser.post(shapes.Counted, "/api/jobs/batch", {"action": "cancel", "ids": [row.id]}).count == 1
    assert browser.post(shapes.Counted, "/api/jobs/batch", {"action": "delete", "ids": [row.id]}).count == 1
    assert set(desk.table(**TABS["archived"])) == {"queued.mkv"}
    queued.unlink()
    assert browser.post(shapes.Switched, "/api/engine/drain").status == "draining"
    assert browser.get(shapes.EngineStatus, "/api/engine/status").draining is True
    assert browser.post(shapes.Switched, "/api/engine/resume").status == "running"
    modes = browser.get(shapes.EngineMode, "/api/engine/mode")
    assert modes.computed_limits.background == 1
    browser.do("POST", "/api/engine/mode", {"mode": "background"})
    assert browser.get(shapes.EngineStatus, "/api/engine/status").mode == "background"
    browser.do("POST", "/api/engine/mode", {"mode": modes.mode})
    # The mode decides how many run at once now, until the number in the settings is saved again.
    browser.do("POST", "/api/settings/transcode", browser.fetch("GET", "/api/settings/transcode").json())
    assert browser.get(shapes.EngineStatus, "/api/engine/status").concurrent_limit == 2
    desk.film()


def test_cancelling_a_job_at_work_and_taking_it_up_again(desk: Desk) -> None:
    browser = desk.browser
    second = desk.library.add("second.mkv", is_long=True)
    with LongEncode(second):
        browser.post(shapes.Enqueued, "/api/jobs/enqueue", {"path": str(second)})
        for _ in range(2):
            job = until(
                lambda: desk.table(**TABS["active"]),
                lambda rows: "second.mkv" in rows and rows["second.mkv"].status == "encoding",
            )["second.mkv"]
            browser.do("POST", f"/api/jobs/{job.id}/cancel")
            until(lambda: desk.table(**TABS["failed"]), lambda rows: "second.mkv" in rows)
            assert not Path(job.output_path).exists()
            browser.do("POST", f"/api/jobs/{job.id}/restart")
        browser.do("POST", f"/api/jobs/{job.id}/cancel")
        until(lambda: desk.table(**TABS["failed"]), lambda rows: "second.mkv" in rows)
    browser.do("POST", f"/api/jobs/{job.id}/delete")
    second.unlink()
    assert "second.mkv" in desk.table(**TABS["archived"])
    desk.film()


@pytest.mark.parametrize("page", ["transcode", "hardware", "system", "files"])
def test_a_settings_page_saved_without_a_change_changes_nothing(desk: Desk, page: str) -> None:
    before = desk.config_file.read_text()
    shown = desk.browser.fetch("GET", f"/api/settings/{page}").json()
    desk.browser.do("POST", f"/api/settings/{page}", shown)
    assert desk.browser.fetch("GET", f"/api/settings/{page}").json() == shown
    assert desk.config_file.read_text() == before
    desk.film()


def test_the_bundle_saved_without_a_change_changes_nothing(desk: Desk) -> None:
    before = desk.config_file.read_text()
    bundle = desk.browser.fetch("GET", "/api/settings/bundle").json()
    saved = desk.browser.send("PUT", "/api/settings/bundle", bundle["settings"])
    assert saved.json() == bundle
    assert desk.config_file.read_text() == before
    changed = {**bundle["settings"], "quality": {**bundle["settings"]["quality"], "min_vmaf_score": 88}}
    assert desk.browser.send("PUT", "/api/settings/bundle", changed).json()["settings"] == changed
    desk.browser.do("PUT", "/api/settings/bundle", bundle["settings"])
    assert desk.config_file.read_text() == before


def test_the_settings_file_as_text(desk: Desk) -> None:
    browser, before = desk.browser, desk.config_file.read_text()
    shown = browser.get(shapes.RawConfig, "/api/settings/config")
    assert shown.raw_toml == before
    checked = browser.post(shapes.ConfigCheck, "/api/settings/config/validate", {"raw_toml": shown.raw_toml})
    assert (checked.summary.output_codec, checked.summary.notification_targets) == ("hevc", 1)
    decode(shapes.RawConfig, browser.send("PUT", "/api/settings/config", {"raw_toml": shown.raw_toml}))
    assert desk.config_file.read_text() == before
    for wrong in ("[transcode", shown.raw_toml.replace('output_codec = "hevc"', 'output_codec = "vp9"')):
        for method, path in (("POST", "/api/settings/config/validate"), ("PUT", "/api/settings/config")):
            status, message = browser.error(method, path, {"raw_toml": wrong})
            assert (status, bool(message)) == (400, True)
    assert desk.config_file.read_text() == before


def test_the_schedule(desk: Desk) -> None:
    browser = desk.browser
    wanted = {"start_time": "22:00", "end_time": "06:00", "days_of_week": [0, 5, 6], "enabled": False}
    made = browser.post(shapes.Window, "/api/settings/schedule", wanted)
    assert browser.get(list[shapes.Window], "/api/settings/schedule") == [made]
    assert json.loads(made.days_of_week) == [0, 5, 6]
    assert browser.error("POST", "/api/settings/schedule", {**wanted, "days_of_week": []})[0] == 400
    browser.do("DELETE", f"/api/settings/schedule/{made.id}")
    assert browser.get(list[shapes.Window], "/api/settings/schedule") == []


def test_notifications(desk: Desk) -> None:
    browser, before = desk.browser, desk.config_file.read_text()
    shown = browser.get(shapes.Notifications, "/api/settings/notifications")
    assert [(target.target_type, target.events) for target in shown.targets] == [
        ("discord_webhook", ["encode.completed", "encode.failed"])
    ]
    times = shown.model_dump(exclude={"targets"})
    browser.do("PUT", "/api/settings/notifications", times)
    assert desk.config_file.read_text() == before
    document: Any = tomlkit.parse(before)
    document["notifications"]["allow_local_notifications"] = True
    browser.do("PUT", "/api/settings/config", {"raw_toml": tomlkit.dumps(document)})
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(HttpReceiver()) as receiver:
        body = {
            "name": "Here",
            "target_type": "webhook",
            "config_json": {"url": f"{receiver.url}/in", "auth_token": "secret"},
            "events": ["encode.started", "scan.completed"],
            "enabled": True,
        }
        browser.do("POST", "/api/settings/notifications/test", body)
        assert [request.path for request in receiver.requests] == ["/in"]
        made = browser.post(shapes.Target, "/api/settings/notifications", body)
        assert made in browser.get(shapes.Notifications, "/api/settings/notifications").targets
        bundle = browser.fetch("GET", "/api/settings/bundle").json()
        assert browser.send("PUT", "/api/settings/bundle", bundle["settings"]).json() == bundle
        assert made in browser.get(shapes.Notifications, "/api/settings/notifications").targets
        browser.do("DELETE", f"/api/settings/notifications/{made.id}")
    assert browser.error("POST", "/api/settings/notifications", {**body, "events": []})[0] == 400
    assert browser.get(shapes.Notifications, "/api/settings/notifications") == shown


def test_tokens(desk: Desk) -> None:
    browser = desk.browser
    levels = ("read_only", "full_access", "arr_webhook", "jellyfin")
    made = [
        browser.post(shapes.MadeToken, "/api/settings/api-tokens", {"name": level, "access_level": level}) for level in levels
    ]
    listed = browser.get(list[shapes.Token], "/api/settings/api-tokens")
    assert listed == [each.token for each in reversed(made)]
    for each in made:
        browser.do("DELETE", f"/api/settings/api-tokens/{each.token.id}")
    assert all(token.revoked_at for token in browser.get(list[shapes.Token], "/api/settings/api-tokens"))


def test_watched_folders_profiles_and_previews(desk: Desk, tmp_path: Path) -> None:
    browser = desk.browser
    make_clip(tmp_path / "new.mkv", duration_s=1)
    watched = browser.post(shapes.WatchDir, "/api/settings/watch-dirs", {"path": str(tmp_path), "is_recursive": True})
    presets = browser.get(list[shapes.Preset], "/api/profiles/presets")
    assert [preset.builtin for preset in presets] == [True] * 4
    own = {**presets[1].model_dump(), "name": "Ours", "crf_override": 20, "notes": None}
    profile = browser.post(shapes.Profile, "/api/profiles", own, status=201)
    assert profile in browser.get(list[shapes.Profile], "/api/profiles")
    browser.do("PATCH", f"/api/watch-dirs/{watched.id}/profile", {"profile_id": profile.id})
    assert [folder.profile_id for folder in browser.get(list[shapes.WatchDir], "/api/settings/watch-dirs")] == [profile.id]
    browser.do("PATCH", f"/api/watch-dirs/{watched.id}/profile", {"profile_id": None})
    until_free = until(
        lambda: browser.send("POST", "/api/v1/library/preview", {"path": str(tmp_path)}), lambda r: r.status_code != 429
    )
    preview = decode(shapes.LibraryPreview, until_free)
    assert [(sample.path, sample.action) for sample in preview.samples] == [(str(tmp_path / "new.mkv"), "encode")]
    assert browser.error("POST", "/api/v1/library/preview", {"path": "/etc"})[0] == 403
    browser.do("DELETE", f"/api/settings/watch-dirs/{watched.id}")
    assert browser.get(list[shapes.WatchDir], "/api/settings/watch-dirs") == []


def test_starting_scans(desk: Desk) -> None:
    desk.browser.do("POST", "/api/scan/start", status=202)
    desk.browser.do("POST", "/api/scan/start?full=true", status=202)
    desk.film()


def test_hardware_system_and_updates(desk: Desk) -> None:
    browser = desk.browser
    hardware = until(lambda: hardware_or_none(browser), lambda found: found is not None)
    assert hardware is not None
    assert "hevc" in hardware.supported_codecs
    browser.get(shapes.ProbeLog, "/api/system/hardware/probe-log")
    info = browser.get(shapes.SystemInfo, "/api/system/info")
    assert info.cpu_count >= 1
    update = browser.get(shapes.Update, "/api/system/update")
    assert update.current_version == info.version
    assert browser.post(shapes.Update, "/api/system/update/check").channel == update.channel
    status, message = browser.error("POST", "/api/system/update/install")  # nothing can be installed over these sources
    assert (status, bool(message)) == (409, True)


def test_advice_and_health_of_the_library(desk: Desk) -> None:
    browser = desk.browser
    browser.get(shapes.Intelligence, "/api/library/intelligence")
    before = browser.get(shapes.Health, "/api/library/health")
    browser.do("POST", "/api/library/health/scan", status=202)
    until(lambda: browser.get(shapes.Health, "/api/library/health"), lambda health: health.last_run != before.last_run)
    issues = until(lambda: browser.get(list[shapes.Issue], "/api/library/health/issues"), lambda found: found != [])
    assert {Path(issue.job.input_path).name for issue in issues} == {"failed.mkv"}
    short = desk.settled()["short.mp4"]
    browser.do("POST", f"/api/library/health/scan/{short.id}")
    desk.film()


def test_logs(desk: Desk) -> None:
    browser = desk.browser
    assert browser.get(list[shapes.LogLine], "/api/logs/history", limit="200") != []
    download = browser.navigate("/api/logs/download")
    assert download.status_code == 200
    assert download.headers["content-disposition"] == 'attachment; filename="alchemist.log"'
    assert "Listening on" in download.text
    browser.do("DELETE", "/api/logs")


def test_preferences(desk: Desk) -> None:
    browser = desk.browser
    assert browser.get(shapes.Preference, "/api/settings/preferences/setup_complete").value == "true"
    views = json.dumps([{"id": "1", "label": "Big", "activeTab": "all", "sortBy": "size", "sortDesc": True, "search": "x"}])
    browser.do("POST", "/api/settings/preferences", {"key": "saved_job_views", "value": views})
    assert browser.get(shapes.Preference, "/api/settings/preferences/saved_job_views").value == views
    shown = browser.get(shapes.Theme, "/api/ui/preferences")
    browser.do("POST", "/api/ui/preferences", {"active_theme_id": "midnight"})
    assert browser.get(shapes.Theme, "/api/ui/preferences").active_theme_id == "midnight"
    browser.do("POST", "/api/ui/preferences", shown.model_dump())


def test_converting_a_file(desk: Desk, tmp_path: Path) -> None:
    browser = desk.browser
    uploaded = browser.upload(shapes.Uploaded, "/api/conversion/uploads", make_clip(tmp_path / "holiday.mp4", duration_s=1))
    number = uploaded.conversion_job_id
    choices = uploaded.normalized_settings.model_dump()
    choices["video"] |= {"codec": "h264", "preset": "ultrafast"}
    choices["video"]["resolution"] |= {"mode": "scale_factor", "scale_factor": 0.5}
    body = {"conversion_job_id": number, "settings": choices}
    preview = browser.post(shapes.ConversionPreview, "/api/conversion/preview", body)
    assert preview.summary.planned_output.resolution == "160x90"
    assert preview.command_preview.startswith("ffmpeg ")
    bad = {**choices, "video": {**choices["video"], "codec": "copy"}}
    assert browser.error("POST", "/api/conversion/preview", {**body, "settings": bad})[0] == 400
    browser.do("POST", f"/api/conversion/jobs/{number}/start")
    done = until(
        lambda: browser.get(shapes.Conversion, f"/api/conversion/jobs/{number}"),
        lambda job: job.status in {"completed", "failed", "cancelled"},
    )
    assert (done.status, done.download_ready) == ("completed", True)
    assert re.search("[0-9]", str(done.linked_job_id))
    download = browser.navigate(f"/api/conversion/jobs/{number}/download")
    assert download.headers["content-disposition"] == 'attachment; filename="holiday.mkv"'
    result = tmp_path / "result.mkv"
    result.write_bytes(download.content)
    said = subprocess.run([ffmpeg_path(), "-i", str(result), "-f", "null", "-"], capture_output=True, check=True).stderr
    assert b"160x90" in said
    browser.do("DELETE", f"/api/conversion/jobs/{number}")
    browser.do("GET", f"/api/conversion/jobs/{number}", status=404)
    desk.film()


def test_the_film_gets_done_and_all_events_were_well_formed(desk: Desk) -> None:
    film = desk.film()
    desk.events.wait_for("progress", job_id=film.id)
    desk.encode.finish()
    desk.events.wait_for("status", job_id=film.id, status="completed")
    details = desk.browser.get(shapes.Details, f"/api/jobs/{film.id}/details")
    assert details.encode_stats is not None
    assert details.encode_stats.output_size_bytes == Path(details.job.output_path).stat().st_size
    assert [attempt.outcome for attempt in details.encode_attempts] == ["completed"]
    assert (details.job.progress, details.queue_position) == (100, None)
    seen = {
        frame.name: shapes.EVENTS[frame.name].model_validate_json(frame.data)
        for frame in desk.events.frames()
        if frame.name in shapes.EVENTS
    }
    assert set(seen) >= {"status", "progress", "decision", "log", "hardware_state_changed"}
    cleared = desk.browser.post(shapes.CountedWithMessage, "/api/jobs/clear-completed")
    assert cleared.count >= 2
    assert "film.mkv" in desk.table(**TABS["archived"])
