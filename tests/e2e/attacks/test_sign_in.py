"""Guessing passwords: what the answers tell, and what guessing costs others."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from tests.support.target import OWNER, PASSWORD, Bystander, Target

pytestmark = pytest.mark.slow


def attempt(client: httpx.Client, username: object, password: object) -> httpx.Response:
    return client.post("/auth/login", json={"username": username, "password": password})


def test_no_answer_tells_which_half_was_wrong(target: Target) -> None:
    tries = [(OWNER, "wrong"), ("nobody", PASSWORD), ("", ""), (OWNER.upper(), PASSWORD), (f"{OWNER}\0", PASSWORD), (OWNER, PASSWORD + " "),
             ("' OR 1=1 --", "x"), (OWNER, PASSWORD[:-1]), ("o" * 60_000, "x"), (OWNER, "x" * 60_000)]  # fmt: skip
    told = set()
    for username, password in tries:
        reply = attempt(target.client(token=None), username, password)
        body = reply.json()
        del body["request_id"]
        told.add((reply.status_code, str(body), tuple(sorted(set(reply.headers) - {"x-request-id", "date"}))))
        assert "set-cookie" not in reply.headers
    assert len(told) == 1
    assert next(iter(told))[0] == 401


@pytest.mark.parametrize("value", [None, 1, True, [], {}, ["a"]])
def test_other_kinds_of_values_are_no_passwords(target: Target, value: object) -> None:
    client = target.client(token=None)
    assert attempt(client, value, PASSWORD).status_code == attempt(client, OWNER, value).status_code == 422


def test_a_crowd_of_guessers_keeps_neither_the_owner_nor_others_out(target: Target) -> None:
    """Two hundred addresses at once: each has a few attempts, yet only some are looked at at a time."""
    process = psutil.Process(target.program.pid)
    before = process.memory_info().rss
    clients = [target.client(token=None) for _ in range(200)]

    def guess(client: httpx.Client) -> list[str]:
        return [attempt(client, OWNER, f"guess {number}").json()["code"] for number in range(8)]

    with Bystander(target.url) as bystander, ThreadPoolExecutor(100) as pool:
        codes = Counter(code for found in pool.map(guess, clients) for code in found)
    assert codes.keys() <= {"AUTH_INVALID_CREDENTIALS", "AUTH_RATE_LIMITED"}
    assert codes["AUTH_INVALID_CREDENTIALS"] > 0
    assert codes["AUTH_RATE_LIMITED"] > 0
    assert bystander.failures == []
    assert process.memory_info().rss - before < 150 * 2**20
    assert attempt(target.client(token=None), OWNER, PASSWORD).status_code == 200


def test_a_guesser_keeps_only_its_own_address_out(target: Target) -> None:
    guesser = target.client(token=None)
    assert 429 in {attempt(guesser, OWNER, "wrong").status_code for _ in range(30)}
    assert attempt(guesser, OWNER, PASSWORD).status_code == 429
    assert attempt(target.client(token=None), OWNER, PASSWORD).status_code == 200


def test_tokens_cannot_be_guessed_in_other_forms(target: Target) -> None:
    client = target.client(token=None)
    for value in (
        target.token[:-1],
        target.token + "x",
        f" {target.token}",
        target.token.upper(),
        f"{target.token}, x",
        "null",
        "*",
        "%",
    ):
        assert client.get("/jobs", headers={"Authorization": f"Bearer {value}"}).status_code == 401, value
    for scheme in ("bearer", "BEARER", "Basic", "Token", ""):
        assert client.get("/jobs", headers={"Authorization": f"{scheme} {target.token}".strip()}).status_code == 401, scheme
    for query in ("token", "access_token", "api_key", "apikey"):
        assert client.get("/jobs", params={query: target.token}).status_code == 401, query
    assert client.get("/jobs", headers={"X-Api-Key": target.token}).status_code == 401
