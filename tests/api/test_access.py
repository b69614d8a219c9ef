"""Who may call what: credentials, scopes, hosts, origins, limits."""

from http.cookies import SimpleCookie

import httpx
import pytest
from starlette.routing import Route

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import Rate
from alchemist_desktop.api.routing import FixedPaths, MethodTable
from tests.api.in_memory import PASSWORD
from tests.api.support import FULL, World, bearer, check_problem
from tests.support.grants import MAY, PUBLIC

pytestmark = pytest.mark.anyio


def _routes(world: World) -> list[tuple[str, str, str]]:
    """Every method, prefix and path the face has."""
    tables: dict[str, MethodTable] = {}
    for route in create_app(world.services(), world.bus, world.options).routes:
        if isinstance(route, FixedPaths):
            tables |= route.tables
        elif isinstance(route, Route) and isinstance(route.endpoint, MethodTable):
            tables[route.path] = route.endpoint
    found = []
    for full, table in tables.items():
        if not full.startswith("/api/"):
            continue  # the metrics and the page, which know no credentials
        prefix = "/api/v1" if full.startswith("/api/v1/") else "/api"
        found += [(method, prefix, full.removeprefix(prefix)) for method in table.methods]
    return found


async def _status(client: httpx.AsyncClient, method: str, path: str, token: str | None) -> tuple[int, str]:
    """Status and code of a reply whose body, if it is an endless one, is not waited for."""
    async with client.stream(method, path, headers=bearer(token) if token else {}) as reply:
        is_problem = reply.headers.get("content-type") == "application/problem+json" and method != "HEAD"
        if is_problem:
            await reply.aread()
        return reply.status_code, reply.json()["code"] if is_problem else ""


async def test_the_whole_matrix_of_scopes_and_routes(world: World) -> None:
    routes = _routes(world)
    assert len(routes) > 90
    async with world.client(None) as client:
        for method, prefix, path in routes:
            real = prefix + path.replace("{id}", "7")
            key = ("GET" if method == "HEAD" else method, path)
            for level, may in MAY.items():
                status, code = await _status(client, method, real, f"alc_tok_{level}")
                is_refused = status == 403 and code in {"API_TOKEN_FORBIDDEN", ""}
                is_allowed = key in may or key in PUBLIC
                if key == ("POST", "/setup/complete"):
                    continue  # 415 here, 403 once its body is read: another rule's business
                assert is_refused is not is_allowed, (level, method, real, status)
            status, code = await _status(client, method, real, None)
            assert (status == 401) is (key not in PUBLIC), (method, real, status)
            status, code = await _status(client, method, real, FULL)
            assert status not in {401, 403} or path in {"/telemetry/payload", "/setup/complete"}, (method, real, status, code)


async def test_unknown_paths_need_full_access_too(world: World) -> None:
    async with world.client(None) as client:
        for path in ("/api/v1/nothing", "/api/nothing", "/api", "/apinothing"):
            check_problem(await client.get(path), 401, "AUTH_REQUIRED")
            check_problem(await client.get(path, headers=bearer("alc_tok_read_only")), 403, "API_TOKEN_FORBIDDEN")
        check_problem(await client.get("/nothing"), 404, "API_ROUTE_NOT_FOUND")


@pytest.mark.parametrize("path", ["/api/v1/jobs/1/2/details", "/api/v1/jobs//details", "/api/v1/jobs/details", "/api/v1/v1/jobs"])
async def test_look_alikes_of_granted_paths_are_refused(world: World, path: str) -> None:
    async with world.client("alc_tok_read_only") as client:
        check_problem(await client.get(path), 403, "API_TOKEN_FORBIDDEN")


