"""Headers that claim another address: believed from trusted proxies only, and from them the right part only."""

from collections.abc import Iterator

import pytest

from tests.support.target import OWNER, Target

pytestmark = pytest.mark.slow

_OUTSIDE, _INSIDE = "203.0.113.5", "192.168.1.5"
_CLAIMS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Client-IP", "Via")


def claims(address: str) -> dict[str, str]:
    return {name: f"for={address}" if name == "Forwarded" else address for name in _CLAIMS}


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A program behind a proxy on this computer and another at 10.0.0.1."""
    with Target(tmp_path_factory.mktemp("proxied"), {"system": {"trusted_proxies": ["10.0.0.1"]}}) as running:
        yield running


@pytest.mark.parametrize("route", ["/health", "/jobs", "/auth/logout"])
def test_made_up_addresses_do_not_raise_the_request_limit(target: Target, route: str) -> None:
    client = target.client()
    method = "POST" if route == "/auth/logout" else "GET"
    replies = [client.request(method, route, headers=claims(f"198.51.100.{n % 250}"), content=b"") for n in range(400)]
    codes = [reply.json().get("code") for reply in replies if reply.status_code == 429]
    assert set(codes) == {"RATE_LIMIT_EXCEEDED"}
    assert len(codes) > 50  # of 400 the bucket holds 120, and it fills by 60 a second


@pytest.mark.parametrize("behind", [False, True], ids=["no proxy", "trusted proxy"])
def test_made_up_addresses_do_not_raise_the_sign_in_limit(request: pytest.FixtureRequest, behind: bool) -> None:
    target: Target = request.getfixturevalue("proxied" if behind else "target")
    client = target.client(token=None)
    wrong = {"username": OWNER, "password": "wrong"}
    replies = [client.post("/auth/login", json=wrong, headers=claims(f"198.51.100.{n}")) for n in range(40)]
    assert {reply.status_code for reply in replies} == {401, 429}
    assert sum(reply.status_code == 429 for reply in replies) >= 10


def test_nobody_is_believed_without_a_trusted_proxy(target: Target) -> None:
    metrics = f"{target.url}/metrics"
    client = target.client(token=None)
    assert client.get(metrics, headers=claims(_OUTSIDE)).status_code == 200  # a claim shuts nobody out either


@pytest.mark.parametrize(
    ("headers", "is_inside"),
    [
        ({"X-Forwarded-For": _OUTSIDE}, False),
        ({"X-Forwarded-For": f"{_INSIDE}, {_OUTSIDE}"}, False),
        ({"X-Forwarded-For": f"127.0.0.1, {_OUTSIDE}, 10.0.0.1"}, False),
        ({"X-Forwarded-For": f"{_INSIDE},{_OUTSIDE} , 10.0.0.1,127.0.0.1"}, False),
        ({"X-Forwarded-For": f"{_INSIDE}, {_OUTSIDE}:4711"}, False),
        ({"X-Forwarded-For": f"{_INSIDE}, [2001:db8::7]:4711"}, False),
        ({"X-Forwarded-For": f"{_INSIDE}, ::ffff:{_OUTSIDE}"}, False),
        ({"X-Forwarded-For": _OUTSIDE, "X-Real-IP": _INSIDE}, False),
        ({"X-Forwarded-For": f"{_OUTSIDE}, 10.0.0.1", "X-Real-IP": _INSIDE}, False),
        ({"X-Real-IP": _OUTSIDE}, False),
        ({"X-Forwarded-For": f"{_OUTSIDE}, {_INSIDE}"}, True),
        ({"X-Forwarded-For": "127.0.0.1, 10.0.0.1"}, True),
        ({"X-Real-IP": _INSIDE}, True),
        ({"Forwarded": f"for={_OUTSIDE}"}, True),
    ],
)
def test_a_trusted_proxys_list_is_read_from_its_end(proxied: Target, headers: dict[str, str], is_inside: bool) -> None:
    reply = proxied.client(token=None, headers=headers).get(f"{proxied.url}/metrics")
    assert reply.status_code == (200 if is_inside else 403)
    if not is_inside:
        assert reply.json()["code"] == "METRICS_LAN_ONLY"


def test_several_headers_are_one_list(proxied: Target) -> None:
    head = f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {_INSIDE}\r\nX-Forwarded-For: {_OUTSIDE}\r\n\r\n"
    assert proxied.send(head.encode()).code == "METRICS_LAN_ONLY"


def test_each_client_of_a_proxy_has_a_limit_of_its_own(proxied: Target) -> None:
    client = proxied.client()

    def codes(address: str, times: int) -> set[int]:
        return {client.get("/health", headers={"X-Forwarded-For": f"{_INSIDE}, {address}"}).status_code for _ in range(times)}

    assert codes("203.0.113.77", 300) == {200, 429}
    assert codes("203.0.113.78", 20) == {200}
    # An IPv6 network is one client, whichever of its addresses calls.
    several = [client.get("/health", headers={"X-Forwarded-For": f"2001:db8:0:1::{n:x}"}).status_code for n in range(1, 400)]
    assert 429 in several


def test_setup_is_not_opened_by_a_claim(tmp_path_factory: pytest.TempPathFactory) -> None:
    overrides = {"system": {"trusted_proxies": ["10.0.0.1"]}}
    with Target(tmp_path_factory.mktemp("new"), overrides, is_set_up=False) as new:
        body = {"username": "intruder", "password": "a long enough password", "settings": {}}
        for spoofed in (f"{_INSIDE}, {_OUTSIDE}", f"127.0.0.1, {_OUTSIDE}", _OUTSIDE):
            client = new.client(headers={"X-Forwarded-For": spoofed, "X-Real-IP": _INSIDE, "Forwarded": f"for={_INSIDE}"})
            for method, path in (
                ("GET", "/setup/status"),
                ("POST", "/setup/complete"),
                ("GET", "/fs/browse"),
                ("GET", "/settings/bundle"),
            ):
                reply = client.request(method, path, json=body)
                assert (reply.status_code, reply.json()["code"]) == (403, "SETUP_ACCESS_FORBIDDEN"), (method, path)
        assert new.client(token=None).get("/setup/status").json()["setup_required"] is True


def test_a_setup_token_counts_whatever_is_claimed(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Target(tmp_path_factory.mktemp("token"), is_set_up=False, environment={"ALCHEMIST_SETUP_TOKEN": "let me in"}) as new:
        client = new.client(token=None, headers=claims("127.0.0.1"))
        for query in ("", "?token=", "?token=let+me+in", "?token=wrong&token=let%20me%20in", "?Token=let%20me%20in"):
            assert client.get(f"/setup/status{query}").status_code == 403, query
        assert client.get("/setup/status?token=let%20me%20in").status_code == 200
