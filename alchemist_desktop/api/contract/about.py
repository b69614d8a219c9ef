"""What the document says of single operations beyond one line, and of their parameters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from alchemist_desktop.domain.health import Depth
from alchemist_desktop.domain.queries import JobSort

ABOUT: Mapping[str, str] = MappingProxyType(
    {
        "POST /auth/login": "The reply's cookie is the credential of everything that needs one, for 30 days.",
        "POST /auth/logout": "Ends the session of the cookie or of the bearer token that comes along, and clears the cookie.",
        "POST /setup/complete": (
            "Makes the account, stores the settings, begins a scan and signs in: the reply's cookie is the session. Works once. "
            "Until then only the local network may call it, or, where the program was started with a setup token, whoever "
            "sends that."
        ),
        "POST /settings/api-tokens": (
            "The token's text is in this reply and never told again. It goes into the header `Authorization: Bearer` of later "
            "requests."
        ),
        "GET /events": (
            "Server-sent events: `event` is the name, `data` a JSON object; `x-events` has its schema for each name. Facts have "
            "an `id`; whoever comes back with it in `Last-Event-ID` gets what was missed. A comment is sent when nothing "
            "happens. Only full access sees `data` of `config_updated`; others get it empty."
        ),
        "GET /jobs": ("The list is in no wrapper; a page with fewer rows than `limit` is the last."),
        "POST /jobs/enqueue": "The file must lie in one of the library folders or further watched folders.",
        "POST /jobs/{id}/cancel": "A job that has ended already stays as it is.",
        "POST /jobs/{id}/restart": "The job must have ended.",
        "DELETE /jobs/{id}": (
            "The job must have ended. Files stay; the job leaves the list and can be shown with `archived=true`."
        ),
        "POST /jobs/batch": (
            "`restart` and `delete` change nothing at all when one of the jobs is being worked on or does not exist; `cancel` "
            "passes over those that have ended."
        ),
        "POST /jobs/restart-failed": "Jobs that failed and jobs that were cancelled.",
        "POST /jobs/clear-completed": "Files stay; the jobs leave the list.",
        "POST /jobs/clear-history": (
            "With `status` or `archived=true` rows are deleted for good, else they are archived. Files stay."
        ),
        "POST /engine/pause": "Running jobs go on, and new files are still looked at; none is encoded.",
        "POST /engine/drain": "Running jobs are finished, then the engine is paused; where none runs, at once.",
        "POST /engine/stop-drain": "Once the engine is paused it has no effect; `resume` goes on.",
        "POST /engine/restart": "Running jobs go back into the queue; a pause ends.",
        "POST /scan": "Answers when the scan has ended. Files that are new or have changed become jobs.",
        "POST /scan/start": "Answers at once; `GET /scan/status` and the event `scan_completed` tell the rest.",
        "POST /library/reanalyze": "Jobs of the files in all folders go back into the queue, to be decided anew.",
        "POST /library/health/scan": (
            "Answers at once; `GET /library/health` tells how far it is. An interrupted pass is taken up again."
        ),
        "POST /library/health/scan/{id}": (
            "Checks the result of a finished job, or the source where there is none; what is wrong is kept as an issue, also "
            "that the file is gone."
        ),
        "POST /webhooks/arr": (
            "For the webhook connection of Sonarr and Radarr, by POST, with an API token of the scope `arr_webhook`. 202 tells "
            "that the event needs no work."
        ),
        "POST /conversion/uploads": (
            "The first part is the file, whatever its name. The reply's `conversion_job_id` is used for all that follows: "
            "preview with the wanted settings, start, wait until `download_ready`, download. A file nobody starts is removed "
            "after a day, one that was fetched after `conversion_download_retention_hours`."
        ),
        "POST /conversion/preview": "Remembers the settings: start uses those that were previewed last.",
        "GET /conversion/jobs/{id}/download": "Fetching the whole file begins the time after which it is removed.",
        "POST /system/backup": (
            "A gzip file of the whole database. Restore it with `alchemist-desktop restore` while nothing else runs."
        ),
        "POST /system/backup/validate-restore": (
            "Takes what `POST /system/backup` gave, packed or unpacked, in the part `backup`."
        ),
        "GET /telemetry/payload": "Nothing is ever sent. Needs `enable_telemetry` in the system settings.",
        "GET /metrics": "Prometheus' text format, without a credential, for the local network. Needs `metrics_enabled`.",
        "POST /system/update/install": (
            "Answers 200 only when the newest version runs already; everything else is a 409 that tells how to get it."
        ),
        "GET /system/update": "Looks only where the program was started with a place to look (ALCHEMIST_UPDATE_FEED).",
        "PUT /settings/bundle": (
            "Members that are left out get their defaults, except those that older clients do not know: they stay. Which FFmpeg "
            "runs cannot be changed here."
        ),
        "PUT /settings/config": "Comments of the text are kept. Which FFmpeg runs cannot be changed here.",
        "POST /settings/folders": (
            "Folders that are left out are watched no longer; files and jobs stay. A folder need not be there yet."
        ),
        "POST /settings/watch-dirs": "The folder must exist.",
        "POST /settings/notifications": (
            "Addresses on this computer and in the local network are refused unless `allow_local_notifications` is set."
        ),
        "GET /settings/preferences/{key}": "A text nobody has stored is empty.",
        "GET /fs/browse": "Folders of the operating system are refused; what cannot be read answers with `readable: false`.",
    }
)

_YES_NO = {"type": "boolean", "default": False}
_PAGE = {
    "limit": {"type": "integer", "default": 50, "description": "Rows a page; less than 1 counts as 1, more than 200 as 200."},
    "page": {"type": "integer", "default": 1, "description": "Which page, from 1; less counts as 1."},
}
QUERY: Mapping[str, Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "GET /jobs": {
            **_PAGE,
            "status": {
                "type": "string",
                "description": "States, separated by commas; left out or empty shows all.",
                "example": "queued,failed",
            },
            "search": {
                "type": "string",
                "description": "A part of the source's path or of its explanation, letters in any case.",
            },
            "sort_by": {
                "type": "string",
                "description": f"What to sort by: {', '.join(JobSort)}; anything else counts as updated_at.",
                "default": "updated_at",
            },
            "sort": {"type": "string", "description": "The same, for older clients; used where `sort_by` is missing."},
            "sort_desc": {**_YES_NO, "description": "Sort downwards."},
            "archived": {
                "type": "string",
                "description": "`true` shows archived jobs; anything else shows the others.",
                "example": "true",
            },
            "reason_code": {"type": "string", "description": "Only jobs whose decision has this `code`."},
            "failure_code": {"type": "string", "description": "Only jobs whose failure has this `code`."},
        },
        "POST /jobs/clear-history": {
            "status": {
                "type": "string",
                "description": "States to delete, separated by commas; those of jobs that go on are passed over.",
                "example": "failed,cancelled",
            },
            "archived": {**_YES_NO, "description": "Delete archived jobs instead of listed ones."},
        },
        "GET /logs/history": _PAGE,
        "GET /fs/browse": {
            "path": {
                "type": "string",
                "description": "Absolute path of a folder; left out or empty is the topmost.",
                "example": "/media",
            },
        },
        "GET /stats/top-reason-codes": {
            "window": {
                "type": "string",
                "enum": ["24h", "1d", "7d", "30d"],
                "default": "7d",
                "description": "The time to look at, up to now.",
            },
            "trends": {**_YES_NO, "description": "Add `trend` to each reason."},
        },
        "POST /scan/start": {"full": {**_YES_NO, "description": "Look at every file anew, also at those that seem unchanged."}},
        "POST /library/health/scan": {
            "depth": {
                "type": "string",
                "enum": [*Depth],
                "default": Depth.SAMPLE.value,
                "description": "How thoroughly files are looked at.",
            },
            "fresh": {**_YES_NO, "description": "Begin anew instead of going on with an interrupted pass."},
            "yield_to_jobs": {**_YES_NO, "description": "Wait while jobs run."},
        },
        "POST /setup/complete": {
            "token": {"type": "string", "description": "The setup token, where the program was started with one."},
        },
    }
)
HEADERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"GET /events": {"Last-Event-ID": "`id` of the last event that was seen; the stream goes on behind it."}}
)
PATH: Mapping[str, str] = MappingProxyType({"id": "Its number, as the list of them tells.", "key": "Name of the text."})
TAGS: Mapping[str, str] = MappingProxyType(
    {
        "auth": "Signing in and out.",
        "conversion": "Converting one file that is handed in.",
        "engine": "What the engine does.",
        "events": "The stream of events.",
        "fs": "Looking for folders.",
        "health": "Whether the program answers.",
        "jobs": "The queue and what has ended.",
        "library": "The library as a whole.",
        "logs": "The program's log.",
        "metrics": "Figures for Prometheus.",
        "openapi.json": "This document.",
        "page": "For people who come with a browser.",
        "processor": "Why the next job does or does not start.",
        "profiles": "Named sets of encoding choices.",
        "ready": "Whether the database answers.",
        "scan": "Looking for new files.",
        "settings": "The settings.",
        "setup": "The first run.",
        "stats": "Figures.",
        "system": "The program and its machine.",
        "telemetry": "What telemetry would hold.",
        "ui": "Looks of other clients.",
        "watch-dirs": "Watched folders.",
        "webhooks": "Calls of other programs.",
    }
)
