"""Accounts and API tokens on the wire."""

from alchemist_desktop.api.schemas.bodies import NOT_BLANK, Body, told
from alchemist_desktop.api.schemas.encoding import JsonObject, rfc3339, rfc3339_or_none
from alchemist_desktop.domain.access import AccessLevel, ApiToken


class LoginBody(Body):
    """A name and a password."""

    username: str
    password: str


class TokenBody(Body):
    """The API token to make."""

    name: str = told(pattern=NOT_BLANK)
    access_level: AccessLevel


def token_json(token: ApiToken) -> JsonObject:
    return {
        "id": token.id,
        "name": token.name,
        "access_level": token.access_level,
        "created_at": rfc3339(token.created_at),
        "last_used_at": rfc3339_or_none(token.last_used_at),
        "revoked_at": rfc3339_or_none(token.revoked_at),
    }
