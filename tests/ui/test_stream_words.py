"""The comparison of streams before and after."""

from dataclasses import replace

from alchemist_desktop.domain.plan import StreamAction
from alchemist_desktop.ui.stream_words import stream_rows
from tests.ui.support import film_plan, film_probe, make_job

PROBE = film_probe(make_job(1))
PLAN = film_plan(PROBE)


def test_every_stream_is_told_once_and_fonts_together() -> None:
    rows = stream_rows(PROBE, PLAN)
    kinds = [row.kind for row in rows]
    assert kinds == ["Video", "Audio", "Audio", "Subtitle", "Subtitle", "Subtitle", "Cover", "Attachment"]
    assert rows[-1].before == "6 attachments"
    assert rows[-1].action is StreamAction.COPY


def test_an_encoded_picture_says_what_it_was_and_becomes() -> None:
    row = stream_rows(PROBE, PLAN)[0]
    assert row.before == "H.264 · 3840×2160 · 10 bit · HDR10 · 23.976 fps · 18.4 Mb/s · default"
    assert row.after == "AV1 · 3840×2160 · 10 bit · HDR10 · libsvtav1"


def test_what_is_left_out_says_why() -> None:
    dropped = [row for row in stream_rows(PROBE, PLAN) if row.action is StreamAction.DROP]
    assert [row.note for row in dropped] == ["Left out because the profile keeps English and German subtitles."]
    assert dropped[0].after == ""


def test_without_a_plan_only_the_source_is_told() -> None:
    rows = stream_rows(PROBE, None)
    assert {row.action for row in rows} == {None}
    assert rows[1].before.startswith("TrueHD · 7.1")


def test_attachments_with_different_fates_are_told_one_by_one() -> None:
    streams = tuple(replace(s, action=StreamAction.DROP) if s.index == 7 else s for s in PLAN.streams)
    rows = stream_rows(PROBE, replace(PLAN, streams=streams))
    assert [row.kind for row in rows].count("Attachment") == 6
