"""Pure parts of the face: addresses, buckets, JSON, the forms of times."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from alchemist_desktop.api.addresses import ClientAddresses, is_lan
from alchemist_desktop.api.options import Rate, own_host_names
from alchemist_desktop.api.schemas.encoding import encode, plain_time, rfc3339, rfc3339_exact
from alchemist_desktop.api.security import GRANTS, is_allowed
from alchemist_desktop.api.throttle import Throttle
from alchemist_desktop.domain.access import AccessLevel


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", True),
        ("10.255.0.1", True),
        ("172.16.0.1", True),
        ("172.32.0.1", False),
        ("192.168.1.1", True),
        ("169.254.9.9", True),
        ("100.64.0.1", False),
        ("8.8.8.8", False),
        ("::1", True),
        ("fd12::1", True),
        ("fe80::1%eth0", True),
        ("2001:db8::1", False),
        ("::ffff:192.168.1.1", True),
        ("::ffff:8.8.8.8", False),
        ("localhost", False),
        ("", False),
        ("0x7f000001", False),
    ],
)
def test_what_counts_as_lan(text: str, expected: bool) -> None:
    assert is_lan(text) is expected


def _request(peer: str, **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "client": (peer, 5), "headers": raw})


@pytest.mark.parametrize(
    ("trusted", "request_", "client"),
    [
        ((), _request("127.0.0.1", x_forwarded_for="1.2.3.4"), "127.0.0.1"),
        (("10.0.0.1",), _request("9.9.9.9", x_forwarded_for="1.2.3.4"), "9.9.9.9"),
        (("10.0.0.1",), _request("10.0.0.1", x_forwarded_for="1.2.3.4"), "1.2.3.4"),
        (("10.0.0.1",), _request("::ffff:10.0.0.1", x_forwarded_for="6.6.6.6, 1.2.3.4 , 10.0.0.1"), "1.2.3.4"),
        (("10.0.0.1",), _request("127.0.0.1", x_forwarded_for="1.2.3.4"), "1.2.3.4"),
        (("10.0.0.1",), _request("10.0.0.1", x_forwarded_for="1.2.3.4, junk"), "10.0.0.1"),
        (("10.0.0.1",), _request("10.0.0.1", x_real_ip="1.2.3.4"), "1.2.3.4"),
        (("10.0.0.1",), _request("10.0.0.1", x_forwarded_for="10.0.0.1"), "10.0.0.1"),
        (("10.0.0.1",), _request("10.0.0.1"), "10.0.0.1"),
    ],
)
def test_forwarding_headers_count_from_trusted_proxies_only(trusted: tuple[str, ...], request_: Request, client: str) -> None:
    assert ClientAddresses(lambda: trusted).of(request_) == client


def test_a_trusted_proxy_that_is_no_address_is_told_and_skipped(caplog: pytest.LogCaptureFixture) -> None:
    addresses = ClientAddresses(lambda: ("proxy.example", "10.0.0.0/8"))
    for _ in range(2):
        assert addresses.of(_request("127.0.0.1", x_forwarded_for="1.2.3.4")) == "127.0.0.1"
    assert len(caplog.records) == 2


def test_trusted_proxies_are_followed_while_the_server_runs() -> None:
    proxies: list[str] = []
    addresses, request = ClientAddresses(lambda: tuple(proxies)), _request("10.0.0.1", x_forwarded_for="1.2.3.4")
    assert addresses.of(request) == "10.0.0.1"
    proxies.append("10.0.0.1")
    assert addresses.of(request) == "1.2.3.4"
    proxies.clear()
    assert addresses.of(request) == "10.0.0.1"


@given(st.ip_addresses())
def test_a_peer_nobody_trusts_is_the_client(address: object) -> None:
    assert (
        ClientAddresses(lambda: ("10.0.0.1",)).of(_request("9.9.9.9", x_forwarded_for=str(address), x_real_ip=str(address)))
        == "9.9.9.9"
    )
    assert is_lan(str(address)) <= (ip_address(str(address)).is_private or ip_address(str(address)).is_link_local)


def test_a_bucket_empties_and_fills_again() -> None:
    now_s = 100.0
    throttle = Throttle(Rate(capacity=2, per_s=0.5), lambda: now_s)
    assert [throttle.take("a") for _ in range(3)] == [True, True, False]
    assert throttle.take("b")
    now_s += 1.9
    assert not throttle.take("a")
    now_s += 0.1
    assert throttle.take("a")
    now_s += 1000
    assert [throttle.take("a") for _ in range(3)] == [True, True, False]


@given(st.lists(st.floats(0, 5), max_size=60))
def test_no_client_ever_gets_more_than_its_share(pauses: list[float]) -> None:
    now_s = 0.0
    throttle = Throttle(Rate(capacity=3, per_s=1), lambda: now_s)
    taken = 0
    for pause in pauses:
        now_s += pause
        taken += throttle.take("a")
        assert taken <= 3 + now_s + 1e-6


def test_many_clients_are_forgotten_without_a_difference() -> None:
    now_s = 0.0
    throttle = Throttle(Rate(capacity=2, per_s=1), lambda: now_s)
    assert [throttle.take("guilty") for _ in range(2)] == [True, True]
    now_s = 1.5
    for number in range(3000):
        assert throttle.take(f"passer-by {number}")
    assert [throttle.take("guilty") for _ in range(2)] == [True, False]


_TEXT = st.text(st.characters())  # surrogates included
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON)
def test_everything_becomes_json_that_every_client_can_read(value: object) -> None:
    text = encode(value).decode("utf-8")
    decoded = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert encode(decoded).decode("utf-8") == text
    assert "\n" not in text


@given(st.text(st.characters(exclude_categories=["Cs"])), st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_text_already_stays_as_it_is(text: str, number: float) -> None:
    decoded = json.loads(encode({"text": text, "number": number}))
    assert decoded["text"] == text
    assert math.isclose(decoded["number"], number)


def test_the_forms_of_times() -> None:
    moment = datetime(2026, 4, 30, 3, 0, 0, 340_000, tzinfo=timezone(timedelta(hours=2)))
    assert rfc3339(moment) == "2026-04-30T01:00:00Z"
    assert plain_time(moment) == "2026-04-30 01:00:00"
    assert rfc3339_exact(moment) == "2026-04-30T01:00:00.340000+00:00"
    assert rfc3339_exact(datetime(2026, 4, 30, tzinfo=UTC)) == "2026-04-30T00:00:00.000000+00:00"


def test_every_scope_but_full_access_is_in_the_table() -> None:
    assert set(GRANTS) == set(AccessLevel) - {AccessLevel.FULL_ACCESS}


@given(st.sampled_from(sorted(GRANTS)), st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]), st.text("/abjobs*.d"))
def test_whatever_is_not_listed_is_refused(level: AccessLevel, method: str, text: str) -> None:
    assert not is_allowed(level, method, f"/settings/{text}")
    assert not is_allowed(level, method, f"/jobs/{text}/delete")
    assert is_allowed(AccessLevel.FULL_ACCESS, method, f"/settings/{text}")


def test_own_names_are_lower_case_and_include_the_local_one() -> None:
    names = own_host_names()
    assert any(name.endswith(".local") for name in names)
    assert all(name == name.lower() and name for name in names)
