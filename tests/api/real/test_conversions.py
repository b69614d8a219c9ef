"""One file handed in, converted and fetched, over a real socket with the real FFmpeg."""

import asyncio
import copy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest

from alchemist_desktop.app.standing_tasks import standing_tasks
from tests.api.real.support import Face, announce_upload, open_face
from tests.api.shapes import MetadataShape
from tests.api.support import check_problem
from tests.support.core import quick_settings
from tests.support.media import make_clip, run_ffmpeg

pytestmark = pytest.mark.anyio


async def upload(face: Face, path: Path, name: str | None = None) -> Any:
    with path.open("rb") as file:
        reply = await face.client.post("/api/v1/conversion/uploads", files={"file": (name or path.name, file)})
    assert reply.status_code == 200, reply.text
    return reply.json()


def choices(**video: object) -> Any:
    settings: dict[str, Any] = {
        "output_container": "mkv", "remux_only": False,
        "video": {
            "codec": "h264", "mode": "crf", "value": 30, "preset": "faster", "hdr_mode": "preserve",
            "resolution": {"mode": "original", "width": None, "height": None, "scale_factor": None},
        },
        "audio": {"codec": "copy", "bitrate_kbps": 96, "channels": "auto"}, "subtitles": {"mode": "copy"},
    }  # fmt: skip
    settings["video"] |= video
    return settings


def scaled(**resolution: object) -> Any:
    return choices(resolution={"mode": "original", "width": None, "height": None, "scale_factor": None} | resolution)


async def finished(face: Face, number: int) -> Any:
    async with asyncio.timeout(60):
        while True:
            status = await face.get(f"/conversion/jobs/{number}")
            if status["status"] in {"completed", "failed", "skipped", "cancelled"}:
                return status
            await asyncio.sleep(0.05)


async def test_a_file_is_converted_with_all_that_was_chosen(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "holiday.mkv", duration_s=1.0)
    async with open_face(tmp_path, quick_settings(files={"delete_source": True}), start=True) as face:
        taken = await upload(face, clip, "ho:li/d*ay.mkv")
        number = taken["conversion_job_id"]
        MetadataShape.model_validate(taken["probe"]["metadata"])
        assert taken["normalized_settings"]["video"]["codec"] == "hevc"
        wanted = scaled(mode="scale_factor", scale_factor=0.5)
        wanted["audio"] = {"codec": "OPUS ", "bitrate_kbps": 64, "channels": "stereo"}
        preview = await face.send("POST", "/conversion/preview", {"conversion_job_id": number, "settings": wanted})
        assert preview["normalized_settings"]["audio"]["codec"] == "opus"
        assert preview["command_preview"].startswith("ffmpeg ")
        assert str(tmp_path) not in preview["command_preview"]
        planned = preview["summary"]["planned_output"]
        assert (planned["mode"], planned["resolution"], planned["audio"], planned["encoder"]) == (
            "compress",
            "160x90",
            "opus",
            "libx264",
        )
        assert (await face.get(f"/conversion/jobs/{number}"))["status"] == "draft_transcode"
        assert await face.send("POST", f"/conversion/jobs/{number}/start") == {"ok": True}
        check_problem(await face.client.post(f"/api/v1/conversion/jobs/{number}/start"), 409, "CONVERSION_JOB_ALREADY_STARTED")
        await face.send("POST", "/engine/resume")
        status = await finished(face, number)
        assert (status["status"], status["download_ready"], status["progress"]) == ("completed", True, 100.0), status
        head = await face.client.head(f"/api/v1/conversion/jobs/{number}/download")
        assert (head.status_code, head.content) == (200, b"")
        fetched = await face.client.get(f"/api/v1/conversion/jobs/{number}/download")
        assert fetched.headers["content-disposition"] == 'attachment; filename="ho_li_d_ay.mkv"'
        result = tmp_path / "fetched.mkv"
        result.write_bytes(fetched.content)
        with av.open(str(result)) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            assert (video.codec_context.name, video.width, video.height) == ("h264", 160, 90)
            assert (audio.codec_context.name.removeprefix("lib"), audio.codec_context.channels) == ("opus", 2)
        uploads = list((face.core.paths.temp / "uploads").rglob("*.mkv"))
        assert len(uploads) == 1, "what was handed in stays, whatever the settings say of originals"
        assert await face.send("DELETE", f"/conversion/jobs/{number}") == {"ok": True}
        check_problem(await face.client.get(f"/api/v1/conversion/jobs/{number}"), 404, "CONVERSION_JOB_NOT_FOUND")
        assert [path for path in face.core.paths.temp.rglob("*") if path.is_file()] == []


