"""Clients with many addresses: the whole of 127.0.0.0/8 is this computer, and the program counts requests per address."""

import itertools
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

_NEXT = itertools.cycle(f"127.0.{third}.{fourth}" for third in range(8) for fourth in range(2, 251))
_LOCK = threading.Lock()
_PER_SESSION = 40
_LISTENS_S = 0.5  # to a stream of events, which has no end by itself


def next_address() -> str:
    """An address for a connection to come from; one after the other, for all threads together."""
    with _LOCK:
        return next(_NEXT)


class _Bound(HTTPAdapter):
    """Connects from one address."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, source_address=(self._address, 0), **options)


class ManyAddresses(BaseAdapter):
    """Sends each request from another address than the last, over connections that stay open. For one thread."""

    def __init__(self) -> None:
        super().__init__()
        self._adapters = [_Bound(next_address()) for _ in range(_PER_SESSION)]
        self._turns: Iterator[_Bound] = itertools.cycle(self._adapters)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        if urlsplit(request.url or "").path.endswith("/events"):
            timeout = _LISTENS_S
        return next(self._turns).send(request, stream, timeout, verify, None, None)

    def close(self) -> None:
        for adapter in self._adapters:
            adapter.close()
