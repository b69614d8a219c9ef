"""Who may call what over HTTP."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alchemist_desktop.domain.ids import TokenId, UserId


class AccessLevel(StrEnum):
    """Scopes of API tokens; a signed-in session counts as FULL_ACCESS. The values are stored and sent."""

    READ_ONLY = "read_only"
    FULL_ACCESS = "full_access"
    ARR_WEBHOOK = "arr_webhook"
    JELLYFIN = "jellyfin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whoever a credential belongs to."""

    access_level: AccessLevel
    user_id: UserId | None = None
    token_id: TokenId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """What is known of an API token; its text is shown once and never stored."""

    id: TokenId
    name: str
    access_level: AccessLevel
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