async def test_a_bearer_goes_before_the_cookie(world: World) -> None:
    def cookie(token: str) -> dict[str, str]:
        return {"Cookie": f"alchemist_session={token}"}

    async with world.client(None) as client:
        assert (await client.get("/api/v1/jobs", headers=cookie(FULL))).status_code == 200
        wrong_bearer = await client.get("/api/v1/jobs", headers={**cookie(FULL), **bearer("wrong")})
        check_problem(wrong_bearer, 401, "AUTH_REQUIRED")
        good_bearer = await client.get("/api/v1/jobs", headers={**cookie("wrong"), **bearer(FULL)})
        assert good_bearer.status_code == 200
        other_scheme = await client.get("/api/v1/jobs", headers={**cookie(FULL), "Authorization": "Basic eA=="})
        assert other_scheme.status_code == 200
        lower_case = await client.get("/api/v1/jobs", headers={"Authorization": f"bearer {FULL}"})
        check_problem(lower_case, 401, "AUTH_REQUIRED")


async def test_login_opens_a_session_and_logout_ends_it(world: World) -> None:
    async with world.client(None) as client:
        reply = await client.post("/api/v1/auth/login", json={"username": "admin", "password": PASSWORD})
        assert reply.json() == {"ok": True, "status": "ok"}
        token = SimpleCookie(reply.headers["set-cookie"])["alchemist_session"].value
        assert reply.headers["set-cookie"] == f"alchemist_session={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"
        assert (await client.get("/api/v1/jobs")).status_code == 200  # the client has kept the cookie
        client.cookies.clear()
        assert (await client.get("/api/v1/jobs", headers=bearer(token))).status_code == 200
        out = await client.post("/api/v1/auth/logout", headers=bearer(token))
        assert out.json() == {"ok": True, "status": "ok"}
        assert out.headers["set-cookie"] == "alchemist_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
        check_problem(await client.get("/api/v1/jobs", headers=bearer(token)), 401, "AUTH_REQUIRED")
        assert (await client.post("/api/v1/auth/logout")).status_code == 200


async def test_cookies_are_secure_where_that_is_asked_for(world: World) -> None:
    world.set_options(cookie_secure=True)
    async with world.client(None) as client:
        reply = await client.post("/api/auth/login", json={"username": "admin", "password": PASSWORD})
        out = await client.post("/api/auth/logout")
    assert reply.headers["set-cookie"].endswith("; Max-Age=2592000; Secure")
    assert out.headers["set-cookie"].endswith("; Max-Age=0; Secure")


async def test_a_wrong_password_and_an_unknown_name_look_the_same(world: World) -> None:
    async with world.client(None) as client:
        wrong = await client.post("/api/v1/auth/login", json={"username": "admin", "password": "wrong"})
        unknown = await client.post("/api/v1/auth/login", json={"username": "nobody", "password": PASSWORD})
    first = check_problem(wrong, 401, "AUTH_INVALID_CREDENTIALS")
    second = check_problem(unknown, 401, "AUTH_INVALID_CREDENTIALS")
    assert first["detail"] == second["detail"]
    assert "set-cookie" not in wrong.headers


async def test_logins_are_throttled_by_tcp_peer(world: World) -> None:
    world.set_options(login_rate=Rate(capacity=2, per_s=0), trusted_proxies=("127.0.0.1",))
    body = {"username": "admin", "password": "wrong"}
    async with world.client(None) as client:
        malformed = await client.post("/api/v1/auth/login", content=b"{", headers={"Content-Type": "application/json"})
        check_problem(malformed, 400, "MALFORMED_JSON")  # does not count
        for number, (status, code) in enumerate([(401, "AUTH_INVALID_CREDENTIALS")] * 2 + [(429, "AUTH_RATE_LIMITED")]):
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            check_problem(await client.post("/api/v1/auth/login", json=body, headers=headers), status, code)


