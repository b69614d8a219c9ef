"""Accounts, sessions and API tokens; of tokens only their hashes are here."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import IntegrityError

from alchemist_desktop.domain.access import AccessLevel, ApiToken, Principal
from alchemist_desktop.domain.errors import ConflictError, KnownError
from alchemist_desktop.domain.ids import TokenId, UserId
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import from_micros, to_micros
from alchemist_desktop.storage.tables import SessionRow, TokenRow, UserRow

_LAST_USE_STEP = timedelta(minutes=1)  # the time of the last use is kept this exactly, to spare a write per request


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A stored account."""

    id: UserId
    username: str
    password_hash: str


class AccessRepository:
    """Looks credentials up by the SHA-256 of their text."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def has_user(self) -> bool:
        return await self._db.read(lambda db: bool(list(UserRow.select(UserRow.id).limit(1).tuples().execute(db))))

    async def create_user(self, username: str, password_hash: str) -> Account:
        """Raises ConflictError (USER_EXISTS)."""
        return await self._db.write(_create_user, username, password_hash, self._clock.now())

    async def find_user(self, username: str) -> Account | None:
        return await self._db.read(_find_user, username)

    async def delete_users(self) -> None:
        """Delete every account with its sessions; API tokens stay."""
        await self._db.write(lambda db: UserRow.delete().execute(db))

    async def add_session(self, user_id: UserId, token_hash: str, expires_at: datetime) -> None:
        """Open a session; those that are over are forgotten."""
        await self._db.write(_add_session, user_id, token_hash, expires_at, self._clock.now())

    async def delete_session(self, token_hash: str) -> bool:
        """Whether there was one."""
        return await self._db.write(lambda db: SessionRow.delete().where(SessionRow.token_hash == token_hash).execute(db) > 0)

    async def find_principal(self, token_hash: str) -> Principal | None:
        """Whoever a session that is not over, or a token that is not revoked, belongs to. Notes the token's use."""
        now = self._clock.now()
        principal, is_use_due = await self._db.read(_find_principal, token_hash, now)
        if is_use_due:
            with suppress(KnownError):  # a full disk, say: the token is good all the same
                await self._db.write(
                    lambda db: TokenRow.update(last_used_at=now).where(TokenRow.token_hash == token_hash).execute(db)
                )
        return principal

    async def list_tokens(self) -> list[ApiToken]:
        """Newest first, revoked ones included."""
        return await self._db.read(_list_tokens)

    async def add_token(self, name: str, level: AccessLevel, token_hash: str) -> ApiToken:
        return await self._db.write(_add_token, name, level, token_hash, self._clock.now())

    async def revoke_token(self, token_id: TokenId) -> bool:
        """False when there is no such token; revoking again keeps the first time."""
        return await self._db.write(_revoke_token, token_id, self._clock.now())


def _create_user(db: Connection, username: str, password_hash: str, now: datetime) -> Account:
    try:
        user_id = UserRow.insert(username=username, password_hash=password_hash, created_at=now).execute(db)
    except IntegrityError as error:
        raise ConflictError("There is an account of this name already.", code="USER_EXISTS") from error
    return Account(id=UserId(user_id), username=username, password_hash=password_hash)


def _find_user(db: Connection, username: str) -> Account | None:
    rows = list(UserRow.select().where(UserRow.username == username).dicts().execute(db))
    if not rows:
        return None
    return Account(id=UserId(rows[0]["id"]), username=rows[0]["username"], password_hash=rows[0]["password_hash"])


def _add_session(db: Connection, user_id: UserId, token_hash: str, expires_at: datetime, now: datetime) -> None:
    SessionRow.delete().where(SessionRow.expires_at <= now).execute(db)
    SessionRow.insert(token_hash=token_hash, user_id=user_id, created_at=now, expires_at=expires_at).execute(db)


def _find_principal(db: Connection, token_hash: str, now: datetime) -> tuple[Principal | None, bool]:
    """The principal, and whether the use is to be noted. Without the models: every request asks."""
    sql = "SELECT user_id FROM sessions WHERE token_hash = ? AND expires_at > ?"
    session = db.sql(sql, (token_hash, to_micros(now))).fetchone()
    if session is not None:
        return Principal(access_level=AccessLevel.FULL_ACCESS, user_id=UserId(session[0])), False
    sql = "SELECT id, access_level, last_used_at FROM api_tokens WHERE token_hash = ? AND revoked_at IS NULL"
    token = db.sql(sql, (token_hash,)).fetchone()
    if token is None:
        return None, False
    token_id, level, last_use = token
    principal = Principal(access_level=AccessLevel(level), token_id=TokenId(token_id))
    return principal, last_use is None or now - from_micros(last_use) >= _LAST_USE_STEP


def _list_tokens(db: Connection) -> list[ApiToken]:
    return [_to_token(row) for row in TokenRow.select().order_by(TokenRow.id.desc()).dicts().execute(db)]


def _to_token(row: Mapping[str, Any]) -> ApiToken:
    return ApiToken(
        id=TokenId(row["id"]),
        name=row["name"],
        access_level=AccessLevel(row["access_level"]),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )


def _add_token(db: Connection, name: str, level: AccessLevel, token_hash: str, now: datetime) -> ApiToken:
    columns = {"name": name, "access_level": level.value, "created_at": now}
    token_id = TokenRow.insert({**columns, "token_hash": token_hash}).execute(db)
    return _to_token({**columns, "id": token_id, "last_used_at": None, "revoked_at": None})


def _revoke_token(db: Connection, token_id: TokenId, now: datetime) -> bool:
    TokenRow.update(revoked_at=now).where(TokenRow.id == token_id, TokenRow.revoked_at.is_null()).execute(db)
    return bool(list(TokenRow.select(TokenRow.id).where(TokenRow.id == token_id).tuples().execute(db)))
