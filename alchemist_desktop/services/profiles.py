"""Profiles: named sets of encoding choices, four of them built in."""

from alchemist_desktop.domain.errors import ConflictError, NotFoundError
from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.profile import Profile
from alchemist_desktop.storage.libraries import WatchDirRepository
from alchemist_desktop.storage.profiles import ProfileRepository


class ProfilesService:
    """List, make, change and delete profiles. Unknown ids raise NotFoundError (PROFILE_NOT_FOUND)."""

    def __init__(self, profiles: ProfileRepository, watch_dirs: WatchDirRepository) -> None:
        self._profiles = profiles
        self._watch_dirs = watch_dirs

    async def list_profiles(self) -> list[Profile]:
        """By id, the built-in ones included."""
        return await self._profiles.all()

    async def presets(self) -> list[Profile]:
        """The built-in ones."""
        return [profile for profile in await self._profiles.all() if profile.builtin]

    async def create_profile(self, profile: Profile) -> Profile:
        """Store a new profile; its `id` and times are ignored."""
        return await self._profiles.create(profile)

    async def own_profile(self, profile_id: ProfileId) -> Profile:
        """A profile that may be changed. Raises ConflictError (BUILTIN_PROFILE_READ_ONLY)."""
        profile = await self._profiles.get(profile_id)
        if profile is None:
            raise _not_found(profile_id)
        if profile.builtin:
            raise ConflictError(f"{profile.name} is built in and cannot be changed.", code="BUILTIN_PROFILE_READ_ONLY")
        return profile

    async def update_profile(self, profile: Profile) -> Profile:
        """Raises ConflictError (BUILTIN_PROFILE_READ_ONLY)."""
        await self.own_profile(profile.id)
        stored = await self._profiles.update(profile)
        if stored is None:
            raise _not_found(profile.id)
        return stored

    async def delete_profile(self, profile_id: ProfileId) -> None:
        """Raises ConflictError (BUILTIN_PROFILE_DELETE_BLOCKED, PROFILE_IN_USE)."""
        profile = await self._profiles.get(profile_id)
        if profile is None:
            raise _not_found(profile_id)
        if profile.builtin:
            raise ConflictError(f"{profile.name} is built in and cannot be deleted.", code="BUILTIN_PROFILE_DELETE_BLOCKED")
        users = [folder.path for folder in await self._watch_dirs.all() if folder.profile_id == profile_id]
        if users:
            raise ConflictError(f"{profile.name} is used by {', '.join(users)}.", code="PROFILE_IN_USE")
        await self._profiles.delete(profile_id)


def _not_found(profile_id: ProfileId) -> NotFoundError:
    return NotFoundError(f"There is no profile {profile_id}.", code="PROFILE_NOT_FOUND")
