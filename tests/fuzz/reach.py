"""Looks for a way around the scopes: every operation under both prefixes, by every method, by every trick with the path."""

import random
from collections.abc import Iterator

from tests.fuzz.contract import PREFIX
from tests.fuzz.credentials import Credential
from tests.fuzz.record import Record
from tests.fuzz.wire import Reply, Wire
from tests.fuzz.world import World

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "G\u00c9T")
# A path that the scope may call stands in front of the one that it may not.
_GRANTED = ("/health", "/jobs/7/details", "/webhooks/arr", "/jobs/enqueue", "/system/info", "/setup/status", "/auth/login")
_OVERRIDES = (
    {"X-HTTP-Method-Override": "DELETE"},
    {"X-Original-URL": "/api/v1/health"},
    {"X-Rewrite-URL": "/api/v1/health"},
    {"X-Forwarded-Prefix": "/api/v1/health"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"Cookie": "alchemist_session="},
)
# 0: what is no HTTP is answered with 400 and the connection closed, and that end may overtake the answer.
_OUTSIDE = frozenset({0, 400, 401, 403, 404, 405})
_EMPTY_OBJECT = b"{}"


def walk(world: World, record: Record, credential: Credential, *, seed: int, only: str = "", share: float = 1.0) -> None:
    """Send everything there is, or a share of it, as the holder of `credential`, who must reach nothing but what is granted."""
    chance = random.Random(seed)
    wire = Wire(world.url)
    headers = credential.headers()
    older = [name.replace(" /api/", f" {PREFIX}/") for name in world.document["x-legacy-only"]]
    for operation in [*world.operations, *older]:
        method, path = operation.split()
        if only not in operation or not path.startswith(PREFIX):
            continue
        route = path.removeprefix(PREFIX)
        others = [name for name in _METHODS if name != method]
        methods = [method, *chance.sample(others, max(1, round(share * len(others))))]
        for sent_method, prefix in ((name, prefix) for name in methods for prefix in (PREFIX, "/api")):
            target = (prefix + route.replace("{id}", "7").replace("{key}", "theme")).encode()
            reply = wire.request(sent_method, target, {**headers, "Content-Type": "application/json"}, _EMPTY_OBJECT)
            _judge_plain(record, credential, operation, sent_method, route, target, reply)
        if credential.may(method, route):
            continue
        tricks = list(_tricks(route.replace("{id}", "7").replace("{key}", "theme")))
        for target in chance.sample(tricks, max(1, round(share * len(tricks)))):
            reply = wire.request(method, target, {**headers, "Content-Type": "application/json"}, _EMPTY_OBJECT)
            _judge_trick(record, credential, operation, f"{method} {target!r}", reply)
        for extra in _OVERRIDES:
            target = (PREFIX + route.replace("{id}", "7").replace("{key}", "theme")).encode()
            sent = {**extra, **headers, "Content-Type": "application/json"}
            reply = wire.request(method, target, sent, _EMPTY_OBJECT)
            _judge_trick(record, credential, operation, f"{method} {target!r} {extra}", reply)


def _judge_plain(
    record: Record, credential: Credential, operation: str, method: str, route: str, target: bytes, reply: Reply
) -> None:
    record.note(operation, reply.status, reply.elapsed_s)
    story = f"{method} {target!r}\n{reply.status} {reply.body[:300]!r}"
    if reply.status in {-1, 429} or reply.status >= 500:
        record.find(f"{operation}: {reply.status} as {credential.name}", story)
    may = credential.may(method, route)
    is_refused = (
        credential.refusal is not None and reply.status == credential.refusal[0] and reply.code in {credential.refusal[1], ""}
    )
    is_no_http = reply.status in {0, 400} and not method.isascii()
    if may is is_refused and not is_no_http:
        record.find(f"{operation}: {'refused to' if may else 'reached by'} {credential.name}", story)


def _judge_trick(record: Record, credential: Credential, operation: str, what: str, reply: Reply) -> None:
    record.note(operation, reply.status, reply.elapsed_s)
    if reply.status not in _OUTSIDE:
        record.find(f"{operation}: reached by {credential.name} with a trick", f"{what}\n{reply.status} {reply.body[:300]!r}")


def _tricks(route: str) -> Iterator[bytes]:
    """Targets that some server or other takes for the route."""
    inner = route.removeprefix("/")
    plain = PREFIX + route
    words = [
        plain + "/",
        plain + "//",
        plain + "/.",
        plain + ";x=1",
        plain + "%20",
        plain + "%00",
        plain + "%0a",
        plain + ".json",
        plain + "?",
        plain + "%3f",
        plain + "#/health",
        "/" + plain,
        "//api/v1" + route,
        "/api//v1" + route,
        "/api/v1/" + route,
        "/api/v1/v1" + route,
        "/api/v2" + route,
        "/api/./v1" + route,
        "/./api/v1" + route,
        "/x/../api/v1" + route,
        "/api/v1;x" + route,
        "/%61pi/v1" + route,
        "/api%2fv1" + route,
        "/api%2Fv1%2F" + inner,
        "/api/v1%2f" + inner,
        "/api/v1%5c" + inner,
        "/api/v1\\" + inner,
        "/api/v1/%2e" + route,
        "/API/V1" + route,
        "/Api/v1" + route,
        "/api/v1" + route.upper(),
        "/api/v1/" + inner.replace("/", "%2f"),
        "/api/v1" + route + "/details",
        "/api/v1/jobs/" + inner + "/details",
        "http://localhost" + plain,
        "http://evil.example" + plain,
        plain.lstrip("/"),
    ]
    for granted in _GRANTED:
        depth = granted.count("/")
        for up in ("/..", "/%2e%2e", "/.%2e", "/..;", "/%252e%252e", "\\..", "/..%2f"):
            words.append(PREFIX + granted + up * depth + route)
            words.append(PREFIX + granted + up * depth + route + "/details")
    yield from (word.encode() for word in words)
    yield plain.encode() + b"\x00"
    yield plain.encode() + b"\xff"
    yield plain.encode().replace(b"/", b"\xc0\xaf")
