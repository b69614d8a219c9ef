"""The OpenAPI document, made of the table of routes, the documented operations and the schemas the handlers use."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from alchemist_desktop import __version__
from alchemist_desktop.api.contract.about import ABOUT, HEADERS, PATH, QUERY, TAGS
from alchemist_desktop.api.contract.codes import CHANGES, EVERYWHERE, STATUS_OF, WITH_BODY, WITH_CREDENTIALS, WITH_ID
from alchemist_desktop.api.contract.event_shapes import EVENTS
from alchemist_desktop.api.contract.job_shapes import Problem
from alchemist_desktop.api.contract.operations import OPERATIONS, Operation
from alchemist_desktop.api.openapi_schemas import Document, Schemas
from alchemist_desktop.api.routing import LEGACY, Endpoint
from alchemist_desktop.api.schemas.settings import REQUIRED_MEMBERS, REQUIRED_SECTIONS
from alchemist_desktop.api.security import is_allowed, is_open_in_setup
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.settings import Settings

_PARAMETER = re.compile(r"\{(\w+)\}")
_ABOUT = """The same program answers its window and this interface.

**Paths.** Every path below /api/v1 is served with the same meaning below /api; `x-legacy-only` paths exist below /api alone.

**Credentials.** Sign in with `POST /auth/login` and send its cookie back, or send an API token as `Authorization: Bearer`; \
where a request has both, the token counts. `x-token-scopes` tells which scopes of tokens an operation takes; a session may do \
everything. Operations without `security` need nothing. Those with `x-open-in-setup` need nothing until the first run \
(`POST /setup/complete`) is done. A request that carries an `Origin` of another site may change nothing unless it has a token. \
`Host` must be this computer's name or address.

**Errors.** Every error is a problem document (RFC 9457, `application/problem+json`); each operation lists by status which \
`code` it may have. Codes are stable, sentences are not. What is refused has changed nothing.

**Limits.** Each client has 120 requests at once and 60 a second after that; more answer 429 `RATE_LIMIT_EXCEEDED` without \
having been looked at. A second later it may go on; no `Retry-After` is sent. Signing in may be tried 10 times at once and once \
a second after that.

**Bodies.** JSON in UTF-8, at most 2 MiB. Members nobody knows are ignored, in requests and better also in replies: later \
versions add some. A member with a default may be left out. Identifiers are integers.

