"""Turns files that were found into jobs: their output path, profile and device, then one row each."""

from collections.abc import Sequence

from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.library import FoundFile, MediaFile, UpsertResult, output_path_for, root_of
from alchemist_desktop.engine.parts import Parts


class Intake:
    """The one way into the queue, for scans, watch folders and single paths alike."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def take(self, files: Sequence[MediaFile]) -> UpsertResult:
        """Make or refresh the rows of `files`. A file whose content did not change is left as it is."""
        profiles = await self._profiles_by_root()
        return await self._parts.stores.jobs.upsert_found([self._found(media, profiles) for media in files])

    def _found(self, media: MediaFile, profiles: dict[str, ProfileId]) -> FoundFile:
        files = self._parts.settings().files
        profile_root = root_of(media.path, profiles)
        return FoundFile(
            media=media,
            output_path=output_path_for(media.path, media.root, files),
            spare_output_path=output_path_for(media.path, media.root, files, is_taken=lambda _path: True),
            profile_id=profiles[profile_root] if profile_root is not None else None,
            source_device=f"dev:{media.stamp.device}" if media.stamp.device else None,
        )

    async def _profiles_by_root(self) -> dict[str, ProfileId]:
        folders = await self._parts.stores.watch_dirs.all()
        return {folder.path: folder.profile_id for folder in folders if folder.profile_id is not None}