async def test_a_remux_copies_everything(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "film.mkv", duration_s=1.0)
    async with open_face(tmp_path, start=True) as face:
        number = (await upload(face, clip))["conversion_job_id"]
        wanted = {**choices(codec="av1"), "remux_only": True, "output_container": " MP4 "}
        preview = await face.send("POST", "/conversion/preview", {"conversion_job_id": number, "settings": wanted})
        assert preview["normalized_settings"]["video"]["codec"] == "copy"
        assert preview["summary"]["planned_output"]["mode"] == "remux"
        assert (await face.get(f"/conversion/jobs/{number}"))["status"] == "draft_remux"
        await face.send("POST", f"/conversion/jobs/{number}/start")
        await face.send("POST", "/engine/resume")
        status = await finished(face, number)
        assert status["status"] == "completed", await face.get(f"/jobs/{status['linked_job_id']}/details")
        assert status["output_path"].endswith("film.mp4")


@pytest.mark.parametrize(
    "change",
    [
        {"video": {"codec": "vp9"}},
        {"video": {"codec": "copy", "resolution": {"mode": "custom", "width": 100, "height": 100}}},
        {"video": {"codec": "copy", "hdr_mode": "tonemap"}},
        {"video": {"resolution": {"mode": "custom", "width": 10**9, "height": 2}}},
        {"video": {"resolution": {"mode": "scale_factor", "scale_factor": -1}}},
        {"video": {"resolution": {"mode": "sideways"}}},
        {"video": {"value": 64}},
        {"video": {"mode": "bitrate", "value": 0}},
        {"subtitles": {"mode": "burn"}},
        {"subtitles": {"mode": "sing"}},
        {"audio": {"codec": "wav"}},
        {"audio": {"codec": "aac", "channels": "9"}},
        {"audio": {"codec": "aac"}, "output_container": "webm"},
        {"output_container": "../../x"},
    ],
)
async def test_what_is_not_possible_is_told_before_the_start(face: Face, tmp_path: Path, change: dict[str, Any]) -> None:
    number = (await upload(face, make_clip(tmp_path / "film.mkv", duration_s=0.4)))["conversion_job_id"]
    wanted = copy.deepcopy(choices())
    for name, value in change.items():
        wanted[name] = {**wanted[name], **value} if isinstance(value, dict) else value
    reply = await face.client.post("/api/v1/conversion/preview", json={"conversion_job_id": number, "settings": wanted})
    check_problem(reply, 400, "CONVERSION_PREVIEW_FAILED")
    assert (await face.get(f"/conversion/jobs/{number}"))["status"] == "uploaded"


async def test_every_member_without_a_default_must_be_given(face: Face) -> None:
    for name in choices():
        rest = {member: value for member, value in choices().items() if member != name}
        reply = await face.client.post("/api/v1/conversion/preview", json={"conversion_job_id": 1, "settings": rest})
        check_problem(reply, 422, "INVALID_BODY")
    missing = await face.client.post("/api/v1/conversion/preview", json={"conversion_job_id": 1, "settings": choices()})
    check_problem(missing, 404, "CONVERSION_JOB_NOT_FOUND")


