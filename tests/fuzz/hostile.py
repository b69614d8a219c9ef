"""What no client sends: broken HTTP, broken JSON, and values at the edge of everything."""

import copy
import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from tests.fuzz.contract import PREFIX
from tests.fuzz.credentials import Credential
from tests.fuzz.record import EXCUSED, Record
from tests.fuzz.wire import Reply, Wire
from tests.fuzz.world import LEADS_AWAY, World

_MEGABYTE = 1024 * 1024
_REFILL_EVERY = 4
_DEEP = 100_000
# Texts in place of a value of a JSON body. The first three are no JSON, or none that UTF-8 can carry.
_LITERALS = (
    "NaN", "1e400", "Infinity", "-1e400", "1" * 400, "-" + "9" * 30, "9223372036854775808", "-9223372036854775809", "1e-400", "0.1e1",
    "null", "true", "[]", "{}", '""', '" "', "0", "-1", "1.5", "-0", r'"\ud800"', r'"\udfff\ud800"', r'"\u0000"', r'"a\u0000b"',
    r'"\ud83d\ude00"', '"\u202e"', '"../x"', '"%s%n"', '"{{7*7}}"', r'"x\r\nSet-Cookie: a=b"', r'"C:\\"', r'"\\\\server\\share"',
    '"' + "x" * 70_000 + '"', "[" * 500 + "]" * 500, '{"a":' * 300 + "1" + "}" * 300, '[1,"a",null]', r'["\ud800"]', '{"\\ud800":1}',
    '"24:61"', '"9999-12-31T23:59:59-23:59"', '"http://[::1"', '"http://127.0.0.1:99999/"', "[" + "0," * 5000 + "0]",
)  # fmt: skip
# Halves of pairs and null characters, which no file name and no database can hold: tried in every place.
_NO_TEXT = (r'"\ud800"', r'"a\u0000b"')
_BODIES = (
    b"", b" ", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"{", b"}", b"[]", b"null", b'"x"', b"1", b"{}{}", b"{},", b"{'a':1}", b'{"a":1,}',
    b'{"a":1,"a":2}', b'{"path":"\xff"}', b'{"\xed\xa0\x80":1}', b"\x00", b"\x80\x81", b"[" * _DEEP, b'{"a":' * _DEEP, b"[" * _DEEP + b"]" * _DEEP,
    b"1" * 100_000, b'"' + b"\\" * 100_001, b'{"a":' + b"9" * 10_000 + b"}", b"<?xml version='1.0'?><a/>", b"a=1&b=2", b"\x1f\x8b\x08\x00",
)  # fmt: skip
_TYPES = (
    "application/json", "application/json; charset=utf-16", "application/merge-patch+json", "APPLICATION/JSON", "application/json,text/html",
    "application/jsonx", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "b" * 300,
    "multipart/form-data; boundary=x", "multipart/mixed; boundary=x", "application/x-www-form-urlencoded", "", "a/b/c", "\u00e9",
)  # fmt: skip
_QUERIES = (
    b"%", b"%zz", b"%ff%fe", b"limit=%ed%a0%80", b"limit=1e9", b"limit=99999999999999999999", b"limit=-1&page=-1", b"page=9223372036854775807",
    b"limit=\xff", b"limit=1&limit=2", b"search=%00", b"search=%25_%5C", b"status=queued,,,", b"status=%00", b"sort_desc=1", b"archived=%ff",
    b"path=%00", b"path=" + b"a" * 5000, b"path=..%2f..", b"path=%ed%a0%80", b"=", b"&&&", b"a" * 20_000, b"token=%00", b"window=99d",
    b"depth=x", b"fresh=%00", b"search=" + b"%27" * 50, b"limit=+5", b"limit=%D9%A3", b"limit=0x10", b"page=1_000",
)  # fmt: skip
_IDS = (
    b"0", b"-1", b"+999", b"0999", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"9" * 500, b"1e3", b"1.0", b"%39%39%39",
    b"999%00", b"%D9%A3", b"NaN", b"'", b"999;2", b"999,2", b"%ff", b"%ed%a0%80", b"~", b"999%0d%0aX-A:1", b"a" * 5000, b"..", b"%2e%2e", b"",
)  # fmt: skip

Json = Any
Thing = TypeVar("Thing")


