"""Accounts, sessions and API tokens."""

import asyncio
import hashlib
import secrets
import string
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alchemist_desktop.domain.access import AccessLevel, ApiToken, Principal
from alchemist_desktop.domain.errors import BusyError, InvalidRequestError, NotFoundError
from alchemist_desktop.domain.events import AccessChanged
from alchemist_desktop.domain.ids import TokenId
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.storage.access import AccessRepository

SESSION_LIFETIME = timedelta(days=30)
_MOST_WAITING = 64
_ALPHABET = string.ascii_letters + string.digits


class AccessService:
    """Proves who is calling. Only hashes of tokens and passwords are stored. Ends of access are told (AccessChanged)."""

    def __init__(self, accounts: AccessRepository, clock: Clock, bus: EventBus) -> None:
        self._accounts = accounts
        self._clock = clock
        self._bus = bus
        self._turn = asyncio.Lock()
        self._waiting = 0
        # The parameters of the wire contract: argon2id, m=19456 KiB, t=2, p=1.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._decoy_hash = self._hasher.hash(secrets.token_urlsafe())

    async def has_user(self) -> bool:
        return await self._accounts.has_user()

    async def is_taken(self, username: str) -> bool:
        return await self._accounts.find_user(username.strip()) is not None

    async def create_user(self, username: str, password: str) -> None:
        """Raises InvalidRequestError (SETUP_USERNAME_INVALID, SETUP_PASSWORD_INVALID), or ConflictError (USER_EXISTS)."""
        name = username.strip()
        if len(name.encode(errors="replace")) < 3:
            raise InvalidRequestError("The user name needs at least 3 characters.", code="SETUP_USERNAME_INVALID")
        if len(password.encode(errors="replace")) < 8:
            raise InvalidRequestError("The password needs at least 8 characters.", code="SETUP_PASSWORD_INVALID")
        await self._accounts.create_user(name, await asyncio.to_thread(self._hasher.hash, password))

    async def login(self, username: str, password: str) -> str | None:
        """A new session token, or None; an unknown user costs as much time as a wrong password.

        Raises BusyError (AUTH_RATE_LIMITED) when too many passwords wait to be checked.
        """
        account = await self._accounts.find_user(username.strip())
        password_hash = account.password_hash if account else self._decoy_hash
        is_right = await self._check(password_hash, password)
        if account is None or not is_right:
            return None
        return await self.open_session(username)

    async def open_session(self, username: str) -> str:
        """A session for an account that is known to be the caller's. Raises NotFoundError for an unknown one."""
        account = await self._accounts.find_user(username.strip())
        if account is None:
            raise NotFoundError(f"There is no user {username!r}.", code="USER_NOT_FOUND")
        token = _random_text(64)
        await self._accounts.add_session(account.id, _digest(token), self._clock.now() + SESSION_LIFETIME)
        return token

    async def logout(self, token: str) -> None:
        if await self._accounts.delete_session(_digest(token)):
            self._bus.publish(AccessChanged())

    async def authenticate(self, token: str) -> Principal | None:
        """Whoever this session or API token belongs to, or None."""
        return await self._accounts.find_principal(_digest(token))

    async def list_tokens(self) -> list[ApiToken]:
        """Newest first, revoked ones included."""
        return await self._accounts.list_tokens()

    async def create_token(self, name: str, level: AccessLevel) -> tuple[ApiToken, str]:
        """The token's record and its text, which is told this once. Raises InvalidRequestError (API_TOKEN_NAME_INVALID)."""
        if not name.strip():
            raise InvalidRequestError("The token needs a name.", code="API_TOKEN_NAME_INVALID")
        text = f"alc_tok_{_random_text(48)}"
        return await self._accounts.add_token(name.strip(), level, _digest(text)), text

    async def revoke_token(self, token_id: TokenId) -> None:
        """Raises NotFoundError (API_TOKEN_NOT_FOUND); revoking twice keeps the first time."""
        if not await self._accounts.revoke_token(token_id):
            raise NotFoundError("There is no such token.", code="API_TOKEN_NOT_FOUND")
        self._bus.publish(AccessChanged())

    async def reset(self) -> None:
        """Delete every account and session, so that setup runs again."""
        await self._accounts.delete_users()
        self._bus.publish(AccessChanged())

    async def _check(self, password_hash: str, password: str) -> bool:
        """A check takes 19 MB and a core for a while: they are made one after the other, and a crowd is sent away."""
        if self._waiting >= _MOST_WAITING:
            raise BusyError("Too many attempts to sign in. Wait a moment, then try again.", code="AUTH_RATE_LIMITED")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(self._verify, password_hash, password)
        finally:
            self._waiting -= 1

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
