"""Credentials in requests and the session cookie in replies."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from alchemist_desktop.services.access import SESSION_LIFETIME

_COOKIE = "alchemist_session"
_BEARER = "Bearer "


def has_bearer(connection: HTTPConnection) -> bool:
    return connection.headers.get("authorization", "").startswith(_BEARER)


def token_of(connection: HTTPConnection) -> str | None:
    """The bearer token, else the session cookie; a wrong bearer token is not rescued by a good cookie."""
    if has_bearer(connection):
        return connection.headers["authorization"].removeprefix(_BEARER)
    return connection.cookies.get(_COOKIE) or None


def set_session(response: Response, token: str, *, is_secure: bool) -> None:
    _set_cookie(response, token, int(SESSION_LIFETIME.total_seconds()), is_secure=is_secure)


def clear_session(response: Response, *, is_secure: bool) -> None:
    _set_cookie(response, "", 0, is_secure=is_secure)


def _set_cookie(response: Response, value: str, max_age_s: int, *, is_secure: bool) -> None:
    cookie = f"{_COOKIE}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age_s}"
    response.headers.append("set-cookie", cookie + ("; Secure" if is_secure else ""))
