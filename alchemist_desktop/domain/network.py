"""Where the server listens, and what people need to know to reach it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkStatus:
    """A snapshot of the server. `url` is None while it does not listen; `error` is a sentence that says why it does not.

    `fingerprint` is that of its certificate, None without TLS. With `is_lan` other computers are let in.
    """

    url: str | None = None
    port: int | None = None
    is_lan: bool = False
    fingerprint: str | None = None
    error: str | None = None
