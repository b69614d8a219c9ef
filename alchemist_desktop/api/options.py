"""What the HTTP face is told from outside: names, limits and intervals."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A token bucket's size and how fast it fills again."""

    capacity: float
    per_s: float


def own_host_names() -> frozenset[str]:
    """The names under which other computers in the LAN know this one."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    return frozenset({name, short, f"{short}.local"}) - {""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """Choices of whoever starts the face.

    `stop` ends every open event stream when it is set. `trusted_proxies` are bare addresses of reverse proxies whose
    forwarding headers count, and `allowed_hosts` names clients may use in `Host`, both besides those of the settings.
    """

    cookie_secure: bool = False
    setup_token: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    own_names: frozenset[str] = field(default_factory=own_host_names)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    request_rate: Rate = Rate(capacity=120, per_s=60)
    login_rate: Rate = Rate(capacity=10, per_s=1)
    max_streams: int = 50
    stream_buffer: int = 1000
    keep_alive_s: float = 15.0
    progress_interval_s: float = 0.1
    monotonic_s: Callable[[], float] = time.monotonic
