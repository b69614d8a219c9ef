"""A stranger who has the OpenAPI document and nothing else does everything that can be done with the running program."""

import asyncio
import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.media import make_clip
from tests.support.openapi_client import ContractError, Document, Event, OpenApiClient
from tests.support.program import Program
from tests.support.receivers import HttpReceiver

_DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
_BODIES = [
    name
    for name, operation in Document(json.loads(_DOCUMENT.read_bytes())).operations.items()
    if "application/json" in operation.said.get("requestBody", {}).get("content", {})
]
_WAIT_S = 90.0


@pytest.fixture
def document() -> Document:
    return Document(json.loads(_DOCUMENT.read_bytes()))


@pytest.mark.parametrize("operation_id", _BODIES)
def test_every_body_has_an_example_that_fits_its_schema(document: Document, operation_id: str) -> None:
    pointer = f"{document.operations[operation_id].pointer}/requestBody/content/application~1json/schema"
    document.check(document.example(operation_id), pointer, "the example")


def test_every_member_parameter_and_operation_is_told_in_words(document: Document) -> None:
    schemas = document.content["components"]["schemas"]
    silent = [
        f"{name}.{key}"
        for name, schema in schemas.items()
        for key, said in schema.get("properties", {}).items()
        if "description" not in said
    ]
    silent += [name for name, schema in schemas.items() if "description" not in schema]
    for operation in document.operations.values():
        silent += [f"{operation.id} {said['name']}" for said in operation.said["parameters"] if "description" not in said]
        silent += [] if operation.said["summary"] else [operation.id]
    assert silent == []


def test_a_call_the_document_does_not_know_is_refused_before_it_is_sent(document: Document) -> None:
    with OpenApiClient(document, "http://127.0.0.1:1") as client:
        with pytest.raises(ContractError, match="has no parameter colour"):
            client.call("get_jobs", colour="red")
        with pytest.raises(ContractError, match="'twice' is not one of"):
            client.call("post_jobs_batch", {"action": "twice", "ids": []})
        with pytest.raises(ContractError, match="needs id"):
            client.call("get_jobs_id_details")


@dataclass
class Stranger:
    """The caller with what it has learned on its way."""

    client: OpenApiClient
    library: Path
    hook: HttpReceiver
    hook_url: str
    settings: dict[str, Any] = field(default_factory=dict)
    """The whole configuration as it was after the first run."""

    def __call__(self, operation_id: str, body: object = None, **more: Any) -> Any:
        return self.client.call(operation_id, body, **more)

    def example(self, operation_id: str, **changes: Any) -> Any:
        """The document's example of a body, with some members changed."""
        return self.client.document.example(operation_id) | changes

    def send(self, operation_id: str, **changes: Any) -> Any:
        """Call with the document's example of the body."""
        return self(operation_id, self.example(operation_id, **changes))

    def until(self, is_reached: Callable[[], bool]) -> None:
        """Wait for what no event tells."""
        deadline_s = time.monotonic() + _WAIT_S
        while not is_reached():
            assert time.monotonic() < deadline_s
            time.sleep(0.1)

    def job_of(self, name: str) -> Any:
        """The job of a file of the library."""
        [row] = [row for row in self("get_jobs", search=name) if Path(row["input_path"]).name == name]
        return row


