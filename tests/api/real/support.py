"""The face over a real socket, with the whole program behind it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions, Rate
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.core import Core
from alchemist_desktop.app.lifetime import running_engine
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.storage.config_file import load, save
from tests.support.core import open_test_core, quick_settings

Json = Any


@dataclass(kw_only=True)
class Face:
    """The program, and a client of its face that may do everything. `home` is the folder all its files lie in."""

    core: Core
    client: httpx.AsyncClient
    home: Path

    @property
    def settings(self) -> Settings:
        return self.core.services.settings.current

    @property
    def config_file(self) -> Path:
        return self.core.services.settings.path

    def stored(self) -> Settings:
        """The settings as the file has them."""
        return load(self.config_file)

    async def get(self, path: str, /, **params: Any) -> Json:
        reply = await self.client.get(f"/api/v1{path}", params=params)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def send(self, method: str, path: str, body: Json = None, *, status: int = 200) -> Json:
        reply = await self.client.request(method, f"/api/v1{path}", json=body)
        assert reply.status_code == status, reply.text
        return reply.json()


async def announce_upload(face: Face, path: str, size_bytes: int) -> Json:
    """The reply to an upload that says it will be so large, before any of it is sent."""
    url = face.client.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    lines = (
        f"POST /api/v1{path} HTTP/1.1", f"Host: {url.host}", f"Authorization: {face.client.headers['authorization']}",
        "Content-Type: multipart/form-data; boundary=x", f"Content-Length: {size_bytes}", "Connection: close", "", "",
    )  # fmt: skip
    writer.write("\r\n".join(lines).encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), json.loads(body)["code"]


@asynccontextmanager
async def open_face(
    home: Path, settings: Settings | None = None, *, start: bool = False, mutable: bool = True, account: bool = True
) -> AsyncIterator[Face]:
    """The program set up with one account, or without `account` still to be set up; with `start` its engine works."""
    settings = settings or quick_settings()
    save(home / "config.toml", settings)
    async with open_test_core(home, settings, start=False) as core:
        if account:
            await core.services.access.create_user("owner", "correct horse")
        _, token = await core.services.access.create_token("test", AccessLevel.FULL_ACCESS)
        options = replace(ApiOptions(), request_rate=Rate(capacity=10**6, per_s=0))
        server = EmbeddedServer(create_app(core.services, core.bus, options), stop_event=options.stop, port=0)
        await server.start()
        try:
            headers = {"Authorization": f"Bearer {token}"}
            url = f"http://127.0.0.1:{server.port}"
            async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
                face = Face(core=core, client=client, home=home)
                if start:
                    async with running_engine(core, watch=False):
                        yield face
                else:
                    yield face
        finally:
            await server.stop()
