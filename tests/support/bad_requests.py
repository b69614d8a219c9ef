"""Every way to ask wrongly that the OpenAPI document lets one think of, operation by operation.

What is wrong is derived from the document: a value of another type than its schema has, one out of its bounds, a word it does
not list, a member that is missing. Values that fit their schema and are hostile all the same come besides: they may be taken.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.openapi_client import ContractError, Document, Operation

_OTHER_TYPES: tuple[Any, ...] = (None, True, 3, 3.5, "text", [], {}, [None], 10**30)
_HOSTILE_TEXTS = ("", "   ", "\0", "a\0b", "\ud800", "x" * 10_000, "no/absolute/path", "/proc/1/mem", "/dev/full", "..", "\n")
_BAD_IDS = ("abc", "1.5", "0x1", "1e3", "9223372036854775808", "-9223372036854775809", "\uff11", "\0", "1 ", "true")
_UNKNOWN_IDS = ("0", "-1", "987654321", "9223372036854775807", "-9223372036854775808")
_BAD_TEXTS: Mapping[str, tuple[str, ...]] = {
    "integer": ("abc", "", "1.5", "1e3", "99999999999999999999", "true", "\uff11"),
    "boolean": ("1", "yes", "TRUE", "", "null"),
}
_BOUNDS = {"minimum": -1, "maximum": 1, "exclusiveMaximum": 0}
_BROKEN_JSON = (b"", b"{", b'{"a": 1,}', b"{} {}", b"{}x", b"\xff\xfe", b"'a'", b'{"a": NaN}', b"[" * 100_000)
_MOST_JSON_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that should be refused, or, unless `must_be_refused`, may be."""

    what: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    content_type: str | None = "application/json"
    must_be_refused: bool = True
    statuses: frozenset[int] = frozenset({400, 403, 404, 409, 413, 415, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """Makes the bad requests of one operation. `ids` and `body` are what would be right; `lenient` are the parameters of which
    the document says that anything will do."""

    document: Document
    operation: Operation
    identity: str
    body: Any
    lenient: frozenset[str] = frozenset()

    def requests(self) -> Iterator[Request]:
        yield from self._bad_paths()
        yield from self._bad_queries()
        said = self.operation.said.get("requestBody", {}).get("content", {})
        if "application/json" in said:
            yield from self._bad_json()
            yield from self._bad_bodies()
        if "multipart/form-data" in said:
            yield from self._bad_uploads(*said["multipart/form-data"]["schema"]["properties"])

    def _request(self, what: str, *, path: str | None = None, content: bytes | None = None, **more: Any) -> Request:
        if content is None and self.body is not None:
            content = encoded(self.body)
        return Request(
            what=f"{self.operation.id}: {what}", method=self.operation.method, path=path or self._path(self.identity),
            content=content, **more,
        )  # fmt: skip

    def _path(self, identity: str) -> str:
        escaped = "".join(char if (char.isalnum() and char.isascii()) or char in "-._" else _percent(char) for char in identity)
        return self.operation.path.replace("{id}", escaped).replace("{key}", "columns")

    def _bad_paths(self) -> Iterator[Request]:
        if "{id}" not in self.operation.path:
            return
        for identity in _BAD_IDS:
            yield self._request(f"id {identity!r}", path=self._path(identity), statuses=frozenset({400}))
        for identity in _UNKNOWN_IDS:
            yield self._request(f"unknown id {identity}", path=self._path(identity), statuses=frozenset({404}))

    def _bad_queries(self) -> Iterator[Request]:
        for said in self.operation.said["parameters"]:
            if said["in"] != "query" or said["name"] in self.lenient:
                continue
            name, schema = said["name"], said["schema"]
            bad = ("nobody", "") if "enum" in schema else _BAD_TEXTS.get(schema["type"], ())
            for text in bad:
                yield self._request(f"{name}={text!r}", query={name: text}, statuses=frozenset({400}))
            if schema["type"] == "string":
                for text in ("\0", "x" * 10_000, "no/absolute/path", "nobody", "%", "'"):
                    yield self._request(f"{name}={text[:20]!r}", query={name: text}, must_be_refused=False)

    def _bad_json(self) -> Iterator[Request]:
        good = encoded(self.body)
        for broken in _BROKEN_JSON:  # one is long enough for the lower limit of what anybody may send
            yield self._request(f"body {broken[:20]!r}", content=broken, statuses=frozenset({400, 413}))
        yield self._request("trailing garbage", content=good + b"}", statuses=frozenset({400}))
        yield self._request("half a body", content=good[: len(good) // 2], statuses=frozenset({400}))
        yield self._request("too large", content=good + b" " * _MOST_JSON_BYTES, statuses=frozenset({413}))
        for content_type in (
            None,
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "json",
            "multipart/form-data",
        ):
            yield self._request(f"content type {content_type}", content_type=content_type, statuses=frozenset({415}))
        for other in (None, [], "text", 3, True, [self.body]):
            yield self._request(f"body {encoded(other)[:20]!r}", content=encoded(other), statuses=frozenset({400, 422}))

    def _bad_bodies(self) -> Iterator[Request]:
        pointer = f"{self.operation.pointer}/requestBody/content/application~1json/schema"
        for what, body in mutations(self.document, self.document.schema_of_body(self.operation.id), self.body):
            try:
                self.document.check(body, pointer, what)
                is_wrong = False
            except ContractError:
                is_wrong = True
            yield self._request(what, content=encoded(body), must_be_refused=is_wrong)

    def _bad_uploads(self, part: str) -> Iterator[Request]:
        head = f'--x\r\nContent-Disposition: form-data; name="{part}"; filename="a.mkv"\r\n\r\n'.encode()
        form = "multipart/form-data; boundary=x"
        kinds: tuple[tuple[str, str | None, bytes], ...] = (
            ("no body", form, b""),
            ("no content type", None, head + b"abc\r\n--x--\r\n"),
            ("JSON", "application/json", b"{}"),
            ("no boundary", "multipart/form-data", head + b"abc\r\n--x--\r\n"),
            ("another boundary", "multipart/form-data; boundary=y", head + b"abc\r\n--x--\r\n"),
            ("no part", form, b"--x--\r\n"),
            ("half a part", form, head + b"abc"),
            ("half a header", form, head[:30]),
            ("garbage", form, b"\0" * 1000),
            ("an empty file", form, head + b"\r\n--x--\r\n"),
            ("no file at all", form, head + b"no such file\r\n--x--\r\n"),
            ("a long header", form, b"--x\r\nContent-Disposition: " + b"a" * 100_000 + b"\r\n\r\nabc\r\n--x--\r\n"),
        )
        for what, content_type, content in kinds:
            yield self._request(what, content=content, content_type=content_type, statuses=frozenset({400}))


def mutations(document: Document, schema: Mapping[str, Any], value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """`value` with one thing changed, for each thing that could be wrong by `schema`; and what was changed."""
    schema = document.resolved(schema)
    options = [document.resolved(option) for option in schema.get("anyOf", (schema,))]
    for replacement in _replacements(options):
        if replacement != value or type(replacement) is not type(value):
            yield f"{where or 'body'} = {_short(replacement)}", replacement
    for option in options:
        if isinstance(value, dict) and "properties" in option:
            yield from _member_mutations(document, option, value, where)
        if isinstance(value, list) and value and isinstance(option.get("items"), Mapping):
            for what, changed in mutations(document, option["items"], value[0], f"{where}[0]"):
                yield what, [changed, *value[1:]]


def _member_mutations(
    document: Document, schema: Mapping[str, Any], value: dict[str, Any], where: str
) -> Iterator[tuple[str, Any]]:
    for name, said in schema["properties"].items():
        path = f"{where}.{name}" if where else name
        if name in value:
            yield f"{path} missing", {key: member for key, member in value.items() if key != name}
        elif "default" in said:
            value = {**value, name: said["default"]}
        for what, changed in mutations(document, said, value.get(name), path):
            yield what, {**value, name: changed}


def _replacements(options: list[Mapping[str, Any]]) -> Iterator[Any]:
    yield from _OTHER_TYPES
    for option in options:
        for word, step in _BOUNDS.items():
            if word in option:
                yield option[word] + step
        if "minItems" in option:
            yield []
        if "maxItems" in option:
            yield ["/"] * (option["maxItems"] + 1)
        if "maxLength" in option:
            yield "x" * (option["maxLength"] + 1)
        if "enum" in option:
            yield "nobody"
        if option.get("type") == "string":
            yield from _HOSTILE_TEXTS
        if option.get("type") == "array" and option.get("items", {}).get("type") == "string":
            yield from ([text] for text in _HOSTILE_TEXTS)


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _short(value: Any) -> str:
    return json.dumps(value)[:40]