@pytest.mark.slow
@pytest.mark.anyio
async def test_the_document_alone_is_enough_to_do_everything(document: Document, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    async with HttpReceiver() as hook, HttpReceiver(body=b"[]") as releases:
        with Program(tmp_path / "home", variables={"ALCHEMIST_UPDATE_FEED": releases.url}) as program:
            (tmp_path / "home" / "config.toml").unlink()  # a first start finds no file
            program.start("serve", "--port", "0")
            url = await asyncio.to_thread(program.wait_ready)
            with OpenApiClient(document, url) as client:
                stranger = Stranger(client, library, hook, hook.url)
                for chapter in _CHAPTERS:
                    await asyncio.to_thread(chapter, stranger)
                assert set(document.operations) - client.succeeded == set()
    [first, *_] = hook.requests
    assert first.headers["authorization"] == "Bearer secret"


def _first_run(stranger: Stranger) -> None:
    assert stranger("get_health")["status"] == "ok"
    assert stranger("get_ready") == {"ready": True}
    assert stranger("get_setup_status")["setup_required"] is True
    refused = stranger.client.answer("get_jobs")
    assert (refused.status, refused.value["code"]) == (401, "AUTH_REQUIRED")
    operations = stranger.client.document.operations.values()
    for operation in operations:
        if operation.said.get("x-open-in-setup") and operation.method == "GET":
            stranger(operation.id)
    assert stranger("post_fs_preview", {"directories": [str(stranger.library)]})["directories"][0]["exists"] is True
    choices = {
        "directories": [str(stranger.library)],
        "min_file_size_mb": 0,
        "min_bpp_threshold": 0.0,
        "size_reduction_threshold": 0.0,
    }
    stranger.send("post_setup_complete", **choices, quality_profile="speed")
    assert stranger("get_setup_status")["setup_required"] is False
    stranger.settings = stranger("get_settings_bundle")["settings"]


def _signing_in_and_out(stranger: Stranger) -> None:
    stranger("post_auth_logout")
    assert stranger.client.answer("get_jobs").status == 401
    wrong = stranger.example("post_auth_login", password="not this one")
    assert stranger.client.answer("post_auth_login", wrong).value["code"] == "AUTH_INVALID_CREDENTIALS"
    stranger.send("post_auth_login")
    assert stranger("get_jobs") == []


def _tokens(stranger: Stranger) -> None:
    """Each scope may call what the document lists for it, and nothing else."""
    document = stranger.client.document
    levels = document.content["components"]["schemas"]["AccessLevel"]["enum"]
    looks = [
        each
        for each in document.operations.values()
        if each.method == "GET" and not each.said["parameters"] and "security" in each.said
    ]
    assert len(looks) > 30
    for level in levels:
        made = stranger.send("post_settings_api_tokens", name=level, access_level=level)
        with stranger.client.as_holder_of(made["plaintext_token"]) as holder:
            for operation in looks:
                answer = holder.answer(operation.id)
                is_in_scope = level in operation.said["x-token-scopes"]
                assert (answer.status == 403 and answer.value["code"] == "API_TOKEN_FORBIDDEN") is not is_in_scope, operation.id
        if level == "arr_webhook":
            continue
        stranger("delete_settings_api_tokens_id", id=made["token"]["id"])
        assert _status_with(stranger, made["plaintext_token"]) == 401
    listed = {token["name"]: token["revoked_at"] is None for token in stranger("get_settings_api_tokens")}
    assert listed == {level: level == "arr_webhook" for level in levels}


def _status_with(stranger: Stranger, token: str) -> int:
    with stranger.client.as_holder_of(token) as holder:
        return holder.answer("get_system_info").status


def _webhook(stranger: Stranger) -> None:
    """What Sonarr would do with its own token; the file is told by the path the other program knows."""
    film = make_clip(stranger.library / "imported.mkv", duration_s=1)
    settings = stranger("get_settings_bundle")["settings"]
    settings["system"]["arr_path_translations"] = [{"from": "/media/films", "to": str(stranger.library)}]
    stranger("put_settings_bundle", settings)
    made = stranger.send("post_settings_api_tokens")
    body = stranger.example("post_webhooks_arr", movieFile={"path": "/media/films/imported.mkv"})
    with stranger.client.as_holder_of(made["plaintext_token"]) as sonarr:
        assert sonarr.call("post_webhooks_arr", body)["resolved_path"] == str(film)
        assert sonarr.answer("post_webhooks_arr", body | {"eventType": "Test"}).status == 202


def _folders(stranger: Stranger) -> None:
    extra = stranger.library.parent / "extra"
    extra.mkdir()
    assert str(stranger.library) in [entry["path"] for entry in stranger("get_fs_browse", path=str(extra.parent))["entries"]]
    made = stranger.send("post_settings_watch_dirs", path=str(extra))
    profile = stranger.send("post_profiles")
    changed = stranger("put_profiles_id", stranger.example("put_profiles_id", notes=None, codec="av1"), id=profile["id"])
    assert (changed["codec"], changed["notes"]) == ("av1", None)
    assert profile["id"] in [each["id"] for each in stranger("get_profiles")]
    assert all(preset["builtin"] for preset in stranger("get_profiles_presets"))
    assigned = stranger("patch_watch_dirs_id_profile", {"profile_id": profile["id"]}, id=made["id"])
    assert assigned["profile_id"] == profile["id"]
    assert stranger.client.answer("delete_profiles_id", id=profile["id"]).value["code"] == "PROFILE_IN_USE"
    stranger("patch_watch_dirs_id_profile", {"profile_id": None}, id=made["id"])
    stranger("delete_profiles_id", id=profile["id"])
    assert stranger("post_settings_watch_dirs_id_reanalyze", id=made["id"]) == {"count": 0}
    [kept] = stranger("post_settings_folders", {"dirs": [{"path": str(extra), "is_recursive": False}]})
    assert stranger("get_settings_watch_dirs") == [kept]
    stranger("delete_settings_watch_dirs_id", id=kept["id"])
    assert stranger("get_settings_watch_dirs") == []


def _settings(stranger: Stranger) -> None:
    """Each section can be read and sent back, and changed."""
    for section in ("transcode", "hardware", "system", "files"):
        known = stranger(f"get_settings_{section}")
        stranger(f"post_settings_{section}", {name: value for name, value in known.items() if name != "id"})
        assert stranger(f"get_settings_{section}") == known
        stranger.send(f"post_settings_{section}")
    stranger("put_settings_bundle", stranger.settings)
    assert stranger("get_settings_bundle")["settings"] == stranger.settings
    stranger.send("post_settings_schedule")
    [window] = stranger("get_settings_schedule")
    assert json.loads(window["days_of_week"]) == [0, 6]
    stranger("delete_settings_schedule_id", id=window["id"])
    text = stranger("get_settings_config")["raw_toml"]
    assert stranger("post_settings_config_validate", {"raw_toml": text})["valid"] is True
    written = stranger("put_settings_config", {"raw_toml": text.replace('log_format = "text"', 'log_format = "json"')})
    assert written["normalized"]["system"]["log_format"] == "json"
    stranger.send("post_settings_preferences")
    assert stranger("get_settings_preferences_key", key="columns")["value"] == "name,size,state"
    stranger.send("post_ui_preferences")
    assert stranger("get_ui_preferences") == {"active_theme_id": "dark"}


def _notifications(stranger: Stranger) -> None:
    settings = stranger("get_settings_bundle")["settings"]
    settings["notifications"]["allow_local_notifications"] = True
    stranger("put_settings_bundle", settings)
    stranger.send("put_settings_notifications", quiet_hours_enabled=False)
    config = {"url": stranger.hook_url, "auth_token": "secret"}
    stranger.send("post_settings_notifications_test", config_json=config)
    stranger.send("post_settings_notifications", config_json=config)
    [target] = stranger("get_settings_notifications")["targets"]
    assert target["events"] == stranger.example("post_settings_notifications")["events"]
    stranger("delete_settings_notifications_id", id=target["id"])


def _engine(stranger: Stranger) -> None:
    stranger.until(lambda: not stranger("get_engine_status")["hardware_pending"])
    assert stranger("post_engine_pause")["status"] == "paused"
    assert stranger("get_engine_status")["manual_paused"] is True
    assert stranger("get_processor_status")["blocked_reason"] == "manual_paused"
    stranger("post_engine_resume")
    stranger("post_engine_drain")
    assert stranger("get_engine_status")["status"] in {"draining", "paused"}
    stranger("post_engine_stop_drain")
    stranger("post_engine_resume")
    assert stranger("get_engine_status")["status"] == "running"
    assert stranger.send("post_engine_mode")["concurrent_limit"] == 2
    assert stranger("get_engine_mode")["is_manual_override"] is True
    stranger("post_engine_mode", {"mode": "balanced"})
    stranger("post_engine_restart")


def _an_encode(stranger: Stranger) -> None:
    """A file of the library, followed to its end by events alone."""
    preview = stranger.send("post_library_preview", path=str(stranger.library))
    assert [Path(sample["path"]).name for sample in preview["samples"]] == ["imported.mkv"]
    film = make_clip(stranger.library.parent / "film.mkv", duration_s=2)
    with stranger.client.events("get_events") as events:
        film.rename(stranger.library / film.name)
        stranger("post_scan_start", full=True)
        seen = _until_encoded(stranger, film.name, events)
    assert {"scan_started", "scan_completed", "status", "decision"} <= {event.name for event in seen}
    facts = [event for event in seen if event.id]
    with stranger.client.events("get_events", **{"Last-Event-ID": facts[0].id}) as again:
        assert next(again) == facts[1]
    details = stranger("get_jobs_id_details", id=stranger.job_of(film.name)["id"])
    assert details["job"]["status"] == "completed"
    assert details["encode_stats"]["output_size_bytes"] == Path(details["job"]["output_path"]).stat().st_size
    assert stranger("get_scan_status")["files_found"] >= 1


def _until_encoded(stranger: Stranger, name: str, events: Iterator[Event]) -> list[Event]:
    """The events until a scan has ended and this file is done; every one of them was checked against its schema."""
    seen: list[Event] = []
    done: set[str] = set()
    for event in events:
        seen.append(event)
        if event.name == "status" and event.data["status"] == "completed":
            job = stranger("get_jobs_id_details", id=event.data["job_id"])["job"]
            done.add(Path(job["input_path"]).name)
        if name in done and any(event.name == "scan_completed" for event in seen):
            break
    return seen


def _jobs(stranger: Stranger) -> None:
    """A queue that stands still is steered."""
    stranger("post_engine_pause")
    for name in ("one.mkv", "two.mkv", "three.mkv"):
        make_clip(stranger.library / name, duration_s=1)
    made = stranger.send("post_settings_api_tokens", access_level="jellyfin")
    with stranger.client.as_holder_of(made["plaintext_token"]) as jellyfin:
        body = stranger.example("post_jobs_enqueue", path=str(stranger.library / "one.mkv"))
        assert jellyfin.call("post_jobs_enqueue", body)["enqueued"] is True
        assert jellyfin.answer("post_scan").value["code"] == "API_TOKEN_FORBIDDEN"
    stranger("post_scan")
    one, two, three = (stranger.job_of(name)["id"] for name in ("one.mkv", "two.mkv", "three.mkv"))
    assert stranger("post_jobs_id_priority", stranger.example("post_jobs_id_priority"), id=three)["priority"] == 10
    stranger.until(lambda: len(stranger("get_jobs", status="queued")) == 3)
    queued = stranger("get_jobs", status="queued", limit=2, sort_by="input_path", sort_desc=False)
    assert [row["id"] for row in queued] == [one, three]
    stranger("post_jobs_id_cancel", id=one)
    stranger("post_jobs_id_restart", id=one)
    assert stranger.send("post_jobs_batch", ids=[one, two, three]) == {"count": 3}
    assert stranger("post_jobs_batch", {"action": "restart", "ids": [one, two]}) == {"count": 2}
    stranger("post_jobs_batch", {"action": "cancel", "ids": [one, two]})
    assert stranger("post_jobs_batch", {"action": "delete", "ids": [two]}) == {"count": 1}
    stranger("delete_jobs_id", id=one)
    assert {row["id"] for row in stranger("get_jobs", archived="true")} >= {one, two}
    assert stranger("post_jobs_restart_failed")["count"] == 1
    stranger("post_jobs_clear_history", archived=True)
    assert stranger("get_jobs", archived="true") == []
    stranger("post_engine_resume")


def _conversion(stranger: Stranger) -> None:
    source = make_clip(stranger.library.parent / "holiday.mkv", duration_s=1)
    taken = stranger("post_conversion_uploads", files={"file": (source.name, source.read_bytes())})
    number = taken["conversion_job_id"]
    wanted = stranger.example("post_conversion_preview", conversion_job_id=number)
    wanted["settings"]["output_container"] = "mp4"
    assert stranger("post_conversion_preview", wanted)["normalized_settings"]["output_container"] == "mp4"
    stranger("post_conversion_jobs_id_start", id=number)
    stranger.until(lambda: bool(stranger("get_conversion_jobs_id", id=number)["download_ready"]))
    assert b"ftyp" in stranger("get_conversion_jobs_id_download", id=number)[:16]
    stranger("delete_conversion_jobs_id", id=number)
    assert stranger.client.answer("get_conversion_jobs_id", id=number).status == 404


def _library(stranger: Stranger) -> None:
    film = stranger.job_of("film.mkv")
    assert stranger("post_library_health_scan_id", id=film["id"]) == {"job_id": film["id"], "issue_found": False}
    (stranger.library / "broken.mkv").write_bytes(b"no film at all" * 1000)
    stranger("post_library_health_scan", depth="header", fresh=True)
    stranger.until(lambda: not stranger("get_library_health")["running"])
    assert [Path(issue["path"]).name for issue in stranger("get_library_health_issues")] == ["broken.mkv"]
    stranger("post_library_health_cancel")
    stranger("get_library_intelligence")
    assert stranger("post_library_reanalyze")["errors"] == []
    stranger.until(lambda: stranger("get_stats")["active"] == 0)
    stranger("post_jobs_clear_completed")


def _figures(stranger: Stranger) -> None:
    for operation in stranger.client.document.operations.values():
        if operation.method == "GET" and "/stats" in operation.path:
            stranger(operation.id)
    assert stranger("get_stats_aggregated")["total_jobs"] >= 1
    reasons = stranger("get_stats_top_reason_codes", window="24h", trends=True)
    assert all(len(reason["trend"]) == reasons["num_buckets"] for reason in reasons["skip"])
    settings = stranger("get_settings_bundle")["settings"]
    settings["system"] |= {"metrics_enabled": True, "enable_telemetry": True}
    stranger("put_settings_bundle", settings)
    assert "# TYPE" in stranger("get_metrics")
    assert stranger("get_telemetry_payload")["version"] == stranger("get_health")["version"]


def _maintenance(stranger: Stranger) -> None:
    packed = stranger("post_system_backup")
    assert gzip.decompress(packed).startswith(b"SQLite format 3")
    facts = stranger("post_system_backup_validate_restore", files={"backup": ("alchemist.db.gz", packed)})
    assert facts["valid"] is True
    refused = stranger.client.answer("post_system_backup_validate_restore", files={"backup": ("a.gz", b"no backup")})
    assert refused.status == 400
    assert stranger("post_system_selftest")["success"] is True
    assert stranger("post_system_hardware_probe")["matrix"]
    stranger("get_system_hardware_probe_log")
    assert stranger("post_system_update_check")["update_available"] is False
    assert stranger("post_system_update_install")["install_state"] == "up_to_date"
    assert stranger("get_openapi_json") == stranger.client.document.content
    assert "openapi.json" in stranger("get_page")
    assert stranger("get_logs_download")
    assert stranger("get_logs_history", limit=5)
    stranger("delete_logs")


_CHAPTERS = (
    _first_run, _signing_in_and_out, _tokens, _webhook, _folders, _settings, _notifications, _engine, _an_encode, _jobs,
    _conversion, _figures, _library, _maintenance,
)  # fmt: skip
