"""The OpenAPI document, made of the table of routes, the documented operations and the schemas the handlers use."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal

from pydantic import TypeAdapter

from alchemist_desktop import __version__
from alchemist_desktop.api.contract.codes import CHANGES, EVERYWHERE, STATUS_OF, WITH_BODY, WITH_CREDENTIALS, WITH_ID
from alchemist_desktop.api.contract.job_shapes import Problem
from alchemist_desktop.api.contract.operations import OPERATIONS, Operation
from alchemist_desktop.api.routing import LEGACY, Endpoint

Document = dict[str, Any]
Mode = Literal["validation", "serialization"]

_REFERENCES = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"\{(\w+)\}")
_ABOUT = (
    "Every path below /api/v1 is served with the same meaning below /api; `x-legacy-only` paths exist below /api alone. "
    "Errors are problem documents (RFC 9457) whose `code` is stable."
)


def openapi_document(endpoints: Iterable[Endpoint]) -> Document:
    """The document of the routes given. Raises KeyError for a route that nobody documented."""
    known = list(endpoints)
    legacy = sorted(f"{endpoint.method} {LEGACY}{endpoint.path}" for endpoint in known if endpoint.prefixes == (LEGACY,))
    found = [endpoint for endpoint in known if endpoint.prefixes != (LEGACY,)]
    prefixes = {endpoint.path: endpoint.prefixes[0] for endpoint in found}
    operations = {(endpoint.path, endpoint.method): OPERATIONS[f"{endpoint.method} {endpoint.path}"] for endpoint in found}
    schemas = _Schemas(operations.values())
    paths: Document = {}
    for (path, method), operation in sorted(operations.items()):
        paths.setdefault(prefixes[path] + path, {})[method.lower()] = _operation(path, method, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Alchemist Desktop", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "alchemist_session"},
            },
        },
        "x-legacy-only": legacy,
    }


class _Schemas:
    """The JSON schemas of all bodies and replies, by type; requests and replies differ in which members must be there."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        kinds: dict[tuple[str, Mode], Any] = {(str(Problem), "serialization"): Problem}
        for operation in operations:
            if operation.body is not None:
                kinds[str(operation.body), "validation"] = operation.body
            if operation.reply is not None:
                kinds[str(operation.reply), "serialization"] = operation.reply
        inputs = [(key[0], key[1], TypeAdapter(kind)) for key, kind in sorted(kinds.items(), key=lambda item: item[0])]
        by_type, definitions = TypeAdapter.json_schemas(inputs, ref_template=_REFERENCES)
        self._by_type: Mapping[Any, Document] = by_type
        self.definitions: Document = definitions.get("$defs", {})

    def of(self, kind: Any, mode: Mode) -> Document:
        return self._by_type[(str(kind), mode)]


def _operation(path: str, method: str, operation: Operation, schemas: _Schemas) -> Document:
    replies = {str(status): _reply(status, operation, schemas) for status in (operation.status, *operation.other_statuses)}
    document: Document = {
        "summary": operation.summary,
        "operationId": _PARAMETER.sub(r"\1", f"{method.lower()}{path}").replace("/", "_").replace("-", "_").replace(".", "_"),
        "tags": [path.split("/")[1]],
        "parameters": [*_path_parameters(path), *_query_parameters(operation.query)],
        "responses": {**replies, **_errors(path, method, operation, schemas)},
    }
    if not operation.is_public:
        document["security"] = [{"bearer": []}, {"session": []}]
    if operation.upload_field is not None:
        file = {operation.upload_field: {"type": "string", "format": "binary"}}
        form = {"type": "object", "properties": file, "required": [operation.upload_field]}
        document["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    elif operation.body is not None:
        content = {"application/json": {"schema": schemas.of(operation.body, "validation")}}
        document["requestBody"] = {"required": True, "content": content}
    return document


def _reply(status: int, operation: Operation, schemas: _Schemas) -> Document:
    schema = {"type": "string"} if operation.reply is None else schemas.of(operation.reply, "serialization")
    media_type = operation.media_type or ("application/octet-stream" if operation.reply is None else "application/json")
    return {"description": HTTPStatus(status).phrase, "content": {media_type: {"schema": schema}}}


def codes_of(path: str, method: str, operation: Operation) -> list[str]:
    """Every error code the operation may answer."""
    codes = {*EVERYWHERE, *operation.codes}
    codes |= set() if operation.is_public else set(WITH_CREDENTIALS)
    codes |= set() if method == "GET" else set(CHANGES)
    codes |= set(WITH_BODY) if operation.body is not None else set()
    codes |= set(WITH_ID) if "{id}" in path else set()
    return sorted(codes)


def _errors(path: str, method: str, operation: Operation, schemas: _Schemas) -> Document:
    by_status = {status: list(codes) for status, codes in operation.codes_elsewhere.items()}
    for code in codes_of(path, method, operation):
        by_status.setdefault(STATUS_OF[code], []).append(code)
    return {str(status): _problem(status, codes, schemas) for status, codes in sorted(by_status.items())}


def _problem(status: int, codes: list[str], schemas: _Schemas) -> Document:
    narrowed = {"properties": {"code": {"type": "string", "enum": codes}}}
    schema = {"allOf": [schemas.of(Problem, "serialization"), narrowed]}
    return {"description": HTTPStatus(status).phrase, "content": {"application/problem+json": {"schema": schema}}}


def _path_parameters(path: str) -> list[Document]:
    kinds = {"id": {"type": "integer", "format": "int64"}}
    return [
        {"name": name, "in": "path", "required": True, "schema": kinds.get(name, {"type": "string"})}
        for name in _PARAMETER.findall(path)
    ]


def _query_parameters(query: Mapping[str, Mapping[str, Any]]) -> list[Document]:
    return [{"name": name, "in": "query", "required": False, "schema": dict(schema)} for name, schema in query.items()]