class Hostile:
    """Sends hostile bytes with a good credential, and judges what comes back."""

    def __init__(
        self, world: World, record: Record, credential: Credential, *, seed: int, only: str = "", share: float = 1.0
    ) -> None:
        self._world = world
        self._record = record
        self._only = only
        self._share = share
        self._random = random.Random(seed)
        self._wire = Wire(world.url)
        self._credential = credential
        self._headers: dict[str, str] = {}
        self._json_headers: dict[str, str] = {}

    def send_all(self) -> None:
        """Everything there is, which is about 11,000 requests, or the share of it that was asked for."""
        wanted = [operation for operation in self._world.operations if self._only in operation]
        for number, operation in enumerate(wanted):
            if number % _REFILL_EVERY == 0:
                self._world.refill()
            self._send_to(operation)
        if not self._only:
            for name, pieces in self._broken_http():
                self._judge(f"broken HTTP: {name}", self._wire.send(*pieces), may_close=True)

    def _send_to(self, operation: str) -> None:
        method, path = operation.split()
        self._headers = self._credential.headers()  # anew: signing out may have ended a session
        self._json_headers = {**self._headers, "Content-Type": "application/json"}
        spec = self._world.document["paths"][path][method.lower()]
        for target in self._targets(path):
            self._judge(
                operation,
                self._wire.request(method, target, self._json_headers, b"" if method in {"GET", "HEAD"} else b"{}"),
                target,
            )
        if "requestBody" in spec:
            target = path.replace("{id}", str(self._some_id(path))).encode()
            for body in self._some(_BODIES):
                self._judge(operation, self._wire.request(method, target, self._json_headers, body), body)
            for kind in self._some(_TYPES):
                self._judge(
                    operation, self._wire.request(method, target, {**self._headers, "Content-Type": kind}, b"--x\r\n\r\n"), kind
                )
            for body in self._odd_values(operation):
                reply = self._wire.request(method, target, self._json_headers, body)
                self._judge(operation, reply, body)
                self._check_text(operation, reply, body)

    def _some(self, things: Sequence[Thing], share: float = 1.0) -> list[Thing]:
        return self._random.sample(things, max(1, round(len(things) * share * self._share)))

    def _some_id(self, path: str) -> int:
        ids = next((known for word, known in self._world.ids.items() if f"/{word}/" in path), None)
        return ids[-1] if ids else 1

    def _targets(self, path: str) -> Iterator[bytes]:
        plain = path.replace("{id}", str(self._some_id(path))).replace("{key}", "a").encode()
        if "/events" not in path:
            yield from (plain + b"?" + query for query in self._some(_QUERIES, 0.25))
        if "{" in path:
            before, _, rest = path.partition("{")
            after = rest.partition("}")[2].encode()
            yield from (before.encode() + number + after for number in self._some(_IDS))

    def _odd_values(self, operation: str) -> Iterator[bytes]:
        """A good body with one odd value in one place, for every place; the big ones in some places only."""
        good = self._good_body(operation)
        places = [place for place in _places(good) if not set(place) & set(LEADS_AWAY)]
        for number, place in enumerate(places):
            for literal in dict.fromkeys((*_NO_TEXT, *self._some(_LITERALS, 1.0 if len(places) < 30 else 0.1))):
                mark = f"<here {number}>"
                yield json.dumps(_with(good, place, mark)).replace(json.dumps(mark), literal).encode("utf-8", "surrogatepass")
            twice = json.dumps(_with(good, place, "<twice>"))
            yield twice.replace('"<twice>"', '1, "<twice>": 2').encode()

    def _good_body(self, operation: str) -> Json:
        make: dict[str, Callable[[], Json]] = {
            "POST /setup/complete": lambda: {
                "username": "owner",
                "password": "a good password",
                "settings": self._world.settings,
            },
            "POST /auth/login": lambda: {"username": "owner", "password": "wrong"},
            "PUT /settings/bundle": lambda: self._world.settings,
            "PUT /settings/config": lambda: {"raw_toml": self._world.raw_toml},
            "POST /settings/config/validate": lambda: {"raw_toml": self._world.raw_toml},
            "POST /settings/notifications": self._world.target,
            "POST /settings/notifications/test": self._world.target,
            "POST /settings/schedule": self._world.window,
            "POST /profiles": self._world.profile,
            "PUT /profiles/{id}": self._world.profile,
            "POST /jobs/enqueue": lambda: {"path": str(self._world.library / "first.mkv")},
            "POST /webhooks/arr": self._world.arr_call,
            "POST /conversion/preview": self._world.conversion,
            "POST /settings/folders": lambda: {"dirs": [{"path": str(self._world.other_folder), "is_recursive": True}]},
            "POST /fs/preview": lambda: {"directories": [str(self._world.library)]},
            "POST /jobs/batch": lambda: {"action": "restart", "ids": self._world.ids["jobs"][:1]},
        }
        method, path = operation.split()
        known = make.get(f"{method} {path.removeprefix(PREFIX)}")
        if known is not None:
            return known()
        if method == "POST" and f"GET {path}" in self._world.operations:
            shown = self._wire.request("GET", path.encode(), self._headers).json
            if isinstance(shown, dict):
                return shown
        return _example(self._world.document, operation)

    def _check_text(self, operation: str, reply: Reply, body: bytes) -> None:
        """A half of a pair is no text: what has one must be refused, or come back as something that is text."""
        if rb"\ud800" in body.lower() and reply.status < 400:
            try:
                reply.body.decode("utf-8")
            except UnicodeDecodeError:
                self._record.find(f"{operation}: a lone surrogate came back", repr(reply.body[:300]))

    def _judge(self, operation: str, reply: Reply, sent: object = b"", *, may_close: bool = False) -> None:
        self._record.note(operation, reply.status, reply.elapsed_s)
        story = f"{str(sent)[:300]}\n{reply.status} {reply.body[:300]!r}"
        is_ours = "x-request-id" in reply.headers
        if reply.status >= 500 and reply.code in EXCUSED:
            self._record.excuse(reply.code)
        elif reply.status >= 500 or reply.status == -1 or (reply.status == 0 and not may_close):
            self._record.find(f"{operation}: {reply.status} {reply.code} for hostile bytes", story)
        elif is_ours:
            self._record.check_headers(operation, reply.headers)
        elif reply.status not in {0, 400, 413, 431}:
            self._record.find(f"{operation}: {reply.status} without the headers of the program", story)

    def _broken_http(self) -> Iterator[tuple[str, tuple[bytes, ...]]]:
        """Requests that are none, each with what is wrong with it. All of them end by themselves, or are cut off here."""
        host = f"Host: {self._wire.host}\r\n".encode()
        key = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items()).encode()
        common = host + key + b"Connection: close\r\n"
        good = b"GET /api/v1/stats HTTP/1.1\r\n"
        post = b"POST /api/v1/jobs/enqueue HTTP/1.1\r\nContent-Type: application/json\r\n"
        yield from (
            ("nothing but line ends", (b"\r\n" * 5 + good + common + b"\r\n",)),
            ("no HTTP at all", (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50 + b"\r\n\r\n",)),
            ("SSH", (b"SSH-2.0-OpenSSH_9.0\r\n\r\n",)),
            ("HTTP/0.9", (b"GET /\r\n\r\n",)),
            ("HTTP/2 preface", (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",)),
            ("unknown version", (b"GET / HTTP/9.9\r\n" + common + b"\r\n",)),
            ("lower-case version", (b"GET / http/1.1\r\n" + common + b"\r\n",)),
            ("spaces in the target", (b"GET /api/v1/ stats HTTP/1.1\r\n" + common + b"\r\n",)),
            ("no target", (b"GET  HTTP/1.1\r\n" + common + b"\r\n",)),
            ("null byte in the target", (b"GET /api/v1/\x00stats HTTP/1.1\r\n" + common + b"\r\n",)),
            ("bytes beyond ASCII in the target", (b"GET /api/v1/\xff\xfe HTTP/1.1\r\n" + common + b"\r\n",)),
            ("target of asterisk form", (b"OPTIONS * HTTP/1.1\r\n" + common + b"\r\n",)),
            ("target of authority form", (b"CONNECT evil.example:443 HTTP/1.1\r\n" + common + b"\r\n",)),
            ("target of absolute form", (b"GET http://evil.example/api/v1/stats HTTP/1.1\r\n" + common + b"\r\n",)),
            ("long target", (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + common + b"\r\n",)),
            ("long method", (b"G" * 70_000 + b" / HTTP/1.1\r\n" + common + b"\r\n",)),
            ("no host", (good + key + b"Connection: close\r\n\r\n",)),
            ("two hosts", (good + common + b"Host: evil.example\r\n\r\n",)),
            ("empty host", (good + b"Host:\r\n" + key + b"Connection: close\r\n\r\n",)),
            ("odd host", (good + b"Host: [::1\r\n" + key + b"Connection: close\r\n\r\n",)),
            ("host beyond ASCII", (good + b"Host: \xff\xfe\r\n" + key + b"Connection: close\r\n\r\n",)),
            ("folded header", (good + common + b"X-A: 1\r\n 2\r\n\r\n",)),
            ("header without colon", (good + common + b"nonsense\r\n\r\n",)),
            ("space before colon", (good + common + b"X-A : 1\r\n\r\n",)),
            ("empty header name", (good + common + b": 1\r\n\r\n",)),
            ("null byte in a header", (good + common + b"X-A: \x00\r\n\r\n",)),
            ("bare line feed", (good.replace(b"\r", b"") + common.replace(b"\r", b"") + b"\n",)),
            ("bare carriage return", (good + common + b"X-A: 1\rX-B: 2\r\n\r\n",)),
            ("one huge header", (good + common + b"X-A: " + b"a" * _MEGABYTE + b"\r\n\r\n",)),
            ("many headers", (good + common + b"".join(b"X-%d: 1\r\n" % number for number in range(5000)) + b"\r\n",)),
            ("huge cookie", (good + host + b"Cookie: " + b"a=b;" * 15_000 + b"\r\nConnection: close\r\n\r\n",)),
            ("bearer beyond ASCII", (good + host + b"Authorization: Bearer \xff\x80\r\nConnection: close\r\n\r\n",)),
            ("two credentials", (good + common + b"Authorization: Bearer x\r\n\r\n",)),
            ("header injection in the request id", (good + common + b"X-Request-Id: a%0d%0ab: c\r\n\r\n",)),
            ("odd request id", (good + common + b"X-Request-Id: \xff" + b"a" * 200 + b"\r\n\r\n",)),
            (
                "odd last event id",
                (b"GET /api/v1/events HTTP/1.1\r\n" + common + b"Last-Event-ID: 99999999999999999999999\r\n\r\n",),
            ),
            (
                "negative last event id",
                (b"GET /api/v1/events HTTP/1.1\r\n" + common + b"Last-Event-ID: -9223372036854775809\r\n\r\n",),
            ),
            ("odd range", (b"GET /api/v1/logs/download HTTP/1.1\r\n" + common + b"Range: bytes=9-1,-,x,0-0\r\n\r\n",)),
            ("odd conditions", (good + common + b"If-None-Match: \xff\r\nIf-Modified-Since: never\r\n\r\n",)),
            ("odd encodings", (good + common + b"Accept: \xff\r\nAccept-Encoding: gzip;q=x\r\nTE: chunked\r\n\r\n",)),
            (
                "upgrade to a socket",
                (good + host + key + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",),
            ),
            ("expectation", (post + common + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"{}")),
            ("unknown expectation", (post + common + b"Expect: tea\r\nContent-Length: 2\r\n\r\n{}",)),
            ("two equal lengths", (post + common + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",)),
            ("two lengths", (post + common + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",)),
            ("negative length", (post + common + b"Content-Length: -2\r\n\r\n{}",)),
            ("length in words", (post + common + b"Content-Length: two\r\n\r\n{}",)),
            ("length with a sign", (post + common + b"Content-Length: +2\r\n\r\n{}",)),
            ("endless length", (post + common + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}",)),
            (
                "length and chunks",
                (post + common + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",),
            ),
            ("unknown coding", (post + common + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",)),
            ("chunk size in words", (post + common + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",)),
            ("negative chunk", (post + common + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",)),
            (
                "huge chunk size",
                (post + common + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n" + b" " * 3 * _MEGABYTE,),
            ),
            ("chunk without its end", (post + common + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",)),
            (
                "chunk extensions",
                (post + common + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"a" * 5000 + b"\r\n{}\r\n0\r\n\r\n",),
            ),
            ("trailers", (post + common + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-A: 1\r\n\r\n",)),
            ("pipelined", ((good + host + key + b"\r\n") * 3 + good + common + b"\r\n",)),
        )
        for size in itertools.accumulate((1, 9, 90)):
            # Announced and never sent: the reply to what is wrong before the body must not wait for it.
            yield f"{size} MB announced", (post + common + b"Content-Length: %d\r\n\r\n" % (size * 3 * _MEGABYTE),)


def _places(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in pairs:
        yield from _places(item, (*path, name))


def _with(value: Json, path: tuple[Any, ...], new: Json) -> Json:
    if not path:
        return new
    changed = inner = copy.deepcopy(value)
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = new
    return changed


def _example(document: Json, operation: str) -> Json:
    """A body with every member of the schema, as plain as can be."""
    method, path = operation.split()
    content = document["paths"][path][method.lower()]["requestBody"]["content"]
    return _plain(document, next(iter(content.values()))["schema"])


def _plain(document: Json, schema: Json) -> Json:
    if "$ref" in schema:
        return _plain(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for name in ("anyOf", "allOf", "oneOf"):
        if name in schema:
            return _plain(document, schema[name][0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [_plain(document, schema.get("items", {}))]
    if schema.get("type") == "object":
        return {name: _plain(document, member) for name, member in schema.get("properties", {}).items()}
    return {"integer": 1, "number": 1.5, "boolean": True}.get(schema.get("type", ""), "a")
