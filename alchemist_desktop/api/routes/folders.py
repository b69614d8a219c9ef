"""Watched folders, their profiles, and looking at files anew."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import read_body, row_id
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.folders import FoldersBody, ProfileChoiceBody, WatchDirBody, watch_dir_json
from alchemist_desktop.domain.ids import ProfileId, WatchDirId
from alchemist_desktop.services.folders import FoldersService

_FAILED = "GET_WATCH_DIRS_FAILED"


class FolderRoutes:
    """List, add, remove and re-read watched folders."""

    def __init__(self, folders: FoldersService) -> None:
        self._folders = folders

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/settings/watch-dirs", self.list_all, _FAILED),
            Endpoint("POST", "/settings/watch-dirs", self.add, _FAILED),
            Endpoint("DELETE", "/settings/watch-dirs/{id}", self.remove, _FAILED),
            Endpoint("POST", "/settings/watch-dirs/{id}/reanalyze", self.reanalyze, "BATCH_REANALYZE_FAILED"),
            Endpoint("POST", "/settings/folders", self.replace, _FAILED),
            Endpoint("PATCH", "/watch-dirs/{id}/profile", self.assign_profile, "ASSIGN_PROFILE_FAILED"),
            Endpoint("POST", "/library/reanalyze", self.reanalyze_all, "REANALYZE_FAILED"),
        ]

    async def list_all(self, _request: Request) -> Response:
        return JsonResponse([watch_dir_json(watch_dir) for watch_dir in await self._folders.watch_dirs()])

    async def add(self, request: Request) -> Response:
        body = await read_body(request, WatchDirBody)
        return JsonResponse(watch_dir_json(await self._folders.add_watch_dir(body.path, is_recursive=body.is_recursive)))

    async def remove(self, request: Request) -> Response:
        await self._folders.remove_watch_dir(WatchDirId(row_id(request)))
        return ok()

    async def reanalyze(self, request: Request) -> Response:
        return JsonResponse({"count": await self._folders.reanalyze_watch_dir(WatchDirId(row_id(request)))})

    async def replace(self, request: Request) -> Response:
        body = await read_body(request, FoldersBody)
        folders = {folder.path: folder.is_recursive for folder in body.dirs}
        return JsonResponse([watch_dir_json(known) for known in await self._folders.replace_watch_dirs(folders)])

    async def assign_profile(self, request: Request) -> Response:
        body = await read_body(request, ProfileChoiceBody)
        profile_id = None if body.profile_id is None else ProfileId(body.profile_id)
        return JsonResponse(watch_dir_json(await self._folders.assign_profile(WatchDirId(row_id(request)), profile_id)))

    async def reanalyze_all(self, _request: Request) -> Response:
        count, errors = await self._folders.reanalyze_all()
        if errors and not count:
            raise ProblemError(500, "REANALYZE_FAILED", " ".join(errors))
        return JsonResponse({"count": count, "errors": errors})
