"""Accounts, sessions and API tokens."""

from dataclasses import dataclass
from datetime import timedelta

from alchemist_desktop.domain.access import AccessLevel, ApiToken, Principal
from alchemist_desktop.domain.ids import TokenId

SESSION_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRequest:
    """What the first run needs: an account and the library folders; other choices go through the settings service."""

    username: str
    password: str


class AccessService:
    """Proves who is calling. Only hashes of tokens and passwords are stored."""

    async def has_user(self) -> bool:
        raise NotImplementedError

    async def create_user(self, username: str, password: str) -> None:
        """Raises InvalidRequestError (SETUP_USERNAME_INVALID, SETUP_PASSWORD_INVALID)."""
        raise NotImplementedError

    async def login(self, username: str, password: str) -> str | None:
        """A new session token, or None; an unknown user costs as much time as a wrong password."""
        raise NotImplementedError

    async def open_session(self, username: str) -> str:
        """A session for an account that was just created."""
        raise NotImplementedError

    async def logout(self, token: str) -> None:
        raise NotImplementedError

    async def authenticate(self, token: str) -> Principal | None:
        """Whoever this session or API token belongs to, or None."""
        raise NotImplementedError

    async def list_tokens(self) -> list[ApiToken]:
        raise NotImplementedError

    async def create_token(self, name: str, level: AccessLevel) -> tuple[ApiToken, str]:
        """The token's record and its text, which is told this once. Raises InvalidRequestError (API_TOKEN_NAME_INVALID)."""
        raise NotImplementedError

    async def revoke_token(self, token_id: TokenId) -> None:
        """Raises NotFoundError (API_TOKEN_NOT_FOUND)."""
        raise NotImplementedError

    async def reset(self) -> None:
        """Delete every account and session, so that setup runs again."""
        raise NotImplementedError
