"""The webhook of Sonarr and Radarr, with the bodies they send."""

from typing import Any

import pytest

from alchemist_desktop.domain.errors import ForbiddenError, InvalidRequestError, KnownError
from alchemist_desktop.domain.queries import EnqueueResult
from alchemist_desktop.domain.settings import PathTranslation
from tests.api import arr_payloads as payloads
from tests.api.in_memory import InMemoryJobs
from tests.api.support import World, bearer, check_problem

pytestmark = pytest.mark.anyio

PATH = "/api/v1/webhooks/arr"


class PickyJobs(InMemoryJobs):
    """Takes files below /mnt only, each once, and keeps what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.error: KnownError | None = None

    async def enqueue_path(self, path: str) -> EnqueueResult:
        is_known = path in self.asked
        self.asked.append(path)
        if self.error is not None:
            raise self.error
        if not path.startswith("/mnt/"):
            raise ForbiddenError("This lies in no library.", code="ENQUEUE_PATH_FORBIDDEN")
        return EnqueueResult(enqueued=not is_known, message="known" if is_known else f"Queued {path}.")


@pytest.fixture
def jobs() -> PickyJobs:
    return PickyJobs()


@pytest.fixture
def world(jobs: PickyJobs) -> World:
    world = World(jobs=jobs)
    rules = (PathTranslation(from_="/tv", to="/mnt/tv"), PathTranslation(from_="/movies", to="/mnt/films"))
    system = world.settings.current.system.model_copy(update={"arr_path_translations": rules})
    world.settings.current = world.settings.current.model_copy(update={"system": system})
    return world


@pytest.mark.parametrize("upgrade", [False, True])
async def test_an_imported_episode_is_queued(world: World, jobs: PickyJobs, upgrade: bool) -> None:
    async with world.client("alc_tok_arr_webhook") as client:
        reply = await client.post(PATH, json=payloads.sonarr_download("one.mkv", upgrade=upgrade))
        here = "/mnt/tv/A Show/Season 01/one.mkv"
        assert reply.status_code == 200
        assert reply.json() == {"accepted": True, "enqueued": True, "message": f"Queued {here}.", "resolved_path": here}
        again = (await client.post("/api/webhooks/arr", json=payloads.sonarr_download("one.mkv"))).json()
        assert again == {"accepted": True, "enqueued": False, "message": "known", "resolved_path": here}
    assert jobs.asked == [here, here]


@pytest.mark.parametrize("upgrade", [False, True])
async def test_an_imported_movie_is_queued(world: World, jobs: PickyJobs, upgrade: bool) -> None:
    async with world.client("alc_tok_arr_webhook") as client:
        body = (await client.post(PATH, json=payloads.radarr_download("film.mkv", upgrade=upgrade))).json()
    assert body["resolved_path"] == "/mnt/films/A Film (2024)/film.mkv"
    assert jobs.asked == [body["resolved_path"]], "what an upgrade replaced is not queued"


async def test_a_whole_season_is_queued(world: World, jobs: PickyJobs) -> None:
    async with world.client() as client:
        body = (await client.post(PATH, json=payloads.sonarr_import_complete("1.mkv", "2.mkv", "3.mkv"))).json()
    assert jobs.asked == [f"/mnt/tv/A Show/Season 01/{number}.mkv" for number in (1, 2, 3)]
    assert body == {
        "accepted": True,
        "enqueued": True,
        "message": "3 of 3 files were queued.",
        "resolved_path": "/mnt/tv/A Show/Season 01/1.mkv",
    }


@pytest.mark.parametrize(
    "payload",
    [
        payloads.SONARR_TEST,
        payloads.SONARR_GRAB,
        payloads.SONARR_RENAME,
        payloads.RADARR_TEST,
        payloads.RADARR_GRAB,
        payloads.RADARR_RENAME,
        {},
        {"eventType": "EpisodeFileDelete", "episodeFile": {"path": "/tv/x.mkv"}},
    ],
    ids=lambda payload: f"{payload.get('instanceName', '')}-{payload.get('eventType', 'nothing')}",
)
async def test_other_events_are_taken_note_of_and_queue_nothing(world: World, jobs: PickyJobs, payload: dict[str, Any]) -> None:
    async with world.client("alc_tok_arr_webhook") as client:
        reply = await client.post(PATH, json=payload)
    assert reply.status_code == 202
    body = reply.json()
    assert (body["accepted"], body["enqueued"], body["resolved_path"]) == (False, False, None)
    assert body["message"]
    assert jobs.asked == []


async def test_a_call_without_a_file_is_refused(world: World) -> None:
    async with world.client() as client:
        check_problem(await client.post(PATH, json={"eventType": "Download"}), 400, "ARR_WEBHOOK_PATH_MISSING")
        reply = await client.post(PATH, json={"eventType": "Download", "series": {"path": "/tv/x"}})
        check_problem(reply, 400, "ARR_WEBHOOK_PATH_MISSING")


async def test_refusals_keep_their_status_and_get_a_code_of_this_route(world: World, jobs: PickyJobs) -> None:
    body = {"eventType": "Download", "path": "/elsewhere/a.mkv"}
    async with world.client() as client:
        check_problem(await client.post(PATH, json=body), 403, "ARR_WEBHOOK_ENQUEUE_REJECTED")
        jobs.error = InvalidRequestError("No media file.", code="ENQUEUE_UNSUPPORTED_TYPE")
        problem = check_problem(await client.post(PATH, json=body), 400, "ARR_WEBHOOK_ENQUEUE_REJECTED")
        assert problem["detail"] == "No media file."
        jobs.error = KnownError("The disk is full.", code="DATABASE_FULL")
        check_problem(await client.post(PATH, json=body), 500, "ARR_WEBHOOK_ENQUEUE_FAILED")


@pytest.mark.parametrize("body", [{"importedEpisodeFiles": None}, {"importedMovieFiles": None}, {"path": 1}, {"eventType": []}])
async def test_wrong_types_are_422(world: World, body: dict[str, Any]) -> None:
    async with world.client() as client:
        check_problem(await client.post(PATH, json=body), 422, "INVALID_BODY")
        check_problem(await client.post(PATH, content="{", headers={"Content-Type": "application/json"}), 400, "MALFORMED_JSON")
        check_problem(await client.post(PATH, content="{}"), 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_the_webhooks_token_opens_nothing_else_and_others_do_not_open_it(world: World) -> None:
    async with world.client(None) as client:
        for path in ("/api/v1/jobs", "/api/v1/settings/bundle", "/api/v1/events", "/api/v1/webhooks/other"):
            check_problem(await client.get(path, headers=bearer("alc_tok_arr_webhook")), 403, "API_TOKEN_FORBIDDEN")
        for token in ("alc_tok_read_only", "alc_tok_jellyfin"):
            check_problem(await client.post(PATH, json={}, headers=bearer(token)), 403, "API_TOKEN_FORBIDDEN")
        check_problem(await client.post(PATH, json={}), 401, "AUTH_REQUIRED")
