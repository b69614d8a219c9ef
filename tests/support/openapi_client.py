"""A client that knows nothing but an OpenAPI document: it calls by `operationId` and checks what goes out and comes back."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_ROOT = "urn:document"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class ContractError(AssertionError):
    """What was sent, or what came back, is not what the document says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the document and where it is found there."""

    id: str
    method: str
    path: str
    pointer: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: `value` is decoded JSON, a text, or bytes, as its content type says."""

    status: int
    value: Any
    headers: httpx.Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a stream."""

    name: str
    id: str
    data: Any


@dataclass
class Document:
    """An OpenAPI 3.1 document: its operations by name, its examples, and its schemas as checks."""

    content: Mapping[str, Any]
    operations: dict[str, Operation] = field(init=False)

    def __post_init__(self) -> None:
        resource: Resource[Any] = Resource.from_contents(self.content, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        self.operations = {}
        for path, item in self.content["paths"].items():
            for method in filter(item.__contains__, _METHODS):
                said = item[method]
                pointer = f"/paths/{_step(path)}/{method}"
                self.operations[said["operationId"]] = Operation(
                    id=said["operationId"], method=method.upper(), path=path, pointer=pointer, said=said
                )

    def check(self, value: object, pointer: str, what: str) -> None:
        """Raise a `ContractError` that lists every way in which `value` breaks the schema at `pointer`."""
        validator = Draft202012Validator({"$ref": f"{_ROOT}#{quote(pointer)}"}, registry=self._registry)
        faults = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]
        if faults:
            raise ContractError(f"{what} does not fit {pointer}:\n" + "\n".join(faults))

    def example(self, operation_id: str) -> Any:
        """The first example the document gives for the body of an operation, as a copy of its own."""
        schema = self.schema_of_body(operation_id)
        if "examples" in schema:
            return _copy(schema["examples"][0])
        raise ContractError(f"{operation_id} has no example of its body")

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A schema with its outermost reference followed."""
        while "$ref" in schema:
            schema = self._registry.resolver(_ROOT).lookup(schema["$ref"]).contents
        return schema

    def schema_of_body(self, operation_id: str) -> Mapping[str, Any]:
        """The schema of a JSON body; of one in several parts the first, which is the named one."""
        schema = self.operations[operation_id].said["requestBody"]["content"]["application/json"]["schema"]
        return self.resolved(schema["allOf"][0] if "allOf" in schema else schema)


