"""Whether there is a newer version, as far as somebody has named a place to ask."""

import asyncio
import json
import platform
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alchemist_desktop import __version__
from alchemist_desktop.domain.errors import ConflictError, KnownError
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.settings import Settings, Updates
from alchemist_desktop.domain.versions import channel_of, version_key

_TIMEOUT_S = 10.0
_MOST_BYTES = 4 * 1024 * 1024
_WIDER_CHANNELS = {"stable": {"stable"}, "rc": {"stable", "rc"}, "nightly": {"stable", "rc", "nightly"}}
_GUIDANCE = {
    "docker": "Fetch the new image, then start the container anew.",
    "source": "Update the working copy, then install it again.",
    "unknown": "Install the new version the way this one was installed.",
}
_NO_FEED = "No place to look for new versions is configured, so this program cannot tell whether there is one."


class UpdateCheckError(KnownError):
    """The place that knows the newest version did not answer in a way that can be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStatus:
    """What is known of newer versions. This program never replaces itself: `guidance` says how to do it."""

    current_version: str
    channel: str
    latest_version: str | None
    release_url: str | None
    checked_at: datetime
    install_type: str
    action: str
    guidance: str

    @property
    def is_update_available(self) -> bool:
        latest, current = version_key(self.latest_version or ""), version_key(self.current_version)
        return latest is not None and current is not None and latest > current


class UpdatesService:
    """Asks `feed`, a list of releases as GitHub serves it, and remembers the answer as long as the settings say."""

    def __init__(self, *, feed: str | None, settings: Callable[[], Settings], clock: Clock, version: str = __version__) -> None:
        self._feed = feed
        self._settings = settings
        self._clock = clock
        self._version = version
        self._known: UpdateStatus | None = None
        self._lock = asyncio.Lock()

    @property
    def has_feed(self) -> bool:
        """Whether there is a place to ask."""
        return self._feed is not None

    async def update_status(self) -> UpdateStatus:
        """What was found not long ago, or a fresh look. Raises UpdateCheckError (SYSTEM_UPDATE_CHECK_FAILED)."""
        known, updates = self._known, self._settings().updates
        if known is not None and self._clock.now() - known.checked_at < timedelta(hours=updates.check_interval_hours):
            return known
        return await self.check_for_update()

    async def check_for_update(self) -> UpdateStatus:
        """A fresh look. Raises UpdateCheckError (SYSTEM_UPDATE_CHECK_FAILED)."""
        async with self._lock:
            updates = self._settings().updates
            newest = None if self._feed is None else await asyncio.to_thread(_newest_release, self._feed, updates)
            self._known = self._status(updates, newest)
            return self._known

    async def install_update(self) -> UpdateStatus:
        """The status, when there is nothing to install. Raises ConflictError (UPDATE_SELF_INSTALL_UNAVAILABLE) otherwise."""
        status = await self.check_for_update()
        if status.is_update_available or self._feed is None:
            raise ConflictError(status.guidance, code="UPDATE_SELF_INSTALL_UNAVAILABLE")
        return status

    def forget(self) -> None:
        """The next look is a fresh one."""
        self._known = None

    def _status(self, updates: Updates, newest: tuple[str, str | None] | None) -> UpdateStatus:
        install_type = _install_type()
        return UpdateStatus(
            current_version=self._version,
            channel=updates.channel,
            latest_version=newest[0] if newest else None,
            release_url=newest[1] if newest else None,
            checked_at=self._clock.now(),
            install_type=install_type,
            action="unsupported" if self._feed is None else "guided",
            guidance=_NO_FEED if self._feed is None else _GUIDANCE.get(install_type, _GUIDANCE["unknown"]),
        )


def _newest_release(feed: str, updates: Updates) -> tuple[str, str | None] | None:
    """Version and page of the newest release of the channel, or None when there is none."""
    channels = _WIDER_CHANNELS[updates.channel]
    releases = [release for release in _releases(feed) if not release.get("draft")]
    found = []
    for release in releases:
        version = str(release.get("tag_name", "")).removeprefix("v")
        key, url = version_key(version), release.get("html_url")
        if key is not None and channel_of(version) in channels:
            found.append((key, version, url if isinstance(url, str) else None))
    if not found:
        return None
    _, version, url = max(found, key=lambda item: item[0])
    return version, url


def _releases(feed: str) -> list[dict[str, Any]]:
    if urlsplit(feed).scheme not in {"http", "https"}:
        raise UpdateCheckError("The place to look for new versions is no web address.", code="SYSTEM_UPDATE_CHECK_FAILED")
    request = urllib.request.Request(feed, headers={"Accept": "application/json", "User-Agent": "alchemist-desktop"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as reply:
            document = json.loads(reply.read(_MOST_BYTES))
    except (OSError, ValueError, HTTPException) as error:
        raise UpdateCheckError(f"New versions could not be looked for: {error}.", code="SYSTEM_UPDATE_CHECK_FAILED") from error
    if not isinstance(document, list):
        raise UpdateCheckError("The list of releases is not a list.", code="SYSTEM_UPDATE_CHECK_FAILED")
    return [release for release in document if isinstance(release, dict)]


def _install_type() -> str:
    if Path("/.dockerenv").exists():
        return "docker"
    if getattr(sys, "frozen", False):
        return "windows_exe" if platform.system() == "Windows" else "direct_binary"
    return "source" if (Path(__file__).parents[2] / ".git").exists() else "unknown"
