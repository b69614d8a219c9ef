"""Profiles."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.inputs import read_body, row_id
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.profiles import ProfileBody, preset_json, profile_json, profile_of
from alchemist_desktop.domain.errors import NotFoundError
from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.profile import Profile
from alchemist_desktop.services.profiles import ProfilesService


class ProfileRoutes:
    """List, make, change and delete profiles."""

    def __init__(self, profiles: ProfilesService) -> None:
        self._profiles = profiles

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/profiles", self.list_all, "GET_PROFILES_FAILED"),
            Endpoint("GET", "/profiles/presets", self.presets, "GET_PROFILES_FAILED"),
            Endpoint("POST", "/profiles", self.create, "CREATE_PROFILE_FAILED"),
            Endpoint("PUT", "/profiles/{id}", self.update, "UPDATE_PROFILE_FAILED"),
            Endpoint("DELETE", "/profiles/{id}", self.delete, "DELETE_PROFILE_FAILED"),
        ]

    async def list_all(self, _request: Request) -> Response:
        return JsonResponse([profile_json(profile) for profile in await self._profiles.list_profiles()])

    async def presets(self, _request: Request) -> Response:
        return JsonResponse([preset_json(profile) for profile in await self._profiles.presets()])

    async def create(self, request: Request) -> Response:
        profile = profile_of(await read_body(request, ProfileBody))
        return JsonResponse(profile_json(await self._profiles.create_profile(profile)), status_code=201)

    async def update(self, request: Request) -> Response:
        body = await read_body(request, ProfileBody)
        known = await self._known(ProfileId(row_id(request)), body)
        return JsonResponse(profile_json(await self._profiles.update_profile(profile_of(body, known))))

    async def delete(self, request: Request) -> Response:
        await self._profiles.delete_profile(ProfileId(row_id(request)))
        return ok()

    async def _known(self, profile_id: ProfileId, body: ProfileBody) -> Profile:
        """The profile to change. What is wrong with the body is told before that there is no such profile."""
        try:
            return await self._profiles.own_profile(profile_id)
        except NotFoundError:
            profile_of(body)
            raise