@dataclass
class OpenApiClient:
    """A caller of one server; `token` is an API token, else the session that signing in has brought.

    `succeeded` gathers the operations that answered with 2xx. Every call raises a `ContractError` for whatever is not as
    the document says: an unknown parameter, a body or an answer that breaks its schema, an undocumented status or type.
    """

    document: Document
    url: str
    token: str | None = None
    succeeded: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.url, timeout=120)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def as_holder_of(self, token: str) -> "OpenApiClient":
        """The same caller with an API token and without the session."""
        return OpenApiClient(self.document, self.url, token, self.succeeded)

    def call(self, operation_id: str, body: object = None, *, files: Mapping[str, Any] | None = None, **parameters: Any) -> Any:
        """What the operation answered; anything but 2xx is a failure. `parameters` go into the path and the query."""
        answer = self.answer(operation_id, body, files=files, **parameters)
        if not 200 <= answer.status < 300:
            raise ContractError(f"{operation_id} answered {answer.status}: {answer.value}")
        return answer.value

    def answer(
        self, operation_id: str, body: object = None, *, files: Mapping[str, Any] | None = None, **parameters: Any
    ) -> Answer:
        """The answer to the operation, whatever its documented status; it waits where it has asked too often."""
        operation = self.document.operations[operation_id]
        request = self._request(operation, body, files, parameters)
        answer = self._checked(operation, self._http.send(request))
        while answer.status == 429 and answer.value["code"] == "RATE_LIMIT_EXCEEDED":
            time.sleep(1)
            answer = self._checked(operation, self._http.send(request))
        return answer

    @contextmanager
    def events(self, operation_id: str, **parameters: Any) -> Iterator[Iterator[Event]]:
        """The events of an open stream, each checked against the schema the document has for its name."""
        operation = self.document.operations[operation_id]
        request = self._request(operation, None, None, parameters)
        response = self._http.send(request, stream=True)
        try:
            pointer = self._documented(operation, response).removesuffix("/schema") + "/x-events"
            self.succeeded.add(operation_id)
            yield self._read_events(response, pointer)
        finally:
            response.close()

    def _request(
        self, operation: Operation, body: object, files: Mapping[str, Any] | None, parameters: Mapping[str, Any]
    ) -> httpx.Request:
        left = dict(parameters)
        query: dict[str, str] = {}
        path, headers = operation.path, self._security(operation)
        for index, said in enumerate(operation.said.get("parameters", ())):
            name = said["name"]
            if name not in left:
                if said.get("required"):
                    raise ContractError(f"{operation.id} needs {name}")
                continue
            value = left.pop(name)
            self.document.check(value, f"{operation.pointer}/parameters/{index}/schema", f"{operation.id} {name}")
            text = value if isinstance(value, str) else json.dumps(value)
            if said["in"] == "path":
                path = path.replace("{" + name + "}", quote(text, safe=""))
            else:
                (query if said["in"] == "query" else headers)[name] = text
        if left:
            raise ContractError(f"{operation.id} has no parameter {', '.join(left)}")
        content = self._content(operation, body, files)
        return self._http.build_request(operation.method, path, params=query, headers=headers, **content)

    def _security(self, operation: Operation) -> dict[str, str]:
        """The headers of the first documented scheme this caller can use; the cookie of a session goes by itself."""
        choices = operation.said.get("security", self.document.content.get("security", []))
        schemes = self.document.content["components"].get("securitySchemes", {})
        if not choices or {} in choices:
            return {}
        for choice in choices:
            for scheme in (schemes[name] for name in choice):
                if scheme["type"] == "http" and self.token is not None:
                    return {"Authorization": f"{scheme['scheme'].title()} {self.token}"}
                if scheme["type"] == "apiKey" and scheme["in"] == "cookie" and scheme["name"] in self._http.cookies:
                    return {}
        return {}

    def _content(self, operation: Operation, body: object, files: Mapping[str, Any] | None) -> dict[str, Any]:
        said = operation.said.get("requestBody")
        if said is None:
            if body is not None or files is not None:
                raise ContractError(f"{operation.id} takes no body")
            return {}
        if files is not None:
            media = self.document.resolved(said["content"]["multipart/form-data"]["schema"])
            if not set(media.get("required", ())) <= set(files) <= set(media["properties"]):
                raise ContractError(f"{operation.id} takes the parts {', '.join(media['properties'])}")
            return {"files": files}
        if body is None and not said.get("required"):
            return {}
        pointer = f"{operation.pointer}/requestBody/content/application~1json/schema"
        self.document.check(body, pointer, f"body of {operation.id}")
        return {"json": body}

    def _documented(self, operation: Operation, response: httpx.Response) -> str:
        """Where the document has the schema of this response."""
        said = operation.said["responses"].get(str(response.status_code))
        if said is None:
            raise ContractError(f"{operation.id}: status {response.status_code} is not documented: {response.read()[:500]!r}")
        media = response.headers.get("content-type", "").partition(";")[0]
        if media not in said.get("content", {}):
            raise ContractError(f"{operation.id}: {response.status_code} with the type {media!r} is not documented")
        for name, header in said.get("headers", {}).items():
            if self.document.resolved(header).get("required") and name not in response.headers:
                raise ContractError(f"{operation.id}: {response.status_code} without {name}")
        return f"{operation.pointer}/responses/{response.status_code}/content/{_step(media)}/schema"

    def _checked(self, operation: Operation, response: httpx.Response) -> Answer:
        pointer = self._documented(operation, response)
        media = response.headers["content-type"].partition(";")[0]
        value: Any = response.content
        if media.endswith("json"):
            value = response.json()
            self.document.check(value, pointer, f"answer {response.status_code} of {operation.id}")
        elif media.startswith("text/"):
            value = response.text
        if response.is_success:
            self.succeeded.add(operation.id)
        return Answer(status=response.status_code, value=value, headers=response.headers)

    def _read_events(self, response: httpx.Response, pointer: str) -> Iterator[Event]:
        members: dict[str, str] = {}
        for line in response.iter_lines():
            name, _, text = line.partition(":")
            if line and name:
                members[name] = text.removeprefix(" ")
            elif not line and "data" in members:
                event = Event(name=members["event"], id=members.get("id", ""), data=json.loads(members["data"]))
                self.document.check(event.data, f"{pointer}/{event.name}", f"event {event.name}")
                members = {}
                yield event


def _step(name: str) -> str:
    """One step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))
