"""The settings service looks every change over, whoever makes it: the window, a command or a client."""

from collections.abc import Callable

import pytest

from alchemist_desktop.domain.engine_state import EngineMode
from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.storage.config_file import save
from tests.api.real.support import Face
from tests.api.support import check_problem

pytestmark = pytest.mark.anyio


def _with(section: str, **members: object) -> Callable[[Settings], Settings]:
    """An edit that makes a copy without a look at the values, as code may do."""
    return lambda old: old.model_copy(update={section: getattr(old, section).model_copy(update=members)})


@pytest.mark.parametrize(
    "edit",
    [
        _with("transcode", threads=-1),
        _with("transcode", concurrent_jobs=0),
        _with("transcode", tonemap_desat=float("nan")),
        _with("scanner", directories=("films",)),
        _with("scanner", directories=("",)),
        _with("scanner", directories=("/films\0",)),
        _with("files", output_root="results"),
        _with("files", output_root="/results\0"),
        _with("notifications", quiet_hours_start_local="25:00"),
    ],
)
async def test_what_breaks_a_rule_is_not_stored(face: Face, edit: Callable[[Settings], Settings]) -> None:
    before, written = face.settings, face.config_file.read_bytes()
    with pytest.raises(InvalidRequestError) as caught:
        await face.core.services.settings.change(edit)
    assert caught.value.code == "SETTINGS_INVALID"
    assert (face.settings, face.config_file.read_bytes()) == (before, written)


async def test_the_engine_takes_no_impossible_number_of_threads(face: Face) -> None:
    before = face.core.services.engine.status()
    with pytest.raises(InvalidRequestError):
        await face.core.services.engine.set_mode(EngineMode.THROUGHPUT, threads_override=10_000)
    assert face.core.services.engine.status() == before


async def test_blank_is_no_folder_for_results(face: Face) -> None:
    await face.core.services.settings.change(_with("files", output_root="  "))
    assert face.settings.files.output_root is None


@pytest.mark.parametrize("path", ["films", "", " ", "./films", "C:films"])
async def test_clients_cannot_register_a_folder_that_is_nowhere(face: Face, path: str) -> None:
    reply = await face.client.post("/api/v1/settings/folders", json={"dirs": [{"path": path}]})
    check_problem(reply, 400, "SETTINGS_INVALID")
    settings = (await face.get("/settings/bundle"))["settings"]
    settings["scanner"]["directories"] = [path]
    check_problem(await face.client.put("/api/v1/settings/bundle", json=settings), 400, "SETTINGS_INVALID")
    assert face.settings.scanner.directories == ()


async def test_such_a_folder_in_a_file_written_by_hand_stands_in_the_way_of_nothing(face: Face) -> None:
    save(face.config_file, _with("scanner", directories=("films",))(face.settings))
    await face.core.services.settings.reload()
    await face.core.services.settings.change(_with("transcode", threads=2))
    assert (face.stored().scanner.directories, face.stored().transcode.threads) == (("films",), 2)
