"""Sends one web request to the very address that was checked: no second look-up, no proxy, no redirect."""

import ssl
from typing import TYPE_CHECKING

from alchemist_desktop.domain.notification_target import check_url, invalid
from alchemist_desktop.system.notify.addresses import resolve
from alchemist_desktop.system.notify.delivery import DeliveryError
from alchemist_desktop.system.notify.requests import HttpRequest

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S = 10.0
_LONGEST_WAIT_S = 6 * 3600.0
_TRY_AGAIN = frozenset({408, 409, 425, 429})


class HttpSender:
    """Posts requests. `tls` replaces the system's trust, for servers with certificates of their own."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls

    async def check(self, url: str, *, allow_local: bool) -> None:
        """Raises InvalidRequestError when nothing may be sent there."""
        await self._address(url, allow_local=allow_local)

    async def send(self, request: HttpRequest, *, allow_local: bool) -> None:
        """Returns when the receiver has accepted the request. Raises DeliveryError or InvalidRequestError."""
        import httpx  # costs a tenth of a second, and many never send a message

        address = await self._address(request.url, allow_local=allow_local)
        url = httpx.URL(request.url)
        headers = {**request.headers, "Host": url.netloc.decode("ascii"), "User-Agent": "Alchemist-Desktop"}
        # The name goes into the certificate check and the Host header, the connection to the checked address.
        extensions = {"sni_hostname": url.raw_host.decode("ascii")}
        verify = self._tls if self._tls is not None else True
        try:
            async with httpx.AsyncClient(verify=verify, timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
                pinned = client.build_request(
                    "POST", url.copy_with(host=address), content=request.body, headers=headers, extensions=extensions
                )
                reply = await client.send(pinned, stream=True)  # what the receiver says is not needed, however much it is
                await reply.aclose()
        except httpx.HTTPError as error:
            raise DeliveryError(f"{url.host} cannot be reached: {_reason(error)}.") from None  # the chain holds the address
        if not reply.is_success:
            raise _refusal(url.host, reply)

    async def _address(self, url: str, *, allow_local: bool) -> str:
        import httpx

        check_url(url)
        try:
            parts = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise invalid("The address names no host.") from error
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return await resolve(parts.raw_host.decode("ascii").strip("[]"), port, allow_local=allow_local)


def _reason(error: "httpx.HTTPError") -> str:
    return str(error).rstrip(".") or type(error).__name__


def _refusal(host: str, reply: "httpx.Response") -> DeliveryError:
    is_final = 300 <= reply.status_code < 500 and reply.status_code not in _TRY_AGAIN
    wait = reply.headers.get("retry-after", "")
    retry_after_s = min(float(wait), _LONGEST_WAIT_S) if wait.isascii() and wait.isdecimal() else None
    return DeliveryError(
        f"{host} refused the message with status {reply.status_code}.", is_final=is_final, retry_after_s=retry_after_s
    )
