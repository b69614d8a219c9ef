"""Sonarr and Radarr with their token, and Prometheus without one, at a program that works."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api import arr_payloads as payloads
from tests.e2e.replays.long_encode import LongEncode
from tests.e2e.replays.site import Site
from tests.e2e.replays.wire import Http, Read, decode, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Received(Read):
    accepted: bool
    enqueued: bool
    message: str
    resolved_path: str | None


def test_what_sonarr_and_radarr_import_is_encoded_and_prometheus_sees_it(site: Site) -> None:
    translations = [{"from": seen, "to": site.library.path(here)} for seen, here in (("/tv", "tv"), ("/movies", "films"))]
    site.start()
    site.set_up(metrics_enabled=True, arr_path_translations=translations)
    assert states(site.url) == {}
    episode = site.library.add("tv/A Show/Season 01/one.mkv", is_long=True)
    headers = {"Authorization": f"Bearer {site.token('arr_webhook')}", "User-Agent": "Sonarr/4.0.9 (debian 12)"}
    with Http(site.url, headers) as arr, LongEncode(episode) as encode:

        def call(payload: dict[str, Any], status: int) -> Received:
            return decode(Received, arr.send("POST", "/api/v1/webhooks/arr", json=payload), status=status)

        for payload in (payloads.SONARR_TEST, payloads.RADARR_TEST, payloads.SONARR_GRAB, payloads.RADARR_RENAME):
            assert call(payload, 202).accepted is False
        assert call(payloads.sonarr_download("one.mkv"), 200).resolved_path == str(episode)
        until(lambda: states(site.url), lambda found: found == {"encoding": 1})
        film = site.library.add("films/A Film (2024)/film.mp4")
        assert call(payloads.radarr_download("film.mp4", upgrade=True), 200).enqueued is True
        until(lambda: states(site.url), lambda found: found == {"encoding": 1, "completed": 1})
        gone = arr.send("POST", "/api/v1/webhooks/arr", json=payloads.sonarr_download("gone.mkv"))
        assert (gone.status_code, gone.json()["code"]) == (400, "ARR_WEBHOOK_ENQUEUE_REJECTED")
        assert arr.send("GET", "/api/v1/jobs").status_code == 403
        encode.finish()
        until(lambda: states(site.url), lambda found: found == {"completed": 2})
    samples = scrape(site.url)
    assert samples["alchemist_encodes_completed_total", "hevc"] == 2
    assert samples["alchemist_encode_duration_seconds_count", "hevc"] == 2
    assert samples["alchemist_bytes_saved_total",] == sum(saved(path) for path in (episode, film))
    assert site.program.terminate() == 0


def saved(source: Path) -> int:
    return source.stat().st_size - source.with_name(f"{source.stem}-alchemist.mkv").stat().st_size


def states(url: str) -> dict[str, float]:
    return {key[1]: value for key, value in scrape(url).items() if key[0] == "alchemist_jobs_total"}


def scrape(url: str) -> dict[tuple[str, ...], float]:
    """The samples by name and label values, asked for as Prometheus does."""
    headers = {
        "User-Agent": "Prometheus/3.5.0",
        "Accept": "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "Accept-Encoding": "gzip",
        "X-Prometheus-Scrape-Timeout-Seconds": "10",
    }
    with Http(url, headers) as prometheus:
        reply = prometheus.send("GET", "/metrics")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(reply.text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}