async def test_each_client_may_call_only_so_often(world: World) -> None:
    world.set_options(request_rate=Rate(capacity=3, per_s=0), trusted_proxies=("203.0.113.1",))
    async with world.client() as client:
        for _ in range(3):
            assert (await client.get("/api/v1/jobs")).status_code == 200
        check_problem(await client.get("/api/v1/health"), 429, "RATE_LIMIT_EXCEEDED")
        assert (await client.get("/")).status_code == 200  # not counted
        other = await client.get("/api/v1/health", headers={"X-Forwarded-For": "203.0.113.7"})
        assert other.status_code == 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:3000", "127.0.0.1", "127.9.9.9:80", "[::1]:3000", "192.168.1.20:3000", "10.0.0.1", "box.local", "box",
     "app.localhost", "media.example", "localhost."],
)  # fmt: skip
async def test_own_hosts_are_answered(world: World, host: str) -> None:
    world.set_options(own_names=frozenset({"box", "box.local"}), allowed_hosts=("Media.example",))
    async with world.client() as client:
        assert (await client.get("/api/v1/jobs", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "box.local.evil.example", "8.8.8.8", "", "[::1", "notlocalhost", "other.local"])
async def test_other_hosts_are_not(world: World, host: str) -> None:
    world.set_options(own_names=frozenset({"box", "box.local"}))
    async with world.client() as client:
        check_problem(await client.get("/api/v1/health", headers={"Host": host}), 403, "HOST_FORBIDDEN")


async def test_hosts_can_be_added_while_the_server_runs(world: World) -> None:
    async with world.client() as client:
        headers = {"Host": "media.example"}
        assert (await client.get("/api/v1/health", headers=headers)).status_code == 403
        server = world.settings.current.server.model_copy(update={"allowed_hosts": ("media.example",)})
        world.settings.current = world.settings.current.model_copy(update={"server": server})
        assert (await client.get("/api/v1/health", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("origin", "is_welcome"),
    [
        ("http://localhost:3000", True),
        ("https://media.example", True),
        ("http://localhost:8080", False),
        ("https://evil.example", False),
        ("null", False),
        ("http://[::1", False),
    ],
)
async def test_changes_from_other_sites_are_refused(world: World, origin: str, is_welcome: bool) -> None:
    world.set_options(allowed_hosts=("media.example",))
    headers = {"Host": "localhost:3000", "Origin": origin, "Cookie": f"alchemist_session={FULL}"}
    async with world.client(None) as client:
        reply = await client.post("/api/v1/engine/pause", headers=headers)
        reading = await client.get("/api/v1/engine/status", headers=headers)
        with_bearer = await client.post("/api/v1/engine/pause", headers={**headers, **bearer(FULL)})
        login = await client.post("/api/v1/auth/login", json={"username": "admin", "password": PASSWORD}, headers=headers)
    if is_welcome:
        assert reply.status_code == login.status_code == 200
    else:
        check_problem(reply, 403, "ORIGIN_FORBIDDEN")
        check_problem(login, 403, "ORIGIN_FORBIDDEN")
    assert reading.status_code == with_bearer.status_code == 200
    assert "access-control-allow-origin" not in reading.headers


async def test_api_tokens(world: World) -> None:
    async with world.client() as client:
        made = (await client.post("/api/v1/settings/api-tokens", json={"name": " phone ", "access_level": "read_only"})).json()
        assert made["plaintext_token"] == "alc_tok_new"
        assert made["token"] == {
            "id": 1,
            "name": "phone",
            "access_level": "read_only",
            "created_at": "2026-04-30T12:00:00Z",
            "last_used_at": None,
            "revoked_at": None,
        }
        assert (await client.delete("/api/v1/settings/api-tokens/1")).json() == {"ok": True}
        (listed,) = (await client.get("/api/v1/settings/api-tokens")).json()
        assert listed == {**made["token"], "revoked_at": "2026-04-30T12:00:00Z"}
        check_problem(await client.delete("/api/v1/settings/api-tokens/9"), 404, "API_TOKEN_NOT_FOUND")
        blank = await client.post("/api/v1/settings/api-tokens", json={"name": " ", "access_level": "read_only"})
        check_problem(blank, 400, "API_TOKEN_NAME_INVALID")
        unknown = await client.post("/api/v1/settings/api-tokens", json={"name": "x", "access_level": "root"})
        check_problem(unknown, 422, "INVALID_BODY")
