"""Profiles: the built-in ones and those a person makes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.profile import AudioMode, HdrMode, OutputCodec, Profile, QualityProfile, SubtitleMode
from alchemist_desktop.storage.codec import rules_from_json, rules_to_json
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import ProfileRow

_PLAIN = (
    "name", "preset", "crf_override", "notes", "builtin", "size_reduction_threshold", "min_bpp_threshold",
    "min_file_size_mb", "created_at", "updated_at",
)  # fmt: skip


class ProfileRepository:
    """Profiles by id. Built-in ones are read-only."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def all(self) -> list[Profile]:
        """The built-in ones first, then in the order in which they were made."""
        return await self._db.read(_all)

    async def get(self, profile_id: ProfileId) -> Profile | None:
        return await self._db.read(_get, profile_id)

    async def create(self, profile: Profile) -> Profile:
        """Store a new profile; its `id` and times are ignored, the stored one is returned."""
        return await self._db.write(_create, profile, self._clock.now())

    async def update(self, profile: Profile) -> Profile | None:
        """Change a profile; None when there is none with this id, or it is built in."""
        return await self._db.write(_update, profile, self._clock.now())

    async def delete(self, profile_id: ProfileId) -> bool:
        """False when there is none with this id, or it is built in. Folders and jobs fall back to the settings."""
        return await self._db.write(_delete, profile_id)


def _all(db: Connection) -> list[Profile]:
    return [_to_profile(row) for row in ProfileRow.select().order_by(ProfileRow.id).dicts().execute(db)]


def _get(db: Connection, profile_id: int) -> Profile | None:
    rows = list(ProfileRow.select().where(ProfileRow.id == profile_id).dicts().execute(db))
    return _to_profile(rows[0]) if rows else None


def _create(db: Connection, profile: Profile, now: datetime) -> Profile:
    columns = _columns(profile) | {"builtin": False, "created_at": now, "updated_at": now}
    profile_id = ProfileRow.insert(columns).execute(db)
    return _to_profile({**columns, "id": profile_id})


def _update(db: Connection, profile: Profile, now: datetime) -> Profile | None:
    columns = _columns(profile) | {"updated_at": now}
    is_own = (ProfileRow.id == profile.id) & (ProfileRow.builtin == False)  # noqa: E712
    return _get(db, profile.id) if ProfileRow.update(columns).where(is_own).execute(db) else None


def _delete(db: Connection, profile_id: ProfileId) -> bool:
    is_own = (ProfileRow.id == profile_id) & (ProfileRow.builtin == False)  # noqa: E712
    return bool(ProfileRow.delete().where(is_own).execute(db))


def _columns(profile: Profile) -> dict[str, Any]:
    columns: dict[str, Any] = {name: getattr(profile, name) for name in _PLAIN if not name.endswith("_at")}
    del columns["builtin"]
    return columns | {
        "codec": profile.codec.value,
        "quality_profile": profile.quality_profile.value,
        "hdr_mode": profile.hdr_mode.value,
        "audio_mode": profile.audio_mode.value,
        "subtitle_mode": profile.subtitle_mode.value if profile.subtitle_mode else None,
        "stream_rules": rules_to_json(profile.stream_rules) if profile.stream_rules else None,
    }


def _to_profile(row: Mapping[str, Any]) -> Profile:
    return Profile(
        id=ProfileId(row["id"]),
        codec=OutputCodec(row["codec"]),
        quality_profile=QualityProfile(row["quality_profile"]),
        hdr_mode=HdrMode(row["hdr_mode"]),
        audio_mode=AudioMode(row["audio_mode"]),
        subtitle_mode=None if row["subtitle_mode"] is None else SubtitleMode(row["subtitle_mode"]),
        stream_rules=None if row["stream_rules"] is None else rules_from_json(row["stream_rules"]),
        **{name: row[name] for name in _PLAIN},
    )
