"""Which names and origins a request may carry: the guard against pages of other sites and rebound names."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.requests import Request

from alchemist_desktop.api.addresses import is_lan
from alchemist_desktop.api.credentials import has_bearer
from alchemist_desktop.api.errors import ProblemError

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


class HostCheck:
    """Refuses requests for a `Host` that is not this computer, and changes that another site's page asks for.

    LAN addresses need no listing: only a name can be pointed elsewhere behind a browser's back, never an address.
    """

    def __init__(self, own_names: Iterable[str], additions: Callable[[], Iterable[str]]) -> None:
        self._own_names = frozenset(name.lower() for name in own_names)
        self._additions = additions

    async def __call__(self, request: Request) -> None:
        if not request.scope["path"].startswith("/"):  # a whole address names a host beside the header
            raise ProblemError(400, "MALFORMED_REQUEST", "The target of a request must be a path.")
        host = request.headers.get("host", "")
        if not _HOST.fullmatch(host) or not self._is_own(_host_name(f"//{host}")):
            raise ProblemError(403, "HOST_FORBIDDEN", f"This server does not answer for the host {host!r}.")
        if request.method in _SAFE_METHODS or has_bearer(request):
            return
        if not self._is_from_here(request, host):
            raise ProblemError(403, "ORIGIN_FORBIDDEN", "Pages of other sites may not change anything here.")

    def _is_from_here(self, request: Request, host: str) -> bool:
        """By the origin, else by what else a browser tells of the page; other programs tell nothing."""
        origin = request.headers.get("origin")
        if origin is not None:
            return self._is_same_site(origin, host)
        referer = request.headers.get("referer", "")
        is_foreign = request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}
        return not is_foreign and (not referer or self._is_same_site(referer, host))

    def _is_own(self, name: str) -> bool:
        if name in {"localhost", *self._own_names} or name.endswith(".localhost"):
            return True
        return is_lan(name) or self._is_addition(name)

    def _is_addition(self, name: str) -> bool:
        return name != "" and name in {addition.strip().lower() for addition in self._additions()}

    def _is_same_site(self, origin: str, host: str) -> bool:
        """Another port is another program; only a host the owner named may differ, as behind a proxy."""
        return _net_location(origin) == host.lower() or self._is_addition(_host_name(origin))


def _host_name(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _net_location(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