**Every reply** has the header X-Request-Id: the one the request gave (1 to 128 of A-Z a-z 0-9 . _ : -), else a new one.
"""
_REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
_SETS_COOKIE = frozenset({"POST /auth/login", "POST /auth/logout", "POST /setup/complete"})
_DOWNLOADS = frozenset({"POST /system/backup", "GET /logs/download", "GET /conversion/jobs/{id}/download"})
_HEADERS: Mapping[str, Document] = {
    "RequestId": {"description": "The id of the request.", "required": True, "schema": {"type": "string"}},
    "SetCookie": {
        "description": "The cookie `alchemist_session`, HttpOnly and SameSite=Lax; empty after signing out.",
        "required": True,
        "schema": {"type": "string"},
    },
    "ContentDisposition": {
        "description": "`attachment` with a file name.",
        "required": True,
        "schema": {"type": "string"},
    },
}
_SECURITY: Mapping[str, Document] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API token, as `POST /settings/api-tokens` made it."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "alchemist_session",
        "description": "The cookie of `POST /auth/login` or `POST /setup/complete`.",
    },
}


def openapi_document(endpoints: Iterable[Endpoint]) -> Document:
    """The document of the routes given. Raises KeyError for a route that nobody documented."""
    known = list(endpoints)
    legacy = sorted(f"{endpoint.method} {LEGACY}{endpoint.path}" for endpoint in known if endpoint.prefixes == (LEGACY,))
    found = [endpoint for endpoint in known if endpoint.prefixes != (LEGACY,)]
    prefixes = {endpoint.path: endpoint.prefixes[0] for endpoint in found}
    operations = {(endpoint.path, endpoint.method): OPERATIONS[f"{endpoint.method} {endpoint.path}"] for endpoint in found}
    schemas = Schemas(operations.values())
    paths: Document = {}
    for (path, method), operation in sorted(operations.items()):
        paths.setdefault(prefixes[path] + path, {})[method.lower()] = _operation(path, method, operation, schemas)
    tags = sorted({_tag(path) for path, _ in operations})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Alchemist Desktop",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": "/", "description": "The program itself, on port 3000 of its computer or the next that is free."}],
        "tags": [{"name": tag, "description": TAGS[tag]} for tag in tags],
        "paths": paths,
        "components": {"schemas": schemas.definitions, "headers": _HEADERS, "securitySchemes": _SECURITY},
        "x-legacy-only": legacy,
    }


def _tag(path: str) -> str:
    return path.split("/")[1] or "page"


def _operation_id(path: str, method: str) -> str:
    words = _PARAMETER.sub(r"\1", path if path != "/" else f"/{_tag(path)}")
    return re.sub(r"[/.-]", "_", method.lower() + words)


def _operation(path: str, method: str, operation: Operation, schemas: Schemas) -> Document:
    key = f"{method} {path}"
    replies = {str(status): _reply(key, status, operation, schemas) for status in (operation.status, *operation.other_statuses)}
    document: Document = {
        "summary": operation.summary,
        "operationId": _operation_id(path, method),
        "tags": [_tag(path)],
        "parameters": [*_path_parameters(path), *_query_parameters(key), *_header_parameters(key)],
        "responses": {**replies, **_errors(path, method, operation, schemas)},
    }
    if key in ABOUT:
        document["description"] = ABOUT[key]
    if not operation.is_public:
        document["security"] = [{"bearer": []}, {"session": []}]
        document["x-token-scopes"] = [level.value for level in AccessLevel if is_allowed(level, method, path)]
    if is_open_in_setup(path):
        document["x-open-in-setup"] = True
    if operation.upload_part is not None:
        document["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _upload(operation)}}}
    elif operation.body is not None:
        content = {"application/json": {"schema": _body(operation.body, schemas)}}
        document["requestBody"] = {"required": True, "content": content}
    return document


def _upload(operation: Operation) -> Document:
    part = operation.upload_part
    file = {"type": "string", "format": "binary", "description": "The file."}
    return {"type": "object", "properties": {part: file}, "required": [part]}


def _body(kind: Any, schemas: Schemas) -> Document:
    """The schema of a body; of the whole configuration some members must be sent, though a file may leave them out."""
    schema = schemas.of(kind, "validation")
    if kind is not Settings:
        return schema
    needed = {section: {"type": "object", "required": list(members)} for section, members in REQUIRED_MEMBERS.items()}
    return {"allOf": [schema, {"type": "object", "required": list(REQUIRED_SECTIONS), "properties": needed}]}


def _reply(key: str, status: int, operation: Operation, schemas: Schemas) -> Document:
    headers = dict(_REQUEST_ID)
    if key in _SETS_COOKIE:
        headers["Set-Cookie"] = {"$ref": "#/components/headers/SetCookie"}
    if key in _DOWNLOADS:
        headers["Content-Disposition"] = {"$ref": "#/components/headers/ContentDisposition"}
    return {"description": HTTPStatus(status).phrase, "headers": headers, "content": _content(key, operation, schemas)}


def _content(key: str, operation: Operation, schemas: Schemas) -> Document:
    if operation.reply is not None:
        content = {"schema": schemas.of(operation.reply, "serialization")}
        if key == "GET /events":
            content["x-events"] = {name: schemas.of(shape, "serialization") for name, shape in EVENTS.items()}
        return {operation.media_type or "application/json": content}
    kind = operation.media_type or "application/octet-stream"
    return {kind: {"schema": {"type": "string"} if kind.startswith("text/") else {"type": "string", "format": "binary"}}}


def codes_of(path: str, method: str, operation: Operation) -> list[str]:
    """Every error code the operation may answer."""
    codes = {*EVERYWHERE, *operation.codes}
    codes |= set() if operation.is_public else set(WITH_CREDENTIALS)
    codes |= set() if method == "GET" else set(CHANGES)
    codes |= set(WITH_BODY) if operation.body is not None else set()
    codes |= set(WITH_ID) if "{id}" in path else set()
    return sorted(codes)


def _errors(path: str, method: str, operation: Operation, schemas: Schemas) -> Document:
    by_status = {status: list(codes) for status, codes in operation.codes_elsewhere.items()}
    for code in codes_of(path, method, operation):
        by_status.setdefault(STATUS_OF[code], []).append(code)
    return {str(status): _problem(status, codes, schemas) for status, codes in sorted(by_status.items())}


def _problem(status: int, codes: list[str], schemas: Schemas) -> Document:
    narrowed = {"properties": {"code": {"type": "string", "enum": codes}}}
    schema = {"allOf": [schemas.of(Problem, "serialization"), narrowed]}
    content = {"application/problem+json": {"schema": schema}}
    return {"description": HTTPStatus(status).phrase, "headers": _REQUEST_ID, "content": content}


def _path_parameters(path: str) -> list[Document]:
    kinds: Mapping[str, Document] = {"id": {"type": "integer", "format": "int64"}}
    return [
        {"name": name, "in": "path", "required": True, "description": PATH[name], "schema": kinds.get(name, {"type": "string"})}
        for name in _PARAMETER.findall(path)
    ]


def _query_parameters(key: str) -> list[Document]:
    return [_parameter(name, "query", said) for name, said in QUERY.get(key, {}).items()]


def _header_parameters(key: str) -> list[Document]:
    return [_parameter(name, "header", {"type": "string", "description": text}) for name, text in HEADERS.get(key, {}).items()]


def _parameter(name: str, place: str, said: Mapping[str, Any]) -> Document:
    """`description` and `example` belong to the parameter, everything else to its schema."""
    outer = {word: said[word] for word in ("description", "example") if word in said}
    schema = {word: value for word, value in said.items() if word not in outer}
    return {"name": name, "in": place, "required": False, **outer, "schema": schema}
