"""What each kind of credential may call, written down apart from the program, so that tests do not check a list against itself."""

from collections.abc import Mapping

from alchemist_desktop.domain.access import AccessLevel

Call = tuple[str, str]
"""A method and a path below the prefix, with `{id}` where a path has one. GET stands for HEAD too."""

PUBLIC: frozenset[Call] = frozenset(
    {
        ("GET", "/health"),
        ("GET", "/ready"),
        ("POST", "/auth/login"),
        ("POST", "/auth/logout"),
        ("GET", "/setup/status"),
        ("POST", "/setup/complete"),
    }
)
_READ_ONLY = frozenset(
    ("GET", path)
    for path in (
        "/events",
        "/openapi.json",
        "/stats",
        "/stats/aggregated",
        "/stats/queue-eta",
        "/stats/daily",
        "/stats/detailed",
        "/stats/savings",
        "/jobs",
        "/jobs/table",
        "/jobs/{id}/details",
        "/engine/status",
        "/engine/mode",
        "/system/resources",
        "/system/info",
        "/system/update",
        "/system/hardware",
        "/system/hardware/probe-log",
        "/logs/history",
        "/library/intelligence",
        "/library/health",
        "/library/health/issues",
    )
)
_JELLYFIN: frozenset[Call] = frozenset(
    {("POST", "/jobs/enqueue"), ("GET", "/system/info"), ("GET", "/events"), ("GET", "/jobs/{id}/details")}
)
MAY: Mapping[AccessLevel, frozenset[Call]] = {
    AccessLevel.READ_ONLY: _READ_ONLY,
    AccessLevel.JELLYFIN: _JELLYFIN,
    AccessLevel.ARR_WEBHOOK: frozenset({("POST", "/webhooks/arr")}),
}
