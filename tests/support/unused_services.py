"""Services that a test does not use: every call of one fails."""

from collections.abc import Callable, Collection
from dataclasses import fields
from typing import Any

from alchemist_desktop.services.container import Services


class Broken:
    """A service of which every call fails in a way nobody foresaw."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def fail(*_args: object, **_kwargs: object) -> object:
            raise RuntimeError(f"{name} broke: secret detail")

        return fail


def unused_services(used: Collection[str]) -> dict[str, Any]:
    """A broken service for each member of the container that is not among `used`."""
    return {member.name: Broken() for member in fields(Services) if member.name not in used}
