"""The documented contract against the table of routes and the source."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from alchemist_desktop.api.app import create_document, documented_endpoints
from alchemist_desktop.api.contract.about import ABOUT, HEADERS, QUERY
from alchemist_desktop.api.contract.codes import EVERYWHERE, STATUS_OF
from alchemist_desktop.api.contract.details import DETAILS
from alchemist_desktop.api.contract.examples import EXAMPLES
from alchemist_desktop.api.contract.members import MEMBERS
from alchemist_desktop.api.contract.operations import OPERATIONS
from alchemist_desktop.api.openapi import codes_of
from alchemist_desktop.api.routing import LEGACY, V1, Endpoint
from alchemist_desktop.api.setup_state import SetupState
from alchemist_desktop.domain.settings import Settings
from tests.api.support import World, bearer, check_problem

pytestmark = pytest.mark.anyio

_ROOT = Path(__file__).parents[2]
_CODE = re.compile(r"[A-Z]+(?:_[A-Z]+)+")
# Faults of the database or the machine, told by whatever route meets them; and what is told before the face is served.
_ANYWHERE = re.compile(r"DATABASE_\w+|PORT_UNAVAILABLE|UNKNOWN_\w+|KNOWN_ERROR|OUTPUT_PATH_TAKEN")


def endpoints(world: World) -> list[Endpoint]:
    services = world.services()
    return documented_endpoints(services, world.bus, world.options, SetupState(services.access, services.settings))


def test_every_route_isdocumented_endpoints_and_nothing_else(world: World) -> None:
    known = endpoints(world)
    document = create_document(world.services(), world.bus, world.options)
    documented = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    # What is below both prefixes is documented once, below the newer one.
    newest = {(endpoint.prefixes[0] + endpoint.path, endpoint.method) for endpoint in known}
    legacy = {(path, method) for path, method in newest if path.startswith(LEGACY) and not path.startswith(V1)}
    served = newest - legacy
    assert documented == served
    assert set(document["x-legacy-only"]) == {f"{method} {path}" for path, method in legacy}
    assert len(served) > 80


def test_the_failure_of_every_route_isdocumented_endpoints(world: World) -> None:
    for endpoint in endpoints(world):
        if endpoint.prefixes != (LEGACY,):
            operation = OPERATIONS[f"{endpoint.method} {endpoint.path}"]
            assert endpoint.failure_code in codes_of(endpoint.path, endpoint.method, operation), endpoint.path
            with_500 = {code for code, status in STATUS_OF.items() if status == 500} | {*operation.codes_elsewhere.get(500, ())}
            assert endpoint.failure_code in with_500, endpoint.path


def codes_in_source() -> Iterator[tuple[str, int | None]]:
    """Every error code the face and the services name, with its status where that stands beside it."""
    modules = [*(_ROOT / "alchemist_desktop/api").rglob("*.py"), *(_ROOT / "alchemist_desktop/services").glob("*.py")]
    for module in modules:
        if module.parent.name == "contract":
            continue
        for call in ast.walk(ast.parse(module.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func)
            texts = [a for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Constant)]
            status = next((text.value for text in texts if isinstance(text.value, int)), None)
            for text in texts:
                is_code = isinstance(text.value, str) and _CODE.fullmatch(text.value)
                if is_code and (name.endswith(("Error", "Codes", "Endpoint")) or name == "_with_sections"):
                    yield str(text.value), int(status) if name == "ProblemError" and status else None


def test_every_code_has_its_status_in_the_contract() -> None:
    found = {item for item in codes_in_source() if not _ANYWHERE.fullmatch(item[0])}
    assert len(found) > 80
    assert {code for code, _ in found if code not in STATUS_OF} == set()
    assert {(code, status) for code, status in found if status is not None and STATUS_OF[code] != status} == set()


def test_every_code_of_the_contract_belongs_to_an_operation() -> None:
    used = {code for key, operation in OPERATIONS.items() for code in codes_of(key.split()[1], key.split()[0], operation)}
    told_outside = {"API_ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED"}
    assert set(STATUS_OF) - used - told_outside == set()


async def test_the_document_is_served_to_whoever_may_read(world: World) -> None:
    async with world.client(None) as client:
        check_problem(await client.get("/api/v1/openapi.json"), 401, "AUTH_REQUIRED")
        check_problem(await client.get("/api/v1/openapi.json", headers=bearer("alc_tok_jellyfin")), 403, "API_TOKEN_FORBIDDEN")
        reply = await client.get("/api/openapi.json", headers=bearer("alc_tok_read_only"))
        assert reply.status_code == 200
        assert reply.json() == json.loads(json.dumps(create_document(world.services(), world.bus, world.options)))


def test_the_schemas_are_valid_and_complete(world: World) -> None:
    document = create_document(world.services(), world.bus, world.options)
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= set(schemas)
    assert len({op["operationId"] for methods in document["paths"].values() for op in methods.values()}) == sum(
        len(methods) for methods in document["paths"].values()
    )
    for methods in document["paths"].values():
        for operation in methods.values():
            assert all(STATUS_OF[code] for code in EVERYWHERE)
            assert "500" in operation["responses"]
    assert set(Settings.model_fields) <= set(json.dumps(schemas).replace('"', " ").split())


def test_every_default_fits_its_schema(world: World) -> None:
    document = create_document(world.services(), world.bus, world.options)
    checked = 0
    for name, schema in document["components"]["schemas"].items():
        for member, said in schema.get("properties", {}).items():
            if "default" in said:
                validator = Draft202012Validator({**said, "components": document["components"]})
                default = json.loads(json.dumps(said["default"]))
                assert [f"{name}.{member}: {error.message}" for error in validator.iter_errors(default)] == []
                checked += 1
    assert checked > 100


def test_nothing_is_told_of_what_is_not_there(world: World) -> None:
    document = create_document(world.services(), world.bus, world.options)
    schemas = {name: schema.get("properties", {}) for name, schema in document["components"]["schemas"].items()}
    told = {
        member for members in schemas.values() for member, said in members.items() if said["description"] == MEMBERS.get(member)
    }
    assert set(MEMBERS) - told == set()
    assert [key for key in DETAILS if key.split(".")[1] not in schemas[key.split(".")[0]]] == []
    assert set(EXAMPLES) <= set(schemas)
    assert {*ABOUT, *QUERY, *HEADERS} <= set(OPERATIONS)


def test_the_document_tells_what_a_client_needs_to_know(world: World) -> None:
    document = create_document(world.services(), world.bus, world.options)
    schemas = document["components"]["schemas"]

    def body(operation: str) -> dict[str, Any]:
        method, path = operation.split()
        (content,) = document["paths"][path][method]["requestBody"]["content"].values()
        schema: dict[str, Any] = content["schema"]
        return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    bundle = body("put /api/v1/settings/bundle")["allOf"][1]
    assert bundle["required"] == ["transcode", "hardware", "scanner"]
    assert bundle["properties"]["scanner"]["required"] == ["directories"]
    assert "required" not in schemas["ArrPayload"]
    assert body("post /api/v1/conversion/uploads")["required"] == ["file"]
    assert body("post /api/v1/system/backup/validate-restore")["required"] == ["backup"]
    assert body("post /api/v1/jobs/batch")["properties"]["action"]["enum"] == ["cancel", "restart", "delete"]
    assert "telegram" in body("post /api/v1/settings/notifications")["properties"]["target_type"]["enum"]
    assert body("post /api/v1/settings/transcode")["properties"]["concurrent_jobs"]["minimum"] == 1
    events = document["paths"]["/api/v1/events"]["get"]["responses"]["200"]["content"]["text/event-stream"]["schema"]
    assert {"event", "data", "id"} == set(schemas[events["$ref"].rpartition("/")[2]]["properties"])


def test_the_saved_document_is_the_present_one(world: World) -> None:
    saved = json.loads((_ROOT / "docs" / "openapi.json").read_text())
    present = json.loads(json.dumps(create_document(world.services(), world.bus, world.options)))
    assert saved == present, "write it anew: alchemist-desktop openapi docs/openapi.json"
