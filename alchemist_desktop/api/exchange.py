"""What is known of one request while it passes from check to check."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.types import Scope

from alchemist_desktop.domain.access import Principal

INTERNAL_ERROR = "INTERNAL_ERROR"
_KEY = "alchemist.exchange"


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request's identity. `peer` is the TCP peer, `client` the address behind trusted proxies.

    `failure_code` is what an unexpected error is called at the point the request has reached.
    """

    request_id: str
    peer: str
    client: str
    principal: Principal | None = None
    failure_code: str = INTERNAL_ERROR


def attach(scope: Scope, exchange: Exchange) -> None:
    scope[_KEY] = exchange


def exchange_of(connection: HTTPConnection) -> Exchange:
    exchange = connection.scope[_KEY]
    assert isinstance(exchange, Exchange)
    return exchange
