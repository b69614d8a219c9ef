"""The server as a part of the program: it moves with the settings, encrypts, and is found in the network."""

import asyncio
import hashlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import psutil
import pytest
from zeroconf import ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.web import WebFace
from alchemist_desktop.domain.settings import Server
from alchemist_desktop.system.discovery import SERVICE, advertised, own_addresses
from tests.support.core import open_test_core, quick_settings
from tests.support.receivers import free_port

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def core(tmp_path: Path, qapp: object) -> AsyncIterator[Core]:
    async with open_test_core(tmp_path, quick_settings(server={"port": free_port()}), start=False) as core:
        yield core


async def _set(core: Core, **changes: object) -> None:
    await core.services.settings.change(
        lambda settings: settings.model_copy(update={"server": settings.server.model_copy(update=changes)})
    )


async def _until(core: Core, **wanted: object) -> None:
    async with asyncio.timeout(15):
        while any(getattr(core.services.network.status(), name) != value for name, value in wanted.items()):
            await asyncio.sleep(0.02)


async def _health(url: str, verify: ssl.SSLContext | bool = True) -> int:
    async with httpx.AsyncClient(trust_env=False, verify=verify) as client:
        return (await client.get(f"{url}/api/v1/health")).status_code


def _quiet_port() -> int:
    """A free port that no system gives to outgoing connections: between two binds nobody else takes it."""
    for port in range(20_000, 30_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
    raise AssertionError("every port is taken")


async def test_the_lan_is_let_in_and_shut_out_while_the_program_runs(core: Core) -> None:
    port = _quiet_port()
    there = replace(core, options=replace(core.options, server_port=port))
    async with WebFace(there, interfaces=("127.0.0.1",)) as web:
        assert web.url == f"http://127.0.0.1:{port}"
        assert await _health(web.url) == 200
        assert not _listens_everywhere(port)
        await core.services.network.set_reach(lan=True, tls=False)
        await _until(core, is_lan=True, port=port)
        assert await _health(web.url) == 200
        assert _listens_everywhere(port)
        await core.services.network.set_reach(lan=False, tls=False)
        await _until(core, is_lan=False, port=port)
        assert await _health(web.url) == 200
        assert not _listens_everywhere(port)
    with pytest.raises(httpx.ConnectError):
        await _health(f"http://127.0.0.1:{port}")


def _listens_everywhere(port: int | None) -> bool:
    """Every address of 127.0.0.0/8 is this computer, but only a server for the whole network hears all of them."""
    try:
        with socket.create_connection(("127.0.0.2", port or 0), timeout=2):
            return True
    except OSError:
        return False


@pytest.mark.parametrize(("host", "is_lan"), [("::1", False), ("::", True)])
async def test_it_can_listen_on_the_newer_kind_of_address(core: Core, host: str, is_lan: bool) -> None:
    there = replace(core, options=replace(core.options, server_host=host))
    async with WebFace(there, interfaces=("127.0.0.1",)) as web:
        status = core.services.network.status()
        assert (web.url, status.is_lan) == (f"http://[::1]:{status.port}", is_lan)
        assert await _health(web.url) == 200


async def test_a_request_under_way_is_answered_before_the_server_moves(core: Core) -> None:
    await core.services.access.create_user("admin", "correct horse")
    await core.services.settings.change(lambda settings: settings)
    token = await core.services.access.login("admin", "correct horse")
    async with WebFace(core, interfaces=("127.0.0.1",)) as web:
        async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {token}"}, timeout=10) as client:
            reply = await client.post(
                f"{web.url}/api/v1/settings/preferences",
                content=_moving_meanwhile(core, b'{"key": "a", ', b'"value": "b"}'),
                headers={"Content-Type": "application/json"},
            )
        assert reply.json() == {"key": "a", "value": "b"}
        await _until(core, is_lan=True)


async def _moving_meanwhile(core: Core, *pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await core.services.network.set_reach(lan=True, tls=False)


async def test_trusted_proxies_change_without_an_interruption(core: Core, caplog: pytest.LogCaptureFixture) -> None:
    async with WebFace(core, interfaces=("127.0.0.1",)):
        caplog.set_level(logging.INFO, "alchemist_desktop.app.web")
        await core.services.settings.change(
            lambda settings: settings.model_copy(
                update={"system": settings.system.model_copy(update={"trusted_proxies": ("10.0.0.1",)})}
            )
        )
        await core.services.network.set_reach(lan=True, tls=False)
        await _until(core, is_lan=True)
    assert len([line for line in caplog.messages if line.startswith("Listening")]) == 1  # the move to the LAN


async def test_connections_are_encrypted_with_a_certificate_that_stays_the_same(core: Core, tmp_path: Path) -> None:
    async with WebFace(core) as web:
        await core.services.network.set_reach(lan=False, tls=True)
        async with asyncio.timeout(15):
            while core.services.network.status().fingerprint is None:
                await asyncio.sleep(0.02)
        status = core.services.network.status()
        assert web.url.startswith("https://")
        certificate = core.paths.database.with_name("tls") / "certificate.pem"
        trust = ssl.create_default_context(cafile=str(certificate))
        assert await _health(web.url, trust) == 200
        assert await _health(web.url.replace("127.0.0.1", "localhost"), trust) == 200
        with pytest.raises(httpx.ConnectError):
            await _health(web.url)
        pem = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", status.port or 0))
        shown = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
        assert (status.fingerprint or "").replace(":", "") == shown
        assert (certificate.with_name("key.pem")).stat().st_mode & 0o777 == 0o600
    async with WebFace(core):
        assert core.services.network.status().fingerprint == status.fingerprint


async def test_a_port_that_is_taken_is_passed_over_and_one_that_is_set_is_moved_to(core: Core) -> None:
    async with WebFace(core) as web:
        first = core.services.network.status().port
        with socket.create_server(("127.0.0.1", 0)) as taken:
            wanted = taken.getsockname()[1]
            await _set(core, port=wanted)
            async with asyncio.timeout(15):
                while core.services.network.status().port in {first, None}:
                    await asyncio.sleep(0.02)
        assert wanted < (core.services.network.status().port or 0) <= wanted + 9
        assert await _health(web.url) == 200


async def test_it_can_be_switched_off_and_on(core: Core) -> None:
    async with WebFace(core) as web:
        url = web.url
        await _set(core, enabled=False)
        await _until(core, url=None)
        with pytest.raises(httpx.ConnectError):
            await _health(url)
        await _set(core, enabled=True)
        await _until(core, url=url)
        assert await _health(url) == 200


class _Found(ServiceListener):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.names.add(name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.names.discard(name)

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """Nothing is kept that could change."""


async def test_the_program_is_found_in_the_network_while_it_is_advertised() -> None:
    found, port = _Found(), free_port()  # the port tells it from others that run on this computer
    listener = await asyncio.to_thread(Zeroconf, interfaces=["127.0.0.1"])
    try:
        browser = await asyncio.to_thread(ServiceBrowser, listener, SERVICE, found)
        async with advertised(port=port, version="1.2.3", is_tls=True, interfaces=("127.0.0.1",)):
            async with asyncio.timeout(30):
                while (info := await asyncio.to_thread(_service_at, listener, found, port)) is None:
                    await asyncio.sleep(0.05)
            assert info.parsed_addresses() == ["127.0.0.1"]
            assert info.properties == {b"version": b"1.2.3", b"path": b"/api/v1", b"scheme": b"https"}
        async with asyncio.timeout(30):
            while info.name in found.names:
                await asyncio.sleep(0.05)
        await asyncio.to_thread(browser.cancel)
    finally:
        await asyncio.to_thread(listener.close)


def test_only_addresses_that_others_reach_the_server_at_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "lo": [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")],
        "eth0": [(socket.AF_INET, "192.168.7.2"), (socket.AF_INET6, "fd00::2"), (socket.AF_INET6, "fe80::1%eth0")],
    }
    found = {name: [SimpleNamespace(family=f, address=a) for f, a in entries] for name, entries in known.items()}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)
    assert own_addresses() == ["192.168.7.2"]


def _service_at(listener: Zeroconf, found: _Found, port: int) -> ServiceInfo | None:
    known = [listener.get_service_info(SERVICE, name) for name in tuple(found.names)]
    return next((info for info in known if info is not None and info.port == port), None)


def test_nothing_is_encrypted_or_open_by_default() -> None:
    assert (Server().lan, Server().tls) == (False, False)