async def test_what_is_no_video_is_refused_and_leaves_nothing(face: Face, tmp_path: Path) -> None:
    sound = tmp_path / "sound.mka"
    run_ffmpeg(["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", sound])
    secret = make_clip(tmp_path / "secret.ts", duration_s=0.4, video=("-c:v", "mpeg2video"), audio=None)
    play_list = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n".encode()
    for content in (b"", b"text\n" * 99, play_list, play_list + bytes(10), bytes(5000), sound.read_bytes()):
        reply = await face.client.post("/api/v1/conversion/uploads", files={"file": ("film.m3u8", content)})
        check_problem(reply, 400, "CONVERSION_UPLOAD_ANALYSIS_FAILED")
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    empty = await face.client.post("/api/v1/conversion/uploads", content=b"--x--\r\n", headers=multipart)
    check_problem(empty, 400, "CONVERSION_UPLOAD_FILE_MISSING")
    assert await announce_upload(face, "/conversion/uploads", 9 * 1024**3) == (413, "CONVERSION_UPLOAD_LIMIT_EXCEEDED")
    assert list((face.core.paths.temp / "uploads").iterdir()) == []


class LaterClock:
    """The real clock, some hours on."""

    def __init__(self, face: Face, hours: float) -> None:
        self._clock = face.core.parts.clock
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def local_now(self) -> datetime:
        return self._clock.local_now() + self._ahead

    def monotonic_s(self) -> float:
        return self._clock.monotonic_s()


async def test_drafts_are_cleared_away_after_a_day(face: Face, tmp_path: Path) -> None:
    number = (await upload(face, make_clip(tmp_path / "film.mkv", duration_s=0.4)))["conversion_job_id"]
    check_problem(await face.client.get(f"/api/v1/conversion/jobs/{number}/download"), 404, "CONVERSION_OUTPUT_MISSING")
    object.__setattr__(face.core.parts, "clock", LaterClock(face, 23))
    await face.get(f"/conversion/jobs/{number}")
    object.__setattr__(face.core.parts, "clock", LaterClock(face, 2))
    check_problem(await face.client.get(f"/api/v1/conversion/jobs/{number}"), 404, "CONVERSION_JOB_NOT_FOUND")
    assert list((face.core.paths.temp / "uploads").iterdir()) == []


async def test_nobody_has_to_ask_for_what_is_past_its_time_to_go(face: Face, tmp_path: Path) -> None:
    await upload(face, make_clip(tmp_path / "film.mkv", duration_s=0.4))
    object.__setattr__(face.core.parts, "clock", LaterClock(face, 25))
    async with standing_tasks(face.core), asyncio.timeout(30):
        while list((face.core.paths.temp / "uploads").iterdir()):
            await asyncio.sleep(0.05)


async def test_the_probe_of_what_was_handed_in_tells_what_it_measured(face: Face, tmp_path: Path) -> None:
    sound = ("-c:a", "flac")
    probe = (await upload(face, make_clip(tmp_path / "film.mkv", duration_s=1.0, audio=sound)))["probe"]
    report, metadata = probe["analysis_report"], probe["metadata"]
    assert {"heavy_audio", "lossless_audio", "high_bpp_density", "remux_like_density"} <= set(report["labels"])
    assert report["metrics"]["fps_from_average_rate"] == 25.0
    measured_bps = metadata["size_bytes"] * 8 / metadata["duration_secs"]
    assert report["metrics"]["estimated_container_bitrate_bps"] == pytest.approx(measured_bps, rel=0.01)
    assert report["metrics"]["raw_bpp"] == pytest.approx(metadata["video_bitrate_bps"] / (320 * 180 * 25), rel=0.01)


async def test_a_queued_conversion_can_be_deleted(face: Face, tmp_path: Path) -> None:
    number = (await upload(face, make_clip(tmp_path / "film.mkv", duration_s=0.4)))["conversion_job_id"]
    await face.send("POST", f"/conversion/jobs/{number}/start")
    assert (await face.get(f"/conversion/jobs/{number}"))["status"] == "queued"
    assert await face.send("DELETE", f"/conversion/jobs/{number}") == {"ok": True}
    assert await face.get("/jobs") == []
